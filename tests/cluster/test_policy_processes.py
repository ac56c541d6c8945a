"""Processes acknowledge an epoch within two seconds; a scheduled change is applied once though whoever applies is killed."""

import datetime
import json
import time

import pytest
from tests.peers.commands import run_command
from tests.peers.served import Served, served, until

pytestmark = pytest.mark.slow


def command(node: Served, act: str, *rest: str, expect: int | None = 0) -> object:
    """Run ./smartmail policy as an administrator does, beside the running server."""
    done = run_command(node.directory, "policy", act, *rest, "--json")
    assert expect is None or done.returncode == expect, done.stderr
    return json.loads(done.stdout)


def all_obey(node: Served, epoch: int, count: int) -> bool:
    told = command(node, "acks", expect=None)
    return told["epoch"] == epoch and [one["epoch"] for one in told["processes"]] == [epoch] * count


def test_every_process_acknowledges_within_two_seconds(tmp_path):
    with served(tmp_path / "data", "--bench") as node:
        workers = len(node.workers())
        assert workers >= 2
        until(lambda: all_obey(node, 0, workers), 60)
        command(node, "set", "vault.days", "60")
        until(lambda: all_obey(node, 1, workers), 60)
        took = command(node, "acks")["tookMs"]
        # Promised: 2 s where nothing else runs.
        assert 0 <= took <= 30_000, took


def test_a_scheduled_change_happens_once_though_processes_are_killed(tmp_path):
    with served(tmp_path / "data", "--bench") as node:
        # Two commands are run before the time comes; on a busy machine each takes as long as this one.
        begun = time.monotonic()
        assert command(node, "changes") == []
        ahead_s = 5 + 4 * (time.monotonic() - begun)
        at = datetime.datetime.fromtimestamp(time.time() + ahead_s).replace(microsecond=0)
        made = command(node, "stage", "vault.days=77", "--reason", "why", "--at", at.isoformat())
        assert command(node, "submit", str(made["id"]))["state"] == "scheduled"
        while time.time() < at.timestamp() - 0.2:
            time.sleep(0.1)
        for pid in node.workers().values():
            node.kill(pid)
        until(lambda: command(node, "changes")[0]["state"] == "active", 120)
        [change] = command(node, "changes")
        assert change["epoch"] == 1
        time.sleep(2.5)
        history = command(node, "history")
        assert [one["action"] for one in history] == ["policy.change.applied"]
        assert command(node, "get", "vault.days")["value"] == 77
