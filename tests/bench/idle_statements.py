"""What an idle house asks of its database: statements and transactions in a second, by who asks.

    python -m tests.bench.idle_statements [SECONDS]

The jobs role of a house with one person, SQLite, after its first minute of upkeep has been left out. Counted are calls of the driver
(`session.Database`): a statement outside a transaction, or a transaction. The count depends on no speed of the machine.
"""

import asyncio
import collections
import sys
import tempfile
import traceback
from pathlib import Path

from tests.flows.house import LocalBus, compose_house

from smartmail.edge.jobs.loops import Jobs

COUNTED = ("row", "rows", "read", "read_aside", "change")
SHOWN = 30


def count(database: object, counts: "collections.Counter[str]") -> None:
    """Have a driver count what it is asked, by the place in the SQL package."""
    for name in COUNTED:
        ask = getattr(database, name)

        def counted(*args: object, _ask=ask, _name=name, **options: object):
            frames = [
                one
                for one in traceback.extract_stack()[:-1]
                if "/adapters/sql/" in one.filename and one.name != "lease"
            ]
            place = f"{Path(frames[-1].filename).stem}.{frames[-1].name}" if frames else ""
            # Declared methods are all one place: there the statement says which it is.
            place = str(args[0])[:80] if place.startswith("declared") and isinstance(args[0], str) else place
            counts[f"{_name:10} {place}"] += 1
            return _ask(*args, **options)

        setattr(database, name, counted)


async def measure(seconds: float) -> None:
    """Count for so long and print."""
    with tempfile.TemporaryDirectory() as folder:
        async with compose_house(Path(folder), bus=LocalBus()) as house:
            await house.services.provisioning.organization("bench")
            counts: collections.Counter[str] = collections.Counter()
            stopping = asyncio.Event()
            running = asyncio.create_task(Jobs(house.services, "bench/jobs/x-1").run(stopping))
            await asyncio.sleep(12)
            count(house.store._db, counts)  # type: ignore[attr-defined]
            await asyncio.sleep(seconds)
            total = counts.total()
            stopping.set()
            await running
    print(f"{total / seconds:.1f} statements and transactions in a second over {seconds:.0f} s")
    for place, number in counts.most_common(SHOWN):
        print(f"{number / seconds:7.2f}  {place}")


if __name__ == "__main__":
    asyncio.run(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
