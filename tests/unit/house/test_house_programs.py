"""Each program that a test starts comes with a package that `./smartmail test` installs, or with every Debian.

A program that merely happens to be on the machine of whoever wrote the test would be missing on the next one, where what
could not be tried has failed.
"""

import ast
import re
import tomllib
from collections.abc import Iterator

import pytest
from tests.unit.house.tree import ROOT

# Packages whose programs have other names; all others bring a program of their own name.
PACKAGE_OF = {
    "WebKitWebDriver": "webkit2gtk-driver", "Xvfb": "xvfb", "clamd": "clamav-daemon", "dovecot": "dovecot-imapd",
    "gsettings": "libglib2.0-bin", "ip": "iproute2", "mkfs.ext4": "e2fsprogs", "postconf": "postfix",
    "postqueue": "postfix", "sa-learn": "spamassassin", "smtp-source": "postfix", "umount": "mount",
}  # fmt: skip
# Of packages that Debian marks as essential: they cannot be missing.
ESSENTIAL = frozenset({"/bin/sh", "dpkg-deb", "grep", "sh", "sha256sum", "sleep", "tar", "unshare"})
# Brought by the checkout itself (tools/launcher).
CHECKOUT = frozenset({"node", "npm"})
# What starts a program, or looks for one, by its first argument.
STARTS = frozenset({"Popen", "check_call", "check_output", "create_subprocess_exec", "which"})
# The name that a list of a program and its words has.
LIST = "command"
# Most files of tests have none of these, and need not be parsed.
_MAY_START = re.compile(rf"\b(?:(?:{'|'.join(sorted(STARTS))}|subprocess\.run|program)\(|{LIST}\s*[:=])")


def programs(source: str) -> Iterator[str]:
    """Yield the programs that a module names where it starts them."""
    if not _MAY_START.search(source):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and (_starts(node.func) or _looks_for(node)):
            yield from _first(node.args[0])
        elif isinstance(node, ast.Assign) and any(getattr(one, "id", "") == LIST for one in node.targets):
            yield from _first(node.value, of_list=True)


def _starts(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        owner = getattr(function.value, "id", "")
        return function.attr in STARTS or (owner, function.attr) == ("subprocess", "run")
    return getattr(function, "id", "") in STARTS


def _looks_for(call: ast.Call) -> bool:
    """Whether this is `program` of tests/e2e/engines.py, which takes names only: other functions have the name too."""
    return getattr(call.func, "id", "") == "program" and all(isinstance(one, ast.Constant) for one in call.args)


def _first(value: ast.expr, *, of_list: bool = False) -> Iterator[str]:
    if isinstance(value, ast.List | ast.Tuple) and value.elts:
        value, of_list = value.elts[0], False
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and not of_list:
        yield value.value


def test_each_program_of_a_test_is_installed_by_the_listing():
    groups = tomllib.loads((ROOT / "tools" / "system_packages.toml").read_text(encoding="utf-8")).values()
    listed = {name for group in groups for name in (*group.get("packages", ()), *group.get("unpacked", ()))}
    found = {
        (name, path.relative_to(ROOT).as_posix())
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for name in programs(path.read_text(encoding="utf-8"))
    }
    assert {name for name, _ in found} >= {"openssl", "git", "unshare", "mkfs.ext4", "chromium"}, "the scan is blind"
    strange = {(name, path) for name, path in found if name not in ESSENTIAL | CHECKOUT}
    assert sorted(one for one in strange if PACKAGE_OF.get(one[0], one[0]) not in listed) == []


@pytest.mark.parametrize(
    "source",
    ["subprocess.run(['x', 'y'])", "subprocess.Popen(('x',))", "asyncio.create_subprocess_exec('x', 'y')",
     "shutil.which('x')", "program('x')", "command = ['x', name]"],
)  # fmt: skip
def test_the_scan_sees_what_is_started(source):
    assert list(programs(source)) == ["x"]


@pytest.mark.parametrize(
    "source",
    ["client.run('x')", "command = 'x'", "program('x', machine)", "run(['x'])", "subprocess.run([sys.executable])"],
)
def test_the_scan_leaves_other_words_alone(source):
    assert list(programs(source)) == []
