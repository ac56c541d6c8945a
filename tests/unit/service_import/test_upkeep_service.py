"""Upkeep: space is won back, what is needed stays, every step may be repeated."""

import pytest
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.errors import Internal
from smartmail.domain.ids import BlobId
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.mailbox.importing import ImportItem
from smartmail.service.operations import upkeep as upkeep_module

VAULT = 30 * DAY + HOUR
"""What is destroyed stays in the vault for 30 days."""


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "data") as opened:
        yield opened


async def bring(house, actor, *numbers):
    box = await house.services.imports.mailbox(actor, actor.account_id, ())
    items = [ImportItem(b"%d" % n, b"Subject: %d\r\n\r\n" % n + b"text\r\n" * 2000, box) for n in numbers]
    await house.services.imports.add(actor, actor.account_id, items)
    return {row.size: row for row in await house.store.all_messages(actor.account_id)}


async def scanned(house):
    return {one.location: one.state async for one in house.volume.scan()}


async def test_a_destroyed_message_gives_its_space_back_after_the_grace(house):
    actor = await house.person()
    await bring(house, actor, 1, 2)
    keep, drop = await house.store.all_messages(actor.account_id)
    blob = await house.store.blob(drop.blob_id)
    await house.services.messages.destroy(actor, actor.account_id, [drop.id])
    house.clock.ahead = 29 * DAY
    assert (await house.services.vault.purge(), await house.services.upkeep.collect_blobs()) == (0, 0)
    house.clock.ahead = 31 * DAY
    assert await house.services.vault.purge() == 1
    assert await house.services.upkeep.collect_blobs() == 0
    house.clock.ahead = 31 * DAY + HOUR + 1000
    assert await house.services.upkeep.collect_blobs() == 1
    assert await house.services.upkeep.collect_blobs() == 0
    assert await house.store.blobs([drop.blob_id]) == []
    assert (await scanned(house))[blob.location] == "dead"
    assert await house.services.reading.octets(actor, actor.account_id, keep.id)
    assert await house.findings() == []


async def test_a_blob_that_got_a_new_reference_stays(house):
    actor = await house.person()
    await bring(house, actor, 1)
    (row,) = await house.store.all_messages(actor.account_id)
    inbox = await house.services.mailboxes.by_role(actor, actor.account_id, "inbox")
    # A copy into the mailbox that holds it already is a message of its own over the same blob.
    await house.services.messages.copy(actor, actor.account_id, inbox.row.id, [1], inbox.row.id)
    await house.services.messages.destroy(actor, actor.account_id, [row.id])
    house.clock.ahead = 2 * HOUR
    assert await house.services.upkeep.collect_blobs() == 0
    (copy,) = await house.store.all_messages(actor.account_id)
    assert await house.services.reading.octets(actor, actor.account_id, copy.id)


async def test_reclaiming_moves_the_living_and_frees_the_file(house, tmp_path):
    actor = await house.person()
    await bring(house, actor, *range(20))
    rows = await house.store.all_messages(actor.account_id)
    texts = {row.id: await house.services.reading.octets(actor, actor.account_id, row.id) for row in rows[:2]}
    await house.services.messages.destroy(actor, actor.account_id, [row.id for row in rows[2:]])
    await house.volume.close()
    async with quiet_house(tmp_path / "data") as later:
        later.clock.ahead = 31 * DAY
        assert await later.services.vault.purge() == 18
        later.clock.ahead += 2 * HOUR
        packs = set((tmp_path / "data" / "volume" / "packs").glob("*.pack"))
        done = await later.services.upkeep.reclaim()
        assert (done.blobs, done.moved) == (18, 2)
        later.clock.ahead += 2 * HOUR
        assert (await later.services.upkeep.reclaim()).octets > 0
        assert not packs & set((tmp_path / "data" / "volume" / "packs").glob("*.pack"))
        for message_id, text in texts.items():
            assert await later.services.reading.octets(actor, actor.account_id, message_id) == text
        assert await later.findings() == []


async def test_an_orphan_is_collected_after_a_day_and_nothing_else(house):
    actor = await house.person()
    await bring(house, actor, 1, 2)
    writer = await house.volume.create(BlobId(b"o" * 16))
    await writer.append(b"octets that no commit ever named")
    orphan = await writer.commit()
    assert await house.services.upkeep.collect_orphans() == 0
    house.clock.ahead = DAY + 5000
    assert await house.services.upkeep.collect_orphans() == 1
    states = await scanned(house)
    assert states[orphan] == "dead"
    assert sorted(states.values()) == ["dead", "live", "live"]


async def test_a_store_that_knows_almost_nothing_costs_no_mail(house, monkeypatch):
    monkeypatch.setattr(upkeep_module, "FEW_ORPHANS", 2)
    for number in range(4):
        writer = await house.volume.create(BlobId(bytes([number]) * 16))
        await writer.append(b"x")
        await writer.commit()
    house.clock.ahead = 2 * DAY
    with pytest.raises(Internal):
        await house.services.upkeep.collect_orphans()
    assert set((await scanned(house)).values()) == {"live"}


async def test_expired_uploads_are_collected_too(house):
    actor = await house.person()
    writer = await house.services.uploads.begin(actor, actor.account_id)
    await writer.append(b"draft")
    blob_id, _size = await house.services.uploads.finish(actor, actor.account_id, writer, "text/plain")
    house.clock.ahead = 2 * DAY
    assert await house.services.upkeep.expire() == 1
    house.clock.ahead = 2 * DAY + 2 * HOUR
    assert await house.services.upkeep.collect_blobs() == 1
    assert await house.store.blobs([blob_id]) == []


async def test_the_node_shows_itself(house):
    (node,) = await house.services.upkeep.heartbeat()
    assert (node.id, node.volume_kind) == ("node1", "local")
    assert node.seen_at >= node.started_at > 0


async def test_a_job_has_one_leader_until_its_lease_ends(house):
    upkeep = house.services.upkeep
    assert await upkeep.lead("expire", "a", 1000)
    assert not await upkeep.lead("expire", "b", 1000)
    assert await upkeep.lead("expire", "a", 1000)
    assert await upkeep.lead("reclaim", "b", 1000)
    house.clock.ahead = 1001
    assert await upkeep.lead("expire", "b", 1000)
