"""Inside pytest: hands out the files by recorded durations and writes down what each test took and used.

The command loads it (`-p tools.testing.plugin --record-to FILE`). In the process that the command started it records
and schedules; in each worker of pytest-xdist it measures CPU seconds. Without workers one process does both.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.bench.process_tree import cpu_seconds
from tools.testing import durations, record, schedule
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

_CAUSE_TOLD = 600
"""Characters."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-to", metavar="FILE", help="write outcome, seconds and CPU seconds of all tests (JSON)")


def pytest_configure(config: pytest.Config) -> None:
    if (count := os.environ.get("PYTHON_CPU_COUNT", "")).isdigit() and sys.version_info < (3, 13):
        os.cpu_count = lambda: int(count)  # later Pythons read it themselves
    if not (path := config.getoption("--record-to")):
        return
    is_worker = hasattr(config, "workerinput")
    if not is_worker:
        config.pluginmanager.register(Recorder(Path(path)), "smartmail-recorder")
    if is_worker or not config.getoption("numprocesses", 0):
        config.pluginmanager.register(Meter(config), "smartmail-meter")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "RecordedScheduling":
    return RecordedScheduling(config, log)


class Meter:
    """Counts the CPU seconds of each file in the process that runs it; a file ends where another begins."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._file, self._before = "", 0.0
        self._cpu: dict[str, float] = {}

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        file = schedule.file_of(nodeid)
        if file != self._file:
            self._turn_to(file)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        self._turn_to("")
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput["cpu"] = self._cpu
        elif recorder := self._config.pluginmanager.get_plugin("smartmail-recorder"):
            recorder.add_cpu(self._cpu)

    def _turn_to(self, file: str) -> None:
        now = cpu_seconds([os.getpid()])
        if self._file:
            # Less than before: a child ended that nobody waited for. What it used is lost, not taken off.
            self._cpu[self._file] = self._cpu.get(self._file, 0.0) + max(0.0, now - self._before)
        self._file, self._before = file, now


class Recorder:
    """Gathers the outcome of each test from the reports, of all workers, and writes them when pytest ends."""

    def __init__(self, path: Path) -> None:
        self._path, self._record, self._started = path, record.Record(), time.monotonic()

    def add_cpu(self, seconds_by_file: dict[str, float]) -> None:
        for file, seconds in seconds_by_file.items():
            self._record.cpu[file] = self._record.cpu.get(file, 0.0) + seconds

    def pytest_runtest_logreport(self, report: Any) -> None:
        case = self._record.cases[report.nodeid]
        case.seconds += report.duration
        _note(case, report)
        worker = report.node.gateway.id if hasattr(report, "node") else "main"
        self._record.workers[worker] = time.monotonic() - self._started

    def pytest_collectreport(self, report: Any) -> None:
        if report.outcome != "passed":
            _note(self._record.cases[report.nodeid or "collection"], report)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.add_cpu(getattr(node, "workeroutput", {}).get("cpu", {}))

    def pytest_unconfigure(self) -> None:
        record.write(self._path, self._record)


def _note(case: record.Case, report: Any) -> None:
    """Let a report of set-up, call or tear-down change the outcome: a failure stays one."""
    if report.outcome == "failed":
        case.reason = case.reason if case.outcome == "failed" else _cause(report)
        case.outcome = "failed"
    elif report.outcome == "skipped" and case.outcome == "passed" and not hasattr(report, "wasxfail"):
        case.outcome = "skipped"
        case.reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)


def _cause(report: Any) -> str:
    """Return where a test failed and the beginning of what was said there: what a landing shows of a long output."""
    place = getattr(report.longrepr, "reprcrash", None)
    told = f"{place.path}:{place.lineno}: {place.message}" if place else str(report.longrepr)
    return " ".join(told.split())[:_CAUSE_TOLD]


class RecordedScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out the units of `schedule` where xdist would hand out files in the order of collection."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        self._root = config.rootpath
        self._units: dict[str, schedule.Unit] = {}
        self._unit_of: dict[str, str] = {}

    def schedule(self) -> None:
        if not self._units:
            expected = durations.read(self._root / "tests" / "durations.json")
            tests = next(iter(self.registered_collections.values()))
            self._units = schedule.units(tests, expected.of, self._is_splittable)
            self._unit_of = {test: unit.name for unit in self._units.values() for test in unit.tests}
        super().schedule()

    def remove_node(self, node: Any) -> str | None:
        """Hand on what a worker that ended had left; return the test in which it died, if in any.

        Unlike xdist's own this neither hands out that test again nor units of which nothing is left: a worker that gets
        no test reports nothing, and would wait for ever.
        """
        left = {name: tests for name, tests in self.assigned_work.pop(node).items() if False in tests.values()}
        died_in: str | None = next((test for tests in left.values() for test in tests if not tests[test]), None)
        if died_in is None:
            return None
        left[self._unit_of[died_in]][died_in] = True
        self.workqueue.update((name, tests) for name, tests in left.items() if False in tests.values())
        for other in self.nodes:
            self._reschedule(other)
        return died_in

    def _is_splittable(self, file: str) -> bool:
        return schedule.is_splittable((self._root / file).read_text(encoding="utf-8"))

    def _split_scope(self, nodeid: str) -> str:
        return self._unit_of[nodeid]

    def _assign_work_unit(self, node: Any) -> None:
        number = int("".join(filter(str.isdigit, node.gateway.id)) or 0)
        waiting = schedule.begins_with_waiting(number, self.numnodes)
        chosen = schedule.choose((self._units[name] for name in self.workqueue), waiting)
        self.workqueue.move_to_end(chosen.name, last=False)
        super()._assign_work_unit(node)
