"""The books balance after any history of the queue, also after one that was killed in the middle."""

import asyncio
import os
import random
import tempfile

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.house.child import start
from tests.property.books_child import Queue, sums

from smartmail.adapters.sql import open_sqlite


async def history(seed: int, steps: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = await open_sqlite(os.path.join(folder, "mail.db"))
        try:
            queue = Queue(store, random.Random(seed))
            for _ in range(steps):
                await queue.step()
                if queue.random.random() < 0.2:
                    assert await sums(store) == (queue.accepted, 0, [])
            assert await sums(store) == (queue.accepted, 0, [])
            while (await store.settle_books(50)).more:
                pass
            assert await sums(store) == (queue.accepted, 0, [])
        finally:
            await store.close()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1 << 32), st.integers(1, 60))
def test_books_balance_after_every_history(seed, steps):
    asyncio.run(history(seed, steps))


async def looked_at(path: str) -> tuple[int, int, list[tuple[int, int]]]:
    store = await open_sqlite(path)
    try:
        return await sums(store)
    finally:
        await store.close()


def test_books_balance_after_every_kill(tmp_path):
    path, before = str(tmp_path / "mail.db"), 0
    chance = random.Random(4)
    for seed in range(6):
        child = start("tests.property.books_child", path, str(seed))
        try:
            assert child.stdout.readline() == b"begun\n"
            assert child.wait(timeout=chance.uniform(0.05, 0.5)) is None
        finally:
            child.kill()
        accepted, difference, wrong = asyncio.run(looked_at(path))
        assert (difference, wrong) == (0, [])
        assert accepted > before
        before = accepted
