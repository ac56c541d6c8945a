"""Which tests a change reaches, for `--changed`: pure, over a description of the tree that `imports` makes.

Python: a changed module reaches all that imports it, directly or through others, and each test that imports any of
those. The composition root (`smartmail.app`) imports everything, so the way up ends before it: otherwise each change
would reach each test that opens a node. In its stead a test named after the changed component is taken. What is left
to the whole run before landing is told, not hidden.
Web: a package reaches the packages that depend on it; an application reaches its browser tests.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import PurePosixPath

ROOT_OF_COMPOSITION = "smartmail.app"
# What decides how all tests run.
EVERYTHING = (
    "smartmail", "tools/launcher/*", "tools/testing/*", "tools/system_packages.toml", "tools/*.lock", "tools/lock/*",
    "requirements*", "pyproject.toml", "tests/conftest.py", "web/package.json", "web/package-lock.json",
)  # fmt: skip
# Read by the tests of the tree as a whole only.
OF_THE_TREE = ("docs/*", ".ci/*", "README*", "LICENSE", "NOTICE", ".gitignore", ".gitattributes", "tools/*",
               "tests/budgets.toml", "tests/durations.json", "tests/flaky.toml")  # fmt: skip
TREE_TESTS = "tests/unit/house/"
SHOWN = 6
_APPLICATIONS = ("webmail", "admin")
_NO_NAMES = {"cli", "sql", "http", "base"}
_SERVERS = {"imapd": "imap", "smtpd": "smtp", "pop3d": "pop3", "httpd": "http", "sieved": "sieve"}


@dataclass(frozen=True)
class Uses:
    """What a test file uses, itself and through its helpers: product modules, files of tests/ and tools/, words."""

    modules: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    text: str = ""


@dataclass(frozen=True)
class Tree:
    """The tree as the choice sees it."""

    importers: Mapping[str, Collection[str]]  # module → the modules that import it directly
    tests: Mapping[str, Uses]  # test file → what it uses
    web: Mapping[str, Collection[str]] = field(default_factory=dict)  # web package → the packages it depends on
    everywhere: Collection[str] = ()  # files that tests/conftest.py imports for every test


@dataclass
class Choice:
    """What a change reaches: a reason for everything, or test files and web packages, each with its reason."""

    everything: str = ""
    tests: dict[str, str] = field(default_factory=dict)
    web: dict[str, str] = field(default_factory=dict)
    through_root: list[str] = field(default_factory=list)  # files that only whole nodes connect with the change

    def add(self, files: Iterable[str], why: str) -> None:
        for file in files:
            self.tests.setdefault(file, why)


def told(choice: Choice) -> list[str]:
    """Return in one line each what was chosen and why, and last what only a whole run tries."""
    if choice.everything:
        return [f"everything: {choice.everything}"]
    reasons: dict[str, list[str]] = {}
    for test, why in choice.tests.items():
        reasons.setdefault(f"they {why}", []).append(test.removeprefix("tests/"))
    for package, why in choice.web.items():
        reasons.setdefault(f"of the web, because of {why}", []).append(package)
    lines = [f"{len(names):4} chosen, {why}: {_some(names)}" for why, names in reasons.items()]
    if choice.through_root:
        lines.append(
            f"{len(choice.through_root):4} not chosen: they open whole nodes and reach the change through"
            f" {ROOT_OF_COMPOSITION} only; ./smartmail test runs them"
        )
    return lines


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def choose(changed: Iterable[str], tree: Tree) -> Choice:
    """Return what the changed files (paths relative to the root) reach."""
    choice, modules = Choice(), set[str]()
    for path in changed:
        if path in tree.everywhere or any(fnmatch(path, pattern) for pattern in EVERYTHING):
            return Choice(everything=f"{path} decides how all tests run")
        if path.startswith("src/smartmail/"):
            modules |= (own := _modules(path, tree.importers))
            choice.add(_that_use(own, tree), f"import {min(own)}")
            _add_named(choice, path, tree)
        elif path.startswith("tests/") and path.count("/") > 1:
            choice.add(_tests_of(path, tree), f"use {path}")
        elif path.startswith("web/"):
            _add_web(choice, path, tree)
        elif not any(fnmatch(path, pattern) for pattern in OF_THE_TREE):
            return Choice(everything=f"nothing says what {path} reaches")
        if path.startswith("tools/"):
            choice.add((test for test, uses in tree.tests.items() if path in uses.files), f"use {path}")
        choice.add(_that_mention(path, tree), f"name {path}")
    above = reached(modules, tree.importers)
    choice.add(_that_use(above, tree), "import what imports the changed modules")
    choice.add((test for test in tree.tests if test.startswith(TREE_TESTS)), "judge the tree as a whole")
    if modules:
        choice.through_root = [t for t, uses in tree.tests.items() if t not in choice.tests and _opens_node(uses)]
    return choice


def reached(modules: Iterable[str], importers: Mapping[str, Collection[str]]) -> set[str]:
    """Return `modules` and what imports them; the composition root only where the way begins inside of it."""
    seen, waiting = set[str](), list(modules)
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        inside = _in_root(module)
        waiting += [above for above in importers.get(module, ()) if inside or not _in_root(above)]
    return seen


def dependents(package: str, web: Mapping[str, Collection[str]]) -> set[str]:
    """Return the web package and all that depend on it, directly or not."""
    found = {package}
    while more := {name for name, needs in web.items() if found & set(needs)} - found:
        found |= more
    return found


def _in_root(module: str) -> bool:
    return module == ROOT_OF_COMPOSITION or module.startswith(f"{ROOT_OF_COMPOSITION}.")


def _opens_node(uses: Uses) -> bool:
    return any(_in_root(module) for module in uses.modules)


def _dotted(path: str) -> str:
    return path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _modules(path: str, importers: Mapping[str, Collection[str]]) -> set[str]:
    """Return the module of a Python file; for a package or a data file all modules of the package that holds it."""
    if path.endswith(".py") and not path.endswith("/__init__.py"):
        return {_dotted(path)}
    package = _dotted(str(PurePosixPath(path).parent))
    while package not in importers and "." in package:
        package = package.rpartition(".")[0]
    return {package} | {module for module in importers if module.startswith(f"{package}.")}


def _that_use(modules: set[str], tree: Tree) -> list[str]:
    return [test for test, uses in tree.tests.items() if uses.modules & modules]


def _that_mention(path: str, tree: Tree) -> list[str]:
    """Return the tests whose text has the file's name; a tool's name without its ending, as tests load it."""
    pure = PurePosixPath(path)
    if pure.suffix == ".py" and not path.startswith("tools/"):
        return []
    name = pure.stem if path.startswith("tools/") else pure.name
    return [test for test, uses in tree.tests.items() if name in uses.text]


def _tests_of(path: str, tree: Tree) -> list[str]:
    """Return the tests that use a file of tests/; a conftest or a data file belongs to all tests of its folder."""
    using = [test for test, uses in tree.tests.items() if path == test or path in uses.files]
    folder = PurePosixPath(path).parent
    while not using and len(folder.parts) > 1:
        using = [test for test in tree.tests if test.startswith(f"{folder}/")]
        folder = folder.parent
    return using


def _add_named(choice: Choice, path: str, tree: Tree) -> None:
    names = {_plain(part): part for part in _dotted(path).split(".")[2:4] if part not in _NO_NAMES}
    for test in tree.tests:
        words = {_plain(word) for word in PurePosixPath(test).stem.split("_")[1:]}
        if common := sorted(names.keys() & words):
            choice.add([test], f"are named after {names[common[0]]}")


def _plain(word: str) -> str:
    return _SERVERS.get(word, word).rstrip("s")


def _add_web(choice: Choice, path: str, tree: Tree) -> None:
    parts = path.split("/")
    package = parts[1]
    if package not in tree.web:
        packages = set(tree.web)
    elif parts[2:3] == ["test"]:
        choice.web.setdefault(package, path)
        return
    else:
        packages = dependents(package, tree.web)
    for name in sorted(packages):
        choice.web.setdefault(name, f"web/{package}")
    for application in packages.intersection(_APPLICATIONS):
        choice.add(_screens_of(application, tree), f"show web/{application}")


def _screens_of(application: str, tree: Tree) -> list[str]:
    """Return the browser tests of an application: those that use a helper or have a name of the admin web, or not."""
    screens = [test for test in tree.tests if test.startswith(("tests/e2e/", "tests/guide/"))]
    return [t for t in screens if t.startswith("tests/guide/") or _shows_admin(tree, t) == (application == "admin")]


def _shows_admin(tree: Tree, test: str) -> bool:
    return any("admin" in PurePosixPath(file).name for file in {test, *tree.tests[test].files})
