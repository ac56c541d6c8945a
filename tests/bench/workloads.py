"""What is measured, on any server: each workload returns figures by name, and raises when an answer is wrong."""

import asyncio
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from tests.bench.corpus import LETTERS, Corpus
from tests.bench.load_clients import Reader, Sender, trusting_context
from tests.bench.process_tree import cpu_seconds, proportional_kib
from tests.bench.servers import BIG, IDLE, PASSWORD, USERS, Server

Figures = dict[str, float]
_RUNS = count(1)
_PATIENCE_S = 600.0
_FETCHED = re.compile(rb"(?:^|\r\n)\* \d+ FETCH ")
_COUNTED = re.compile(rb"MESSAGES (\d+)")
THUNDERBIRD = (
    "(UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority "
    "References Newsgroups In-Reply-To Content-Type Reply-To)])"
)
APPLE = "(INTERNALDATE UID RFC822.SIZE FLAGS ENVELOPE BODYSTRUCTURE)"


@dataclass(frozen=True)
class Sizes:
    """How much each workload does."""

    ingest: int = 2_000
    fanout: int = 300
    fresh: int = 1_000
    mailbox: int = 10_000
    mixed_s: float = 15.0
    wake_ups: int = 60
    idlers: int = 300
    resync: int = 100_000
    bulk: int = 10_000
    sessions: int = 500
    busy: int = 50
    connections: int = 20
    calm_s: float = 1.5
    """How long a server must have done nothing to be taken for idle."""


class WrongAnswer(Exception):
    """A server answered something else than it was given."""


# --- SMTP -----------------------------------------------------------------------------------------------------------


async def _inboxes(server: Server) -> int:
    """Return how many messages lie in the inboxes of all users."""
    total = 0
    for user in USERS:
        reader = await Reader.open(server.imap_port, user, PASSWORD)
        found = _COUNTED.search(await reader.ask("STATUS INBOX (MESSAGES)"))
        total += int(found[1]) if found else 0
        reader.close()
    return total


async def _deliver(server: Server, sizes: Sizes, messages: int, recipients: int, per_connection: int) -> Figures:
    """Send and wait until all is delivered; return CPU per 1,000 messages and copies per second."""
    corpus, rng = Corpus(run=f"run{next(_RUNS)}.{time.time_ns():x}"), random.Random(1)
    plan = [rng.sample(USERS, recipients) for _ in range(messages)]
    numbers = iter(range(messages))

    async def send_some() -> None:
        sender, used = None, 0
        for number in numbers:
            if sender is None:
                sender, used = await Sender.open(server.mail_port, lmtp=server.lmtp), 0
            await sender.send(corpus.message(number, plan[number][0]), plan[number])
            used += 1
            if used == per_connection:
                await sender.quit()
                sender = None
        if sender is not None:
            await sender.quit()

    before = await _inboxes(server)
    total, cpu, started = cpu_seconds(server.roots), _delivery_cpu(server), time.perf_counter()
    await asyncio.gather(*(send_some() for _ in range(sizes.connections)))
    while not server.settled():
        if time.perf_counter() - started > _PATIENCE_S:
            raise WrongAnswer(f"{server.name}: mail is not delivered: {server.log}")
        await asyncio.sleep(0.02)
    seconds, cpu = time.perf_counter() - started, _delivery_cpu(server) - cpu
    await _idle(server, sizes.calm_s)
    total = cpu_seconds(server.roots) - total
    arrived = await _inboxes(server) - before
    if arrived != messages * recipients:
        raise WrongAnswer(f"{server.name}: {arrived} copies of {messages * recipients} arrived")
    per_1000 = 1_000 / messages
    return {"cpu": cpu * per_1000, "total": total * per_1000, "rate": messages * recipients / seconds}


def _delivery_cpu(server: Server) -> float:
    return cpu_seconds(server.roots) - cpu_seconds(server.aside())


async def _idle(server: Server, calm_s: float) -> None:
    """Wait until a server has done what it does after its answers, so that the next work is measured alone."""
    calm_since, used = time.perf_counter(), cpu_seconds(server.roots)
    while time.perf_counter() - calm_since < calm_s:
        await asyncio.sleep(min(0.25, calm_s))
        now = cpu_seconds(server.roots)
        if now - used > 0.02:
            calm_since = time.perf_counter()
        used = now


