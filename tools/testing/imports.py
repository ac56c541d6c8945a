"""Describes the tree for `reach`: the import graph of the product, what each test imports, the web's packages; git.

The product's graph is grimp's, which import-linter uses too. Tests are read by `ast`, and their helpers with them.
A module or file that a test starts as a process is a string in its source: such strings count as imports.
"""

import ast
import json
import re
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath

import grimp
from tools.testing.reach import Tree, Uses
from tools.testing.tiers import test_files

Names = Callable[[str], tuple[frozenset[str], frozenset[str]]]
_MODULE = re.compile(r"(smartmail|tests|tools)(\.\w+)+")


def describe(root: Path) -> Tree:
    """Return the tree below `root`."""
    graph = grimp.build_graph("smartmail", cache_dir=str(root / ".cache" / "grimp"))
    importers = {module: graph.find_modules_that_directly_import(module) for module in graph.modules}
    sources = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for folder in ("tests", "tools")
        for path in (root / folder).rglob("*.py")
    }
    return Tree(importers, uses_of_tests(test_files(root), sources), web_packages(root))


def uses_of_tests(tests: list[str], sources: Mapping[str, str]) -> dict[str, Uses]:
    """Return what each test uses; `sources` has the text of all Python files of tests/ and tools/ by path."""

    @cache
    def own(file: str) -> tuple[frozenset[str], frozenset[str]]:
        return names_in(file, sources)

    return {test: _closure(test, own, sources) for test in tests}


def _closure(test: str, own: Names, sources: Mapping[str, str]) -> Uses:
    conftests = (f"{folder}/conftest.py" for folder in PurePosixPath(test).parents if len(folder.parts) > 1)
    files, waiting, modules = set[str](), [test, *(file for file in conftests if file in sources)], set[str]()
    while waiting:
        file = waiting.pop()
        if file not in files:
            files.add(file)
            imported, helpers = own(file)
            modules |= imported
            waiting += helpers
    return Uses(frozenset(modules), frozenset(files - {test}), sources[test])


def names_in(file: str, sources: Mapping[str, str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the product's modules and the files of tests/ and tools/ that one file imports or starts."""
    names, files = set[str](), set[str]()
    for node in ast.walk(ast.parse(sources[file])):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _MODULE.fullmatch(node.value):
                names.add(node.value)
            elif node.value.endswith(".py") and "/" not in node.value:
                files.add(str(PurePosixPath(file).with_name(node.value)) if node.value != ".py" else file)
    files |= {f"{name.replace('.', '/')}.py" for name in names if name.startswith(("tests.", "tools."))}
    product = frozenset(name for name in names if name.split(".")[0] == "smartmail")
    return product, frozenset(files & set(sources))


def web_packages(root: Path) -> dict[str, set[str]]:
    """Return the packages of the web workspace and which of them each depends on."""
    workspace = json.loads((root / "web" / "package.json").read_text(encoding="utf-8"))["workspaces"]
    packages = {}
    for name in workspace:
        needs = json.loads((root / "web" / name / "package.json").read_text(encoding="utf-8")).get("dependencies", {})
        packages[name] = {need.rpartition("/")[2] for need in needs if need.startswith("@smartmail/")}
    return packages


def changed_files(root: Path, base: str | None) -> list[str]:
    """Return what differs from `base` (default: where this branch left main), and what git does not know yet."""
    base = base or _branching_point(root)
    changed = _git(root, "diff", "--name-only", "--no-renames", base, "--")
    untracked = _git(root, "ls-files", "--others", "--exclude-standard")
    return sorted({*changed.splitlines(), *untracked.splitlines()})


def _branching_point(root: Path) -> str:
    for main in ("origin/main", "main"):
        try:
            return _git(root, "merge-base", "HEAD", main).strip()
        except subprocess.CalledProcessError:
            continue
    return "HEAD"


def _git(root: Path, *words: str) -> str:
    command = ["git", "-c", "core.quotepath=off", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
