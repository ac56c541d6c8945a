"""check-store names what is planted, and nothing else."""

import apsw
import pytest
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.ids import BlobId
from smartmail.service.kernel.clock import HOUR
from smartmail.service.mailbox.importing import ImportItem


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "data") as opened:
        opened.actor = await opened.person()
        box = await opened.services.imports.mailbox(opened.actor, opened.actor.account_id, ())
        items = [
            ImportItem(b"%d" % n, b"Subject: %d\r\n\r\n" % n + b"text\r\n" * 50, box, names=("work",)) for n in range(4)
        ]
        await opened.services.imports.add(opened.actor, opened.actor.account_id, items)
        opened.rows = sorted(await opened.store.all_messages(opened.actor.account_id))
        yield opened


def alter(house, sql, *values):
    """Change the database behind the store's back, as damage does."""
    connection = apsw.Connection(str(house.directory / "smartmail.db"))
    try:
        connection.execute(sql, values)
        return connection.changes()
    finally:
        connection.close()


async def location(house, number):
    return (await house.store.blob(house.rows[number].blob_id)).location


async def test_nothing_is_wrong(house):
    assert await house.findings() == []


async def test_a_flipped_octet(house):
    where = await location(house, 1)
    (pack,) = (house.directory / "volume" / "packs").glob("*.pack")
    octets = bytearray(pack.read_bytes())
    # Behind the record's header, which holds the blob's id.
    octets[octets.index(house.rows[1].blob_id) + 60] ^= 1
    pack.write_bytes(octets)
    found = await house.findings()
    assert ("damaged", f"volume 1 {where}") in found
    assert {trouble for trouble, _ in found} <= {"damaged", "unreadable"}
    assert not any("message 1" in what or "message 3" in what for _, what in found)


async def test_a_blob_that_is_gone(house):
    await house.volume.delete(await location(house, 0))
    assert await house.findings(deep=False) == [("missing", f"blob {house.rows[0].blob_id.hex()}")]
    alter(house, "update blob set location = 'p000000000000-32-10' where id = ?", house.rows[2].blob_id)
    found = await house.findings(deep=False)
    assert ("missing", f"blob {house.rows[2].blob_id.hex()}") in found


async def test_a_blob_row_that_is_gone(house):
    alter(house, "delete from blob where id = ?", house.rows[3].blob_id)
    found = await house.findings(deep=False)
    assert ("missing", f"blob {house.rows[3].blob_id.hex()}") in found
    assert ("unreadable", f"account 1 message {house.rows[3].id}") in found


async def test_orphans_are_named_once_they_are_old(house):
    writer = await house.volume.create(BlobId(b"o" * 16))
    await writer.append(b"nobody knows this")
    where = await writer.commit()
    assert await house.findings() == []
    house.clock.ahead = 2 * HOUR
    assert await house.findings() == [("orphan", f"volume 1 {where}")]


async def test_summaries_that_were_swapped(house):
    one, two = house.rows[0], house.rows[1]
    sql = "update summary set sealed = (select sealed from summary where message_id = ?) where message_id = ?"
    alter(house, sql, one.id, two.id)
    assert await house.findings() == [("unreadable", f"account 1 message {two.id}")]


async def test_a_summary_that_is_gone(house):
    alter(house, "delete from summary where message_id = ?", house.rows[0].id)
    assert await house.findings() == [("unreadable", f"account 1 message {house.rows[0].id}")]


async def test_names_that_do_not_open(house):
    alter(house, "update mailbox set sealed_name = x'0102' where role = 'junk'")
    alter(house, "update keyword set sealed_name = cast(x'01' || randomblob(40) as blob) where number = 1")
    found = await house.findings()
    assert [trouble for trouble, _ in found] == ["unreadable", "unreadable"]
    assert any("mailbox" in what for _, what in found)
    assert any("keyword 1" in what for _, what in found)


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("update mailbox set unseen = unseen + 1 where role = 'inbox'", "account 1 mailbox 1"),
        ("update mailbox set total = 0 where role = 'inbox'", "account 1 mailbox 1"),
        ("update mailbox set uidnext = 2 where role = 'inbox'", "account 1 mailbox 1"),
        ("update account set used = used - 1", "account 1"),
        ("update account set messages = 9", "account 1"),
    ],
)
async def test_counters(house, sql, what):
    assert alter(house, sql)
    assert await house.findings() == [("miscounted", what)]


async def test_too_few_references(house):
    alter(house, "update blob set refs = 0, dead_since = 1 where id = ?", house.rows[2].blob_id)
    assert await house.findings(deep=False) == [("miscounted", f"blob {house.rows[2].blob_id.hex()}")]


async def test_rows_that_cannot_be_read_do_not_stop_the_rest(house):
    alter(house, "update keyword set sealed_name = cast(x'fffefdfc' as text) where number = 1")
    alter(house, "update account set messages = 9")
    assert await house.findings() == [("unreadable", "account 1")]


async def test_an_account_whose_key_is_gone(house):
    alter(house, "update account set wrapped_key = zeroblob(62)")
    async with quiet_house(house.directory) as again:
        found = await again.findings()
    assert ("unreadable", "account 1") in found


async def test_findings_carry_no_content(house):
    alter(house, "update mailbox set sealed_name = x'0102' where role = 'junk'")
    async for one in house.services.checks.run(lambda _step: None):
        assert "Subject" not in one.meaning
        assert "text" not in one.meaning


async def test_what_was_found_out_about_a_message_and_does_not_open(house):
    row, account = house.rows[1], house.actor.account_id
    alter(house, "insert into inspection values (?, ?, ?, ?)", account, row.id, row.blob_id, b"\x01" * 60)
    assert await house.findings() == [("unreadable", f"account {account} message {row.id}")]
