"""What noting acts for stories costs bulk changes of 10,000 messages: CPU of one process, SQLite in memory.

    .venv/bin/python -m tests.bench.story_acts [--rounds 6]

Each round does the same to messages without and with a story: first reading, move, removal. The least of all rounds counts: the
machine may be busy with other work.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.contract.store_backends import START, Bench

from smartmail.adapters.sql import open_sqlite
from smartmail.domain.keywords import SEEN, Keywords

COUNT, BLOCK = 10_000, 1_000
ACTS = ("first reading", "move", "removal")


async def once(story: int) -> list[float]:
    """Return the milliseconds of each act."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as place:
        store = await open_sqlite(str(Path(place) / "mail.db"), now=lambda: START)
        bench = Bench(store, [START])
        await bench.start()
        other = (await bench.new_mailbox("other")).id
        ids = [one.message_id for _ in range(COUNT // BLOCK) for one in await bench.add_many(BLOCK, story=story)]
        held = await store.placements(bench.account.id, ids)

        async def move(tx: Any) -> None:
            await tx.place(other, ids)
            await tx.remove_placements(bench.inbox.id, [one.uid for one in held])

        spent = []
        for body in (
            lambda tx: tx.set_keywords(dict.fromkeys(ids, Keywords(SEEN))), move, lambda tx: tx.destroy_messages(ids),
        ):  # fmt: skip
            start = time.process_time()
            await store.write(bench.account.id, body)
            spent.append(1000 * (time.process_time() - start))
        rows = await store.trace_acts((0, 0, 0), 100)
        assert len(rows) == (len(ACTS) if story else 0)
        await store.close()
        return spent


async def measure(rounds: int) -> None:
    """Print the table."""
    found: dict[int, list[list[float]]] = {0: [], 7: []}
    for _ in range(rounds):
        for story, spent in found.items():
            spent.append(await once(story))
    least = {story: [min(column) for column in zip(*spent, strict=True)] for story, spent in found.items()}
    for name, without, with_ in zip(ACTS, least[0], least[7], strict=True):
        print(f"{name} of {COUNT}: {without:.0f} ms of CPU without a story, {with_:.0f} ms with one")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    asyncio.run(measure(parser.parse_args().rounds))
