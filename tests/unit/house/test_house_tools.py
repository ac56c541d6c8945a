"""The house keeps its own rules, and the tools that watch over it see what they should."""

import re
import subprocess
import sys
import tomllib

import pytest
from tests.unit.house.tree import ROOT, tool

purity, sizecheck, rfcxref = tool("purity"), tool("sizecheck"), tool("rfcxref")


def test_pure_packages_are_pure(capsys):
    assert purity.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    "source",
    [
        "open('x')",
        "from datetime import datetime\ndatetime.now()",
        "import datetime as d\nd.datetime.now(tz)",
        "from datetime import date\ndate.today()",
        "import importlib",
        "from email import utils\nfrom email.utils import formatdate",
        "__import__('os')",
        "import secrets",
        "def f():\n  import time",
    ],
)
def test_purity_sees_what_contracts_cannot(source):
    assert purity.impurities(source, "x.py")


@pytest.mark.parametrize(
    "source", ["import datetime\ndatetime.timedelta(1)", "def opened(): ...\nopened()", "self.open()"]
)
def test_purity_leaves_the_innocent_alone(source):
    assert purity.impurities(source, "x.py") == []


def test_no_text_is_read_or_written_in_the_encoding_of_the_locale():
    # A preview rule, asked for alone: to let previews into `./smartmail check` would bring others.
    rule = ["--isolated", "--preview", "--select", "PLW1514"]
    command = [sys.executable, "-m", "ruff", "check", *rule, "src", "tools"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_test_writes_an_end_in_the_future_as_a_date():
    # It would pass until that day: `day` of tests/house/clock.py stays ahead. Long past, and 2099, are meant so.
    written = re.compile(r"""["']--until["'], ["']20(?!0|1|2[0-5]|99)|["']expiresAt["']: ["']20(?!0|1|2[0-5]|99)""")
    tests = (ROOT / "tests").rglob("*.py")
    assert [str(path) for path in tests if written.search(path.read_text(encoding="utf-8"))] == []


def test_sizes_are_within_the_limits(capsys):
    assert sizecheck.main() == 0, capsys.readouterr().out


def test_size_check_sees_a_long_function(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "long.py").write_text("def f():\n" + "    x = 1\n" * 130)
    functions, files = sizecheck.python_sizes(tmp_path)
    assert functions[0][0] == 131 > sizecheck.LIMITS["function"]
    assert files[0][0] == 131


# Written without the sign, so that this file is no reference itself.
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RFC 5321 $4.1.1.4", [(5321, "4.1.1.4")]),
        ("RFC 9051 $6.3.12, RFC 6376 $A.1; RFC 3207", [(9051, "6.3.12"), (6376, "A.1"), (3207, "")]),
        ("RFC 2047 $5(3)", [(2047, "5")]),
        ("RFC 8620 $3.6, $5.3 and $7", [(8620, "3.6"), (8620, "5.3"), (8620, "7")]),
        ("RFC 3501 $6.3.8–9", [(3501, "6.3.8")]),
        ("RFC 8621 $6–8).", [(8621, "6")]),
        ("RFC 5321, 6409, 2033.", [(5321, ""), (6409, ""), (2033, "")]),
        ("RFC 2045, 2183 $2, and 3 more", [(2045, ""), (2183, "2")]),
        ("RFC 5322 $foo", [(5322, "foo")]),
        ("RFC822.SIZE is an item, RFC 822 a standard", [(822, "")]),
        ("nothing", []),
    ],
)
def test_references_are_found(text, found):
    assert [(rfc, section) for _, rfc, section in rfcxref.references(text.replace("$", "§"))] == found


def test_names_of_golden_files_are_references():
    assert list(rfcxref.named_by_file("RFC2177-3-idle.txt")) == [(2177, "3")]
    assert list(rfcxref.named_by_file("rfc8620-3.7-result-references.json")) == [(8620, "3.7")]
    assert list(rfcxref.named_by_file("house.py")) == []


def tree(tmp_path, code="", test=""):
    for folder, text in (("src", code), ("tests", test)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "one.py").write_text(text.replace("$", "§"))
    return rfcxref.collect(tmp_path)


def test_a_section_that_is_none_dangles(tmp_path):
    _, dangling = tree(tmp_path, "# RFC 5322 $foo\n# RFC 5322 $3.6\n")
    assert len(dangling) == 1
    assert dangling[0].startswith("src/one.py:1: ")


INDEX = "| RFC 822 | old | {} | x |\n| RFC 5322 | format | Partial | x |\n"


@pytest.mark.parametrize(
    ("index", "code", "test", "problems"),
    [
        (INDEX.format("Planned"), "# RFC 5322", "", 0),
        (INDEX.format("Yes"), "# RFC 5322", "# RFC 822", 1),  # claimed, but only a test names it
        (INDEX.format("Yes"), "# RFC 5322, RFC 822", "", 0),
        (INDEX.format("No"), "# RFC 5322", "", 0),
        (INDEX.format("Maybe"), "# RFC 5322", "", 1),
        (INDEX.format("No"), "# RFC 5322, RFC 5321", "", 1),  # not in the index
        (INDEX.format("No"), "# RFC 5322", "# RFC 5321", 1),
        (INDEX.format("No"), "", "", 1),
        (INDEX.format("No") * 2, "# RFC 5322", "", 2),  # twice, and so out of order
    ],
)
def test_index_and_tree_are_compared(tmp_path, index, code, test, problems):
    places, _ = tree(tmp_path, code, test)
    assert len(rfcxref.judge(index, places)) == problems


def test_page_of_references(tmp_path):
    places, _ = tree(tmp_path, "# RFC 5321 $4.10, RFC 5321 $4.2", "# RFC 5321 $4.2")
    rows = [line for line in rfcxref.render(places).splitlines() if line.startswith("| §")]
    assert rows == ["| §4.2 | `src/one.py` | `tests/one.py` |", "| §4.10 | `src/one.py` | – |"]


def test_references_of_the_tree_do_not_dangle():
    places, problems = rfcxref.collect(ROOT)
    assert problems + rfcxref.judge(rfcxref.INDEX.read_text(encoding="utf-8"), places) == []
    assert len(places) > 300


def test_locks_name_no_host_and_agree():
    run, dev = ((ROOT / name).read_text() for name in ("requirements.lock", "requirements-dev.lock"))
    for path in (
        "requirements.lock",
        "requirements-dev.lock",
        "tools/uv.lock",
        "tools/node.lock",
        "web/package-lock.json",
        "tests/bench/lighthouse/package-lock.json",
    ):
        text = (ROOT / path).read_text()
        assert '"resolved": "http' not in text, path
        assert "index-url" not in text, path
        assert not [line for line in text.splitlines() if "://" in line and path.endswith(".lock")], path
    pins = {line.split(" ")[0] for line in run.splitlines() if "==" in line and line[0].isalnum()}
    assert pins <= {line.split(" ")[0] for line in dev.splitlines()}


def test_package_list_names_each_package_once():
    groups = tomllib.loads((ROOT / "tools" / "system_packages.toml").read_text())
    packages = [one for group in groups.values() for kind in ("packages", "unpacked") for one in group.get(kind, ())]
    assert len(packages) == len(set(packages))
    assert all(group["why"] for group in groups.values())


def test_launcher_is_readable_by_an_old_python():
    import ast

    ast.parse((ROOT / "smartmail").read_text(), feature_version=(3, 6))
