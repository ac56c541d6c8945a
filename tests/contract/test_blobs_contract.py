"""One suite for every volume: local packs, S3 objects, and the fake that other tests use."""

import asyncio
import os
import urllib.request

import pytest
from tests.contract.fake_volume import FakeVolume

from smartmail.adapters.volumes.objects import ObjectVolume, S3Settings, connect
from smartmail.adapters.volumes.packs import PackLimits, PackVolume
from smartmail.ports.blobs import BlobMissing

MIB = 1024 * 1024
SIZES = [0, 1, 61_000, 64 * 1024 + 1, MIB, MIB + 1, 6 * MIB, 11 * MIB + 3]
LATE = 4_000_000_000.0


@pytest.fixture(scope="session")
def s3():
    """An S3 server of the test's own, on a free port of loopback."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["packs", "tiny packs", "objects", "fake"])
async def volume(request, tmp_path):
    if request.param == "fake":
        made = FakeVolume()
    elif request.param == "objects":
        endpoint = request.getfixturevalue("s3")
        bucket = f"test-{os.urandom(6).hex()}"
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{bucket}", method="PUT"))
        made = ObjectVolume(connect(S3Settings(endpoint, bucket, "us-east-1", "id", "secret", prefix="mail/a")))
    elif request.param == "packs":
        made = PackVolume(str(tmp_path / "volume"), limits=PackLimits(reserve_octets=0))
    else:
        limits = PackLimits(small_octets=1000, memory_octets=5000, roll_octets=3000, reserve_octets=0)
        made = PackVolume(str(tmp_path / "volume"), limits=limits)
    yield made
    await made.close()


def blob_id(number):
    return number.to_bytes(16, "big")


def octets_of(number, size):
    return (number.to_bytes(4, "big") * (size // 4 + 1))[:size]


async def keep(volume, number, size, chunk=100_000):
    writer = await volume.create(blob_id(number), size)
    octets = octets_of(number, size)
    for at in range(0, size, chunk):
        await writer.append(octets[at : at + chunk])
    return await writer.commit()


@pytest.mark.parametrize("size", SIZES)
async def test_what_was_committed_is_read(volume, size):
    location = await keep(volume, 7, size)
    assert await volume.read(location) == octets_of(7, size)
    assert await volume.stat(location) == (blob_id(7), size)
    assert len(location) <= 120


@pytest.mark.parametrize("size", [1, 61_000, 6 * MIB])
async def test_ranges_are_cut_at_the_end(volume, size):
    octets = octets_of(9, size)
    location = await keep(volume, 9, size)
    for start, length in [
        (0, 1),
        (0, size),
        (0, size + 5),
        (size // 2, 10),
        (size - 1, 10),
        (size, 10),
        (size + 9, 1),
        (3, 0),
    ]:
        assert await volume.read(location, start, length) == octets[start : start + length]
    assert await volume.read(location, size // 3) == octets[size // 3 :]


async def test_many_writers_at_once_do_not_mix(volume):
    async def slowly(number):
        writer = await volume.create(blob_id(number))
        octets = octets_of(number, 700 * number)
        for at in range(0, len(octets), 512):
            await writer.append(octets[at : at + 512])
            await asyncio.sleep(0)
        return await writer.commit()

    locations = await asyncio.gather(*[slowly(number) for number in range(24)])
    assert len(set(locations)) == 24
    for number, location in enumerate(locations):
        assert await volume.read(location) == octets_of(number, 700 * number)


@pytest.mark.parametrize("size", [10, 6 * MIB])
async def test_an_aborted_blob_leaves_nothing(volume, size):
    writer = await volume.create(blob_id(1))
    await writer.append(octets_of(1, size))
    await writer.abort()
    await writer.abort()
    assert [found async for found in volume.scan()] == []
    for call in (writer.commit(), writer.append(b"x")):
        with pytest.raises(ValueError):
            await call


async def test_a_committed_blob_cannot_be_aborted_or_added_to(volume):
    writer = await volume.create(blob_id(1))
    await writer.append(b"abc")
    location = await writer.commit()
    await writer.abort()
    for call in (writer.commit(), writer.append(b"x")):
        with pytest.raises(ValueError):
            await call
    assert await volume.read(location) == b"abc"


async def test_two_commits_of_one_id_are_two_blobs(volume):
    first, second = await keep(volume, 1, 10), await keep(volume, 1, 20)
    assert first != second
    await volume.delete(first)
    assert await volume.read(second) == octets_of(1, 20)


async def test_a_deleted_blob_is_no_longer_live(volume):
    kept, gone = await keep(volume, 1, 5000), await keep(volume, 2, 5000)
    await volume.delete(gone)
    await volume.delete(gone)
    found = {one.location: one.state async for one in volume.scan()}
    assert found[kept] == "live"
    assert found.get(gone, "dead") == "dead"
    assert await volume.read(kept) == octets_of(1, 5000)


async def test_scan_names_each_blob(volume):
    locations = {await keep(volume, number, 300 * number): number for number in range(9)}
    found = [one async for one in volume.scan()]
    assert {one.location for one in found} == set(locations)
    for one in found:
        assert one.state == "live"
        assert one.blob_id == blob_id(locations[one.location])
        assert one.size == 300 * locations[one.location]
    unverified = [one.location async for one in volume.scan(verify=False)]
    assert set(unverified) == set(locations)


@pytest.mark.parametrize(
    "location",
    [
        "",
        "x",
        "../../etc/passwd",
        "p0123456789ab-20-5",
        "l0123456789ab-20-5",
        "p0123456789ab-20-" + "f" * 12,
        "00" * 16 + "-" + "00" * 8 + "-5",
        "fake-9",
        "p0123456789ab-20-5\n",
        "٣" * 12,
    ],
)
async def test_a_location_that_was_never_given_is_missing(volume, location):
    for call in (volume.read(location), volume.stat(location), volume.read(location, 1, 2)):
        with pytest.raises(BlobMissing):
            await call


async def test_the_identity_stays(volume):
    assert await volume.identity() == await volume.identity()
    assert len(await volume.identity()) == 32


async def test_space_counts_live_octets(volume):
    before = (await volume.space()).live
    await keep(volume, 1, 50_000)
    assert 50_000 <= (await volume.space()).live - before <= 51_000


async def test_upkeep_keeps_what_lives(volume):
    locations = {blob_id(number): await keep(volume, number, 400) for number in range(40)}
    for number in range(0, 40, 2):
        await volume.delete(locations.pop(blob_id(number)))

    async def relocate(one, old, new):
        if locations.get(one) != old:
            return False
        locations[one] = new
        return True

    for _ in range(3):
        await volume.compact(relocate, now=LATE, grace_s=10)
        await volume.sweep(now=LATE, grace_s=10)
    for one, location in locations.items():
        assert await volume.read(location) == octets_of(int.from_bytes(one, "big"), 400)


async def test_a_cancelled_commit_harms_no_other(volume):
    async def one(number):
        return await keep(volume, number, 3000)

    tasks = [asyncio.ensure_future(one(number)) for number in range(10)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for task in tasks[::3]:
        task.cancel()
    for number, ended in enumerate(await asyncio.gather(*tasks, return_exceptions=True)):
        if not isinstance(ended, BaseException):
            assert await volume.read(ended) == octets_of(number, 3000)
    assert await volume.read(await one(99)) == octets_of(99, 3000)
