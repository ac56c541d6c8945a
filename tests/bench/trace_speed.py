"""How fast stories are found among very many: by each mark, and by words.

    python tests/bench/trace_speed.py sqlite|postgres [millions of events]

Stories of 400 days, five events and four keys each, sealed as in life and put straight into the tables. Then a service
over a store opened anew answers; each figure is the median and the worst of its probes.
"""

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2] / "src"), str(Path(__file__).parents[2])]

from tests.contract.store_backends import new_database, open_store  # noqa: E402
from tests.flows.house import LocalBus  # noqa: E402

from smartmail.adapters.clock import SystemClock  # noqa: E402
from smartmail.domain.trace import Beginning, Event, Facts, period_of, time_of  # noqa: E402
from smartmail.formats.seal import SealKey  # noqa: E402
from smartmail.service.flow.tracing import sealing, words  # noqa: E402
from smartmail.service.flow.tracing.books import FULL  # noqa: E402
from smartmail.service.flow.tracing.service import Marks, TraceService  # noqa: E402
from smartmail.service.kernel.keyring import Sealer  # noqa: E402
from smartmail.service.kernel.policy import PolicyService  # noqa: E402

DAY = 24 * 3600 * 1000
SPAN = 400 * DAY
EVENTS = 5
AT_ONCE = 3
"""Of them known when the story begins."""
CHUNK = 20_000
VOCABULARY = "견적 회의 안내 세금계산서 발주 입고 출장 보고 주간 월간 계약 검토 요청 회신 invoice meeting report order quote".split()
REPLIES = (
    (451, "4.7.1", "Greylisted, please try again in 300 seconds"), (550, "5.1.1", "No such user here"),
    (452, "4.2.2", "Mailbox full"), (550, "5.7.1", "Message rejected as spam by content scanner"),
)  # fmt: skip
TABLES = {
    "trace_story": ("id", "organization_id", "sealed"),
    "trace_event": ("story_id", "seq", "sealed"),
    "trace_key": ("period", "key", "story_id"),
    "trace_text": ("organization_id", "id", "lines", "sealed"),
}


class Keyring:
    """One organisation's key."""

    def __init__(self, sealer: Sealer) -> None:
        self.sealer = sealer

    async def queue(self, _organization_id: int) -> Sealer:
        return self.sealer


def facts(number: int, chance: random.Random) -> Facts:
    """Return a story like those of a company: many senders, few recipients, one of a thousand from one sender."""
    sender = "news@popular.example" if number % 1000 == 0 else f"s{chance.randrange(200_000)}@d{number % 997}.example"
    subject = " ".join(chance.choices(VOCABULARY, k=4)) + f" {number:07d}"
    peer = f"198.{chance.randrange(20)}.{chance.randrange(256)}.{chance.randrange(256)}"
    recipient = f"u{chance.randrange(5_000)}@a.example"
    return Facts(
        sender,
        (recipient,),
        subject,
        f"{number}.{chance.randrange(1 << 40):x}@d.example",
        "smtp",
        peer,
        "mx",
        size=9_000,
    )


def events(one: Facts, chance: random.Random) -> list[Event]:
    """Return five events, two of them of a relay."""
    code, enhanced, text = chance.choice(REPLIES)
    host = f"mx{chance.randrange(50)}.far.example"
    return [
        Event("accepted"), Event("checked", text="spf=pass dkim=pass dmarc=pass", act="deliver", score=1.5, rules=(("date-missing", 0.8),)),
        Event("queued", one.recipients[0]), Event("deferred", one.recipients[0], code, enhanced, text, host, "TLSv1.3", "sts"),
        Event("delivered", one.recipients[0], 250, "2.0.0", f"Ok: queued as {chance.randrange(1 << 32):X}", host, "TLSv1.3"),
    ]  # fmt: skip


def rows(keys: Sealer, stories: int, now: int) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
    """Yield rows of all tables, the oldest first."""
    chance, made, lines, count = random.Random(1), {name: [] for name in TABLES}, [], 0
    for number in range(stories):
        at = now - SPAN + SPAN * number // stories
        story_id = at << 22 | number & 0xFFFF
        one = facts(number, chance)
        told = [(story_id + offset, event) for offset, event in enumerate(events(one, chance))]
        row = sealing.seal_story(keys, story_id, Beginning(one, tuple(told[:AT_ONCE])))
        made["trace_story"].append((row.id, row.organization_id, row.sealed))
        lines.append(words.story_line(story_id, one))
        made["trace_key"] += [(period_of(at), key, story_id) for key in sealing.keys_of(keys, one)]
        for _, event in told:
            lines.append(words.event_line(story_id, event))
        for seq, event in told[AT_ONCE:]:
            sealed = sealing.seal_event(keys, story_id, seq, event)
            made["trace_event"].append((sealed.story_id, sealed.seq, sealed.sealed))
        count += 3
        if count >= FULL:
            text = sealing.seal_text(keys, story_id + 9, b"".join(lines))
            made["trace_text"].append((keys.owner, text.id, text.lines, text.sealed))
            lines, count = [], 0
        if number % CHUNK == CHUNK - 1:
            yield made
            made = {name: [] for name in TABLES}
    yield made


