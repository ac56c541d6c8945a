"""./smartmail queue as the shell runs it: find by any mark, act, pause, limit; every act in the audit."""

import asyncio

import pytest
from tests.unit.service_import.test_mail_commands import shell

from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.queue import Attempt
from smartmail.service.kernel import envelope as sealed
from smartmail.service.kernel.envelope import Envelope, Recipient, Result, new_entry

__all__ = ["shell"]
HOUR = 3_600_000


@pytest.fixture
def queued(shell):
    """Three entries: to b.example and c.example, one of them greylisted, one held, one old and big."""
    shell("account", "add", "kim@a.example", "--password", "-", given="correct horse\n")

    async def fill():
        async with open_node(load(str(shell.data))) as node:
            account = await node.services.directory.account_by_login("kim@a.example")
            keys = await node.services.queue._keyring.queue(account.organization_id)
            now = node.clock.now()

            async def add(number, sender, to, *, size=10, age=0, hold=None):
                blob = await node.services.queue._blobs.store(
                    account.organization_id, b"Subject: x\r\n\r\n" + b"x" * size
                )
                entry = new_entry(
                    keys, number, blob.row, blob.data_key, Envelope(sender), [Recipient(one) for one in to],
                    created_at=now - age, expires_at=now + HOUR, account_id=account.id, hold=hold,
                )  # fmt: skip
                await node.store.enqueue(entry)

            await add(1, "kim@a.example", ["lee@b.example", "park@c.example"])
            await add(2, "", ["Lee@b.example"], hold="approval")
            await add(3, "choi@x.example", ["yoon@c.example"], size=5000, age=5 * HOUR)
            await node.store.line_up(now, 10)
            [work] = await node.services.queue.lease("w", limit=1)
            assert (work.lease.entry.id, work.domain) == (1, "b.example")
            note = sealed.seal_result(keys, 1, 0, Result(451, "4.7.1", "Greylisted, come back later", "mx.b.example"))
            await node.store.report("w", 1, [Attempt(0, "ready", now + HOUR, note)])

    asyncio.run(fill())
    return shell


def ids(found) -> list[str]:
    return [one["id"] for one in found]


def test_what_waits_is_shown_and_explained(queued):
    [one] = queued("queue", "list", "--to", "lee@b.example", "--from", "kim@a.example", "--language", "ko")
    assert (one["id"], one["from"]) == ("1", "kim@a.example")
    [recipient] = one["recipients"]
    assert recipient["reply"] == "451 4.7.1 Greylisted, come back later"
    assert recipient["cause"] == "greylisted"
    assert recipient["explained"].startswith("상대 서버가 그레이리스팅 중")
    [shown] = queued("queue", "show", "1", "--language", "en")
    assert [each["cause"] for each in shown["recipients"]] == ["greylisted", None]
    assert queued("queue", "show", "99", expect=1) == []


@pytest.mark.parametrize(
    ("marks", "found"),
    [
        ((), ["1", "2", "3"]),
        (("3", "2"), ["2", "3"]),
        (("--from", "KIM@a.example"), ["1"]),
        (("--from-domain", "x.example"), ["3"]),
        (("--to", "lee@b.example"), ["1", "2"]),
        (("--domain", "c.example"), ["1", "3"]),
        (("--state", "held"), ["2"]),
        (("--state", "waiting"), ["1"]),
        (("--reason", "approval"), ["2"]),
        (("--cause", "greylisted"), ["1"]),
        (("--older", "4h"), ["3"]),
        (("--newer", "4h"), ["1", "2"]),
        (("--larger", "1K"), ["3"]),
        (("--smaller", "1K"), ["1", "2"]),
        (("--account", "kim@a.example"), ["1", "2", "3"]),
        (("--organization", "99"), []),
        (("--domain", "c.example", "--older", "4h"), ["3"]),
        (("--limit", "1"), ["1"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_every_mark(queued, marks, found):
    assert ids(queued("queue", "list", *marks)) == found


def test_acts(queued):
    assert "--all" in queued("queue", "hold", expect=1)
    would = queued("queue", "hold", "--all", "--dry-run")
    assert (would["entries"], would["recipients"]) == (2, 3)
    assert len(queued("queue", "list", "--state", "held")) == 1
    assert queued("queue", "hold", "--domain", "c.example")["recipients"] == 2
    assert ids(queued("queue", "list", "--reason", "administrator")) == ["1", "3"]
    assert queued("queue", "release", "--reason", "administrator")["recipients"] == 2
    assert queued("queue", "retry", "--cause", "greylisted")["recipients"] == 1
    assert queued("queue", "reroute", "1", "--via", "10.0.0.1:2525")["recipients"] == 2
    assert {each["destination"] for each in queued("queue", "show", "1")[0]["recipients"]} == {"=10.0.0.1:2525"}
    assert queued("queue", "reroute", "1", "--original")["recipients"] == 2
    assert [each["destination"] for each in queued("queue", "show", "1")[0]["recipients"]] == ["b.example", "c.example"]
    assert "not a domain" in queued("queue", "reroute", "1", "--via", "a b", expect=1)
    assert queued("queue", "delete", "--from", "choi@x.example", "--report")["entries"] == 1
    left = queued("queue", "list")
    assert ids(left)[:2] == ["1", "2"] and len(left) == 3
    assert (left[2]["from"], left[2]["recipients"][0]["address"]) == ("", "choi@x.example")
    assert queued("queue", "delete", "--all")["entries"] == 3
    assert queued("queue", "stats")["entries"] == 0


def test_pauses_limits_and_times(queued):
    assert queued("queue", "pause", "B.example")["paused"] == {"all": False, "destinations": ["b.example"]}
    assert queued("queue", "pause", "--all")["paused"]["all"] is True
    assert queued("queue", "resume", "--all")["paused"] == {"all": False, "destinations": []}
    rules = queued("queue", "limit", ".google.com", "--connections", "5", "--per-minute", "100")
    assert rules["destinations"] == {".google.com": {"connections": 5, "per_minute": 100, "source": ""}}
    assert queued("queue", "limit", ".google.com", "--source", "192.0.2.5")["destinations"][".google.com"] == {
        "connections": 5, "per_minute": 100, "source": "192.0.2.5",
    }  # fmt: skip
    assert "connection" in queued("queue", "limit", "*", "--connections", "0", expect=1)
    assert "--remove" in queued("queue", "limit", "*", expect=1)
    assert queued("queue", "limit", ".google.com", "--remove")["destinations"] == {}
    assert queued("queue", "source", "a.example", "192.0.2.9")["sources"] == {"a.example": "192.0.2.9"}
    assert queued("queue", "limits")["sources"] == {"a.example": "192.0.2.9"}
    assert queued("queue", "schedule")["notice"] == 4 * 3600
    assert queued("queue", "schedule", "--notice", "1h", "--lifetime", "2d")["lifetime"] == 2 * 86400
    assert "shorter" in queued("queue", "schedule", "--first", "3d", expect=1)


def test_what_administrators_did_is_in_the_audit(queued):
    queued("queue", "hold", "1")
    queued("queue", "pause", "b.example")

    async def records():
        async with open_node(load(str(queued.data))) as node:
            rows = await node.store._db.rows("select action, object from audit where action like 'queue.%' order by id")
            return [tuple(row) for row in rows]

    assert asyncio.run(records()) == [("queue.hold", "queue:1"), ("queue.paused", "queue:pause:b.example")]
