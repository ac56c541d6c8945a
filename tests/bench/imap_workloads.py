"""What IMAP promises of large mailboxes and many sessions, measured on SmartMail alone: `./smartmail bench --only imap-…`.

`imap-resync`    a client comes back to a large mailbox in which 100 messages changed (QRESYNC)
`imap-sessions`  memory of many sessions with COMPRESS, idle and busy, per process
`imap-bulk`      tagging and moving very many messages, and what others feel of it
"""

import asyncio
import re
import statistics
import time
from collections.abc import Awaitable, Callable

from tests.bench.load_clients import Reader
from tests.bench.process_tree import proportional_kib
from tests.bench.servers import BIG, IDLE, PASSWORD, USERS, Server
from tests.bench.workloads import Figures, Sizes, WrongAnswer

PROCESSES = 2
"""Edge processes of `serve` as shipped."""
CHANGES = 100
_STEP = 1_000
_BUSY_S = 10.0
_ROUNDS = 2


def _letter(number: int) -> bytes:
    return (
        f"From: sender{number % 50}@partner.example\r\nTo: {BIG}\r\nSubject: note {number}\r\n"
        f"Message-ID: <{time.time_ns():x}.{number}@partner.example>\r\nDate: Wed, 25 Nov 2026 09:00:00 +0900\r\n\r\nnote\r\n"
    ).encode()


async def _filled(reader: Reader, name: str, count: int) -> None:
    await reader.ask(f"CREATE {name}")
    for start in range(0, count, _STEP):
        letters = [_letter(number) for number in range(start, min(count, start + _STEP))]
        await reader.ask(f"APPEND {name} " + " ".join(["{}"] * len(letters)), *letters)


def _code(answer: bytes, name: bytes) -> int:
    found = re.search(rb"\[%b (\d+)\]" % name, answer)
    if found is None:
        raise WrongAnswer(f"no {name.decode()} in {answer[:300]!r}")
    return int(found[1])


async def resync(server: Server, sizes: Sizes) -> Figures:
    """Milliseconds of SELECT with QRESYNC, the first one and the median of those that follow other changes."""
    name = f"Resync{time.time_ns():x}"
    worker = await Reader.open(server.imap_port, BIG, PASSWORD)
    await _filled(worker, name, sizes.resync)
    opened = await worker.ask(f"SELECT {name}")
    validity, modseq = _code(opened, b"UIDVALIDITY"), _code(opened, b"HIGHESTMODSEQ")
    times: list[float] = []
    for number in range(5):
        first = 1 + number * CHANGES
        await worker.ask(f"UID STORE {first}:{first + CHANGES - 11} +FLAGS.SILENT (\\Flagged)")
        await worker.ask(f"UID STORE {first + CHANGES - 10}:{first + CHANGES - 1} +FLAGS.SILENT (\\Deleted)")
        await worker.ask(f"UID EXPUNGE {first + CHANGES - 10}:{first + CHANGES - 1}")
        reader = await Reader.open(server.imap_port, BIG, PASSWORD)
        await reader.ask("ENABLE QRESYNC")
        answer = await reader.ask(f"SELECT {name} (QRESYNC ({validity} {modseq} 1:{sizes.resync}))")
        times.append(reader.seconds * 1_000)
        if answer.count(b" FETCH (") != CHANGES - 10 or b"VANISHED (EARLIER)" not in answer:
            raise WrongAnswer(f"{answer.count(b' FETCH (')} changes told of {CHANGES - 10}")
        modseq = _code(answer, b"HIGHESTMODSEQ")
        reader.close()
    await worker.ask("UNSELECT")
    await worker.ask(f"DELETE {name}")
    worker.close()
    return {"resync_first": times[0], "resync": statistics.median(times[1:])}


async def _session(server: Server, number: int) -> Reader:
    reader = await Reader.open(server.imap_port, USERS[number % len(USERS)], PASSWORD)
    await reader.compress()
    await reader.ask("SELECT INBOX")
    return reader


async def _many(server: Server, count: int) -> list[Reader]:
    readers: list[Reader] = []
    for start in range(0, count, 20):
        readers += await asyncio.gather(*(_session(server, start + number) for number in range(min(20, count - start))))
    return readers