async def fill(driver: str, address: str, chunks: Iterator[dict[str, list[tuple[Any, ...]]]]) -> None:
    """Put rows into the tables, not durably and without the store."""
    if driver == "sqlite":
        import apsw

        connection = apsw.Connection(address)
        connection.pragma("synchronous", "off")
        connection.pragma("cache_size", -400_000)
        for chunk in chunks:
            connection.execute("begin")
            for table, columns in TABLES.items():
                marks = ", ".join("?" * len(columns))
                connection.executemany(
                    f"insert into {table} ({', '.join(columns)}) values ({marks})", sorted(chunk[table])
                )
            connection.execute("commit")
        connection.close()
        return
    import asyncpg

    connection = await asyncpg.connect(address)
    await connection.execute("set synchronous_commit = off")
    for chunk in chunks:
        for table, columns in TABLES.items():
            await connection.copy_records_to_table(table, records=sorted(chunk[table]), columns=columns)
    await connection.execute("analyze")
    await connection.close()


async def measure(name: str, work: Callable[[int], Awaitable[int]], probes: int) -> None:
    """Print median and worst of some probes, and how many stories came back."""
    times, found = [], 0
    for number in range(probes):
        began = time.perf_counter()
        found += await work(number)
        times.append(time.perf_counter() - began)
    middle, worst = statistics.median(times) * 1e3, max(times) * 1e3
    print(f"{name:<44} {middle:9.1f} ms {worst:9.1f} ms worst, {found / probes:7.1f} stories", flush=True)


async def main(driver: str, millions: float) -> None:
    """Fill and ask."""
    clock = SystemClock()
    stories = int(millions * 1e6) // EVENTS
    with tempfile.TemporaryDirectory(prefix="trace-") as folder:
        address = os.path.join(folder, "mail.db") if driver == "sqlite" else await new_database()
        store = await open_store(driver, address, clock.now)
        organization = await store.create_organization("Acme", lambda _: (b"k", b"q"))
        await store.close()
        keys = Sealer(SealKey(b"k" * 32), organization.id, clock)
        began, now = time.perf_counter(), clock.now()
        await fill(driver, address, rows(keys, stories, now))
        print(
            f"{driver}: {stories * EVENTS:,} events of {stories:,} stories in {time.perf_counter() - began:.0f} s",
            flush=True,
        )
        store = await open_store(driver, address, clock.now)
        try:
            await ask(TraceService(store, Keyring(keys), clock, PolicyService(store, clock, LocalBus())), keys, stories)
        finally:
            await store.close()


async def ask(service: TraceService, keys: Sealer, stories: int) -> None:
    """Ask by every mark."""
    # The same chances as when they were made: what is asked for exists.
    chance, known = random.Random(1), []
    for number in range(min(stories, 40_000)):
        one = facts(number, chance)
        events(one, chance)
        if number % 1900 == 7:
            known.append(one)

    def by(**marks: Callable[[Facts], str]) -> Callable[[int], Awaitable[int]]:
        async def work(number: int) -> int:
            values = {name: get(known[number]) for name, get in marks.items()}
            return len(await service.find(Marks(**values)))

        return work

    def fixed(**marks: Any) -> Callable[[int], Awaitable[int]]:
        async def work(_number: int) -> int:
            return len(await service.find(Marks(**marks)))

        return work

    probes = len(known)
    await measure("Message-ID", by(message_id=lambda one: one.message_id), probes)
    await measure("sender", by(sender=lambda one: one.sender), probes)
    await measure("a sender of one in a thousand", fixed(sender="news@popular.example"), 5)
    await measure("recipient", by(recipient=lambda one: one.recipients[0]), probes)
    await measure("IP address", by(peer=lambda one: one.peer), probes)
    await measure(
        "sender and recipient", by(sender=lambda one: one.sender, recipient=lambda one: one.recipients[0]), probes
    )
    newest = await service.find(Marks(limit=probes))
    await measure("id", lambda n: _count(service.find(Marks(number=newest[n].id))), probes)
    await measure("words of a subject that exists, oldest day", by(text=lambda one: one.subject[-7:]), 3)
    await measure("words that nothing has", fixed(text="없는낱말"), 3)
    await measure("words that very much has", fixed(text="견적 회의"), 5)
    await measure("a remote reply", fixed(text="rejected as spam mx7.far"), 5)
    day = 24 * 3600 * 1000
    recent = {"since": time_of(newest[0].id) - 30 * day}
    await measure("words that nothing has, of 30 days", fixed(text="없는낱말", **recent), 5)


async def _count(found: Awaitable[list[Any]]) -> int:
    return len(await found)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 10))
