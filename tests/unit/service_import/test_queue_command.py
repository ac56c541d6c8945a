"""./smartmail queue as the shell runs it: find by any mark, act, pause, limit; every act in the audit."""

import asyncio

import pytest
from tests.unit.service_import.test_mail_commands import shell

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.errors import NotFound
from smartmail.domain.queue import Attempt
from smartmail.edge.httpd.admin.resources.queue import entry_of
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
    return [one["id"] for one in found["items"]]


def work(queued) -> None:
    """Do the jobs that wait, as the server does."""

    async def turn():
        async with open_node(load(str(queued.data))) as node:
            while await node.services.admin_api.jobs.turn():
                pass

    asyncio.run(turn())


def test_what_waits_is_shown_and_explained(queued):
    [one] = queued("queue", "list", "--recipient", "lee@b.example", "--sender", "kim@a.example")["items"]
    assert (one["id"], one["sender"]) == ("1", "kim@a.example")
    [recipient] = one["recipients"]
    assert (recipient["reply"]["code"], recipient["reply"]["text"]) == (451, "Greylisted, come back later")
    assert recipient["cause"] == "greylisted"
    shown = queued("queue", "show", "1", "--language", "ko")
    assert shown["recipients"][0]["meaning"].startswith("상대 서버가 그레이리스팅 중")
    assert [each["cause"] for each in shown["recipients"]] == ["greylisted", None]
    for absent in ("99", "6886523eeef5a743", "xyz"):
        assert "queue list" in queued("queue", "show", absent, expect=66)


def test_people_see_to_whom_it_goes_and_what_was_answered(queued, capsys):
    assert "lee@b.example, park@c.example" in printed(queued, capsys, "list")
    shown = printed(queued, capsys, "show", "1")
    for word in ("greylisted", "Greylisted, come back later", "mx.b.example"):
        assert word in shown


def printed(queued, capsys, *words) -> str:
    assert main(["queue", *words, "--data", str(queued.data)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("marks", "found"),
    [
        ((), ["1", "2", "3"]),
        (("--entry", "3"), ["3"]),
        (("--sender", "KIM@a.example"), ["1"]),
        (("--sender-domain", "x.example"), ["3"]),
        (("--recipient", "lee@b.example"), ["1", "2"]),
        (("--domain", "c.example"), ["1", "3"]),
        (("--state", "held"), ["2"]),
        (("--state", "waiting"), ["1"]),
        (("--hold-reason", "approval"), ["2"]),
        (("--cause", "greylisted"), ["1"]),
        (("--created-before", "4h"), ["3"]),
        (("--created-after", "4h"), ["1", "2"]),
        (("--larger", "1024"), ["3"]),
        (("--smaller", "1024"), ["1", "2"]),
        (("--account-id", "kim@a.example"), ["1", "2", "3"]),
        (("--domain", "c.example", "--created-before", "4h"), ["3"]),
        (("--limit", "1"), ["1"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_every_mark(queued, marks, found):
    assert ids(queued("queue", "list", *marks)) == found


def test_acts(queued):
    assert "--all" in queued("queue", "hold", expect=64)
    would = queued("queue", "dry-run", "hold", "--all")
    assert (would["entries"], would["recipients"]) == (2, 3)
    assert ids(queued("queue", "list", "--state", "held")) == ["2"]
    queued("queue", "hold", "--domain", "c.example")
    work(queued)
    assert ids(queued("queue", "list", "--hold-reason", "administrator")) == ["1", "3"]
    queued("queue", "release", "--hold-reason", "administrator")
    queued("queue", "reroute", "--entry", "1", "--to", "10.0.0.1:2525")
    work(queued)
    assert {each["domain"] for each in queued("queue", "show", "1")["recipients"]} == {"=10.0.0.1:2525"}
    queued("queue", "reroute", "--entry", "1")
    work(queued)
    assert [each["domain"] for each in queued("queue", "show", "1")["recipients"]] == ["b.example", "c.example"]
    assert queued("queue", "dry-run", "delete", "--sender", "choi@x.example")["entries"] == 1
    queued("queue", "delete", "--sender", "choi@x.example", "--report")
    work(queued)
    left = queued("queue", "list")["items"]
    assert [one["id"] for one in left[:2]] == ["1", "2"] and len(left) == 3
    assert (left[2]["sender"], left[2]["recipients"][0]["address"]) == ("", "choi@x.example")
    queued("queue", "delete", "--all")
    work(queued)
    assert queued("queue", "stats")["entries"] == 0


def test_pauses_limits_and_times(queued):
    assert queued("queue", "pause", "B.example")["paused"] == ["b.example"]
    assert queued("queue", "pause")["pausedAll"] is True
    rules = queued("queue", "resume")
    assert (rules["pausedAll"], rules["paused"]) == (False, [])
    rules = queued("queue", "limit", ".google.com", "--connections", "5", "--per-minute", "100")
    assert rules["destinations"] == {".google.com": {"connections": 5, "perMinute": 100, "source": ""}}
    assert "connections" in queued("queue", "limit", "*", "--connections", "0", expect=65)
    queued("queue", "unlimit", ".google.com")
    assert queued("queue", "source", "a.example", "192.0.2.9")["sources"] == {"a.example": "192.0.2.9"}
    limits = queued("queue", "limits")
    assert (limits["sources"], limits["destinations"]) == ({"a.example": "192.0.2.9"}, {})
    assert queued("queue", "source", "a.example")["sources"] == {}
    assert queued("queue", "schedule")["notice"] == 4 * 3600
    changed = queued("queue", "set-schedule", "--notice", "3600", "--lifetime", "172800")
    assert (changed["lifetime"], changed["notice"], changed["first"]) == (2 * 86400, 3600, 300)
    assert "shorter" in queued("queue", "set-schedule", "--first", "300000", expect=65)


def test_what_administrators_did_is_in_the_audit(queued):
    queued("queue", "hold", "--entry", "1")
    work(queued)
    queued("queue", "pause", "b.example")

    async def records():
        async with open_node(load(str(queued.data))) as node:
            rows = await node.store._db.rows("select action, object from audit where action like 'queue.%' order by id")
            return [tuple(row) for row in rows]

    assert asyncio.run(records()) == [("queue.hold", "queue:1"), ("queue.paused", "queue:pause:b.example")]


@pytest.mark.parametrize(
    ("text", "number"),
    [("17", 17), ("6886523eeef5a743", 0x6886523EEEF5A743), ("7532018254012524355", 7532018254012524355),
     ("6886523111151743", 0x6886523111151743)],
)  # fmt: skip
def test_a_message_is_named_as_the_api_or_as_logs_name_it(text, number):
    assert entry_of(text) == number


@pytest.mark.parametrize("text", ["x!", "-1", "ffffffffffffffff", "9" * 19, "f" * 40])
def test_what_names_no_message_is_not_found(text):
    with pytest.raises(NotFound):
        entry_of(text)
