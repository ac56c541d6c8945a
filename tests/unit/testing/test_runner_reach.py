"""What `./smartmail test --changed` chooses, over a made-up tree."""

import subprocess
from pathlib import Path

import pytest
from tools.testing import imports
from tools.testing.reach import Tree, Uses, choose, dependents, reached, told

ROOT = Path(__file__).resolve().parents[3]
# formats.a ← service.b ← edge.c ← app.node; app.node ← app.cli.say
IMPORTERS = {
    "smartmail": set(),
    "smartmail.formats": set(),
    "smartmail.formats.a": {"smartmail.service.b"},
    "smartmail.service": set(),
    "smartmail.service.b": {"smartmail.edge.c"},
    "smartmail.edge.c": {"smartmail.app.node"},
    "smartmail.app": set(),
    "smartmail.app.node": {"smartmail.app.cli.say"},
    "smartmail.app.cli.say": set(),
    "smartmail.other": set(),
}


def uses(*modules, files=(), text=""):
    return Uses(frozenset(modules), frozenset(files), text)


TESTS = {
    "tests/unit/house/test_house_tools.py": uses(text='tool("sizecheck")'),
    "tests/unit/formats/test_a.py": uses("smartmail.formats.a"),
    "tests/unit/other/test_other.py": uses("smartmail.other"),
    "tests/flows/test_c.py": uses("smartmail.edge.c", files=["tests/flows/house.py"]),
    "tests/flows/test_node.py": uses("smartmail.app.node", files=["tests/flows/house.py"]),
    "tests/peers/test_c_clients.py": uses("smartmail.app.node"),
    "tests/sieve/test_sieve_cases.py": uses("smartmail.other", text='"cases"'),
    "tests/e2e/test_reading.py": uses("smartmail.app.node", files=["tests/e2e/company.py"]),
    "tests/e2e/test_keys.py": uses("smartmail.app.node", files=["tests/e2e/admin_web.py"]),
    "tests/guide/test_guides.py": uses("smartmail.app.node"),
}
WEB = {"ui": set(), "i18n": set(), "jmap": set(), "webmail": {"ui", "jmap"}, "admin": {"ui", "i18n"}}
TREE = Tree(IMPORTERS, TESTS, WEB)
HOUSE = "tests/unit/house/test_house_tools.py"


def chosen(*paths):
    choice = choose(paths, TREE)
    assert not choice.everything
    return set(choice.tests) - {HOUSE}, set(choice.web)


def test_a_module_reaches_what_imports_it_up_to_the_composition_root():
    assert reached(["smartmail.formats.a"], IMPORTERS) == {
        "smartmail.formats.a", "smartmail.service.b", "smartmail.edge.c",
    }  # fmt: skip
    assert reached(["smartmail.app.node"], IMPORTERS) == {"smartmail.app.node", "smartmail.app.cli.say"}


def test_tests_that_import_what_a_change_reaches_are_chosen_and_those_named_after_it():
    assert chosen("src/smartmail/formats/a.py") == ({"tests/unit/formats/test_a.py", "tests/flows/test_c.py"}, set())
    tests, _ = chosen("src/smartmail/edge/c.py")
    assert tests == {"tests/flows/test_c.py", "tests/peers/test_c_clients.py"}


def test_a_change_of_the_composition_root_reaches_all_that_open_a_node():
    tests, _ = chosen("src/smartmail/app/node.py")
    assert {"tests/flows/test_node.py", "tests/e2e/test_reading.py", "tests/guide/test_guides.py"} <= tests
    assert "tests/flows/test_c.py" not in tests


def test_what_only_a_node_connects_is_told():
    choice = choose(["src/smartmail/formats/a.py"], TREE)
    assert "tests/flows/test_node.py" in choice.through_root
    assert "5 not chosen" in told(choice)[-1]


def test_a_data_file_belongs_to_its_package():
    assert "tests/unit/formats/test_a.py" in chosen("src/smartmail/formats/data/names.json")[0]
    assert "tests/unit/formats/test_a.py" in chosen("src/smartmail/formats/__init__.py")[0]


def test_a_module_that_was_removed_reaches_what_still_imports_it():
    tree = Tree({}, {"tests/unit/test_x.py": uses("smartmail.gone.away")})
    assert "tests/unit/test_x.py" in choose(["src/smartmail/gone/away.py"], tree).tests


def test_a_helper_reaches_its_tests_and_a_data_file_those_of_its_folder():
    assert chosen("tests/flows/house.py")[0] == {"tests/flows/test_c.py", "tests/flows/test_node.py"}
    assert chosen("tests/sieve/cases/vacation.txt")[0] == {"tests/sieve/test_sieve_cases.py"}
    assert chosen("tests/e2e/conftest.py")[0] == {"tests/e2e/test_reading.py", "tests/e2e/test_keys.py"}
    assert chosen("tests/unit/other/test_other.py")[0] == {"tests/unit/other/test_other.py"}


