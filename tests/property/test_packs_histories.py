"""Random histories of a pack volume with kills and power cuts: every committed blob stays byte-identical."""

import asyncio
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.property.crash_disk import Disk, DiskFiles

from smartmail.adapters.volumes.packs import PackLimits, PackVolume
from smartmail.ports.blobs import VolumeError

LIMITS = PackLimits(small_octets=2000, memory_octets=4000, roll_octets=6000, reserve_octets=0)
SIZES = [0, 1, 39, 700, 1999, 2001, 9000]


class Killed(Exception):
    pass


class World:
    """One disk, some processes, and the store: which blob lies where. The store never forgets."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.disk = Disk()
        self.store: dict[bytes, str] = {}
        self.octets: dict[bytes, bytes] = {}
        self.number = 0
        self.processes: list[tuple[PackVolume, DiskFiles]] = []
        self.start()
        self.start()

    def start(self) -> None:
        files = DiskFiles(self.disk)
        volume = PackVolume("/v", files=files, limits=LIMITS, random=self.rng.randbytes)
        self.processes.append((volume, files))

    def pick(self) -> PackVolume:
        return self.rng.choice(self.processes)[0]

    async def commit(self, volume: PackVolume) -> None:
        self.number += 1
        one = self.number.to_bytes(16, "big")
        octets = self.rng.randbytes(self.rng.choice(SIZES))
        writer = await volume.create(one)
        try:
            for at in range(0, len(octets), 500):
                await writer.append(octets[at : at + 500])
                if self.rng.randrange(4) == 0:
                    await asyncio.sleep(0)
            location = await writer.commit()
        finally:
            await writer.abort()
        self.octets[one] = octets
        self.store[one] = location

    async def abort(self, volume: PackVolume) -> None:
        writer = await volume.create(b"a" * 16)
        await writer.append(self.rng.randbytes(self.rng.choice(SIZES)))
        await writer.abort()

    async def delete(self, volume: PackVolume) -> None:
        for one in self.rng.sample(sorted(self.store), len(self.store) // 2):
            # The row goes first: a kill between the two leaves an orphan.
            await volume.delete(self.store.pop(one))

    async def compact(self, volume: PackVolume, dies_at: int) -> None:
        calls = 0

        async def relocate(one: bytes, old: str, new: str) -> bool:
            nonlocal calls
            calls += 1
            if calls == dies_at:
                raise Killed
            if self.store.get(one) != old:
                return False
            self.store[one] = new
            if calls == -dies_at:
                raise Killed
            return True

        self.disk.now += 100
        try:
            await volume.compact(relocate, now=self.disk.now, grace_s=10)
            await volume.sweep(now=self.disk.now + 100, grace_s=10)
        except Killed:
            if self.rng.randrange(2):
                self.kill(volume)
            else:
                self.power_cut()

    def kill(self, volume: PackVolume) -> None:
        for process in self.processes:
            if process[0] is volume:
                process[1].kill()
                self.processes.remove(process)
        if not self.processes:
            self.start()

    async def interrupted(self, turns: int) -> None:
        """Commits under way in all processes when the power goes, after some turns of the loop."""
        tasks = [asyncio.ensure_future(self.commit(volume)) for volume, _ in self.processes for _ in range(3)]
        for _ in range(turns):
            await asyncio.sleep(0)
        # From here nothing more reaches the disk, nor does any process hear that it did.
        self.power_cut()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def power_cut(self) -> None:
        for _, files in self.processes:
            files.kill()
        self.disk = self.disk.power_cut(self.rng)
        self.processes.clear()
        self.start()

    async def check(self) -> None:
        files = DiskFiles(self.disk)
        fresh = PackVolume("/v", files=files, limits=LIMITS)
        for volume in (fresh, self.pick()):
            for one, location in self.store.items():
                assert await volume.read(location) == self.octets[one]
                assert await volume.read(location, 3, 50) == self.octets[one][3:53]
        states = {found.location: found async for found in fresh.scan()}
        for one, location in self.store.items():
            assert states[location].state == "live"
            assert states[location].blob_id == one
        await fresh.close()

    async def step(self, name: str, number: int) -> None:
        volume = self.pick()
        if name == "commit":
            await self.commit(volume)
        elif name == "group":
            await asyncio.gather(*[self.commit(self.pick()) for _ in range(number)])
        elif name == "abort":
            await self.abort(volume)
        elif name == "delete":
            await self.delete(volume)
        elif name == "compact":
            await self.compact(volume, number - 4)
        elif name == "kill":
            self.kill(volume)
        elif name == "start":
            self.start()
        else:
            await self.interrupted(number)


STEPS = st.tuples(
    st.sampled_from(["commit", "group", "group", "abort", "delete", "compact", "compact", "kill", "start", "power"]),
    st.integers(0, 12),
)


@given(seed=st.integers(0, 2**32), steps=st.lists(STEPS, min_size=3, max_size=25))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_committed_blobs_survive_every_history(seed, steps):
    async def history() -> None:
        world = World(random.Random(seed))
        for name, number in steps:
            await world.step(name, number)
            await world.check()
        for volume, _ in world.processes:
            await volume.close()

    asyncio.run(history())


@given(seed=st.integers(0, 2**32))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_upkeep_wins_the_space_back(seed):
    """After deletions, compaction and sweeps, what lies on the disk is little more than what lives."""

    async def history() -> None:
        world = World(random.Random(seed))
        for _ in range(10):
            await world.step("group", 8)
        for _ in range(3):
            await world.delete(world.pick())
        for volume, _ in list(world.processes):
            world.kill(volume)
        for _ in range(4):
            await world.compact(world.pick(), 1000)
        await world.check()
        live = sum(len(world.octets[one]) + 40 for one in world.store)
        lying = sum(len(inode.octets) for path, inode in world.disk.names.items() if path.endswith(".pack"))
        assert lying <= 3 * live + 2 * LIMITS.roll_octets

    asyncio.run(history())


def test_a_dead_process_is_heard_no_more():
    """The disk of these tests itself: what is not synced may go, what is synced stays."""
    disk = Disk()
    files = DiskFiles(disk)
    volume = PackVolume("/v", files=files, limits=LIMITS)

    async def run() -> None:
        writer = await volume.create(b"a" * 16)
        await writer.append(b"octets")
        location = await writer.commit()
        files.kill()
        try:
            await volume.read(location)
        except VolumeError:
            return
        raise AssertionError("a dead process read")

    asyncio.run(run())
    lost = {tuple(sorted(disk.power_cut(random.Random(seed)).names)) for seed in range(9)}
    assert len(lost) == 1
