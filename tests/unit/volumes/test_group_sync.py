"""Group sync: who shares a sync with whom, and who waits for whom."""

import asyncio
import threading

import pytest
import uvloop

from smartmail.adapters.volumes.group_sync import GATHER_S, GroupSync, SyncThread

NEVER_S = 3600


class Disk:
    """A file whose syncs the test lets end."""

    def __init__(self, coming=lambda: False, gather_s=GATHER_S):
        self.syncs = 0
        self.begun = threading.Event()
        self.may_end = threading.Event()
        self.may_end.set()
        self.error = None
        self.thread = SyncThread()
        self.group = GroupSync(self._sync, self.thread, coming, gather_s)

    def _sync(self):
        self.syncs += 1
        self.begun.set()
        self.may_end.wait()
        if self.error:
            raise self.error

    async def running(self):
        await asyncio.to_thread(self.begun.wait)
        self.begun.clear()


@pytest.fixture
def disks():
    made = []

    def make(*args):
        made.append(Disk(*args))
        return made[-1]

    yield make
    for disk in made:
        disk.may_end.set()
        disk.thread.stop()


async def test_requests_of_one_turn_share_a_sync(disks):
    disk = disks()
    await asyncio.gather(*(disk.group.request() for _ in range(3)))
    assert disk.syncs == 1
    assert disk.group.idle


async def test_a_request_during_a_sync_gets_the_next_one(disks):
    disk = disks()
    disk.may_end.clear()
    first = disk.group.request()
    await disk.running()
    later = [disk.group.request() for _ in range(2)]
    assert not disk.group.idle
    disk.may_end.set()
    await first
    assert not any(one.done() for one in later)
    await asyncio.gather(*later)
    assert disk.syncs == 2


async def test_one_who_is_alone_does_not_wait(disks):
    disk = disks(lambda: False, NEVER_S)
    for _ in range(3):
        await disk.group.request()
    assert disk.syncs == 3


async def test_a_sync_waits_for_those_who_are_about_to_ask(disks):
    coming = [2]
    disk = disks(lambda: coming[0] > 0, NEVER_S)
    first = disk.group.request()
    coming[0] = 1
    await asyncio.sleep(0)
    second = disk.group.request()
    await asyncio.sleep(0)
    assert disk.syncs == 0
    coming[0] = 0
    third = disk.group.request()
    await asyncio.gather(first, second, third)
    assert disk.syncs == 1


async def test_those_who_never_come_hold_nobody_up(disks):
    disk = disks(lambda: True)
    await disk.group.request()
    assert disk.syncs == 1


async def test_who_asked_together_waits_for_as_many_the_next_time(disks):
    disk = disks(lambda: False, NEVER_S)
    await asyncio.gather(*(disk.group.request() for _ in range(3)))
    some = [disk.group.request() for _ in range(2)]
    await asyncio.sleep(0)
    assert disk.syncs == 1
    await asyncio.gather(*some, disk.group.request())
    assert disk.syncs == 2


def test_a_wait_that_ends_as_somebody_asks_is_one_sync(disks):
    """uvloop runs what is due before what was asked for: the look of a request can come after its sync has begun."""

    async def ask() -> Disk:
        disk = disks(lambda: True, 0)
        disk.may_end.clear()
        first = disk.group.request()
        await asyncio.sleep(0)
        second = disk.group.request()
        await disk.running()
        ended = asyncio.Event()
        disk.group.when_idle(ended.set)
        disk.may_end.set()
        await asyncio.gather(first, second, ended.wait())
        return disk

    disk = uvloop.run(ask())
    disk.thread.stop()
    assert disk.syncs == 1


async def test_a_failed_sync_fails_all_later_ones(disks):
    disk = disks()
    disk.error = OSError(5, "I/O error")
    with pytest.raises(OSError, match="I/O error"):
        await disk.group.request()
    with pytest.raises(OSError, match="I/O error"):
        await disk.group.request()
    assert disk.syncs == 1


async def test_a_cancelled_request_leaves_the_others_theirs(disks):
    disk = disks()
    disk.may_end.clear()
    first, second = disk.group.request(), disk.group.request()
    await disk.running()
    first.cancel()
    disk.may_end.set()
    await second
    assert disk.group.idle


async def test_idle_is_told_after_the_last_sync(disks):
    disk = disks()
    told = []
    request = disk.group.request()
    disk.group.when_idle(lambda: told.append(disk.syncs))
    assert not told
    await request
    assert told == [1]
