"""What becomes of delivered mail joins its story: read, moved, deleted, taken back; through the doors that people use."""

import asyncio
import imaplib
import poplib

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.test_trace import KIM, LEE, MESSAGE, actor, find, send

from smartmail.domain.cases import Wave
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.trace import ACTS
from smartmail.service.flow.tracing.service import Marks
from smartmail.service.flow.tracing.wording import lines_of

MANY = 300
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


@pytest.fixture
async def house(tmp_path):
    """One server with two people."""
    directory = tmp_path / "house"
    directory.mkdir()
    async with open_house(directory) as house:
        for login in (KIM, LEE):
            await house.person(login)
        yield house


async def follow(house):
    await house.services.tracer.settle()
    return await house.services.trace.follower.turn()


async def acts(house, **marks):
    """Return what became of the copies of the one message that is found."""
    await follow(house)
    [story] = await find(house, **marks)
    return [(one.kind, one.recipient, one.by, one.door, one.act) for _, one in story.events if one.kind in ACTS]


async def imap(house, login, *commands):
    def work():
        with imaplib.IMAP4("127.0.0.1", house.ports["imap"], timeout=60) as client:
            client.login(login, PASSWORD)
            client.select("INBOX")
            return [getattr(client, name)(*values) for name, *values in commands]

    return await asyncio.to_thread(work)


async def test_reading_moving_and_deleting_by_imap_are_told_once_each(house):
    await send(house, "x@b.example", [KIM, LEE])
    await imap(house, KIM, ("fetch", "1", "(BODY[])"), ("store", "1", "-FLAGS", r"(\Seen)"), ("fetch", "1", "(BODY[])"))
    assert await acts(house, sender="x@b.example") == [("read", KIM, KIM, "imap", "")]
    await imap(house, KIM, ("create", "계약".encode("utf-7").decode()), ("uid", "MOVE", "1", "Trash"))
    await imap(house, LEE, ("store", "1", "+FLAGS", r"(\Deleted)"), ("expunge",))
    told = await acts(house, sender="x@b.example")
    assert told == [
        ("read", KIM, KIM, "imap", ""), ("moved", KIM, KIM, "imap", "trash"), ("deleted", LEE, LEE, "imap", ""),
    ]  # fmt: skip
    # Told again, nothing is there twice; and the books count recipients, not what they do.
    assert await follow(house) == 0
    assert await acts(house, sender="x@b.example") == told
    [book] = await house.services.books.books(2)
    assert (book.accepted, dict(book.ends), book.difference) == (2, {"delivered": 2}, 0)
    [story] = await find(house, sender="x@b.example")
    lines = [one.text for one in lines_of(story, "ko") if one.event.kind in ACTS]
    assert lines[:2] == [f"{KIM}: {KIM} 계정이 처음 읽음 (IMAP)", f"{KIM}: ‘휴지통’ 메일함으로 옮김 ({KIM}, IMAP)"]
    for language in ("en", "ja", "zh-Hans", "zh-Hant"):
        assert all(LEE in line.text for line in lines_of(story, language) if line.event.kind == "deleted")


async def test_pop3_reads_and_deletes(house):
    await send(house, "x@b.example", [KIM])

    def work():
        client = poplib.POP3("127.0.0.1", house.ports["pop3"], timeout=60)
        client.user(KIM)
        client.pass_(PASSWORD)
        client.retr(1)
        client.dele(1)
        client.quit()

    await asyncio.to_thread(work)
    told = [one[:4] for one in await acts(house, sender="x@b.example")]
    assert told[-1] == ("deleted", KIM, KIM, "pop3"), told


