"""The house keeps its own rules, and the tools that watch over it see what they should."""

import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def load(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


purity, sizecheck, rfcxref = load("purity"), load("sizecheck"), load("rfcxref")


def test_import_contracts_hold():
    done = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


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


def test_sizes_are_within_the_limits(capsys):
    assert sizecheck.main() == 0, capsys.readouterr().out


def test_size_check_sees_a_long_function(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "long.py").write_text("def f():\n" + "    x = 1\n" * 130)
    functions, files = sizecheck.python_sizes(tmp_path)
    assert functions[0][0] == 131 > sizecheck.LIMITS["function"]
    assert files[0][0] == 131


def test_references_are_found_and_dangling_ones_told():
    text = "# RFC 5321 §4.1.1.4 and RFC 9051 §6.3.12, RFC 2047 §5(3), RFC 6376 §A.1; RFC 3207\n# RFC 5322 ?foo".replace(
        "?", "§"
    )
    found = [(rfc, section) for _, rfc, section in rfcxref.references(text)]
    assert found == [
        (5321, "4.1.1.4"),
        (9051, "6.3.12"),
        (2047, "5"),
        (6376, "A.1"),
        (3207, ""),
        (5322, "foo"),
    ]
    assert rfcxref.SECTION.fullmatch("A.1")
    assert not rfcxref.SECTION.fullmatch("foo")


def test_rfc_references_do_not_dangle():
    places, problems = rfcxref.collect(ROOT)
    assert problems == []
    assert places


def test_adr_numbers_are_unique():
    numbers = [path.name[:4] for path in (ROOT / "docs" / "adr").glob("[0-9]*.md")]
    assert len(numbers) == len(set(numbers))


def test_locks_name_no_host_and_agree():
    run, dev = ((ROOT / name).read_text() for name in ("requirements.lock", "requirements-dev.lock"))
    for path in (
        "requirements.lock",
        "requirements-dev.lock",
        "tools/uv.lock",
        "tools/node.lock",
        "web/package-lock.json",
    ):
        text = (ROOT / path).read_text()
        assert '"resolved": "http' not in text, path
        assert "index-url" not in text, path
        assert not [line for line in text.splitlines() if "://" in line and path.endswith(".lock")], path
    pins = {line.split(" ")[0] for line in run.splitlines() if "==" in line and line[0].isalnum()}
    assert pins <= {line.split(" ")[0] for line in dev.splitlines()}


def test_package_list_names_each_package_once():
    groups = tomllib.loads((ROOT / "tools" / "system_packages.toml").read_text())
    packages = [package for group in groups.values() for package in group["packages"]]
    assert len(packages) == len(set(packages))
    assert all(group["why"] for group in groups.values())


def test_launcher_is_readable_by_an_old_python():
    import ast

    ast.parse((ROOT / "smartmail").read_text(), feature_version=(3, 6))
