"""What only the local volume promises: group sync, locks, damage, upkeep, failures."""

import asyncio
import errno
import os
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from smartmail.adapters.volumes.files import PosixFiles
from smartmail.adapters.volumes.packs import PackLimits, PackVolume
from smartmail.domain.ids import BlobId
from smartmail.ports.blobs import (
    BlobDamaged,
    BlobMissing,
    VolumeFailed,
    VolumeFull,
    VolumeUnavailable,
)

LATE = 4_000_000_000.0
SMALL = PackLimits(small_octets=2000, roll_octets=10_000, reserve_octets=0)


class SlowSync(PosixFiles):
    """Counts syncs and holds them until let go."""

    def __init__(self):
        self.syncs = 0
        self.free = 10**12
        self.gate = threading.Semaphore(10**6)

    def hold(self):
        self.gate = threading.Semaphore(0)

    def sync(self, descriptor):
        self.syncs += 1
        self.gate.acquire()
        super().sync(descriptor)

    def space(self, path):
        return 10**12, self.free


@pytest.fixture
def root(tmp_path):
    return str(tmp_path / "volume")


@pytest.fixture
async def open_volume(root):
    volumes = []

    def make(files=None, limits=SMALL, **more):
        volumes.append(PackVolume(root, files=files, limits=limits, **more))
        return volumes[-1]

    yield make
    for volume in volumes:
        await volume.close()


async def keep(volume, number=1, octets=b"octets"):
    writer = await volume.create(number.to_bytes(16, "big"))
    await writer.append(octets)
    return await writer.commit()


def packs(root, suffix=".pack"):
    return sorted(name for name in os.listdir(f"{root}/packs") if name.endswith(suffix))


def large(root):
    return [os.path.join(d, name) for d, _, names in os.walk(f"{root}/large") for name in names]


async def states(volume, **more):
    return sorted([found.state async for found in volume.scan(**more)])


# --- group sync ---


async def settle(condition):
    """Let the loop and its threads work until something holds; a bound keeps a broken test from hanging."""
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0.0005)
    raise AssertionError("never happened")


async def test_commits_that_come_during_a_sync_share_the_next(open_volume):
    files = SlowSync()
    volume = open_volume(files)
    await keep(volume)
    before = files.syncs
    files.hold()
    first = asyncio.ensure_future(keep(volume))
    await settle(lambda: files.syncs == before + 1)
    others = [asyncio.ensure_future(keep(volume, number)) for number in range(16)]
    await asyncio.sleep(0.005)
    assert not any(task.done() for task in [first, *others])
    files.gate.release()
    await first
    assert not any(task.done() for task in others), "a sync that began before a write says nothing about it"
    files.gate.release()
    await asyncio.gather(*others)
    assert files.syncs == before + 2


async def test_a_commit_alone_is_synced_at_once(open_volume):
    files = SlowSync()
    volume = open_volume(files)
    for number in range(1, 4):
        await keep(volume)
        assert files.syncs == number + 1, "one more made the identity durable"


@pytest.mark.parametrize("size", [10, 5_000], ids=["small", "large"])
async def test_who_has_ended_is_waited_for_no_more(open_volume, size):
    volume = open_volume()
    for number, end in enumerate(("commit", "abort", "commit twice", "abort twice")):
        writer = await volume.create(BlobId(bytes([number]) * 16))
        assert volume.coming == 1
        await writer.append(b"x" * size)
        for _ in range(2 if end.endswith("twice") else 1):
            with suppress(ValueError):
                await (writer.commit() if end.startswith("commit") else writer.abort())
        assert volume.coming == 0, end


async def test_commits_of_one_turn_share_a_sync(open_volume):
    files = SlowSync()
    volume = open_volume(files)
    before = files.syncs
    await asyncio.gather(*[keep(volume, number) for number in range(50)])
    assert files.syncs - before <= 2


async def test_a_new_pack_is_named_durably(open_volume):
    class Named(PosixFiles):
        seen = []

        def sync_directory(self, path):
            self.seen.append(os.path.basename(path))
            super().sync_directory(path)

    volume = open_volume(Named())
    Named.seen.clear()
    await keep(volume)
    await keep(volume)
    assert Named.seen == ["packs"]
    await keep(volume, octets=b"x" * 5000)
    assert len(Named.seen) == 2, "a large blob's own directory"


