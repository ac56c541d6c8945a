"""What served when: the supervisor's record, its own death, and the arithmetic of availability."""

import json
import random

import pytest

from smartmail.adapters import serving
from smartmail.adapters.serving import ServingFiles, ServingWriter
from smartmail.domain.serving import Change, PlannedWork, availability

T = 1_790_000_000_000
HOUR = 3_600_000


@pytest.fixture
def clock(monkeypatch):
    state = [T]
    monkeypatch.setattr(serving, "_now", lambda: state[0])
    return state


def changes(*lines):
    return [Change(at, service, up) for at, service, up in lines]


def test_what_ceases_and_begins_is_written_down(tmp_path, clock):
    writer = ServingWriter(str(tmp_path / "s"))
    writer.begin()
    writer.serving({"edge-imap", "relay"})
    clock[0] += 10_000
    writer.serving({"relay"})
    clock[0] += 2_500
    writer.serving({"edge-imap", "relay"})
    writer.mark()
    record = ServingFiles(str(tmp_path / "s"))
    assert [one for one in record.changes(clock[0] + 1) if one.service == "edge-imap"] == changes(
        (T, "edge-imap", True), (T + 10_000, "edge-imap", False), (T + 12_500, "edge-imap", True)
    )
    assert len(record.changes(T + 1)) == 2


def test_one_that_hung_has_not_served_since_it_was_last_heard(tmp_path, clock):
    writer = ServingWriter(str(tmp_path))
    writer.begin()
    writer.serving({"jobs"})
    clock[0] += 60_000
    writer.serving((), at=clock[0] - 5_000)
    assert ServingFiles(str(tmp_path)).changes(clock[0])[-1] == Change(T + 55_000, "jobs", False)


def test_a_supervisor_that_is_killed_has_served_until_its_last_mark(tmp_path, clock):
    writer = ServingWriter(str(tmp_path))
    writer.begin()
    writer.serving({"edge-mx"})
    clock[0] += 30_000
    writer.mark()
    clock[0] += 100_000  # it is dead by now: nobody writes
    assert ServingFiles(str(tmp_path)).changes(clock[0])[-1] == Change(T + 30_000, "edge-mx", False)
    again = ServingWriter(str(tmp_path))
    again.begin()
    clock[0] += 1_000
    again.serving({"edge-mx"})
    found = ServingFiles(str(tmp_path)).changes(clock[0] + 1)
    assert found == changes((T, "edge-mx", True), (T + 30_000, "edge-mx", False), (T + 131_000, "edge-mx", True))


def test_one_that_lives_is_not_taken_for_dead(tmp_path, clock):
    writer = ServingWriter(str(tmp_path))
    writer.begin()
    writer.serving({"edge-mx"})
    clock[0] += 4_000
    assert ServingFiles(str(tmp_path)).changes(clock[0]) == changes((T, "edge-mx", True))
    writer.end()
    assert ServingFiles(str(tmp_path)).changes(clock[0] + 1)[-1] == Change(T + 4_000, "edge-mx", False)


def test_a_line_that_was_cut_off_is_passed_over(tmp_path, clock):
    (tmp_path / "2026-09.jsonl").write_bytes(
        json.dumps({"at": T, "service": "jobs", "up": True}).encode() + b'\n{"at": 17, "serv'
    )
    assert ServingFiles(str(tmp_path)).changes(T + 1) == changes((T, "jobs", True))


def test_outages_in_planned_work_do_not_count_and_the_time_is_not_due():
    lines = changes((T, "edge-imap", True), (T + HOUR, "edge-imap", False), (T + 2 * HOUR, "edge-imap", True))
    work = [PlannedWork(T + HOUR + HOUR // 2, T + 3 * HOUR)]
    [one] = availability(lines, work, T, T + 10 * HOUR, T + 10 * HOUR)
    assert (one.due_ms, one.down_ms) == (10 * HOUR - HOUR * 3 // 2, HOUR // 2)
    assert [(each.since, each.until, each.planned_ms) for each in one.outages] == [(T + HOUR, T + 2 * HOUR, HOUR // 2)]
    # Work on another service excuses nothing.
    [other] = availability(lines, [PlannedWork(T, T + 9 * HOUR, ("relay",))], T, T + 10 * HOUR, T + 10 * HOUR)
    assert other.down_ms == HOUR


def test_what_lasts_still_counts_until_now_and_nothing_is_due_before_the_first_start():
    lines = changes((T + HOUR, "jobs", True), (T + 2 * HOUR, "jobs", False))
    [one] = availability(lines, [], T, T + 100 * HOUR, T + 3 * HOUR)
    assert (one.due_ms, one.down_ms, one.outages[0].open) == (2 * HOUR, HOUR, True)
    assert one.percent == pytest.approx(50)


@pytest.mark.parametrize("seed", range(30))
def test_any_outages_that_are_injected_are_found_to_the_millisecond(seed):
    chance = random.Random(seed)
    span, due, lines, works = 1_000_000, [True] * 1_000, [Change(T, "relay", True)], []
    up = [True] * 1_000
    for _ in range(chance.randrange(1, 6)):
        begin = chance.randrange(1, 990)
        end = begin + chance.randrange(1, 60)
        works.append(PlannedWork(T + begin * 1_000, T + end * 1_000))
        due[begin:end] = [False] * len(due[begin:end])
    at = 1
    while at < 1_000:
        length = chance.randrange(1, 40)
        if chance.random() < 0.4:
            lines += changes((T + at * 1_000, "relay", False), (T + min(at + length, 1_000) * 1_000, "relay", True))
            up[at : at + length] = [False] * len(up[at : at + length])
        at += length + 1
    [found] = availability(lines, works, T, T + span, T + span)
    assert found.due_ms == 1_000 * sum(due)
    assert found.down_ms == 1_000 * sum(owed and not served for owed, served in zip(due, up, strict=True))