async def test_mail_between_colleagues_goes_on_and_the_sender_does_not_see_what_they_do(house):
    await send(house, KIM, [LEE], MESSAGE, login=KIM)
    await house.services.tracer.settle()
    await imap(house, LEE, ("fetch", "1", "(BODY[])"), ("uid", "MOVE", "1", "Archive"))
    told = await acts(house, sender=KIM)
    assert [one[:4] for one in told][:1] == [("read", LEE, LEE, "imap")]
    [mine] = await house.services.trace.own(actor(house, KIM), Marks())
    assert [(one.kind, one.by) for _, one in mine.events if one.kind in ACTS] == [("read", LEE)]
    await house.services.governing.set_knob(CLI, PolicyRule("trace.read-told", Scope("system"), False))
    [mine] = await house.services.trace.own(actor(house, KIM), Marks())
    assert not [one for _, one in mine.events if one.kind in ACTS]
    [theirs] = await house.services.trace.own(actor(house, LEE), Marks())
    assert [one.kind for _, one in theirs.events if one.kind in ACTS] == [one[0] for one in told]


async def test_a_purge_is_told_with_who_did_it_and_so_is_its_undoing(house):
    await send(house, "x@b.example", [KIM, LEE])
    admin = house.accounts[LEE]
    await house.store.update_account(admin.id, is_admin=True)
    chief = Actor(admin.id, admin.organization_id, LEE, is_admin=True, origin=Origin("admin"))
    found = await house.services.purges.purge(
        chief, admin.organization_id, Wave(message_ids=("7@b.example",), reason="phishing")
    )
    told = await acts(house, sender="x@b.example")
    assert sorted(told) == [("recalled", KIM, LEE, "admin", ""), ("recalled", LEE, LEE, "admin", "")]
    await house.services.purges.undo(chief, found.purge_id)
    told = await acts(house, sender="x@b.example")
    assert sorted(told[2:]) == [("restored", KIM, LEE, "admin", "inbox"), ("restored", LEE, LEE, "admin", "inbox")]


async def test_what_was_not_told_when_the_process_died_is_told_by_the_next(house, tmp_path):
    await send(house, "x@b.example", [KIM])
    await imap(house, KIM, ("fetch", "1", "(BODY[])"))
    [row] = await house.store.trace_acts((0, 0, 0), 9)

    class Died(Exception):
        pass

    async def die(_keys):
        raise Died

    follower, drop = house.services.trace.follower, house.store.drop_trace_acts
    house.store.drop_trace_acts = die
    with pytest.raises(Died):
        await follower.turn()
    house.store.drop_trace_acts = drop
    assert await house.store.trace_acts((0, 0, 0), 9) == [row]
    assert await acts(house, sender="x@b.example") == [("read", KIM, KIM, "imap", "")]
    assert await house.store.trace_acts((0, 0, 0), 9) == []


async def test_an_act_waits_for_its_story_but_not_for_ever(house, monkeypatch):
    await send(house, "x@b.example", [KIM])
    [story] = await find(house, sender="x@b.example")
    await house.store._db.change(0, lambda s: s.run("delete from trace_story where id = $1", story.id))
    await imap(house, KIM, ("fetch", "1", "(BODY[])"))
    assert await follow(house) == 0
    assert len(await house.store.trace_acts((0, 0, 0), 9)) == 1
    now = house.clock.now()
    monkeypatch.setattr(house.services.trace.follower._clock, "now", lambda: now + 3_600_000)
    assert await follow(house) == 0
    assert await house.store.trace_acts((0, 0, 0), 9) == []


async def test_a_bulk_act_is_one_row_and_one_event_for_each_message(house):
    for number in range(MANY // 100):
        for part in range(100):
            text = MESSAGE.replace(b"<7@", b"<%d.%d@" % (number, part))
            await house.services.tracer.settle() if part == 0 else None
            await send_fast(house, text)
    await house.services.tracer.settle()
    await imap(house, KIM, ("store", "1:*", "+FLAGS", r"(\Seen)"))
    rows = await house.store.trace_acts((0, 0, 0), 100)
    assert sum(len(act.pairs) for row in rows for act in row.acts) == MANY
    assert len(rows) <= 3
    assert await follow(house) == MANY
    found = await find(house, sender="x@b.example", limit=MANY)
    assert all([one.kind for _, one in story.events].count("read") == 1 for story in found)


async def send_fast(house, text):
    """Send over LMTP's sibling without waiting for the tracer."""
    import smtplib

    def work():
        with smtplib.SMTP("127.0.0.1", house.ports["smtp"]) as session:
            session.sendmail("x@b.example", [KIM], text)

    await asyncio.to_thread(work)