# --- files and processes ---


async def test_each_process_start_has_a_pack_of_its_own(open_volume, root):
    first, second = open_volume(), open_volume()
    locations = [await keep(volume, number) for number, volume in enumerate((first, second, first, second))]
    assert len(packs(root)) == 2
    for volume in (first, second):
        assert [await volume.read(location) for location in locations] == [b"octets"] * 4


async def test_packs_roll_over_and_idle_ones_leave_no_file(open_volume, root):
    volume = open_volume()
    locations = [await keep(volume, number, bytes([number]) * 1500) for number in range(20)]
    assert len(packs(root)) == 3
    assert [await volume.read(location) for location in locations] == [bytes([n]) * 1500 for n in range(20)]
    idle = open_volume()
    await idle.close()
    assert len(packs(root)) == 3


async def test_files_are_for_their_owner_only(open_volume, root):
    volume = open_volume()
    await volume.delete(await keep(volume))
    await keep(volume, octets=b"x" * 5000)
    for directory, _, names in os.walk(root):
        assert os.stat(directory).st_mode & 0o077 == 0
        for name in names:
            assert os.stat(os.path.join(directory, name)).st_mode & 0o077 == 0


async def test_many_small_writers_together_hold_bounded_memory(open_volume, root):
    limits = PackLimits(small_octets=1_000_000, memory_octets=1_000_000, reserve_octets=0)
    volume = open_volume(limits=limits)
    writers = [await volume.create(number.to_bytes(16, "big")) for number in range(40)]
    for _ in range(10):
        for writer in writers:
            await writer.append(b"x" * 20_000)
        assert volume.held <= 1_000_000 + 40 * 70_000
    assert large(root)
    locations = [await writer.commit() for writer in writers]
    assert volume.held == 0
    for location in locations:
        assert await volume.read(location) == b"x" * 200_000


async def test_reading_keeps_few_files_open(open_volume, root):
    volume = open_volume()
    locations = [await keep(volume, number, bytes([number % 256]) * 2500) for number in range(400)]
    for number, location in enumerate(locations):
        assert await volume.read(location) == bytes([number % 256]) * 2500
    assert sum(path.startswith(root) for path in open_paths()) <= 260


def open_paths():
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            yield os.readlink(f"/proc/self/fd/{descriptor}")
        except FileNotFoundError:
            continue


# --- damage ---


def flip(path, offset, octets=b"\xff"):
    with open(path, "r+b") as file:
        file.seek(offset)
        old = file.read(len(octets))
        file.seek(offset)
        file.write(bytes(a ^ b for a, b in zip(old, octets)))


def place(location):
    name, offset, size = location.split("-")
    return name[1:] + ".pack", int(offset, 16), int(size, 16)


@pytest.mark.parametrize("at", [0, 5, 20, 30, 37, 40, 45])
async def test_damage_is_told_and_harms_no_neighbour(open_volume, root, at):
    volume = open_volume()
    locations = [await keep(volume, number, b"octets" * 9) for number in range(3)]
    name, offset, _ = place(locations[1])
    flip(f"{root}/packs/{name}", offset + at)
    with pytest.raises(BlobDamaged):
        await volume.read(locations[1])
    assert [await volume.read(locations[n]) for n in (0, 2)] == [b"octets" * 9] * 2
    assert await states(volume) == ["damaged", "live", "live"]


async def test_a_torn_tail_is_no_damage(open_volume, root):
    volume = open_volume()
    location = await keep(volume)
    lost = await keep(volume, 2, b"y" * 500)
    name, offset, _ = place(lost)
    for cut in (offset + 300, offset + 40, offset + 7):
        os.truncate(f"{root}/packs/{name}", cut)
        assert await states(volume) == ["live", "torn"]
    with pytest.raises(BlobDamaged):
        await volume.read(lost)
    assert await volume.read(location) == b"octets"


