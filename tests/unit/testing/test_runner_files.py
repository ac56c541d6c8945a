"""Tiers, durations, budgets and the list of flaky tests: the files in the tree, and what is made of them."""

import ast
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.testing import budgets, durations, flaky, tiers
from tools.testing.budgets import Cost

from smartmail.app.cli import test as test_command

ROOT = Path(__file__).resolve().parents[3]


def test_every_test_file_is_in_a_tier():
    assert tiers.without_tier(tiers.test_files(ROOT)) == []
    assert tiers.TIERS == test_command.TIERS


def test_a_folder_in_no_tier_is_seen():
    assert tiers.without_tier(["tests/unit/test_a.py", "tests/new/test_b.py", "tests/test_c.py"]) == [
        "tests/new/test_b.py",
        "tests/test_c.py",
    ]


def test_the_tier_of_a_test():
    assert tiers.tier_of("tests/unit/app/test_a.py::test_x[tests/e2e/y]") == "pure"
    assert tiers.tier_of("tests/guide/test_guides.py") == "screens"
    assert tiers.tier_of("/tmp/test_a.py") == ""


def test_the_tree_has_a_budget_for_each_tier():
    assert tuple(budgets.read(ROOT / "tests" / "budgets.toml")) == tiers.TIERS


def test_budgets_come_back_as_written(tmp_path):
    allowed = {tier: Cost(100 + n, 200 + n) for n, tier in enumerate(tiers.TIERS)}
    budgets.write(tmp_path / "b.toml", allowed)
    assert budgets.read(tmp_path / "b.toml") == allowed


def test_a_tier_over_its_budget_is_told_with_its_slowest_tests():
    allowed, slowest = Cost(100, 300), [("tests/unit/test_a.py::test_x", 41.0)]
    assert budgets.exceeded("pure", Cost(100, 300), allowed, slowest) == []
    (line,) = budgets.exceeded("pure", Cost(130, 300), allowed, slowest)
    assert line == (
        "pure is over its budget: 130 CPU seconds, 100 allowed; its slowest tests: tests/unit/test_a.py::test_x (41 s)"
    )
    (line,) = budgets.exceeded("world", Cost(1, 301), allowed, [])
    assert "301 seconds of tests, 300 allowed" in line


@given(st.floats(0, 1e5), st.floats(0, 1e5))
def test_a_recorded_run_is_within_its_own_budget(cpu_s, duration_s):
    measured = Cost(cpu_s, duration_s)
    assert budgets.exceeded("pure", measured, budgets.with_room(measured), []) == []


def test_durations_come_back_as_written_and_short_files_have_the_median(tmp_path):
    measured = {"tests/unit/test_a.py": 0.2, "tests/unit/test_b.py": 0.4, "tests/unit/test_c.py": 0.6}
    measured |= {"tests/e2e/test_d.py": 61.26}
    kept = durations.merged(durations.Durations(), measured, set(measured))
    durations.write(tmp_path / "d.json", kept)
    assert durations.read(tmp_path / "d.json") == kept
    assert kept.files == {"tests/e2e/test_d.py": 61.3}
    assert kept.of("tests/unit/test_new.py") == 0.4
    assert durations.read(tmp_path / "absent.json").of("tests/peers/test_x.py") > 0


def test_a_run_of_a_part_keeps_what_is_known_of_the_rest():
    before = durations.Durations({"tests/e2e/test_a.py": 9.0, "tests/e2e/test_gone.py": 9.0, "tests/e2e/test_b.py": 9})
    after = durations.merged(before, {"tests/e2e/test_b.py": 2.0}, {"tests/e2e/test_a.py", "tests/e2e/test_b.py"})
    assert after.files == {"tests/e2e/test_a.py": 9.0, "tests/e2e/test_b.py": 2.0}
    assert after.others == before.others


def test_the_list_of_flaky_tests_names_tests_of_the_tree():
    for entry in flaky.read(ROOT / "tests" / "flaky.toml"):
        file, _, test = entry.test.partition("::")
        functions = {n.name for n in ast.walk(ast.parse((ROOT / file).read_text())) if hasattr(n, "name")}
        assert test.split("::")[-1].split("[")[0] in functions, entry


ENTRY = '[[flaky]]\ntest = "tests/e2e/test_a.py::test_x"\nfirst_seen = 2026-12-01\ncause = "why"\nmend = "how"\n'


def test_at_most_five_are_listed(tmp_path):
    place = tmp_path / "flaky.toml"
    place.write_text(ENTRY * 5)
    assert len(flaky.read(place)) == 5
    place.write_text(ENTRY * 6)
    with pytest.raises(ValueError, match="at most 5"):
        flaky.read(place)


@pytest.mark.parametrize("field", ["test", "first_seen", "cause", "mend"])
def test_no_entry_is_without_its_cause(tmp_path, field):
    place = tmp_path / "flaky.toml"
    place.write_text("\n".join(line for line in ENTRY.splitlines() if not line.startswith(field)))
    with pytest.raises(ValueError, match=f"no {field}"):
        flaky.read(place)


def test_only_a_listed_test_is_forgiven_and_both_are_named():
    listed = [flaky.Entry("tests/e2e/test_a.py::test_x", dt.date(2026, 12, 1), "a slow disk", "a fake disk")]
    verdict = flaky.judge(["tests/e2e/test_b.py::test_y", "tests/e2e/test_a.py::test_x"], listed)
    assert verdict == flaky.Verdict(("tests/e2e/test_a.py::test_x",), ("tests/e2e/test_b.py::test_y",))
    told = flaky.lines(verdict, listed, dt.date(2026, 12, 11))
    assert told[0].endswith("1 listed, 1 not listed")
    assert "listed for 10 days: tests/e2e/test_a.py::test_x: a slow disk; to mend: a fake disk" in told[1]
    assert "FAILED: tests/e2e/test_b.py::test_y: find the cause and mend it, or list it" in told[2]
    assert flaky.lines(flaky.judge([], listed), listed, dt.date(2026, 12, 11)) == []


def test_a_landing_lets_two_through_that_nobody_could_list():
    entries = [
        flaky.Entry(f"tests/e2e/test_a.py::test_{number}", dt.date(2026, 12, 1), "c", "m") for number in range(4)
    ]
    fresh = [f"tests/e2e/test_b.py::test_{number}" for number in range(3)]
    assert flaky.judge(fresh[:2], entries[:1], landing=True) == flaky.Verdict(fresh=tuple(fresh[:2]))
    assert flaky.judge(fresh[:2], entries[:1]) == flaky.Verdict(unlisted=tuple(fresh[:2]))
    assert flaky.judge(fresh, [], landing=True) == flaky.Verdict(unlisted=tuple(fresh))
    # What the list has no room for is not let through either.
    assert flaky.judge(fresh[:2], entries, landing=True) == flaky.Verdict(unlisted=tuple(fresh[:2]))
    told = flaky.lines(flaky.judge(fresh[:1], entries, landing=True), entries, dt.date(2026, 12, 2))
    assert told[0].endswith("0 listed, 1 not listed") and "first seen: tests/e2e/test_b.py::test_0" in told[1]
