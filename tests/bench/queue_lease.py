"""What leasing costs when much waits: a round of a worker (line up, walk, lease, report) at N queued recipients.

    python -m tests.bench.queue_lease [--waiting 100000] [--driver sqlite|postgres]

One sender has everything that waits, spread over 2,000 destinations; another has one message. Printed: the time of a
round that takes 50 entries, and how long the other sender's message takes from its commit to its lease.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from tests.contract.store_backends import START, Bench, fresh_postgres, open_store

from smartmail.adapters.sql.queue import insert_entry
from smartmail.domain.queue import Attempt, NewRecipient, lane_of
from smartmail.service.flow.queue_turns import Turns

BATCH = 1000


async def fill(bench: Bench, count: int, domains: int) -> None:
    """Queue one recipient each, many in a commit."""
    lane = lane_of("bulk", bench.organization_id, bench.account.id)
    entries = [
        bench.entry(NewRecipient(f"d{n % domains}.test", b"h%d" % n, b"sealed" * 10), lane=lane) for n in range(count)
    ]
    for at in range(0, count, BATCH):

        async def body(session, part=entries[at : at + BATCH]):
            for entry in part:
                await insert_entry(session, entry)

        await bench.store._db.change(0, body)


async def rounds(bench: Bench, number: int) -> tuple[list[float], list[float]]:
    """Return milliseconds of a worker's rounds, and of reports."""
    turns, spent, reports = Turns(bench.store), [], []
    for _ in range(number):
        began = time.perf_counter()
        await bench.store.line_up(START, 1000)
        picks = await turns.choose(50, lambda _lane, _domain: True)
        leases = await bench.store.lease("w", now=START, until=START + 1000, picks=picks)
        spent.append((time.perf_counter() - began) * 1000)
        assert len(leases) == 50
        began = time.perf_counter()
        await asyncio.gather(
            *(
                bench.store.report("w", one.entry.id, [Attempt(r.number, "delivered", 0, b"r") for r in one.recipients])
                for one in leases
            )
        )
        reports.append((time.perf_counter() - began) * 1000)
    return spent, reports


async def newcomer(bench: Bench) -> float:
    """Return milliseconds until another sender's message is leased, with ten slots free."""
    entry = bench.entry(NewRecipient("d1.test", b"other%d" % next(bench.numbers), b"sealed"), lane=77)
    await bench.store.enqueue(entry)
    began = time.perf_counter()
    picks = await Turns(bench.store).choose(10, lambda _lane, _domain: True)
    leases = await bench.store.lease("w", now=START, until=START + 1000, picks=picks)
    assert entry.id in {one.entry.id for one in leases}
    return (time.perf_counter() - began) * 1000


async def measure(driver: str, waiting: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        address = str(Path(folder) / "mail.db") if driver == "sqlite" else await fresh_postgres()
        store = await open_store(driver, address, lambda: START)
        bench = Bench(store, [START])
        await bench.start()
        began = time.perf_counter()
        await fill(bench, waiting, 2000)
        filled = time.perf_counter() - began
        spent, reports = await rounds(bench, 40)
        others = [await newcomer(bench) for _ in range(20)]
        deferred = await defer(bench)
        print(
            f"{driver}: {waiting} waiting (filled in {filled:.1f} s); a round of 50: median {statistics.median(spent):.1f} ms,"
            f" worst {max(spent):.1f} ms; 50 reports: median {statistics.median(reports):.1f} ms;"
            f" newcomer leased in median {statistics.median(others):.1f} ms, worst {max(others):.1f} ms;"
            f" lining up 1000 of {waiting} deferred: {deferred:.1f} ms"
        )
        await store.close()


async def defer(bench: Bench) -> float:
    """Make everything wait for one moment, and line up the first thousand when it comes."""
    await bench.store._db.change(
        0, lambda s: s.run("update queue_recipient set line = 0, due_at = $1 where line = 1", START + 5)
    )
    began = time.perf_counter()
    assert await bench.store.line_up(START + 5, 1000) == 1000
    return (time.perf_counter() - began) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--driver", choices=("sqlite", "postgres", "both"), default="both")
    options = parser.parse_args()
    for driver in ("sqlite", "postgres") if options.driver == "both" else (options.driver,):
        asyncio.run(measure(driver, options.waiting))


if __name__ == "__main__":
    main()
