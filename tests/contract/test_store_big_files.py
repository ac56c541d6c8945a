"""Contract of the store: big files in parts, their links and downloads, on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.account import Hold
from smartmail.domain.audit import AuditRecord
from smartmail.domain.big_files import BigDownload, BigFile, BigLink, BigPart
from smartmail.domain.errors import NotFound, OverQuota, StateMismatch
from smartmail.domain.ids import MessageId

RECORD = AuditRecord(1, "system", "big-file.test", "big-file:1")
FILE, LINK, DOWNLOAD = b"f" * 16, b"l" * 16, b"d" * 16


def a_file(bench: Bench, **facts) -> BigFile:
    account = bench.account
    made = BigFile(FILE, account.id, account.organization_id, "coming", 30, 0, 0, b"key", b"sealed", 10, 1_000)
    return replace(made, **facts)


def a_link(bench: Bench, **facts) -> BigLink:
    return replace(BigLink(LINK, FILE, bench.account.id, b"hash", b"text", 20, 500, 2), **facts)


def a_download(number: int = 0) -> BigDownload:
    return BigDownload(bytes([number]) * 16, LINK, b"ticket%d" % number, 30, 30, 0, False, b"who")


async def a_ready_file(bench: Bench, **facts) -> list[BigPart]:
    await bench.store.add_big_file(a_file(bench, **facts), 0, RECORD)
    parts = [
        BigPart(0, 0, replace(bench.blob(1), size=20), b"k0"),
        BigPart(1, 20, replace(bench.blob(2), size=10), b"k1"),
    ]
    await bench.store.add_big_parts(FILE, 0, parts[:1], 1_000)
    await bench.store.add_big_parts(FILE, 20, parts[1:], 1_000)
    await bench.store.change_big_file(FILE, ["checking"], "ready", b"checked", 40)
    return parts


async def test_a_file_grows_part_by_part_and_nobody_grows_it_twice(bench: Bench):
    store = bench.store
    await store.add_big_file(a_file(bench), 0, RECORD)
    part = BigPart(0, 0, replace(bench.blob(1), size=20), b"k0")
    grown = await store.add_big_parts(FILE, 0, [part], 2_000)
    assert (grown.received, grown.parts, grown.state, grown.expires_at) == (20, 1, "coming", 2_000)
    with pytest.raises(StateMismatch):
        await store.add_big_parts(FILE, 0, [BigPart(0, 0, bench.blob(3), b"k")], 2_000)
    last = BigPart(1, 20, replace(bench.blob(2), size=10), b"k1")
    assert (await store.add_big_parts(FILE, 20, [last], 2_000)).state == "checking"
    with pytest.raises(NotFound):
        await store.add_big_parts(FILE, 30, [BigPart(2, 30, bench.blob(4), b"k")], 2_000)
    assert await store.big_parts(FILE) == [part, last]
    assert await store.big_parts(FILE, 20, 21) == [last]
    assert await store.big_parts(FILE, 0, 20) == [part]
    assert await store.big_parts(FILE, 19, 21) == [part, last]
    assert [await bench.refs(one.blob) for one in (part, last)] == [1, 1]
    assert await store.big_blobs((b"", 0), 10) == [(FILE, 0, part.blob.id), (FILE, 1, last.blob.id)]
    assert await store.big_blobs((FILE, 0), 10) == [(FILE, 1, last.blob.id)]


async def test_an_account_has_room_for_so_much(bench: Bench):
    await bench.store.add_big_file(a_file(bench), 50, RECORD)
    with pytest.raises(OverQuota):
        await bench.store.add_big_file(a_file(bench, id=b"g" * 16), 59, RECORD)
    await bench.store.add_big_file(a_file(bench, id=b"g" * 16, created_at=11), 60, RECORD)
    assert [one.id for one in await bench.store.big_files(bench.account.id)] == [b"g" * 16, FILE]


async def test_a_verdict_turns_a_file_once(bench: Bench):
    await a_ready_file(bench)
    store = bench.store
    assert not await store.change_big_file(FILE, ["checking"], "refused", b"x", 41)
    assert [one.id for one in await store.big_files_in("ready", 41, 10)] == [FILE]
    assert await store.big_files_in("ready", 40, 10) == []
    assert await store.change_big_file(FILE, ["ready"], "refused", b"x", 42, RECORD)
    file = await store.big_file(FILE)
    assert file is not None and (file.state, file.sealed, file.checked_at) == ("refused", b"x", 42)


async def test_a_link_gives_as_often_as_it_may(bench: Bench):
    await a_ready_file(bench)
    store = bench.store
    await store.add_big_links([a_link(bench)], RECORD)
    assert await store.big_link_by_token(b"hash") == await store.big_link(LINK) == a_link(bench)
    assert await store.big_link_by_token(b"other") is None
    assert not await store.take_big_link(LINK, 500, a_download(9))
    assert await store.take_big_link(LINK, 499, a_download(0))
    assert await store.take_big_link(LINK, 499, a_download(1))
    assert not await store.take_big_link(LINK, 499, a_download(2))
    [link] = await store.big_links(bench.account.id)
    assert (link.taken, link.used_up) == (2, True)
    await store.note_big_download(bytes(16), 12, 60, complete=False)
    await store.note_big_download(bytes(16), 18, 70, complete=True)
    await store.note_big_download(bytes(16), 1, 80, complete=False)
    download = await store.big_download(b"ticket0")
    assert download is not None and (download.octets, download.complete, download.last_at) == (31, True, 80)
    assert len(await store.big_downloads([LINK], 10)) == 2
    assert await store.big_downloads([b"o" * 16], 10) == []


async def test_what_is_revoked_or_refused_gives_nothing(bench: Bench):
    await a_ready_file(bench)
    store = bench.store
    await store.add_big_links([a_link(bench)], RECORD)
    assert await store.change_big_link(LINK, expires_at=500, most=2, revoked_at=60, sealed=b"t", audit=RECORD)
    assert not await store.take_big_link(LINK, 100, a_download())
    assert await store.change_big_link(LINK, expires_at=500, most=2, revoked_at=0, sealed=b"t", audit=RECORD)
    await store.change_big_file(FILE, ["ready"], "refused", b"x", 42)
    assert not await store.take_big_link(LINK, 100, a_download())
    assert not await store.change_big_link(b"o" * 16, expires_at=1, most=0, revoked_at=0, sealed=b"", audit=RECORD)


async def test_wrong_tries_are_bounded_and_a_right_one_forgives(bench: Bench):
    await a_ready_file(bench)
    store = bench.store
    await store.add_big_links([a_link(bench)], RECORD)
    assert [await store.try_big_link(LINK, at, 2, 100) for at in (10, 11, 12, 50)] == [True, True, False, False]
    assert await store.try_big_link(LINK, 111, 2, 100)
    assert await store.take_big_link(LINK, 112, a_download())
    assert await store.try_big_link(LINK, 113, 1, 100)
    assert await store.seal_big_link(LINK, b"text", b"code")
    assert not await store.seal_big_link(LINK, b"text", b"other")


async def test_reminders_are_claimed_once_and_anew_after_an_extension(bench: Bench):
    await a_ready_file(bench)
    store = bench.store
    await store.add_big_links([a_link(bench)], RECORD)
    assert await store.big_links_ending(100, 499, 10) == []
    assert [one.id for one in await store.big_links_ending(100, 500, 10)] == [LINK]
    assert await store.remind_big_link(LINK, 100)
    assert not await store.remind_big_link(LINK, 100)
    assert await store.big_links_ending(100, 500, 10) == []
    await store.change_big_link(LINK, expires_at=900, most=2, revoked_at=0, sealed=b"t", audit=RECORD)
    assert [one.id for one in await store.big_links_ending(100, 900, 10)] == [LINK]


async def test_a_file_goes_with_its_last_link_unless_it_is_held(bench: Bench):
    parts = await a_ready_file(bench)
    store = bench.store
    await store.add_big_links([a_link(bench, expires_at=2_000)], RECORD)
    assert await store.take_big_link(LINK, 100, a_download())
    assert await store.big_files_over(1_500, 10) == []
    assert [one.id for one in await store.big_files_over(2_000, 10)] == [FILE]
    hold = Hold(bench.account.id, MessageId(0), "matter", 1, "system")
    await store.put_hold(hold, RECORD)
    assert await store.big_files_over(2_000, 10) == []
    assert not await store.drop_big_file(FILE, 2_000)
    await store.release_hold(bench.account.id, MessageId(0), "matter", RECORD)
    assert await store.drop_big_file(FILE, 2_000, RECORD)
    assert not await store.drop_big_file(FILE, 2_000)
    assert [await bench.refs(one.blob) for one in parts] == [0, 0]
    assert await store.big_link(LINK) is None
    assert await store.big_download(b"ticket0") is None


async def test_a_file_is_handed_over_with_its_links(bench: Bench):
    await a_ready_file(bench)
    store, other = bench.store, await bench.new_account("heir@acme.test")
    await store.add_big_links([a_link(bench)], RECORD)
    assert not await store.hand_big_file(FILE, other.id, bench.account.id, b"new")
    assert await store.hand_big_file(FILE, bench.account.id, other.id, b"new")
    [file], [link] = await store.big_files(other.id), await store.big_links(other.id)
    assert (file.wrapped_key, link.account_id) == (b"new", other.id)
