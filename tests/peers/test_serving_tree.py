"""Outages that are injected into real processes are in the supervisor's record, to the second, whoever died or hung."""

import os
import signal
import time

import pytest
from tests.peers.served import free_port, until
from tests.peers.test_process_tree import tree

from smartmail.adapters.serving import ServingFiles
from smartmail.domain.serving import availability

SERVICE = "edge-mx"
# A turn of the supervisor, a mark of its life: less than a second each way, where nothing else runs.
AWAY_MS = 4_000


def now() -> int:
    return time.time_ns() // 1_000_000


def outages(directory, since: int, until_: int):
    record = ServingFiles(str(directory / "serving"))
    found = {one.service: one for one in availability(record.changes(until_), (), since, until_, until_)}
    return [(one.since, one.until) for one in found[SERVICE].outages]


@pytest.fixture
def directory(tmp_path):
    made = tmp_path / "data"
    made.mkdir(mode=0o700)
    return made


def test_processes_that_die_and_hang_and_a_supervisor_that_is_killed(directory):
    port, injected, since = free_port(), [], now()
    # Long enough that all are away at once: one that opens nothing is back before the next one's death is heard.
    slow = {"TREE_ENTRY_OPENS_S": "0.5"}
    with tree(directory, port, environment=slow) as first:
        first.ready()
        workers = first.children()
        # All that serve are killed: from then until somebody answers again.
        begun = now()
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        _, pid, _, sock = first.ask(within=60)
        sock.close()
        assert pid not in workers
        injected.append((begun, now()))
        time.sleep(1.2)  # an outage of its own, not the rest of the last one
        # One that is stopped does nothing, though it is noticed only later.
        until(lambda: len(first.children()) == len(workers), 60)
        stopped = first.children()
        begun = now()
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        until(lambda: not set(first.children()) & set(stopped), 60)
        first.ask(within=60)[3].close()
        injected.append((begun, now()))
        time.sleep(1.2)
        found = outages(directory, since, now())
        assert len(found) == len(injected), found
        begun = now()
        first.end()
    with tree(directory, port, environment=slow) as second:
        second.ready()
        injected.append((begun, now()))
        found = outages(directory, since, now())
    assert len(found) == 3, found
    for (low, high), (begun, ended) in zip(found, injected, strict=True):
        assert abs(low - begun) <= AWAY_MS, (low - begun, high - ended)
        assert begun - AWAY_MS <= high <= ended + AWAY_MS, (low - begun, high - ended)


def test_a_stop_that_was_asked_for_is_an_end_too(directory):
    port, since = free_port(), now()
    with tree(directory, port) as first:
        first.ready()
        begun = now()
        first.process.send_signal(signal.SIGTERM)
        first.process.wait(30)
    time.sleep(1.5)
    with tree(directory, port) as second:
        second.ready()
        [(low, high)] = outages(directory, since, now())
    assert abs(low - begun) <= AWAY_MS and high - low >= 1_400
