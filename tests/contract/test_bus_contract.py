"""Contract of the bus (ports/bus.py): inside a process, between processes of a node, between nodes."""

import asyncio
import contextlib
import multiprocessing
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest
from tests.contract.store_backends import fresh_postgres

from smartmail.adapters.bus import EventBus, UnixLink, open_bus

Open = Callable[[], "contextlib.AbstractAsyncContextManager[EventBus]"]


class Heard:
    """Collects payloads; `until` waits for a number of them."""

    def __init__(self) -> None:
        self.payloads: list[str] = []
        self.more = asyncio.Event()

    def __call__(self, payload: str) -> None:
        self.payloads.append(payload)
        self.more.set()

    async def until(self, ready: Callable[[list[str]], bool]) -> list[str]:
        async with asyncio.timeout(60):
            while not ready(self.payloads):
                self.more.clear()
                await self.more.wait()
        return self.payloads


async def _pair(kind: str, folder: Path, address: str | None) -> tuple[EventBus, EventBus]:
    if kind == "process":
        bus = await open_bus()
        return bus, bus
    if kind == "node":
        return await open_bus(str(folder)), await open_bus(str(folder))
    return await open_bus(address=address, node="a"), await open_bus(address=address, node="b")


@pytest.fixture(params=["process", "node", pytest.param("cluster", marks=pytest.mark.postgres)])
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[EventBus, EventBus]]:
    """Two ends of a bus."""
    address = await fresh_postgres() if request.param == "cluster" else None
    ends = await _pair(request.param, tmp_path / "bus", address)
    yield ends
    for end in ends:
        await end.close()


async def test_a_hint_reaches_both_ends(pair):
    here, there = pair
    near, far = Heard(), Heard()
    here.subscribe("account", near)
    there.subscribe("account", far)
    here.publish("account", "42 9871")
    assert near.payloads == []  # never inside publish
    await far.until(lambda p: bool(p))
    assert near.payloads == far.payloads == ["42 9871"]


async def test_topics_are_apart_and_subscriptions_end(pair):
    here, there = pair
    heard, ended, mark = Heard(), Heard(), Heard()
    there.subscribe("queue", heard)
    end = there.subscribe("account", ended)
    there.subscribe("mark", mark)
    end()
    end()
    here.publish("account", "1 1")
    here.publish("mark", "")
    await mark.until(lambda p: bool(p))
    assert (heard.payloads, ended.payloads) == ([], [])


async def test_hints_of_one_moment_come_once_and_in_order(pair):
    here, there = pair
    heard = Heard()
    there.subscribe("account", heard)
    for _ in range(3):
        for number in range(2000):
            here.publish("account", f"{number} 메일")
    assert await heard.until(lambda p: len(p) >= 2000) == [f"{number} 메일" for number in range(2000)]


async def test_a_listener_that_raises_hinders_nobody(pair):
    here, there = pair
    heard = Heard()

    def broken(payload: str) -> None:
        raise ValueError(payload)

    there.subscribe("account", broken)
    there.subscribe("account", heard)
    here.publish("account", "1 1")
    assert await heard.until(lambda p: bool(p)) == ["1 1"]


async def test_publishing_after_close_or_too_much_never_raises(pair):
    here, _ = pair
    here.publish("account", "x" * 100_000)
    await asyncio.sleep(0)
    await here.close()
    here.publish("account", "1 1")
    await here.close()


async def test_both_sides_speak(pair):
    here, there = pair
    asked, answered = Heard(), Heard()
    there.subscribe("ask", asked)
    here.subscribe("answer", answered)
    there.subscribe("ask", lambda payload: there.publish("answer", payload))
    here.publish("ask", "7")
    assert await answered.until(lambda p: bool(p)) == ["7"]


def _dies_with_its_socket(folder: str) -> None:
    async def run() -> None:
        link = UnixLink(folder)
        await link.start(lambda hints: None)

    asyncio.run(run())
    os._exit(0)


async def test_the_socket_of_a_dead_process_is_removed(tmp_path: Path):
    folder = tmp_path / "bus"
    process = multiprocessing.get_context("spawn").Process(target=_dies_with_its_socket, args=(str(folder),))
    process.start()
    await asyncio.to_thread(process.join)
    assert len(os.listdir(folder)) == 1
    one, two = await open_bus(str(folder)), await open_bus(str(folder))
    heard = Heard()
    two.subscribe("account", heard)
    one.publish("account", "1 1")
    await heard.until(lambda p: bool(p))
    assert len(os.listdir(folder)) == 2
    await one.close()
    await two.close()
    assert os.listdir(folder) == []


async def test_a_late_process_is_heard_of(tmp_path: Path):
    first = await open_bus(str(tmp_path))
    heard = Heard()
    first.publish("account", "lost")
    await asyncio.sleep(0)
    for number in range(5):
        late = await open_bus(str(tmp_path))
        late.subscribe("account", heard)
        first.publish("account", str(number))
        await heard.until(lambda p, n=number: str(n) in p)
        await late.close()
    await first.close()


async def test_a_deep_folder_is_fine(tmp_path: Path):
    folder = tmp_path / ("d" * 100) / ("e" * 100)
    one, two = await open_bus(str(folder)), await open_bus(str(folder))
    heard = Heard()
    two.subscribe("account", heard)
    one.publish("account", "1 1")
    await heard.until(lambda p: bool(p))
    await one.close()
    await two.close()


@pytest.mark.postgres
async def test_the_link_between_nodes_comes_back():
    address = await fresh_postgres()
    one, two = await open_bus(address=address, node="a"), await open_bus(address=address, node="b")
    heard = Heard()
    two.subscribe("account", heard)
    connection = await asyncpg.connect(address)
    await connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and query ilike 'listen%'"
    )
    await connection.close()

    async def publish() -> None:
        number = 0
        while not heard.payloads:
            number += 1
            one.publish("account", str(number))
            await asyncio.sleep(0.02)

    async with asyncio.timeout(60):
        await publish()
    await one.close()
    await two.close()


@pytest.mark.postgres
async def test_hints_of_the_own_node_come_over_the_socket_only(tmp_path: Path):
    address = await fresh_postgres()
    one = await open_bus(str(tmp_path), address, "a")
    two = await open_bus(str(tmp_path), address, "a")
    other = await open_bus(address=address, node="b")
    near, far = Heard(), Heard()
    two.subscribe("account", near)
    other.subscribe("account", far)
    for number in range(20):
        one.publish("account", str(number))
        await far.until(lambda p, n=number: str(n) in p)
    assert near.payloads == far.payloads == [str(number) for number in range(20)]
    for bus in (one, two, other):
        await bus.close()
