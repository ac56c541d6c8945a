"""Contract of the store: big files beyond 2^32 octets, on both drivers: no offset or size is cut to 32 bits."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench
from tests.contract.test_store_big_files import FILE, RECORD, a_download, a_file, a_link

from smartmail.domain.big_files import BigPart
from smartmail.domain.errors import OverQuota, StateMismatch

GIB = 1 << 30
SIZE = 10 * GIB
STARTS = [0, 3 * GIB, 6 * GIB, 9 * GIB]


def parts(bench: Bench) -> list[BigPart]:
    return [
        BigPart(number, start, replace(bench.blob(number + 1), size=min(3 * GIB, SIZE - start)), b"k%d" % number)
        for number, start in enumerate(STARTS)
    ]


async def test_a_file_of_ten_gibibytes_grows_and_is_found_by_range(bench: Bench):
    store, every = bench.store, parts(bench)
    await store.add_big_file(a_file(bench, size=SIZE), 0, RECORD)
    for part in every:
        grown = await store.add_big_parts(FILE, part.start, [part], 1_000)
        assert grown.received == part.start + part.blob.size
        # 32 bits of the right offset are the wrong offset.
        if 1 << 32 < grown.received < SIZE:
            with pytest.raises(StateMismatch):
                await store.add_big_parts(FILE, grown.received % (1 << 32), [replace(part, number=9)], 1_000)
    assert (grown.size, grown.state) == (SIZE, "checking")
    assert await store.big_parts(FILE) == every
    for at, found in ((1 << 32, 1), ((1 << 32) - 1, 1), (6 * GIB - 1, 1), (6 * GIB, 2), (SIZE - 1, 3)):
        assert await store.big_parts(FILE, at, at + 1) == [every[found]]
    assert await store.big_parts(FILE, 6 * GIB - 1, 9 * GIB + 1) == every[1:]
    assert await store.big_parts(FILE, SIZE) == []


async def test_room_and_what_was_sent_count_beyond_four_gibibytes(bench: Bench):
    store = bench.store
    await store.add_big_file(a_file(bench, size=SIZE), 15 * GIB, RECORD)
    with pytest.raises(OverQuota):
        await store.add_big_file(a_file(bench, id=b"g" * 16, size=5 * GIB + 1), 15 * GIB, RECORD)
    await store.add_big_file(a_file(bench, id=b"g" * 16, size=5 * GIB), 15 * GIB, RECORD)
    assert await store.change_big_file(FILE, ["coming"], "ready", b"checked", 20)
    await store.add_big_links([a_link(bench)], RECORD)
    assert await store.take_big_link(a_link(bench).id, 30, a_download(7))
    for octets in (3 * GIB, 3 * GIB, 4 * GIB):
        await store.note_big_download(bytes([7]) * 16, octets, 40, complete=False)
    [told] = await store.big_downloads([a_link(bench).id], 10)
    assert (told.octets, told.id) == (SIZE, bytes([7]) * 16)
