"""`./smartmail trace …`: stories in words, and books that say when they do not balance."""

import asyncio
import json

import pytest

from smartmail.adapters.clock import SystemClock
from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.trace import Event, Facts
from smartmail.service.kernel.envelope import Envelope, Recipient, new_entry

KIM, FAR = "kim@a.example", "far@away.example"
STORY = SystemClock().new_id()


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory that knows one story; return (exit code, output, errors)."""
    where = tmp_path / "data"

    def run(*words: str):
        code = main([*words, "--data", str(where)])
        out, err = capsys.readouterr()
        return code, out, err

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            organization = await node.services.provisioning.organization("test")
            await node.services.directory.add_domain("a.example", organization)
            facts = Facts(
                KIM, (FAR,), "극비 견적서", "1@a.example", "smtp", "192.0.2.7", "pc", "TLSv1.3", 2048, 1, count=1
            )
            events = [
                Event("accepted"), Event("checked", text="spf=pass", act="junk", score=6.5, rules=(("date-missing", 0.8),)),
                Event("held", FAR, act="approval"),
                Event("deferred", FAR, 451, "4.7.1", "Greylisted, come back later", "mx.away.example", "TLSv1.3", "sts"),
            ]  # fmt: skip
            node.services.tracer.begin(organization, STORY, facts, events)
        run.where = where

    asyncio.run(begin())
    return run


def test_a_story_is_told_in_the_readers_language_and_lies_sealed(smartmail):
    code, out, err = smartmail("trace", "show", f"{STORY:x}", "--language", "ko")
    assert code == 0, err
    for word in (
        KIM, FAR, "극비 견적서", "1@a.example", "192.0.2.7", "TLSv1.3", "메일을 접수함: smtp, 192.0.2.7 pc TLSv1.3",
        "검사함: 스팸메일함으로, 점수 6.5", "보류함: 승인 대기", "Greylisted, come back later",
        "상대 서버가 그레이리스팅 중입니다",
    ):  # fmt: skip
        assert word in out
    files = [path for path in smartmail.where.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files for word in ("극비", "192.0.2.7", FAR) if word.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    "words",
    [
        ("--sender", "KIM@a.example"),
        ("--recipient", FAR),
        ("--message-id", "<1@a.example>"),
        ("--peer", "192.0.2.7"),
        ("--text", "견적서 극비"),
        ("--since", "1h"),
        (),
    ],
)
def test_every_mark_finds_it(smartmail, words):
    code, out, err = smartmail("trace", "find", *words, "--json")
    assert code == 0, err
    [story] = json.loads(out)["items"]
    assert (story["id"], story["subject"], story["recipients"]) == (str(STORY), "극비 견적서", [FAR])
    assert [one["kind"] for one in story["events"]] == ["accepted", "checked", "held", "deferred"]
    assert "greylist" in story["events"][-1]["meaning"].lower()
    assert story["events"][1]["rules"]


def test_what_is_unknown_is_said(smartmail):
    for words in (("--recipient", KIM), ("--until", "1h"), ("--text", "없는낱말"), ("--peer", "192.0.2.8")):
        assert smartmail("trace", "find", *words) == (0, "There are none.\n", "")
    assert smartmail("trace", "find", "--organization", "none")[0] == 66
    for absent in ("17", "7fffffffffffffff", "f" * 40, "x!"):
        assert smartmail("trace", "show", absent)[0] == 66
    assert smartmail("trace", "show", str(STORY))[0] == 0


def test_books_that_do_not_balance_are_told_of(smartmail):
    assert smartmail("trace", "books")[1].endswith("The books balance.\n")

    async def lose() -> str:
        async with open_node(load(str(smartmail.where))) as node:
            [organization] = await node.services.directory.organizations()
            keys = await node.services.queue._keyring.queue(organization.id)
            blob = await node.services.queue._blobs.store(organization.id, b"Subject: x\r\n\r\n")
            now = node.clock.now()
            # Long enough ago to be looked at.
            entry = new_entry(
                keys, (now - 120_000) << 22, blob.row, blob.data_key, Envelope(KIM), [Recipient(FAR), Recipient(KIM)],
                created_at=now, expires_at=now + 9,
            )  # fmt: skip
            await node.store.enqueue(entry)
            assert await node.services.books.settle() == []
            statement = "delete from queue_recipient where entry_id = $1 and number = 1"
            await node.store._db.change(0, lambda session: session.run(statement, entry.id))
            assert await node.services.books.settle() == [(entry.id, 1)]
            return f"{entry.id:x}"

    lost = asyncio.run(lose())
    code, out, err = smartmail("trace", "books")
    assert code == 1
    assert f"{lost}: 1 recipients missing\nThe books do not balance.\n" in out
    metrics = smartmail("trace", "metrics")[1].splitlines()
    for line in (
        "# TYPE smartmail_queue_entries gauge", "smartmail_queue_entries 1", 'smartmail_queue_recipients{state="ready"} 1',
        "smartmail_books_missing_recipients 1",
    ):  # fmt: skip
        assert line in metrics
    assert any(
        line.startswith("smartmail_book_recipients{hour=") and line.endswith('kind="accepted"} 2') for line in metrics
    )
    told = json.loads(smartmail("trace", "books", "--json")[1])
    assert told["imbalances"] == [{"id": lost, "missing": 1}]
    assert [(one["accepted"], one["queued"], one["difference"]) for one in told["books"]] == [(2, 1, 1)]
