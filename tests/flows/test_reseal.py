"""Originals are sealed anew while people read, write and copy: nothing is lost, nothing is shown plain, old backups come back."""

import asyncio
import os
import random

import pytest
from tests.flows.rotation_house import ROOT, WHY
from tests.flows.test_access_records import person
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, StateMismatch
from smartmail.formats.seal import AES_256_GCM, CHACHA20_POLY1305, Kind, SealError, SealKey, unwrap_key
from smartmail.service.kernel.sealed_blobs import _newer
from smartmail.service.kernel.volumes.moving import GRACE_MS, VolumeMover

MARK = b"MARKER-%d-of-the-original"


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        yield opened
        await opened.services.witness.settle()


async def inbox_of(house, actor):
    return next(
        one.row.id
        for one in await house.services.mailboxes.list_all(actor, actor.account_id)
        if one.row.role == "inbox"
    )


async def fill(house, actor, count, sizes=(200, 3_000, 200_000)):
    """Write messages; return id → octets."""
    inbox, kept = await inbox_of(house, actor), {}
    for number in range(count):
        text = MARK % number + os.urandom(sizes[number % len(sizes)] // 2).hex().encode()
        octets = b"From: a@b.example\r\nSubject: %d\r\n\r\n%s\r\n" % (number, text)
        intake = await house.services.messages.begin(actor, actor.account_id)
        await intake.add(octets)
        added = await house.services.messages.add(actor, actor.account_id, await intake.finish(), [inbox])
        kept[added.message_id] = octets
    return kept


async def rows(house, actor):
    return {row.id: row for row in await house.store.all_messages(actor.account_id)}


async def suites(house, actor):
    """Return under which suites the octets of an account's messages lie, by the header of the sealed octets."""
    found = []
    for row in (await rows(house, actor)).values():
        blob = await house.store.blob(row.blob_id)
        sealed = await house.services.upkeep._volumes[blob.volume_id].read(blob.location)
        found.append(sealed[4])
    return sorted(set(found))


async def all_read(house, actor, kept):
    for number, octets in kept.items():
        assert await house.services.reading.octets(actor, actor.account_id, number) == octets
        assert await house.services.reading.octets(actor, actor.account_id, number, 10, 40) == octets[10:50]


async def worked(house):
    while await house.services.keys.resealing._open() is not None:
        await house.services.keys.resealing.turn()


async def test_all_lies_under_the_new_suite_and_reads_the_same(house):
    kim = await person(house, "kim@a.example")
    kept = await fill(house, kim, 12)
    assert await suites(house, kim) == [AES_256_GCM]
    work = await house.services.keys.resealing.begin(ROOT, CHACHA20_POLY1305, WHY)
    house.clock.ahead += 5_000
    fresh = await fill(house, kim, 1)
    assert await suites(house, kim) == [AES_256_GCM, CHACHA20_POLY1305], "new mail at once, the old as the work comes"
    with pytest.raises(AlreadyExists):
        await house.services.keys.resealing.begin(ROOT, AES_256_GCM, WHY)
    await worked(house)
    assert await suites(house, kim) == [CHACHA20_POLY1305]
    await all_read(house, kim, kept | fresh)
    view = (await house.services.keys.resealing.views(ROOT))[0]
    assert (view.row.id, view.row.state, view.row.blobs, view.row.failed, view.row.percent) == (
        work.id,
        "done",
        12,
        0,
        100,
    )
    house.clock.ahead += GRACE_MS + 1000
    mover = VolumeMover(house.store, house.services.volumes.book, house.clock)
    assert await mover.drop_left() == 12
    await all_read(house, kim, kept | fresh)
    assert not [one async for one in house.services.checks.run(lambda _step: None, deep=True)]
    # And back, over what was sealed anew before.
    await house.services.keys.resealing.begin(ROOT, AES_256_GCM, WHY)
    await worked(house)
    assert await suites(house, kim) == [AES_256_GCM]
    await all_read(house, kim, kept | fresh)


async def test_the_old_key_opens_the_new_octets_only_through_the_row(house):
    kim = await person(house, "kim@a.example")
    await fill(house, kim, 1)
    (row,) = (await rows(house, kim)).values()
    direct = (await house.services.checks._keyring.account_by_id(kim.account_id)).unwrap(row.blob_id, row.wrapped_key)
    await house.services.keys.resealing.begin(ROOT, CHACHA20_POLY1305, WHY)
    await worked(house)
    blob = await house.store.blob(row.blob_id)
    newer = unwrap_key(direct, _newer(kim.organization_id, blob.id), blob.newer_key)
    assert newer.suite == CHACHA20_POLY1305 and newer.octets != direct.octets and newer.octets not in blob.newer_key
    with pytest.raises(SealError):
        unwrap_key(SealKey(bytes(32)), _newer(kim.organization_id, blob.id), blob.newer_key)


async def test_people_read_write_and_copy_meanwhile(house):
    kim = await person(house, "kim@a.example")
    kept = await fill(house, kim, 30, sizes=(300, 2_000, 40_000))
    work, stop = house.services.keys.resealing, asyncio.Event()
    reads = 0

    async def readers():
        nonlocal reads
        while not stop.is_set():
            number = random.choice(list(kept))
            assert await house.services.reading.octets(kim, kim.account_id, number) == kept[number]
            reads += 1
            await asyncio.sleep(0)

    async def writer():
        while not stop.is_set():
            kept.update(await fill(house, kim, 1))
            await asyncio.sleep(0.01)

    others = [asyncio.create_task(one) for one in (readers(), readers(), writer())]
    for suite in (CHACHA20_POLY1305, AES_256_GCM, CHACHA20_POLY1305):
        await work.begin(ROOT, suite, WHY)
        await worked(house)
    stop.set()
    await asyncio.gather(*others)
    assert reads > 20
    house.clock.ahead += GRACE_MS + 1000
    await VolumeMover(house.store, house.services.volumes.book, house.clock).drop_left()
    await all_read(house, kim, kept)


async def test_a_row_that_was_read_before_the_swap_opens_till_its_grace_is_over_and_after(house):
    kim = await person(house, "kim@a.example")
    await fill(house, kim, 3)
    keys = await house.services.checks._keyring.account_by_id(kim.account_id)
    before = [(row, await house.store.blob(row.blob_id)) for row in (await rows(house, kim)).values()]
    blobs = house.services.checks._blobs
    plain = [await blobs.read(blob, kim.organization_id, keys.unwrap(blob.id, row.wrapped_key)) for row, blob in before]
    await house.services.keys.resealing.begin(ROOT, CHACHA20_POLY1305, WHY)
    await worked(house)
    for gone in (False, True):
        if gone:
            house.clock.ahead += GRACE_MS + 1000
            await VolumeMover(house.store, house.services.volumes.book, house.clock).drop_left()
        again = [
            await blobs.read(blob, kim.organization_id, keys.unwrap(blob.id, row.wrapped_key)) for row, blob in before
        ]
        assert again == plain


async def test_paused_capped_and_gone_on_with(house):
    kim = await person(house, "kim@a.example")
    kept = await fill(house, kim, 40, sizes=(20_000,))
    waits = []

    async def wait(seconds):
        waits.append(seconds)

    work = house.services.keys.resealing
    work._walk._pause = wait
    await work.begin(ROOT, CHACHA20_POLY1305, WHY, cap=100_000)
    await work.turn_to(ROOT, "paused")
    assert await work.turn() == 0 and await suites(house, kim) == [AES_256_GCM]
    with pytest.raises(StateMismatch):
        await work.turn_to(ROOT, "paused")
    await work.cap(ROOT, 1_000_000)
    await work.turn_to(ROOT, "running")
    await worked(house)
    assert sum(waits) > 0.4, "40 originals of 20 kB at 1 MB a second"
    assert await suites(house, kim) == [CHACHA20_POLY1305]
    await all_read(house, kim, kept)


async def test_what_does_not_open_is_counted_and_left(house):
    kim = await person(house, "kim@a.example")
    kept = await fill(house, kim, 3)
    (hurt, *_others) = sorted(kept)
    one = (await rows(house, kim))[hurt]
    wrong = one.wrapped_key[:-1] + bytes([one.wrapped_key[-1] ^ 1])
    await house.store._db.change(0, lambda s: s.run("update message set wrapped_key = $2 where id = $1", hurt, wrong))
    await house.services.keys.resealing.begin(ROOT, CHACHA20_POLY1305, WHY)
    await worked(house)
    view = (await house.services.keys.resealing.views(ROOT))[0]
    assert (view.row.state, view.row.blobs, view.row.failed) == ("done", 2, 1)
    del kept[hurt]
    await all_read(house, kim, kept)


async def test_no_plain_octet_of_an_original_is_on_disk(house):
    kim = await person(house, "kim@a.example")
    await fill(house, kim, 9)
    await house.services.keys.resealing.begin(ROOT, CHACHA20_POLY1305, WHY)
    await worked(house)
    files = [one for one in house.directory.rglob("*") if one.is_file()]
    assert files and not [one for one in files if b"of-the-original" in one.read_bytes()]


async def test_who_may(house):
    kim = await person(house, "kim@a.example")
    work = house.services.keys.resealing
    for call in (work.begin(kim, 2, WHY), work.views(kim), work.turn_to(kim, "paused"), work.cap(kim, 1)):
        with pytest.raises(Forbidden):
            await call
    for suite, reason, cap in ((3, WHY, 0), (2, "short", 0), (2, WHY, -1)):
        with pytest.raises(Invalid):
            await work.begin(ROOT, suite, reason, cap)
    with pytest.raises(StateMismatch):
        await work.cap(ROOT, 1)
    assert Kind.KEY_OF_NEWER_BLOB == 197
