"""Describes the tree for `reach`: the import graph of the product, what each test imports, the web's packages; git.

The product's graph is grimp's, which import-linter uses too. Tests are read by `ast`, and their helpers with them.
A module or file that a test starts as a process is a string in its source: such strings count as imports.
"""

import ast
import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import grimp
from tools.testing.reach import Tree, Uses
from tools.testing.tiers import test_files

# Modules of the product, and files of tests/ and tools/.
Names = tuple[frozenset[str], frozenset[str]]
_EVERYONES = "tests/conftest.py"
_MODULE = re.compile(r"(smartmail|tests|tools)(\.\w+)+")
_SCRIPT = re.compile(r"\w+\.py")


def describe(root: Path) -> Tree:
    """Return the tree below `root`."""
    graph = grimp.build_graph("smartmail", cache_dir=str(root / ".cache" / "grimp"))
    importers = {module: graph.find_modules_that_directly_import(module) for module in graph.modules}
    sources = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for folder in ("tests", "tools")
        for path in (root / folder).rglob("*.py")
    }
    reading = Reading(sources)
    tests = {test: reading.uses(test) for test in test_files(root)}
    return Tree(importers, tests, web_packages(root), reading.everywhere())


class Reading:
    """What the Python files of tests/ and tools/ import; `sources` has their texts by path."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._own: dict[str, Names] = {}
        self._everyones = ast.parse(sources.get(_EVERYONES, ""))
        functions = [node for node in self._everyones.body if isinstance(node, ast.FunctionDef)]
        self._fixtures = {node.name: self._names(_EVERYONES, node) for node in functions}

    def everywhere(self) -> frozenset[str]:
        """Return the helpers that tests/conftest.py imports for every test, and theirs."""
        imported = [node for node in self._everyones.body if isinstance(node, ast.Import | ast.ImportFrom)]
        return self._closure(*(file for node in imported for file in self._names(_EVERYONES, node)[1])).files

    def uses(self, test: str) -> Uses:
        """Return what a test uses: itself, by the conftest of its folders, by fixtures of everyone that it names."""
        conftests = (f"{folder}/conftest.py" for folder in PurePosixPath(test).parents if len(folder.parts) > 1)
        text = self._sources[test]
        named = [names for fixture, names in self._fixtures.items() if fixture in text]
        helpers = (file for _, files in named for file in files)
        found = self._closure(test, *(file for file in conftests if file in self._sources), *helpers)
        modules = found.modules.union(*(modules for modules, _ in named))
        return Uses(modules, found.files - {test}, text)

    def _closure(self, *begin: str) -> Uses:
        files, waiting, modules = set[str](), list(begin), set[str]()
        while waiting:
            file = waiting.pop()
            if file not in files:
                files.add(file)
                if file not in self._own:
                    self._own[file] = self._names(file, ast.parse(self._sources[file]))
                modules |= self._own[file][0]
                waiting += self._own[file][1]
        return Uses(frozenset(modules), frozenset(files))

    def _names(self, file: str, tree: ast.AST) -> Names:
        names, files = set[str](), set[str]()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                if _MODULE.fullmatch(node.value):
                    names.add(node.value)
                elif _SCRIPT.fullmatch(node.value):
                    files.add(str(PurePosixPath(file).with_name(node.value)))
        for name in names:
            if name.startswith(("tests.", "tools.")):
                files |= {f"{name.replace('.', '/')}.py", f"{name.replace('.', '/')}/__init__.py"}
        product = frozenset(name for name in names if name.split(".")[0] == "smartmail")
        return product, frozenset(files & set(self._sources))


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
