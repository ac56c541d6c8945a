"""How fast the store is: prints one line per figure (wall ms and CPU, both of this process).

    python tests/bench/store_speed.py sqlite|postgres [messages in the large mailbox]

CPU of PostgreSQL's own processes is not counted.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2] / "src"), str(Path(__file__).parents[2])]

from tests.contract.store_backends import Bench, open_store  # noqa: E402

from smartmail.domain.keywords import SEEN, Keywords  # noqa: E402

ROUNDS = 5


async def measure(name: str, work: Callable[[], Awaitable[Any]], *, per: int = 1, rounds: int = ROUNDS) -> None:
    """Print the best of some rounds, per piece of work."""
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        await work()
        walls.append((time.perf_counter() - wall) / per)
        cpus.append((time.process_time() - cpu) / per)
    print(f"{name:<46} {min(walls) * 1e3:10.3f} ms wall {min(cpus) * 1e6:12.0f} µs CPU", flush=True)


def realistic(bench: Bench, **values: Any) -> Any:
    """A message with sizes as in life: 600 octets of summary, three references."""
    number = next(bench.numbers)
    new = bench.message(refs=tuple(os.urandom(16) for _ in range(3)), subject=os.urandom(16), **values)
    object.__setattr__(new, "summary", os.urandom(600))
    object.__setattr__(new, "wrapped_key", os.urandom(60))
    object.__setattr__(new, "blob", bench.blob(number + 10_000_000))
    return new


def copies(bench: Bench, accounts: list[Any], count: int) -> list[Any]:
    """Deliveries of one message to `count` accounts."""
    first = realistic(bench)
    made = []
    for number in range(count):
        delivery = bench.delivery(accounts[number % len(accounts)], key=os.urandom(16))
        new = realistic(bench)
        object.__setattr__(new, "blob", first.blob)
        object.__setattr__(delivery, "message", new)
        made.append(delivery)
    return made


async def deliver(bench: Bench, accounts: list[Any], callers: int, each: int, recipients: int) -> None:
    """Let callers deliver, one message after the other each."""
    work = [[copies(bench, accounts[c:] + accounts[:c], recipients) for _ in range(each)] for c in range(callers)]

    async def caller(mine: list[Any]) -> None:
        for deliveries in mine:
            await bench.store.deliver_many(deliveries, None)

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(caller(mine) for mine in work))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    count = callers * each
    print(
        f"deliver_many, {recipients} copies, {callers} callers{'':<12} {count / wall:10.0f} /s {cpu / count * 1e6:18.0f} µs CPU",
        flush=True,
    )


async def large(bench: Bench, count: int) -> None:
    """Fill the inbox."""
    store, account = bench.store, bench.account
    for _ in range(count // 1000):
        batch = [realistic(bench) for _ in range(1000)]

        async def body(tx: Any, batch: list[Any] = batch) -> None:
            for new in batch:
                await tx.add_message(new)

        await store.write(account.id, body)


async def run(driver: str, count: int) -> None:
    """Measure everything."""
    folder = tempfile.mkdtemp()
    if driver == "sqlite":
        address = folder + "/mail.db"
    else:
        from tests.contract.store_backends import new_database

        address = await new_database()
    store = await open_store(driver, address, lambda: time.time_ns() // 10**6)
    bench = Bench(store, [0])
    await bench.start()
    accounts = []
    for number in range(20):
        account = await bench.new_account(f"a{number}@acme.test")
        await bench.new_mailbox("inbox", account=account)
        accounts.append(account)
    for callers, recipients in ((1, 1), (16, 1), (64, 1), (16, 10)):
        await deliver(bench, accounts, callers, 100 if callers == 1 else 40, recipients)
    wall = time.perf_counter()
    await large(bench, count)
    print(f"add_message in bodies of 1,000: {(time.perf_counter() - wall) / count * 1e6:.0f} µs each", flush=True)
    if driver == "postgres":
        # What autovacuum does within a minute of such a load.
        await store._db._pool.execute("analyze")
    account, inbox = bench.account.id, bench.inbox.id
    await measure(f"view of {count:,}", lambda: store.view(account, inbox))
    since = (await store.account(account)).modseq - 1
    await bench.add()
    now = (await store.account(account)).modseq
    await measure("view_changes, nothing", lambda: store.view_changes(account, inbox, now), rounds=50)
    await measure("view_changes, 1 of them", lambda: store.view_changes(account, inbox, now - 1), rounds=50)
    await measure("view_changes, 1,000", lambda: store.view_changes(account, inbox, since))
    some = list(range(1, count, count // 1000))[:1000]
    await measure("summaries of 1,000 apart", lambda: store.summaries(account, some))
    await measure("summaries of 1,000 together", lambda: store.summaries(account, list(range(5000, 6000))))
    await measure("messages, 1,000", lambda: store.messages(account, list(range(5000, 6000))))
    await measure("list_messages, 50 at the top", lambda: store.list_messages(account, inbox, position=0, limit=50))
    await measure(
        "list_messages, 50 half way", lambda: store.list_messages(account, inbox, position=count // 2, limit=50)
    )
    await measure("all_messages", lambda: store.all_messages(account), rounds=3)
    await measure("thread_counts", lambda: store.thread_counts(account), rounds=3)
    await measure("changes, message, 1,000 of all", lambda: store.changes(account, "message", 2, 1000), rounds=3)
    bits = [0]

    async def keywords() -> None:
        bits[0] ^= SEEN
        wanted = Keywords(bits[0])
        changes = dict.fromkeys(range(20_001, 21_001), wanted)
        await store.write(account, lambda tx: tx.set_keywords(changes))

    await measure("set_keywords, 1,000", keywords)
    await measure("set_keywords, 1", lambda: store.write(account, lambda tx: tx.set_keywords({9: Keywords(bits.append(1) or len(bits))})), rounds=20)  # fmt: skip
    other = await bench.new_mailbox("other")
    start = [30_000]

    async def place() -> None:
        start[0] += 1000
        await store.write(account, lambda tx: tx.place(other.id, list(range(start[0], start[0] + 1000))))

    await measure("place, 1,000", place)
    first = [1]

    async def remove() -> None:
        uids = list(range(first[0], first[0] + 1000))
        first[0] += 1000
        await store.write(account, lambda tx: tx.remove_placements(inbox, uids))

    await measure("remove_placements, 1,000 (messages go too)", remove)
    first[0] = 31_000
    await measure("remove_placements, 1,000 (copies stay)", remove, rounds=4)
    await store.close()

    async def start_again() -> None:
        again = await open_store(driver, address, lambda: 0)
        await again.account(account)
        await again.close()

    await measure("open, one read, close", start_again)


if __name__ == "__main__":
    try:
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    except ImportError:
        pass
    asyncio.run(run(sys.argv[1] if len(sys.argv) > 1 else "sqlite", int(sys.argv[2]) if len(sys.argv) > 2 else 100_000))
