"""The plan of `./smartmail test`: files stay whole, waiting and computing overlap, workers end together."""

from hypothesis import given
from hypothesis import strategies as st
from tools.testing import schedule
from tools.testing.schedule import Unit, begins_with_waiting, choose, units

FOLDERS = st.sampled_from(["unit", "flows", "peers", "e2e"])
FILES = st.dictionaries(
    st.builds("tests/{}/test_{}.py".format, FOLDERS, st.integers(0, 99)),
    st.tuples(st.floats(0.1, 300), st.integers(1, 8), st.booleans()),
    min_size=1,
    max_size=40,
)


def made(files):
    tests = [f"{file}::test_{n}" for file, (_, count, _) in files.items() for n in range(count)]
    return tests, units(tests, lambda file: files[file][0], lambda file: files[file][2])


def played(left, workers):
    """Return when each worker is done, and what ran beside what, were all durations as recorded."""
    free, spans = [0.0] * workers, []
    while left:
        worker = free.index(min(free))
        unit = choose(left, begins_with_waiting(worker, workers))
        left = [other for other in left if other is not unit]
        spans.append((worker, free[worker], free[worker] + unit.seconds, unit))
        free[worker] += unit.seconds
    return free, spans


@given(FILES)
def test_each_test_runs_once_in_its_order_and_files_stay_whole(files):
    tests, plan = made(files)
    assert sorted(test for unit in plan.values() for test in unit.tests) == sorted(tests)
    for file, (seconds, _, splittable) in files.items():
        own = [unit for unit in plan.values() if schedule.file_of(unit.tests[0]) == file]
        assert [test for unit in own for test in unit.tests] == [test for test in tests if test.startswith(file)]
        assert len(own) == 1 or (splittable and seconds > schedule.SPLIT_FROM_S)
        assert abs(sum(unit.seconds for unit in own) - seconds) < 0.001
        assert all(schedule.file_of(test) == file for unit in own for test in unit.tests)


@given(FILES, st.integers(1, 5))
def test_no_worker_is_left_alone_for_longer_than_one_unit(files, workers):
    _, plan = made(files)
    free, spans = played(list(plan.values()), workers)
    last = max(spans, key=lambda span: span[2])
    # When the last unit began, no worker was free before it: else that one would have taken it.
    assert all(end >= last[1] for end in free)
    # Sums of seconds in another order differ in their last digits.
    assert max(free) - min(free) <= max(unit.seconds for unit in plan.values()) + 1e-6


@given(FILES, st.integers(2, 5))
def test_the_longest_of_a_kind_comes_first(files, workers):
    _, plan = made(files)
    _, spans = played(list(plan.values()), workers)
    for kind in (True, False):
        lengths = [unit.seconds for _, _, _, unit in spans if unit.waits == kind]
        assert lengths == sorted(lengths, reverse=True)


def test_a_browser_runs_beside_a_test_that_computes():
    files = {f"tests/e2e/test_{n}.py": (10.0, 1, False) for n in range(5)}
    files |= {f"tests/unit/test_{n}.py": (10.0, 1, False) for n in range(5)}
    free, spans = played(list(made(files)[1].values()), 2)
    assert {(worker, unit.waits) for worker, _, _, unit in spans} == {(0, True), (1, False)}
    assert free == [50.0, 50.0]


def test_a_worker_helps_with_the_other_kind_when_its_own_is_used_up():
    waiting = Unit("tests/e2e/test_a.py", ("tests/e2e/test_a.py::t",), 5.0, True)
    assert choose([waiting], prefers_waiting=False) == waiting


def test_one_worker_runs_everything_and_a_worker_that_takes_the_place_of_another_counts_on():
    assert begins_with_waiting(0, 1)
    assert [begins_with_waiting(number, 3) for number in range(6)] == [True, True, False, True, True, False]


def test_a_long_file_is_split_only_when_it_says_that_it_may():
    tests = [f"tests/property/test_a.py::test_{n}" for n in range(10)]
    whole = units(tests, lambda _: 150.0, lambda _: False)
    assert list(whole) == ["tests/property/test_a.py"]
    parts = units(tests, lambda _: 150.0, lambda _: True)
    assert [len(unit.tests) for unit in parts.values()] == [3, 3, 4]
    assert list(units(tests[:2], lambda _: 150.0, lambda _: True)) == [
        "tests/property/test_a.py 1/2",
        "tests/property/test_a.py 2/2",
    ]


def test_what_says_that_a_file_may_be_split():
    assert schedule.is_splittable("import pytest\n\npytestmark = pytest.mark.splittable\n")
    assert schedule.is_splittable("pytestmark = [pytest.mark.slow, pytest.mark.splittable]\n")
    assert not schedule.is_splittable("pytestmark = pytest.mark.slow  # not splittable\n")
    assert not schedule.is_splittable("    pytestmark = pytest.mark.splittable\n")