async def test_a_large_blob_that_never_ended_is_swept(open_volume, root):
    volume = open_volume()
    writer = await volume.create(b"a" * 16)
    await writer.append(b"x" * 3_000_000)
    assert await volume.sweep(now=LATE, grace_s=0) == 0, "its process lives"
    path = large(root)[0]
    octets = open(path, "rb").read()
    await writer.abort()
    assert large(root) == []
    open(path, "wb").write(octets)
    assert await states(volume) == ["torn"]
    assert await volume.sweep(now=LATE, grace_s=0) > 3_000_000
    assert large(root) == []


async def test_a_damaged_large_blob_is_kept(open_volume, root):
    volume = open_volume()
    await keep(volume, octets=b"x" * 3_000_000)
    flip(large(root)[0], 40)
    assert await volume.sweep(now=LATE, grace_s=0) == 0
    assert await states(volume) == ["damaged"]


async def test_a_location_inside_another_blob_is_refused(open_volume):
    volume = open_volume()
    location = await keep(volume, octets=b"x" * 500)
    name, offset, size = location.split("-")
    for forged in (f"{name}-{int(offset, 16) + 8:x}-{size}", f"{name}-{offset}-5", f"{name}-0-5"):
        with pytest.raises(BlobDamaged):
            await volume.read(forged)
        with pytest.raises(BlobDamaged):
            await volume.delete(forged)


@pytest.mark.parametrize(
    "content", ["", "hello", "SmartMail volume, version 2\nid: 00\n", "SmartMail volume, version 1\nid: xy"]
)
def test_a_directory_that_is_no_volume_of_ours_is_refused(root, content):
    os.makedirs(root)
    open(f"{root}/volume", "w").write(content)
    with pytest.raises(VolumeUnavailable):
        PackVolume(root)


# --- upkeep ---


async def no_swap(*_):
    raise AssertionError("nothing was to be moved")


async def test_the_pack_of_a_live_process_is_neither_moved_nor_removed(open_volume, root):
    owner, jobs = open_volume(), open_volume()
    gone = [await keep(owner, number) for number in range(4)]
    for location in gone:
        await jobs.delete(location)
    await jobs.compact(no_swap, now=LATE, grace_s=0)
    assert await jobs.sweep(now=LATE, grace_s=0) == 0
    location = await keep(owner, 9, b"after")
    assert await open_volume().read(location) == b"after"