async def ingest(server: Server, sizes: Sizes) -> Figures:
    """Office messages over standing connections."""
    found = await _deliver(server, sizes, sizes.ingest, 1, 0)
    return {"ingest_cpu": found["cpu"], "ingest_total": found["total"], "ingest_rate": found["rate"]}


async def fanout(server: Server, sizes: Sizes) -> Figures:
    """Office messages to 10 recipients each."""
    found = await _deliver(server, sizes, sizes.fanout, 10, 0)
    return {"fanout_rate": found["rate"]}


async def fresh(server: Server, sizes: Sizes) -> Figures:
    """A new connection for each message."""
    found = await _deliver(server, sizes, sizes.fresh, 1, 1)
    return {"fresh_cpu": found["cpu"]}


# --- IMAP -----------------------------------------------------------------------------------------------------------


async def populate(server: Server, sizes: Sizes, told: Callable[[int], None]) -> None:
    """Fill the large mailbox with letters, one in three unseen."""
    corpus = Corpus(LETTERS, seed=2, run=f"big{time.time_ns():x}")
    reader = await Reader.open(server.imap_port, BIG, PASSWORD)
    await reader.ask('CREATE "Big"')
    multiple = b"MULTIAPPEND" in await reader.ask("CAPABILITY")
    step = 100
    for start in range(0, sizes.mailbox, step):
        numbers = range(start, min(sizes.mailbox, start + step))
        letters = [corpus.message(number, BIG) for number in numbers]
        flags = ["(\\Seen) " if number % 3 else "" for number in numbers]
        if multiple:
            await reader.ask('APPEND "Big" ' + " ".join(f"{one}{{}}" for one in flags), *letters)
        else:
            await reader.ask_all(
                [(f'APPEND "Big" {one}{{}}', letter) for one, letter in zip(flags, letters, strict=True)]
            )
        told(numbers[-1] + 1)
    reader.close()
    await _idle(server, sizes.calm_s)


STORES = 5
"""A single STORE tells more of what the kernel does at that moment than of the server."""


class _Session:
    """A session on the large mailbox that notes the times of what it asks, in milliseconds."""

    def __init__(self, server: Server, reader: Reader) -> None:
        self.server = server
        self.reader = reader
        self.times: dict[str, list[float]] = {}

    async def ask(self, name: str, command: str, lines: int | None = None) -> bytes:
        """Ask; check how many FETCH lines came; note the time under `name`."""
        answer = await self.reader.ask(command)
        if lines is not None and (got := len(_FETCHED.findall(answer))) != lines:
            raise WrongAnswer(f"{self.server.name}: {got} lines for {lines}: {command[:60]}")
        self.times.setdefault(name, []).append(self.reader.seconds * 1_000)
        return answer

    def figures(self) -> Figures:
        """Return the median of each."""
        return {name: statistics.median(times) for name, times in self.times.items()}


