"""`./smartmail test` from its options to its closing line, with a runner that only says what came out."""

import argparse
import json
from pathlib import Path

import pytest
from tools.testing import command, elsewhere, suites
from tools.testing.record import Case, Record
from tools.testing.suites import WebTally

from smartmail.app.cli import test as test_command

BUDGETS = "".join(f"[{tier}]\ncpu_s = 100\nduration_s = 200\n" for tier in ("pure", "house", "world", "screens"))
A, B = "tests/unit/test_a.py::test_x", "tests/e2e/test_b.py::test_y"
LISTED = f'[[flaky]]\ntest = "{B}"\nfirst_seen = 2026-12-01\ncause = "c"\nmend = "m"\n'


class Programs:
    """Stands where suites.Runner does; `records` has what each run of pytest comes to, by its name."""

    workers = 2

    def __init__(self, root, environment=None, **records):
        self.environment = environment or {}
        self.root, self.records, self.started = root, records, []
        self.web = WebTally(passed=3, cpu_s=5, seconds=4)

    def pytest(self, name, words, there=elsewhere.HERE):
        self.started.append((name, [word for word in words if "tests/" in word], there))
        return self.records[name]

    def vitest(self, packages=()):
        self.started.append(("web", list(packages), elsewhere.HERE))
        return self.web


