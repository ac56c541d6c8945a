"""Random work on a queue, without an end: run by test_books, which kills it.

    python -m tests.property.books_child DATABASE SEED

Prints a line when the work has begun. Also the steps themselves, for histories inside one process.
"""

import asyncio
import itertools
import random
import sys
from dataclasses import dataclass, field

from smartmail.adapters.clock import SystemClock
from smartmail.adapters.sql import SqlStore, open_sqlite
from smartmail.domain.ids import BlobId
from smartmail.domain.message import BlobRow
from smartmail.domain.queue import Attempt, NewQueueEntry, NewRecipient, Pick, QueueTarget
from smartmail.domain.trace import HOUR, TraceBatch

ORGANIZATION = 7
DOMAINS = ("a.test", "b.test", "c.test")
STATES = ("delivered", "bounced", "expired", "ready", "cancelled")
ACTS = ("hold", "release", "retry", "reroute", "delete")


@dataclass
class Queue:
    """A queue that is worked on at random; `known`: entries that may still be there."""

    store: SqlStore
    random: random.Random
    clock: SystemClock = field(default_factory=SystemClock)
    known: list[int] = field(default_factory=list)
    leases: list = field(default_factory=list)
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))
    accepted: int = 0

    def entry(self) -> NewQueueEntry:
        recipients = tuple(
            NewRecipient(self.random.choice(DOMAINS), b"%d" % next(self.numbers), b"sealed", *self.random.choice(
                [("ready", None), ("ready", None), ("held", "administrator"), ("held", "quarantine")]
            ))
            for _ in range(self.random.randint(1, 4))
        )  # fmt: skip
        made = NewQueueEntry(
            self.clock.new_id(), ORGANIZATION, BlobRow(BlobId(self.clock.random(16)), 1, "pack:1", 10), b"key", b"envelope", 10,
            self.clock.now(), self.clock.now() + HOUR, recipients,
        )  # fmt: skip
        self.known.append(made.id)
        self.accepted += len(recipients)
        return made

    async def enqueue(self) -> None:
        await self.store.enqueue_all([self.entry() for _ in range(self.random.randint(1, 3))])

    async def lease(self) -> None:
        picks = [Pick(0, domain, 3) for domain in DOMAINS]
        self.leases += await self.store.lease("w", now=self.clock.now(), until=self.clock.now() + HOUR, picks=picks)

    async def report(self) -> None:
        if self.leases:
            lease = self.leases.pop(self.random.randrange(len(self.leases)))
            attempts = [Attempt(one.number, self.random.choice(STATES), 0, None) for one in lease.recipients]
            made = [self.entry()] if self.random.random() < 0.3 else []
            done = await self.store.report("w", lease.entry.id, attempts, made)
            assert done or not made or self._forget(made[0])

    def _forget(self, made: NewQueueEntry) -> bool:
        self.known.remove(made.id)
        self.accepted -= len(made.recipients)
        return True

    async def act(self) -> None:
        if self.known:
            chosen = self.random.sample(self.known, min(3, len(self.known)))
            targets = [QueueTarget(one, tuple(self.random.sample(range(4), 2))) for one in chosen]
            await self.store.change_queue(self.random.choice(ACTS), targets, now=self.clock.now(), domain="a.test")

    async def cancel(self) -> None:
        if self.known:
            target = QueueTarget(self.random.choice(self.known), tuple(range(4)))
            await self.store.change_queue("delete", [target], now=self.clock.now())

    async def store_at_once(self) -> None:
        hour, count = self.clock.now() // HOUR, self.random.randint(1, 5)
        self.accepted += count
        counts = tuple((hour, ORGANIZATION, kind, count) for kind in ("accepted", "delivered"))
        await self.store.add_trace(TraceBatch(counts=counts))

    async def settle(self) -> None:
        await self.store.settle_books(self.random.randint(1, 20))

    async def step(self) -> None:
        await self.random.choice(
            (self.enqueue, self.enqueue, self.lease, self.report, self.report, self.act, self.cancel, self.store_at_once, self.settle)
        )()  # fmt: skip


async def sums(store: SqlStore) -> tuple[int, int, list[tuple[int, int]]]:
    """Return how many were accepted, the sum of all differences, and what does not balance."""
    now = SystemClock().now()
    books = await store.books(now - 2 * HOUR, now + HOUR)
    wrong = await store.unbalanced(now - 2 * HOUR, now + HOUR, 9)
    return sum(one.accepted for one in books), sum(abs(one.difference) for one in books), wrong


async def main(path: str, seed: int) -> None:
    """Work until killed."""
    store = await open_sqlite(path)
    workers = [Queue(store, random.Random(f"{seed} {number}")) for number in range(3)]
    for one in workers:
        await one.enqueue()
    print("begun", flush=True)
    while True:
        await asyncio.gather(*(one.step() for one in workers))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