async def operations(server: Server, sizes: Sizes) -> Figures:
    """Read and change the large mailbox. The first round also tells what the first reading of all headers costs."""
    total, some = sizes.mailbox, min(1_000, sizes.mailbox // 2)
    reader = await Reader.open(server.imap_port, BIG, PASSWORD)
    session = _Session(server, reader)
    await reader.ask('SELECT "Big"')
    await session.ask("flags", "UID FETCH 1:* (FLAGS)", total)
    await session.ask("headers_first", f"UID FETCH 1:* {THUNDERBIRD}", total)
    await session.ask("headers", f"UID FETCH 1:* {THUNDERBIRD}", total)
    await reader.ask(f"UID FETCH 1:* {APPLE}")
    await session.ask("envelope", f"UID FETCH 1:* {APPLE}", total)
    rng = random.Random(3)
    for _ in range(100):
        await session.ask("body", f"FETCH {rng.randint(1, total)} (UID BODY.PEEK[])", 1)
    middle = total // 4
    await session.ask("bodies", f"FETCH {middle}:{middle + 499} (UID BODY.PEEK[])", 500)
    for _ in range(STORES):
        await session.ask("store", f"STORE 1:{some} +FLAGS (\\Flagged)", some)
        await reader.ask(f"STORE 1:{some} -FLAGS.SILENT (\\Flagged)")
    await _copies(session, some)
    reader.close()
    return session.figures()


async def _copies(session: _Session, some: int) -> None:
    reader = session.reader
    for name in ("CopyA", "CopyB"):
        await reader.ask(f"CREATE {name}")
    await session.ask("copy", f"COPY 1:{some} CopyA")
    await reader.ask("SELECT CopyA")
    answer = await session.ask("move", f"MOVE 1:{some} CopyB")
    if answer.count(b" EXPUNGE\r\n") != some:
        raise WrongAnswer(f"{session.server.name}: a MOVE of {some} told {answer.count(b' EXPUNGE')} expunged")
    found = _COUNTED.search(await reader.ask("STATUS CopyB (MESSAGES)"))
    if found is None or int(found[1]) != some:
        raise WrongAnswer(f"{session.server.name}: a MOVE of {some} lost some")
    await reader.ask('SELECT "Big"')
    for name in ("CopyA", "CopyB"):
        await reader.ask(f"DELETE {name}")


async def mixed(server: Server, sizes: Sizes) -> Figures:
    """20 people at work in their inboxes: CPU of the server per operation."""
    stop, done = time.perf_counter() + sizes.mixed_s, 0

    async def work(number: int) -> None:
        nonlocal done
        rng = random.Random(number)
        while not done or time.perf_counter() < stop:
            reader = await Reader.open(server.imap_port, USERS[number % len(USERS)], PASSWORD)
            done += 1
            for command in _a_visit(rng, await reader.ask("SELECT INBOX")):
                await reader.ask(command)
                done += 1
            reader.close()
            done += 1  # the SELECT

    cpu = cpu_seconds(server.roots)
    await asyncio.gather(*(work(number) for number in range(sizes.connections)))
    return {"mixed_cpu": (cpu_seconds(server.roots) - cpu) / done * 1_000}


def _a_visit(rng: random.Random, selected: bytes) -> Iterator[str]:
    exists = re.findall(rb"\* (\d+) EXISTS", selected)
    total = int(exists[-1]) if exists else 0
    yield 'LIST "" "*"'
    if total:
        newest = max(1, total - 49)
        yield "UID FETCH 1:* (FLAGS)"
        yield f"FETCH {newest}:{total} {THUNDERBIRD}"
        for _ in range(5):
            number = rng.randint(newest, total)
            yield f"FETCH {number} (BODY.PEEK[])"
            yield f"STORE {number} +FLAGS (\\Seen)"
    yield "NOOP"


async def wake_up(server: Server, sizes: Sizes) -> Figures:
    """Milliseconds from the reply to a delivery until an idling session is told."""
    corpus = Corpus(run=f"idle{time.time_ns():x}")
    reader = await Reader.open(server.imap_port, IDLE, PASSWORD)
    await reader.ask("SELECT INBOX")
    sender = await Sender.open(server.mail_port, lmtp=server.lmtp)
    delays = []
    for number in range(sizes.wake_ups):
        await reader.idle()
        await asyncio.sleep(0.05)
        told = asyncio.ensure_future(reader.told())
        await asyncio.sleep(0)
        await sender.send(corpus.message(number, IDLE), [IDLE])
        accepted = time.perf_counter()
        delays.append(max(0.0, await told - accepted) * 1_000)
        await reader.done()
    await sender.quit()
    reader.close()
    return {"wake_up": statistics.median(delays)}


async def idle_memory(server: Server, sizes: Sizes) -> Figures:
    """KiB (PSS) per idling connection, in clear and over TLS."""
    return {
        "idle_plain": await _memory_of_idlers(server, sizes, tls=False),
        "idle_tls": await _memory_of_idlers(server, sizes, tls=True),
    }


async def _memory_of_idlers(server: Server, sizes: Sizes, *, tls: bool) -> float:
    port, context = (server.imaps_port, trusting_context()) if tls else (server.imap_port, None)

    async def open_one(number: int) -> Reader:
        reader = await Reader.open(port, USERS[number % len(USERS)], PASSWORD, context)
        await reader.ask("SELECT INBOX")
        await reader.idle()
        return reader

    # A session of SmartMail is so small that it takes many to see it; as many processes of a peer would not fit.
    idlers = sizes.idlers * (1 if server.lmtp else 5)
    readers = [await open_one(number) for number in range(len(USERS))]
    await asyncio.sleep(0.5)
    before = proportional_kib(server.roots)
    for start in range(0, idlers, len(USERS)):
        readers += await asyncio.gather(*(open_one(start + number) for number in range(len(USERS))))
    await asyncio.sleep(1.0)
    grown = proportional_kib(server.roots) - before
    for reader in readers:
        reader.close()
    await asyncio.sleep(0.5)
    return grown / (len(readers) - len(USERS))