async def _work(reader: Reader, until: float) -> int:
    done = 0
    while time.perf_counter() < until:
        for command in ("UID FETCH 1:* (FLAGS)", "FETCH 1:* (BODY.PEEK[])", "STORE 1 +FLAGS (\\Seen)", "NOOP"):
            await reader.ask(command)
            done += 1
    return done


async def sessions(server: Server, sizes: Sizes) -> Figures:
    """KiB per idle session with COMPRESS, and MiB by which all grow while some work for long."""
    filler = await Reader.open(server.imap_port, USERS[0], PASSWORD)
    for login in USERS:
        reader = await Reader.open(server.imap_port, login, PASSWORD)
        await reader.ask("APPEND INBOX " + " ".join(["{}"] * 20), *(_letter(number) for number in range(20)))
        reader.close()
    filler.close()
    warm = await _many(server, 40)
    await asyncio.gather(*(_work(reader, time.perf_counter() + 2.0) for reader in warm))
    before = proportional_kib(server.roots)
    idle = await _many(server, sizes.sessions * PROCESSES)
    for reader in idle:
        await reader.idle()
    await asyncio.sleep(1.0)
    idling = proportional_kib(server.roots)
    busy = await _many(server, sizes.busy * PROCESSES)
    sizes_kib, done = [], 0
    for _ in range(_ROUNDS + 1):
        until = time.perf_counter() + _BUSY_S
        done += sum(await asyncio.gather(*(_work(reader, until) for reader in busy)))
        sizes_kib.append(proportional_kib(server.roots))
    for reader in (*warm, *idle, *busy):
        reader.close()
    return {
        "idle_deflate": (idling - before) / len(idle),
        "busy_growth": (sizes_kib[-1] - sizes_kib[0]) / 1_024 / PROCESSES,
        "busy_rate": done / (_BUSY_S * (_ROUNDS + 1)),
    }


async def _others(server: Server, stop: asyncio.Event) -> list[float]:
    """Milliseconds that another person's FETCH and STORE take meanwhile."""
    reader = await Reader.open(server.imap_port, IDLE, PASSWORD)
    await reader.ask("APPEND INBOX {}", _letter(0))
    await reader.ask("SELECT INBOX")
    times: list[float] = []
    while not stop.is_set():
        for command in ("FETCH 1 (FLAGS BODY.PEEK[])", "STORE 1 +FLAGS (\\Seen)", "STORE 1 -FLAGS (\\Seen)"):
            await reader.ask(command)
            times.append(reader.seconds * 1_000)
        await asyncio.sleep(0.01)
    reader.close()
    return times


async def bulk(server: Server, sizes: Sizes) -> Figures:
    """Seconds that a tag and a move of all messages of a mailbox take, and the slowest answers to another person."""
    name = f"Bulk{time.time_ns():x}"
    reader = await Reader.open(server.imap_port, BIG, PASSWORD)
    await _filled(reader, name, sizes.bulk)
    await reader.ask(f"CREATE {name}To")
    await reader.ask(f"SELECT {name}")
    figures: Figures = {}
    slowest: list[float] = []
    commands = {"bulk_tag": "UID STORE 1:* +FLAGS ($project)", "bulk_move": f"UID MOVE 1:* {name}To"}
    for figure, command in commands.items():
        stop = asyncio.Event()
        others = asyncio.create_task(_others(server, stop))
        await asyncio.sleep(0.3)
        answer = await reader.ask(command)
        figures[figure] = reader.seconds
        stop.set()
        slowest += await others
        if figure == "bulk_tag" and answer.count(b" FETCH (") != sizes.bulk:
            raise WrongAnswer(f"{answer.count(b' FETCH (')} told of {sizes.bulk}")
    if b"MESSAGES %d)" % sizes.bulk not in await reader.ask(f"STATUS {name}To (MESSAGES)"):
        raise WrongAnswer("the move lost some")
    slowest.sort()
    reader.close()
    return {**figures, "bulk_others": slowest[int(len(slowest) * 0.99)], "bulk_slowest": slowest[-1]}


ALL: tuple[tuple[str, Callable[[Server, Sizes], Awaitable[Figures]]], ...] = (
    ("imap-resync", resync),
    ("imap-sessions", sessions),
    ("imap-bulk", bulk),
)