def test_a_web_package_reaches_its_dependents_and_their_browser_tests():
    assert dependents("ui", WEB) == {"ui", "webmail", "admin"}
    guide = "tests/guide/test_guides.py"
    assert chosen("web/jmap/src/a.ts") == ({"tests/e2e/test_reading.py", guide}, {"jmap", "webmail"})
    assert chosen("web/i18n/catalogues/ko.json") == ({"tests/e2e/test_keys.py", guide}, {"i18n", "admin"})
    assert chosen("web/ui/test/a.test.ts") == (set(), {"ui"})
    assert chosen("web/vitest.config.ts")[1] == set(WEB)


@pytest.mark.parametrize(
    "path", ["smartmail", "tests/conftest.py", "requirements-dev.lock", "tools/launcher/start.py", "web/package-lock.json",
             "tools/testing/reach.py", "pyproject.toml", "Makefile"],
)  # fmt: skip
def test_what_decides_how_tests_run_reaches_everything(path):
    choice = choose(["docs/status.md", path], TREE)
    assert path in choice.everything
    assert told(choice) == [f"everything: {choice.everything}"]


def test_tests_of_the_tree_run_with_every_change():
    for path in ("docs/status.md", "tests/budgets.toml", "tools/sizecheck.py", ".ci/run", "src/smartmail/other.py"):
        assert HOUSE in choose([path], TREE).tests
    assert any("name tools/sizecheck.py: unit/house" in line for line in told(choose(["tools/sizecheck.py"], TREE)))


SOURCES = {
    "tests/flows/test_a.py": "from tests.flows import house\ndef f(dns_lab):\n  import smartmail.formats.a",
    "tests/flows/house.py": "from smartmail.service import b\nCHILD = 'child.py'\nROOT = 'smartmail.app.process_tree.worker'\n",
    "tests/flows/child.py": "import smartmail.edge.c\nfrom tools.fake_dns import FakeDns",
    "tests/flows/conftest.py": "import smartmail.other",
    "tests/unit/test_b.py": "",
    "tests/conftest.py": "from tests.house import clocks\ndef dns_lab():\n  from tests.lab.dns import open_lab",
    "tests/house/clocks.py": "import smartmail.everywhere",
    "tests/lab/dns.py": "",
    "tools/fake_dns.py": "",
}


def test_imports_and_processes_of_tests_are_read_through_their_helpers():
    found = imports.Reading(SOURCES).uses("tests/flows/test_a.py")
    assert found.files == {
        "tests/flows/house.py", "tests/flows/child.py", "tests/flows/conftest.py", "tests/lab/dns.py",
        "tools/fake_dns.py",
    }  # fmt: skip
    assert {"smartmail.formats.a", "smartmail.service.b", "smartmail.edge.c", "smartmail.other"} <= found.modules
    assert "smartmail.app.process_tree.worker" in found.modules
    assert "smartmail.everywhere" not in found.modules
    assert imports.Reading(SOURCES).uses("tests/unit/test_b.py") == uses()


def test_a_helper_that_every_test_imports_reaches_everything():
    everywhere = imports.Reading(SOURCES).everywhere()
    assert everywhere == {"tests/house/clocks.py"}
    tree = Tree(IMPORTERS, TESTS, WEB, everywhere)
    assert choose(["tests/house/clocks.py"], tree).everything


def test_the_web_packages_of_the_tree():
    packages = imports.web_packages(ROOT)
    assert packages["webmail"] >= {"jmap", "ui", "i18n"}
    assert packages["jmap"] == set()


def test_changes_are_those_since_the_base_committed_or_not_and_new_files(tmp_path):
    def git(*words):
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e@x.example", *words], cwd=tmp_path, check=True)

    git("init", "-q", "-b", "main")
    for name in ("same", "moved", "edited", ".gitignore"):
        (tmp_path / name).write_text("ignored\n" if name == ".gitignore" else name)
    git("add", ".")
    git("commit", "-q", "-m", "one")
    git("switch", "-q", "-c", "work")
    git("mv", "moved", "here")
    git("commit", "-q", "-m", "two")
    (tmp_path / "edited").write_text("anew")
    (tmp_path / "문서").write_text("new")
    (tmp_path / "ignored").write_text("")
    assert imports.changed_files(tmp_path, None) == ["edited", "here", "moved", "문서"]
    assert imports.changed_files(tmp_path, "HEAD") == ["edited", "문서"]