async def test_the_pack_of_another_live_process_is_left_alone(open_volume, root):
    """The same across real processes: the lock dies with its process, by any death."""
    code = (
        "import asyncio, sys\n"
        "from smartmail.adapters.volumes.packs import PackVolume\n"
        "async def main():\n"
        "    volume = PackVolume(sys.argv[1])\n"
        "    writer = await volume.create(b'c' * 16)\n"
        "    await writer.append(b'from the child')\n"
        "    print(await writer.commit(), flush=True)\n"
        "    sys.stdin.read()\n"
        "asyncio.run(main())\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, root], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    )
    location = child.stdout.readline().strip()
    volume = open_volume()
    assert await volume.read(location) == b"from the child"
    await volume.delete(location)
    assert await volume.sweep(now=LATE, grace_s=0) == 0
    child.kill()
    child.communicate()
    assert await volume.sweep(now=LATE, grace_s=0) > 0
    with pytest.raises(BlobMissing):
        await open_volume().read(location)


def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


async def emptied(open_volume, root):
    """A closed pack of 6 blobs, 4 of them deleted; return the store and a fresh volume."""
    owner = open_volume()
    store = {number: await keep(owner, number, bytes([number]) * 300) for number in range(6)}
    await owner.close()
    volume = open_volume()
    for number in range(4):
        await volume.delete(store.pop(number))
    return store, volume


async def test_young_packs_are_left_alone(open_volume, root):
    _, volume = await emptied(open_volume, root)
    now = max(os.stat(f"{root}/packs/{name}").st_mtime for name in packs(root))
    await volume.compact(no_swap, now=now, grace_s=60)
    assert await volume.sweep(now=now, grace_s=60) == 0


async def test_compaction_moves_what_lives_and_frees_the_pack(open_volume, root):
    store, volume = await emptied(open_volume, root)
    before = packs(root)

    async def relocate(blob_id, old, new):
        number = int.from_bytes(blob_id, "big")
        assert store[number] == old
        assert await volume.read(new) == bytes([number]) * 300
        store[number] = new
        return True

    assert await volume.compact(relocate, now=LATE, grace_s=10) == (2, 0, 600)
    assert await volume.sweep(now=LATE, grace_s=10) > 1800
    assert not set(before) & set(packs(root))
    assert packs(root, ".dead") == []
    for number, location in store.items():
        assert await volume.read(location) == bytes([number]) * 300


async def test_what_the_store_does_not_know_is_not_dropped(open_volume, root):
    """An orphan, or a store that answers wrongly: the octets stay until somebody deletes them by name."""
    store, volume = await emptied(open_volume, root)

    async def relocate(*_):
        return False

    assert (await volume.compact(relocate, now=LATE, grace_s=10)).left == 2
    await volume.sweep(now=LATE, grace_s=10)
    for number, location in store.items():
        assert await volume.read(location) == bytes([number]) * 300
    live = [found.location async for found in volume.scan() if found.state == "live"]
    assert sorted(live) == sorted(store.values())


async def test_a_damaged_blob_is_left_by_compaction(open_volume, root):
    store, volume = await emptied(open_volume, root)
    name, offset, _ = place(store[5])
    flip(f"{root}/packs/{name}", offset + 100)
    moved = []

    async def relocate(blob_id, old, new):
        moved.append(old)
        return True

    assert await volume.compact(relocate, now=LATE, grace_s=10) == (1, 1, 300)
    assert moved == [store[4]]
    await volume.sweep(now=LATE, grace_s=10)
    assert name in packs(root)


async def test_the_small_packs_of_many_starts_are_merged(open_volume, root):
    store = {}
    for number in range(10):
        volume = open_volume()
        store[number] = await keep(volume, number, b"x")
        await volume.close()
    volume = open_volume()

    async def relocate(blob_id, old, new):
        store[int.from_bytes(blob_id, "big")] = new
        return True

    assert (await volume.compact(relocate, now=LATE, grace_s=0)).moved == 10
    await volume.sweep(now=LATE, grace_s=0)
    assert len(packs(root)) == 1
    assert [await volume.read(location) for location in store.values()] == [b"x"] * 10


async def test_a_reader_that_still_has_a_swept_pack_open_keeps_no_space(open_volume, root):
    store, volume = await emptied(open_volume, root)
    reader = open_volume()
    location = store[5]
    assert await reader.read(location) == b"\x05" * 300
    for one in store.values():
        await volume.delete(one)
    assert await volume.sweep(now=LATE, grace_s=0) > 0
    with pytest.raises(BlobMissing):
        await reader.read(location)


async def test_space_tells_live_from_dead(open_volume, root):
    _, volume = await emptied(open_volume, root)
    space = await volume.space()
    assert (space.live, space.dead) == (2 * 340, 4 * 340)
    assert 0 < space.free <= space.total


# --- failures ---


class Broken(PosixFiles):
    """Fails the calls named in `failing`."""

    def __init__(self, **failing):
        self.failing = failing
        self.syncs = 0

    def check(self, call):
        if self.failing.get(call):
            raise OSError(self.failing[call], os.strerror(self.failing[call]))

    def write(self, descriptor, parts, offset):
        if self.failing.get("write"):
            # Half of it lands before the error shows.
            super().write(descriptor, [b"".join(parts)[:20]], offset)
        self.check("write")
        return super().write(descriptor, parts, offset)

    def truncate(self, descriptor, size):
        self.check("truncate")
        super().truncate(descriptor, size)

    def sync(self, descriptor):
        self.syncs += 1
        self.check("sync")
        super().sync(descriptor)

    def open(self, path, flags):
        if flags & os.O_CREAT:
            self.check("open")
        return super().open(path, flags)


async def test_a_failed_sync_is_fatal_and_never_tried_again(open_volume):
    told = []
    files = Broken()
    volume = open_volume(files, on_failure=told.append)
    before = await keep(volume)
    files.failing = {"sync": errno.EIO}
    files.syncs = 0
    ended = await asyncio.gather(*[keep(volume, number) for number in range(5)], return_exceptions=True)
    assert [type(one) for one in ended] == [VolumeFailed] * 5
    assert len(told) == 1
    files.failing = {}
    for octets in (b"small", b"x" * 5000):
        with pytest.raises(VolumeFailed):
            await keep(volume, octets=octets)
    assert files.syncs == 1
    assert await volume.read(before) == b"octets"


async def test_a_failed_sync_of_a_large_blob_is_fatal_too(open_volume):
    told = []
    files = Broken()
    volume = open_volume(files, on_failure=told.append)
    files.failing = {"sync": errno.EIO}
    with pytest.raises(VolumeFailed):
        await keep(volume, octets=b"x" * 5000)
    assert len(told) == 1


@pytest.mark.parametrize("also", [{}, {"truncate": errno.EIO}])
@pytest.mark.parametrize(
    ("code", "error"), [(errno.ENOSPC, VolumeFull), (errno.EDQUOT, VolumeFull), (errno.EIO, VolumeUnavailable)]
)
@pytest.mark.parametrize("size", [100, 5000])
async def test_a_refused_write_keeps_nothing_and_the_next_blob_is_tried_afresh(open_volume, code, error, size, also):
    files = Broken()
    volume = open_volume(files)
    before = await keep(volume, 1)
    files.failing = {"write": code, **also}
    for _ in range(3):
        with pytest.raises(error):
            await keep(volume, 2, b"x" * size)
    files.failing = {}
    after = await keep(volume, 3, b"y" * size)
    assert await volume.read(before) == b"octets"
    assert await volume.read(after) == b"y" * size
    assert (await states(volume)).count("live") == 2
    assert "damaged" not in await states(volume)


async def test_no_more_files_is_unavailable(open_volume):
    files = Broken()
    volume = open_volume(files)
    files.failing = {"open": errno.EMFILE}
    for octets in (b"small", b"x" * 5000):
        with pytest.raises(VolumeUnavailable):
            await keep(volume, octets=octets)
    files.failing = {}
    assert await volume.read(await keep(volume)) == b"octets"


async def test_the_reserve_is_left_to_the_database(open_volume):
    files = SlowSync()
    volume = open_volume(files, PackLimits(reserve_octets=1000, small_octets=2000))
    files.free = 1600
    await keep(volume, octets=b"x" * 500)
    with pytest.raises(VolumeFull):
        await volume.create(b"a" * 16, 700)
    for size in (700, 5000):
        with pytest.raises(VolumeFull):
            await keep(volume, octets=b"x" * size)
    files.free = 10**9
    await keep(volume, octets=b"x" * 5000)


async def test_a_cancelled_large_blob_leaves_no_file(open_volume, root):
    files = SlowSync()
    volume = open_volume(files)
    writer = await volume.create(b"a" * 16)

    async def big():
        try:
            await writer.append(b"x" * 2_000_000)
            await asyncio.Event().wait()
        finally:
            await writer.abort()

    task = asyncio.ensure_future(big())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert large(root) == []


async def test_a_refused_write_gives_its_space_back(open_volume, root):
    files = Broken()
    volume = open_volume(files)
    await keep(volume)
    path = f"{root}/packs/{packs(root)[0]}"
    size = os.path.getsize(path)
    files.failing = {"write": errno.ENOSPC}
    with pytest.raises(VolumeFull):
        await keep(volume, 2, b"x" * 1000)
    assert os.path.getsize(path) == size
    assert len(packs(root)) == 1


async def test_compaction_does_not_spend_the_last_room_on_copies(open_volume, root):
    store, volume = await emptied(open_volume, root)
    await volume.close()
    files = SlowSync()
    poor = open_volume(files)
    files.free = 1000
    await poor.compact(no_swap, now=LATE, grace_s=0)
    files.free = 10_000
    moved = []

    async def relocate(blob_id, old, new):
        moved.append(old)
        return True

    assert (await poor.compact(relocate, now=LATE, grace_s=0)).moved == 2
    assert sorted(moved) == sorted(store.values())
