"""Who looks at other people's mail is on record, and sees nothing when it cannot be."""

import asyncio

import pytest
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.audit import AuditQuery
from smartmail.domain.errors import Unavailable
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.rights import Grantee


async def person(house, login):
    made = await house.person(login)
    return Actor(made.account_id, made.organization_id, login, False, Origin("imap", "203.0.113.9"))


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        yield opened
        await opened.services.witness.settle()


async def shared(house, count=3):
    """Return owner and colleague, and the ids of messages in an inbox that the colleague may read and empty."""
    kim, lee = await person(house, "kim@a.example"), await person(house, "lee@a.example")
    (inbox,) = [one for one in await house.services.mailboxes.list_all(kim, kim.account_id) if one.row.role == "inbox"]
    ids = []
    for number in range(count):
        intake = await house.services.messages.begin(kim, kim.account_id)
        await intake.add(b"From: a@b.example\r\nSubject: %d\r\n\r\ntext\r\n" % number)
        added = await house.services.messages.add(kim, kim.account_id, await intake.finish(), [inbox.row.id])
        ids.append(added.message_id)
    await house.services.sharing.share(kim, kim.account_id, inbox.row.id, Grantee("account", lee.account_id), "lrte")
    return kim, lee, inbox.row.id, ids


async def access_records(house, account_id):
    await house.services.witness.settle()
    await house.services.audit.chain()
    account = await house.store.account(account_id)
    found = await house.services.audit.find(AuditQuery(account.organization_id, kind="access", account_id=account_id))
    return [one.row.record for one in reversed(found)]


async def test_a_colleague_leaves_two_rows_a_minute_and_the_owner_none(house):
    kim, lee, _inbox, ids = await shared(house)
    reading = house.services.reading
    for _ in range(2):
        for one in ids:
            await reading.octets(lee, kim.account_id, one)
            await reading.octets(kim, kim.account_id, one)
    rows = [one for one in await access_records(house, kim.account_id) if one.action == "access.read"]
    assert {one.actor for one in rows} == {f"account:{lee.account_id}"}
    assert {(one.address, one.door) for one in rows} == {("203.0.113.9", "imap")}
    # Unless the minute turned meanwhile, two rows: the first look, and the rest of its minute.
    assert len(rows) <= 4, rows
    counts = [int(one.object.split(" count:")[1].split()[0]) for one in rows]
    assert sum(counts) == 6, rows
    assert rows[0].object == f"account:{kim.account_id} count:1 ids:{ids[0]}"


async def test_looks_at_the_same_moment_are_all_counted(house):
    kim, lee, _inbox, ids = await shared(house)
    house.clock.ahead = 60_000 - house.clock.now() % 60_000  # a minute begins
    await asyncio.gather(*(house.services.reading.octets(lee, kim.account_id, ids[one % 3]) for one in range(30)))
    rows = [one for one in await access_records(house, kim.account_id) if one.action == "access.read"]
    assert [int(one.object.split(" count:")[1].split()[0]) for one in rows] == [1, 29]


async def test_lists_blobs_and_removals_are_on_record(house):
    kim, lee, _inbox, ids = await shared(house)
    reading = house.services.reading
    opened = await reading.messages(lee, kim.account_id, ids)
    await reading.blob(lee, kim.account_id, opened[0].row.blob_id)
    await house.services.messages.destroy(lee, kim.account_id, ids[:2])
    rows = await access_records(house, kim.account_id)
    assert [(one.action, one.object) for one in rows] == [
        ("access.list", f"account:{kim.account_id} count:3 ids:{','.join(map(str, ids))}"),
        ("access.read", f"account:{kim.account_id} count:1 ids:{ids[0]}"),
        ("access.delete", f"account:{kim.account_id} count:2 ids:{ids[0]},{ids[1]}"),
    ]


async def test_the_command_line_is_never_the_owner(house):
    kim, _lee, _inbox, ids = await shared(house, 1)
    root = Actor(kim.account_id, kim.organization_id, kim.login, False, Origin("cli"))
    await house.services.reading.octets(root, kim.account_id, ids[0])
    (row,) = await access_records(house, kim.account_id)
    assert (row.actor, row.action, row.door) == ("cli", "access.read", "cli")


async def test_without_a_record_others_see_nothing_and_the_owner_reads_on(house, monkeypatch):
    kim, lee, inbox, ids = await shared(house)

    async def away(*_arguments):
        raise Unavailable(detail="no room")

    with monkeypatch.context() as patch:
        patch.setattr(house.store, "audit", away)
        reading = house.services.reading
        for look in (
            lambda: reading.octets(lee, kim.account_id, ids[0]),
            lambda: reading.messages(lee, kim.account_id, ids),
            lambda: reading.summaries(lee, kim.account_id, ids),
            lambda: reading.readers(lee, kim.account_id, ids),
            lambda: house.services.messages.destroy(lee, kim.account_id, ids),
            lambda: house.services.messages.remove(lee, kim.account_id, inbox, [1]),
        ):
            with pytest.raises(Unavailable):
                await look()
        assert (await reading.octets(kim, kim.account_id, ids[0])).startswith(b"")
        assert len(await reading.messages(kim, kim.account_id, ids)) == 3
    assert await access_records(house, kim.account_id) == []
    assert len(await house.services.reading.messages(lee, kim.account_id, ids)) == 3


async def test_what_could_not_be_counted_shuts_the_door_until_it_is(house, monkeypatch):
    kim, lee, _inbox, ids = await shared(house)
    clock, witness = house.clock, house.services.witness
    clock.ahead = 60_000 - clock.now() % 60_000  # a minute begins
    await house.services.reading.octets(lee, kim.account_id, ids[0])
    await house.services.reading.octets(lee, kim.account_id, ids[1])
    real = house.store.audit

    async def away(*_arguments):
        raise Unavailable(detail="no room")

    clock.ahead += 60_000
    monkeypatch.setattr(house.store, "audit", away)
    with pytest.raises(Unavailable):
        await house.services.reading.octets(lee, kim.account_id, ids[2])
    monkeypatch.setattr(house.store, "audit", real)
    await house.services.reading.octets(lee, kim.account_id, ids[2])
    await witness.settle()
    rows = await access_records(house, kim.account_id)
    assert sorted(one.object.split(" ", 1)[1] for one in rows) == [f"count:1 ids:{one}" for one in ids]