@pytest.fixture
def root(tmp_path):
    for file in ("tests/unit/test_a.py", "tests/flows/test_f.py", "tests/e2e/test_b.py"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text("")
    (tmp_path / "tests" / "budgets.toml").write_text(BUDGETS)
    (tmp_path / "tests" / "flaky.toml").write_text("")
    return tmp_path


def options(*words):
    parser = argparse.ArgumentParser()
    test_command.add_arguments(parser)
    known, rest = parser.parse_known_args(words)
    known.rest = rest
    return known


def record(cpu=1.0, **outcomes):
    cases = {test: Case(outcomes.get("a" if test == A else "b", "passed"), 2.0) for test in (A, B)}
    return Record(cases, {"tests/unit/test_a.py": cpu, "tests/e2e/test_b.py": 1.0}, {"gw0": 3.0})


def done(capsys, programs, *words):
    code = command.perform(options(*words), programs)
    return code, capsys.readouterr().out.splitlines()


def test_a_clean_run(capsys, root):
    programs = Programs(root, run=record())
    code, lines = done(capsys, programs)
    assert (code, lines[-1]) == (0, "5 passed, 0 failed")
    assert programs.started == [("web", [], elsewhere.HERE), ("run", [], elsewhere.HERE)]
    assert next(line.split() for line in lines if line.startswith("pure")) == "pure 4 0 0 6 200 6 100".split()
    assert any(line.startswith("workers were done after: gw0 3 s") for line in lines)


def test_what_was_not_tried_has_failed(capsys, root):
    run = record(a="skipped")
    run.cases[A].reason = "no browser"
    code, lines = done(capsys, Programs(root, run=run))
    assert (code, lines[-1]) == (1, "4 passed, 1 failed")
    assert f"  not tried: {A}: no browser" in lines


def test_a_run_in_which_nothing_passed_has_failed(capsys, root):
    code, lines = done(capsys, Programs(root, run=Record()), "--tier", "world")
    assert (code, lines[-1]) == (1, "0 passed, 1 failed")


def test_a_tier_over_its_budget_fails_the_run(capsys, root):
    code, lines = done(capsys, Programs(root, run=record(cpu=96.0)))
    assert (code, lines[-1]) == (1, "5 passed, 1 failed")
    assert any(line.startswith("pure is over its budget: 101 CPU seconds, 100 allowed") for line in lines)


def test_what_passes_alone_has_failed_until_it_is_listed(capsys, root):
    run = record(b="failed")
    run.cases[B].reason = "file.py:3: assert 1 == 2"
    programs = Programs(root, run=run, again=record())
    code, lines = done(capsys, programs)
    assert (code, lines[-1]) == (1, "4 passed, 1 failed")
    assert f"  why: {B}: file.py:3: assert 1 == 2" in lines
    assert f"  FAILED: {B}: find the cause and mend it, or list it with its cause" in lines
    assert programs.started[-1] == ("again", [B], elsewhere.HERE)
    (root / "tests" / "flaky.toml").write_text(LISTED)
    code, lines = done(capsys, Programs(root, run=record(b="failed"), again=record()))
    assert (code, lines[-1]) == (0, "5 passed, 0 failed")
    assert "failed among other tests, passed alone: 1 listed, 0 not listed" in lines


def test_a_landing_names_what_passed_alone_for_the_first_time(capsys, root):
    code, lines = done(capsys, Programs(root, {"CI": "true"}, run=record(b="failed"), again=record()))
    assert (code, lines[-1]) == (0, "5 passed, 0 failed")
    assert f"  first seen: {B}: mend it, or list it with its cause, in the next work" in lines


def test_a_listed_test_that_fails_alone_has_failed(capsys, root):
    (root / "tests" / "flaky.toml").write_text(LISTED)
    code, lines = done(capsys, Programs(root, run=record(b="failed"), again=record(b="failed")))
    assert (code, lines[-1]) == (1, "4 passed, 1 failed")


def test_many_failures_are_not_tried_again(capsys, root):
    run = record()
    run.cases |= {f"tests/e2e/test_b.py::test_{n}": Case("failed") for n in range(13)}
    programs = Programs(root, run=run)
    assert done(capsys, programs)[1][-1] == "5 passed, 13 failed"
    assert [name for name, _, _ in programs.started] == ["web", "run"]


def test_a_list_without_a_cause_ends_the_run_at_once(capsys, root):
    (root / "tests" / "flaky.toml").write_text(f'[[flaky]]\ntest = "{B}"\n')
    programs = Programs(root)
    code, lines = done(capsys, programs)
    assert (code, lines[-1], programs.started) == (1, "0 passed, 1 failed", [])


def test_a_test_folder_in_no_tier_ends_the_run_at_once(capsys, root):
    (root / "tests" / "stray").mkdir()
    (root / "tests" / "stray" / "test_s.py").write_text("")
    code, lines = done(capsys, Programs(root))
    assert (code, lines[-1]) == (1, "0 passed, 1 failed")
    assert "tests/stray/test_s.py" in lines[0]


@pytest.mark.parametrize(
    ("words", "paths", "with_web"),
    [
        ("--quick", ["tests/flows", "tests/unit"], True),
        ("--tier screens", ["tests/e2e"], False),
        ("--tier screens --tier pure", ["tests/e2e", "tests/unit"], True),
    ],
)
def test_a_tier_by_name(capsys, root, words, paths, with_web):
    programs = Programs(root, run=record())
    done(capsys, programs, *words.split())
    assert [name for name, _, _ in programs.started] == [*["web"] * with_web, "run"]
    assert programs.started[-1][1] == paths


@pytest.mark.parametrize(
    ("words", "allowed"), [("", 28), ("--quick", 8), ("--tier pure", 3), ("--tier screens", None), ("--full", None)]
)
def test_the_minutes_of_a_run_stand_beside_those_that_are_allowed(capsys, root, words, allowed):
    _, lines = done(capsys, Programs(root, run=record(), elsewhere=record()), *words.split())
    (told,) = (line for line in lines if line.startswith("took "))
    assert told == "took 0.0 min" + (f", {allowed} allowed on two cores that do nothing else" if allowed else "")


def test_full_runs_pure_code_once_more_elsewhere_and_has_no_budget(capsys, root):
    programs = Programs(root, run=record(cpu=1000), elsewhere=record(a="failed"))
    code, lines = done(capsys, programs, "--full")
    name, paths, there = programs.started[-1]
    assert (name, paths, there.enter) == ("elsewhere", ["tests/unit"], elsewhere.ENTER)
    assert there.environment.items() >= elsewhere.FIXED.items()
    assert not Path(there.environment["TMPDIR"]).exists(), "what the run left in memory"
    assert (code, lines[-1]) == (1, "6 passed, 1 failed")
    assert f"  failed: {A}" in lines


def test_a_run_can_be_recorded_when_it_is_clean(capsys, root):
    code, lines = done(capsys, Programs(root, run=record(cpu=1000)), "--record")
    assert (code, lines[-1]) == (0, "5 passed, 0 failed")
    assert json.loads((root / "tests" / "durations.json").read_text())["files"] == {
        "tests/e2e/test_b.py": 2.0,
        "tests/unit/test_a.py": 2.0,
    }
    assert "cpu_s = 1310" in (root / "tests" / "budgets.toml").read_text()
    before = (root / "tests" / "budgets.toml").read_text()
    done(capsys, Programs(root, run=record(cpu=1, a="failed"), again=record(a="failed")), "--record")
    assert (root / "tests" / "budgets.toml").read_text() == before


def test_words_go_to_pytest_alone(capsys, root):
    programs = Programs(root, words=record())
    assert done(capsys, programs, "tests/unit", "-x")[1][-1] == "2 passed, 0 failed"
    assert programs.started == [("words", ["tests/unit"], elsewhere.HERE)]


def test_the_order_of_the_tests_can_be_had_again():
    assert command.seed(7, {command.SEED: "8"}) == 7
    assert command.seed(None, {command.SEED: "8"}) == 8
    others = {command.seed(None, {command.SEED: "no number"}) for _ in range(3)}
    assert len(others) > 1  # any


def test_counts_of_the_web_tests_are_read():
    text = " Test Files  1 failed | 4 passed (5)\n      Tests  2 failed | 40 passed | 1 skipped (43)\n"
    assert suites.read_vitest(text) == (40, 2, 1)


def test_the_environment_is_the_same_on_every_machine():
    mine = suites.environment({"TZ": "Asia/Seoul", "LANG": "ko_KR.UTF-8", "PATH": "/bin"}, full=False)
    assert (mine["TZ"], mine["LC_ALL"], mine["LANG"], mine["PATH"]) == ("UTC", "C.UTF-8", "C.UTF-8", "/bin")
    assert suites.FULL not in mine
    assert suites.environment({}, full=True)[suites.FULL] == "1"
