"""Two nodes of one name: the second refuses to start; a tree that starts again does so at once (ADR 74)."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from smartmail.adapters.clock import DatabaseClock
from smartmail.adapters.sql import open_sqlite
from smartmail.app.cluster import node_name
from smartmail.app.cluster.node_lock import FileLock
from smartmail.app.cluster.node_name import SILENT_MS, claim_name, place_of, require_name
from smartmail.app.serving import taking_over
from smartmail.app.settings import load
from smartmail.app.worker_context import CannotStartError, CannotStartYetError

START = 1_700_000_000_000


class Time:
    """Time that passes with every look at it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        self.now += 1_000
        return self.now


@pytest.fixture
async def house(tmp_path: Path):
    """A store that several data directories share, and its time."""
    time = Time()
    store = await open_sqlite(str(tmp_path / "shared.db"), now=time)
    yield store, time
    await store.close()


def settings(tmp_path: Path, name: str):
    folder = tmp_path / name
    folder.mkdir(exist_ok=True)
    return load(str(folder))


async def beating(store, file, time):
    """Be a node that lives."""
    while True:
        await require_name(file, store, DatabaseClock(time, lambda: 0))
        await asyncio.sleep(0)


async def test_the_second_of_one_name_refuses_and_says_what_to_do(tmp_path, house):
    store, time = house
    clock = DatabaseClock(time, lambda: 0)
    one, other = settings(tmp_path, "a"), settings(tmp_path, "b")
    await claim_name(one, store, clock, pause_s=0)
    alive = asyncio.create_task(beating(store, one, time))
    try:
        with pytest.raises(CannotStartError, match=r'node = "…" in its node.toml') as refused:
            await claim_name(other, store, clock, pause_s=0)
        assert not isinstance(refused.value, CannotStartYetError)
    finally:
        alive.cancel()
        await asyncio.gather(alive, return_exceptions=True)
    await require_name(one, store, clock)


async def test_the_same_directory_starts_again_at_once_and_what_was_before_ends(tmp_path, house):
    store, time = house
    clock = DatabaseClock(time, lambda: 0)
    one = settings(tmp_path, "a")
    await claim_name(one, store, clock, pause_s=0)
    holder = (tmp_path / "a" / "run" / "holder").read_text()
    began = time.now
    await claim_name(one, store, clock, pause_s=0)
    assert time.now - began < SILENT_MS / 2
    (tmp_path / "a" / "run" / "holder").write_text(holder)
    with pytest.raises(CannotStartError):
        await require_name(one, store, clock)


async def test_the_name_of_a_lost_node_is_free_after_its_silence(tmp_path, house):
    store, time = house
    clock = DatabaseClock(time, lambda: 0)
    one, other = settings(tmp_path, "a"), settings(tmp_path, "b")
    await claim_name(one, store, clock, pause_s=0)
    await claim_name(other, store, clock, pause_s=0)
    assert time.now - START >= SILENT_MS
    await require_name(other, store, clock)
    with pytest.raises(CannotStartError):
        await require_name(one, store, clock)


def test_a_copy_of_a_data_directory_is_another_place(tmp_path):
    one = tmp_path / "a"
    one.mkdir()
    assert place_of(str(one)) == place_of(str(one))
    two = tmp_path / "b"
    two.mkdir()
    (two / "place").write_bytes((one / "place").read_bytes())
    assert place_of(str(two)) != place_of(str(one))


def test_a_process_follows_only_a_dead_one_of_its_name(tmp_path, monkeypatch):
    context = SimpleNamespace(settings=settings(tmp_path, "a"), process_name="background")
    monkeypatch.setattr(taking_over, "PATIENCE_S", 0.0)
    lock = taking_over.only_one(context)
    with pytest.raises(CannotStartYetError, match="lives still"):
        taking_over.only_one(context)
    lock.release()
    taking_over.only_one(context).release()
    assert taking_over.worker_prefix(context).startswith(f"node1/background/{place_of(context.settings.directory)}-")


def test_a_lock_is_told_by_its_file(tmp_path):
    lock, other = FileLock(str(tmp_path / "x")), FileLock(str(tmp_path / "x"))
    assert lock.taken(0)
    assert not other.taken(0)
    lock.release()
    assert other.taken(0)
    other.release()


async def test_the_watch_tells_once_that_the_clock_is_off_and_once_that_it_is_right(monkeypatch):
    told = []
    monkeypatch.setattr(node_name.log, "event", lambda name, **values: told.append(name))
    ahead = [0]
    clock = DatabaseClock(lambda: START + ahead[0], lambda: 0, far=True)

    async def ask() -> int:
        return START

    watch = node_name.ClockWatch(clock)
    for skew in (0, 5_000, 5_000, 0, 0):
        ahead[0] = skew
        await watch.look(ask)
    assert told == ["clock.off", "clock.right"]
