"""What comes back from a backup goes where other new mail goes: by the weights of the volumes, past full ones."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from smartmail.adapters.volumes.packs import PackLimits, PackVolume
from smartmail.domain.backup import PackedBlob
from smartmail.domain.errors import StorageFull
from smartmail.domain.ids import BlobId, VolumeId
from smartmail.ports.blobs import VolumeFull
from smartmail.service.kernel.volumes.book import VolumeBook
from smartmail.service.operations.backup.bringing import Bringing

PACK = b"x" * 400


class Full:
    """A volume without room."""

    async def create(self, _blob_id, _size):
        raise VolumeFull


@pytest.fixture
async def volumes(tmp_path: Path):
    opened = {
        VolumeId(number): PackVolume(str(tmp_path / f"volume{number}"), limits=PackLimits(reserve_octets=0))
        for number in (1, 2, 3)
    }
    yield opened
    for one in opened.values():
        await one.close()


def weighed(volumes, **weights: int) -> VolumeBook:
    book = VolumeBook(volumes)
    book._rows = {one: replace(row, weight=weights[f"v{one}"]) for one, row in book._rows.items()}
    return book


async def brought(book: VolumeBook, packs: int) -> Counter[int]:
    """Write so many packs of one blob; return how many went to which volume."""
    bringing, found = Bringing(None, None, book), Counter[int]()
    for number in range(packs):
        blob = PackedBlob(BlobId(number.to_bytes(16, "big")), "pack", 0, 400)
        volume_id, placed = await bringing._write([blob], PACK)
        assert list(placed) == [blob.blob_id]
        found[volume_id] += 1
    return found


async def test_packs_go_by_weight(volumes):
    assert await brought(weighed(volumes, v1=0, v2=1, v3=3), 8) == {2: 2, 3: 6}


async def test_a_full_volume_is_passed_by(volumes):
    mixed = {VolumeId(1): Full(), VolumeId(2): volumes[VolumeId(2)]}
    assert await brought(weighed(mixed, v1=9, v2=1), 4) == {2: 4}


async def test_where_all_are_full_it_is_said():
    with pytest.raises(StorageFull):
        await brought(weighed({VolumeId(1): Full(), VolumeId(2): Full()}, v1=1, v2=1), 1)
