"""A real file system that fills: refused, readable, and well again by itself."""

import io
import json
import os
import resource
import subprocess
import sys

import pytest

from smartmail.adapters.volumes.packs import PackLimits, PackVolume
from smartmail.base import log
from smartmail.ports.blobs import VolumeFull

BLOB = 61_000


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MiB. Needs root."""
    where = tmp_path / "disk"
    where.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(where)]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        pytest.fail(f"a full disk is tried on a file system of its own: run the tests as root ({made.stderr.strip()})")
    yield str(where)
    subprocess.run(["umount", "-l", str(where)], check=True)


async def keep(volume, number, octets):
    writer = await volume.create(number.to_bytes(16, "big"))
    try:
        for at in range(0, len(octets), 50_000):
            await writer.append(octets[at : at + 50_000])
        return await writer.commit()
    finally:
        await writer.abort()


async def fill(volume, size, first=0):
    kept = {}
    for number in range(first, first + 1000):
        octets = os.urandom(size)
        try:
            kept[await keep(volume, number, octets)] = octets
        except VolumeFull:
            return kept
    raise AssertionError("it never filled")


async def readable(volume, kept):
    for location, octets in kept.items():
        assert await volume.read(location) == octets


@pytest.mark.parametrize("size", [BLOB, 1_500_000])
async def test_a_full_disk_refuses_stays_readable_and_recovers(small_disk, size):
    ballast = f"{small_disk}/ballast"
    with open(ballast, "wb") as file:
        file.write(bytes(1_000_000))
    volume = PackVolume(f"{small_disk}/volume", limits=PackLimits(reserve_octets=0))
    kept = await fill(volume, size)
    assert kept
    for _ in range(3):
        with pytest.raises(VolumeFull):
            await keep(volume, 5000, os.urandom(size))
    await readable(volume, kept)
    assert {found.state async for found in volume.scan()} == {"live"}
    os.unlink(ballast)
    octets = os.urandom(BLOB)
    kept[await keep(volume, 6000, octets)] = octets
    await readable(volume, kept)
    await volume.close()


async def test_a_reserve_is_kept_free_and_fullness_is_told_once(small_disk):
    lines = io.StringIO()
    log.configure(stream=lines)
    volume = PackVolume(f"{small_disk}/volume", limits=PackLimits(reserve_octets=1_000_000))
    kept = await fill(volume, BLOB)
    with pytest.raises(VolumeFull):
        await keep(volume, 5000, os.urandom(BLOB))
    log.configure()
    assert [json.loads(line)["event"] for line in lines.getvalue().splitlines()] == ["volume.full"]
    assert os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize >= 900_000
    await readable(volume, kept)
    await volume.close()


async def test_a_full_volume_wins_space_back_by_deletion(small_disk):
    volume = PackVolume(f"{small_disk}/volume", limits=PackLimits(reserve_octets=1_000_000, roll_octets=500_000))
    kept = await fill(volume, BLOB)
    for location in list(kept)[: len(kept) // 2]:
        await volume.delete(location)
        del kept[location]
    store = {(await volume.stat(location)).blob_id: location for location in kept}

    async def relocate(blob_id, old, new):
        assert store[blob_id] == old
        kept[new] = kept.pop(old)
        store[blob_id] = new
        return True

    await volume.compact(relocate, now=4e9, grace_s=0)
    assert await volume.sweep(now=4e9, grace_s=0) > 0
    assert await fill(volume, BLOB, first=2000)
    await readable(volume, kept)
    await volume.close()


async def test_killed_while_full_nothing_is_lost(small_disk):
    code = (
        "import asyncio, os, sys\n"
        "from smartmail.adapters.volumes.packs import PackLimits, PackVolume\n"
        "async def main():\n"
        "    volume = PackVolume(sys.argv[1], limits=PackLimits(reserve_octets=0))\n"
        "    for number in range(1000):\n"
        "        writer = await volume.create(number.to_bytes(16, 'big'))\n"
        "        await writer.append(number.to_bytes(4, 'big') * 15000)\n"
        "        try:\n"
        "            print(await writer.commit(), flush=True)\n"
        "        except Exception as error:\n"
        "            print(type(error).__name__, flush=True)\n"
        "asyncio.run(main())\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, f"{small_disk}/volume"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    told = []
    for line in child.stdout:
        told.append(line.strip())
        if told[-1] == "VolumeFull":
            break
    child.kill()
    child.communicate()
    assert told[-1] == "VolumeFull"
    volume = PackVolume(f"{small_disk}/volume", limits=PackLimits(reserve_octets=0))
    for number, location in enumerate(told[:-1]):
        assert await volume.read(location) == number.to_bytes(4, "big") * 15000
    await volume.close()


async def test_a_file_size_limit_is_a_refused_write(tmp_path):
    """Where nothing can be mounted this still meets a write that the system cuts short and then refuses."""
    volume = PackVolume(str(tmp_path / "volume"), limits=PackLimits(reserve_octets=0))
    first = os.urandom(BLOB)
    location = await keep(volume, 1, first)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        kept = {await keep(volume, 2, first): first}
    except Exception as error:
        refused = error
        kept = {}
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert kept == {}
    assert type(refused).__name__ == "VolumeUnavailable"
    kept = {location: first, await keep(volume, 3, first): first}
    await readable(volume, kept)
    await volume.close()
