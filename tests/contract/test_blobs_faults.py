"""Fail the N-th call, N = 1, 2, 3 … until a run passes: after each, a blob is whole or was refused, never both lost
and acknowledged.
"""

import errno
import itertools
import random

import pytest
from tests.property.crash_disk import Disk, DiskFiles

from smartmail.adapters.volumes.packs import PackLimits, PackVolume
from smartmail.ports.blobs import VolumeError, VolumeFailed

LIMITS = PackLimits(small_octets=2000, roll_octets=5000, reserve_octets=0)
# Calls that may fail; lists and reads fail with what the disk says too.
FAULTY = {
    "open",
    "write",
    "append",
    "read",
    "sync",
    "sync_directory",
    "truncate",
    "unlink",
    "stat",
    "lock",
    "list",
    "space",
}


class Nth:
    """Fails the N-th call, and with `then` every one after it too."""

    def __init__(self, number, code, *, then=False):
        self.left = number
        self.code = code
        self.then = then
        self.failed = ""

    def __call__(self, call):
        if call not in FAULTY:
            return None
        self.left -= 1
        if self.left == 0 or (self.then and self.left < 0):
            self.failed = self.failed or call
            return self.code
        return None


class Run:
    """Every kind of work on a volume; what was acknowledged is in `store`."""

    def __init__(self, disk, fault, seed=1):
        self.rng = random.Random(seed)
        self.disk = disk
        self.files = DiskFiles(disk, fault)
        self.store = {}
        self.octets = {}
        self.failed = False
        self.volume = None

    async def work(self):
        self.volume = await self.attempt(self.open())
        if self.volume is None:
            return
        for number, size in enumerate([10, 1500, 9000, 0, 1500, 1500, 1500, 9000, 70, 1500, 1500]):
            await self.attempt(self.commit(number, size))
        for number in range(6):
            await self.attempt(self.delete(number))
        await self.attempt(self.upkeep())
        await self.attempt(self.commit(90, 1000))
        for number, location in self.store.items():
            await self.attempt(self.read(number, location))
        await self.attempt(self.volume.close())

    async def attempt(self, act):
        try:
            return await act
        except VolumeFailed:
            self.failed = True
        except VolumeError:
            return None

    async def open(self):
        return PackVolume("/v", files=self.files, limits=LIMITS, random=self.rng.randbytes)

    async def commit(self, number, size):
        octets = bytes([number]) * size
        writer = await self.volume.create(number.to_bytes(16, "big"))
        try:
            for at in range(0, size, 700):
                await writer.append(octets[at : at + 700])
            location = await writer.commit()
        finally:
            await writer.abort()
        assert not self.failed, "acknowledged after a failed sync"
        self.octets[number] = octets
        self.store[number] = location

    async def delete(self, number):
        if number in self.store:
            location = self.store.pop(number)
            await self.volume.delete(location)

    async def read(self, number, location):
        assert await self.volume.read(location) == self.octets[number]

    async def upkeep(self):
        self.disk.now += 100

        async def relocate(blob_id, old, new):
            number = int.from_bytes(blob_id, "big")
            if self.store.get(number) != old:
                return False
            self.store[number] = new
            return True

        await self.volume.compact(relocate, now=self.disk.now, grace_s=10)
        await self.volume.sweep(now=self.disk.now + 100, grace_s=10)


async def check(run, seed):
    """After a power cut every acknowledged blob is there, and the volume takes new ones."""
    run.files.kill()
    disk = run.disk.power_cut(random.Random(seed))
    after = Run(disk, None, seed=2)
    after.volume = await after.open()
    for number, location in run.store.items():
        assert await after.volume.read(location) == run.octets[number]
    states = {found.location: found.state async for found in after.volume.scan()}
    assert all(states[location] == "live" for location in run.store.values())
    after.octets.update(run.octets)
    await after.commit(99, 1500)
    assert await after.volume.read(after.store[99]) == bytes([99]) * 1500
    await after.volume.close()


@pytest.mark.parametrize("then", [False, True])
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
async def test_no_failed_call_loses_what_was_acknowledged(code, then):
    seen = set()
    for number in itertools.count(1):
        fault = Nth(number, code, then=then)
        run = Run(Disk(), fault)
        await run.work()
        if fault.failed in {"sync", "sync_directory"} and run.volume is not None and not run.failed:
            # Only the making of the volume may fail to sync and go on: nothing was acknowledged yet.
            raise AssertionError(f"call {number}: a failed {fault.failed} was survived")
        await check(run, number)
        seen.add(fault.failed)
        if not fault.failed:
            break
        assert number < 2000
    assert {"open", "write", "append", "sync", "sync_directory", "unlink", "read"} <= seen
