"""Five attacks at once against a running server, clean clients beside: `python -m tests.bench.attack [--seconds 600]`.

Everything comes over loopback with PROXY headers, so that each attacker has addresses of its own. The attackers are a
process by themselves: what they cost the machine is in the figures, what they cost a clean client's own loop is not.

    slow      2,000 SMTP connections from 2,000 addresses that say hello and then an octet each ten seconds
    guesses   500 logins a second from 300 addresses, of twenty people
    harvest   5,000 unknown recipients a minute from 20 addresses
    page      1,000 requests a second for the login page from 100 addresses, kept alive
    bombs     2 messages a second that are made to hurt a parser
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.process_tree import cpu_seconds, proportional_kib, tree
from tests.bench.servers import PASSWORD, ROOT, USERS, smartmail

from smartmail.app.roles import PORTS

BOUNDS = {"mail_s": 2.0, "web_s": 1.5, "memory_mib": 1536, "quiet_s": 30.0}
PARTNER, KNOWN, CLEAN = "203.0.113.50", "203.0.113.60", [f"203.0.113.{number}" for number in range(1, 6)]
SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
PROXY_SOURCE = "127.0.0.2"
GIVE_UP_S = 30.0
# A checkout whose webmail is not built answers its page with 503 and a sentence.
BUILT = (ROOT / "web" / "dist" / "webmail" / "index.html").exists()
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TLS.check_hostname, TLS.verify_mode = False, ssl.CERT_NONE


def proxy_header(source: str, port: int) -> bytes:
    """Return a PROXY v2 header (HAProxy specification §2.2) for a TCP connection from an IPv4 address."""
    addresses = socket.inet_aton(source) + socket.inet_aton("127.0.0.1") + struct.pack("!HH", 40_000, port)
    return SIGNATURE + b"\x21\x11" + struct.pack("!H", len(addresses)) + addresses


class Line:
    """A connection in lines."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, source: str, port: int, *, tls: bool = False) -> "Line":
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(PROXY_SOURCE, 0))
        writer.write(proxy_header(source, port))
        if tls:
            await writer.drain()
            await writer.start_tls(TLS, server_hostname="localhost")
        return cls(reader, writer)

    async def reply(self) -> bytes:
        """Return the last line of an SMTP reply; b"" at the end."""
        while True:
            line = await self.reader.readline()
            if not line or line[3:4] != b"-":
                return line

    async def say(self, line: bytes) -> bytes:
        self.writer.write(line + b"\r\n")
        return await self.reply()

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.writer.transport.abort()


# --- attackers ---


async def paced(rate: float, until: float, work: Callable[[int], Awaitable[None]], most: int = 400) -> None:
    """Begin `work` so many times a second until a time, however long each takes; beyond `most` at a time they are left out."""
    running: set[asyncio.Task[None]] = set()
    began, number = time.monotonic(), 0
    while time.monotonic() < until:
        due = int((time.monotonic() - began) * rate)
        while number < due:
            number += 1
            if len(running) < most:
                task = asyncio.create_task(quietly(work(number)))
                running.add(task)
                task.add_done_callback(running.discard)
        await asyncio.sleep(0.01)
    for task in running:
        task.cancel()


async def quietly(work: Awaitable[None]) -> None:
    with contextlib.suppress(OSError, TimeoutError, ssl.SSLError, asyncio.IncompleteReadError):
        async with asyncio.timeout(GIVE_UP_S):
            await work


async def slow(ports: dict[str, int], until: float, told: Counter[str]) -> None:
    held: set[int] = set()

    async def one(number: int) -> None:
        source = f"10.{number % 250}.{number // 250}.{number % 7 + 1}"
        while time.monotonic() < until:
            try:
                line = await Line.open(source, ports["smtp"])
                told["slow opened"] += 1
                held.add(number)
                try:
                    await line.say(b"EHLO slow.example.test") if (await line.reply()).startswith(b"220") else None
                    while time.monotonic() < until and not line.reader.at_eof():
                        line.writer.write(b"N")
                        await asyncio.sleep(10)
                finally:
                    held.discard(number)
                    line.close()
            except (OSError, TimeoutError):
                pass
            await asyncio.sleep(1)

    tasks = []
    for number in range(2000):
        tasks.append(asyncio.create_task(one(number)))
        if number % 50 == 0:
            await asyncio.sleep(0.05)
    await asyncio.sleep(max(0.0, until - time.monotonic()))
    told["slow open at the end"] = len(held)
    for task in tasks:
        task.cancel()


async def guesses(ports: dict[str, int], until: float, told: Counter[str]) -> None:
    """By the web login, kept alive: dialling and TLS would cost the guesser more than the guess."""
    guessed = itertools.count()

    async def one(number: int) -> None:
        source = f"172.20.{number // 10}.{number % 10 + 1}"
        while time.monotonic() < until:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                line = await Line.open(source, ports["https"], tls=True)
                try:
                    while time.monotonic() < until:
                        began = time.monotonic()
                        status = await sign_in(line, USERS[next(guessed) % 20])
                        told[f"guesses {status}"] += 1
                        await asyncio.sleep(max(0.0, 0.6 - (time.monotonic() - began)))
                finally:
                    line.close()
            told["guesses at a shut door"] += 1
            await asyncio.sleep(0.6)

    await until_over([one(number) for number in range(300)], until)


async def sign_in(line: Line, login: str) -> int:
    """Guess a password at the web's login; return the status."""
    body = json.dumps({"address": login, "password": "wrong password"}).encode()
    line.writer.write(
        b"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nX-SmartMail: 1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    return await answer_of(line)


async def until_over(works: list[Coroutine[Any, Any, None]], until: float) -> None:
    """Run works side by side until a time."""
    tasks = [asyncio.create_task(work) for work in works]
    await asyncio.sleep(max(0.0, until - time.monotonic()))
    for task in tasks:
        task.cancel()


async def harvest(ports: dict[str, int], until: float, told: Counter[str]) -> None:
    async def one(number: int) -> None:
        line = await Line.open(f"172.21.{number % 20}.9", ports["smtp"])
        try:
            if not (await line.reply()).startswith(b"220"):
                told["harvest at a shut door"] += 1
                return
            await line.say(b"EHLO spy.example.test")
            await line.say(b"MAIL FROM:<spy@example.test>")
            for step in range(50):
                answer = await line.say(b"RCPT TO:<no%d-%d@bench.test>" % (number, step))
                told["harvest " + ("told" if answer.startswith(b"550") else "cut")] += 1
                if not answer.startswith(b"550"):
                    return
        finally:
            line.close()

    await paced(5000 / 60 / 50, until, one)


async def page(ports: dict[str, int], until: float, told: Counter[str]) -> None:
    async def one(number: int) -> None:
        """A connection that asks ten times a second."""
        while time.monotonic() < until:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                line = await Line.open(f"172.22.{number}.5", ports["https"], tls=True)
                try:
                    while time.monotonic() < until:
                        began = time.monotonic()
                        await get(line)
                        told["page answered"] += 1
                        await asyncio.sleep(max(0.0, 0.1 - (time.monotonic() - began)))
                finally:
                    line.close()
            await asyncio.sleep(0.2)

    await until_over([one(number) for number in range(100)], until)


async def get(line: Line) -> int:
    """Ask for the login page; return the status."""
    line.writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return await answer_of(line)


async def answer_of(line: Line) -> int:
    """Read an HTTP answer to its end; return the status."""
    head = await line.reader.readuntil(b"\r\n\r\n")
    for field_ in head.split(b"\r\n"):
        if field_.lower().startswith(b"content-length:"):
            await line.reader.readexactly(int(field_[15:]))
    return int(head[9:12])


async def bombs(ports: dict[str, int], until: float, told: Counter[str]) -> None:
    from tests.flows.test_defence_bombs import BOMBS

    shells = list(BOMBS.values())

    async def one(number: int) -> None:
        line = await Line.open(f"172.23.{number % 40}.3", ports["smtp"])
        try:
            answer = await deliver(line, b"a@outside.test", USERS[number % 20].encode(), shells[number % len(shells)])
            told[f"bombs {answer[:3].decode() or 'cut'}"] += 1
        finally:
            line.close()

    await paced(2, until, one, most=20)


ATTACKS = {"slow": slow, "guesses": guesses, "harvest": harvest, "page": page, "bombs": bombs}


async def attack(base: int, seconds: float, names: list[str]) -> dict[str, int]:
    ports, until = _ports(base), time.monotonic() + seconds
    told: Counter[str] = Counter()
    await asyncio.gather(*(ATTACKS[name](ports, until, told) for name in names))
    return dict(sorted(told.items()))


# --- clean clients ---


async def deliver(line: Line, sender: bytes, recipient: bytes, octets: bytes) -> bytes:
    """Send one mail; return the first answer that is not positive, or the last."""
    if not (await line.reply()).startswith(b"220"):
        return b""
    await line.say(b"EHLO mail.outside.test")
    for command in (b"MAIL FROM:<%b>" % sender, b"RCPT TO:<%b>" % recipient, b"DATA"):
        answer = await line.say(command)
        if answer[:1] not in b"23":
            return answer
    line.writer.write(octets + b"\r\n.\r\n")
    return await line.reply()


@dataclass
class Seen:
    """What clean clients met."""

    times: dict[str, list[float]] = field(default_factory=lambda: {"mail": [], "web": [], "partner": [], "login": []})
    wrong: Counter[str] = field(default_factory=Counter)

    async def time(self, what: str, work: Awaitable[str]) -> None:
        began = time.monotonic()
        try:
            async with asyncio.timeout(GIVE_UP_S):
                problem = await work
        except (OSError, TimeoutError, ssl.SSLError, asyncio.IncompleteReadError) as error:
            problem = type(error).__name__
        self.times[what].append(time.monotonic() - began)
        if problem:
            self.wrong[f"{what}: {problem}"] += 1

    def p95(self, what: str) -> float:
        ordered = sorted(self.times[what])
        return ordered[int(len(ordered) * 0.95)] if ordered else float("nan")


async def mail(ports: dict[str, int], source: str, number: int) -> str:
    line = await Line.open(source, ports["smtp"])
    try:
        body = b"From: a@outside.test\r\nSubject: clean %d\r\n\r\n" % number + (b"x" * 76 + b"\r\n") * 770
        answer = await deliver(line, b"a@outside.test", USERS[number % 20].encode(), body)
        return "" if answer.startswith(b"250") else answer[:40].decode() or "cut"
    finally:
        line.close()


async def web(ports: dict[str, int], number: int) -> str:
    line = await Line.open(CLEAN[number % 5], ports["https"], tls=True)
    try:
        status = await get(line)
        return "" if status == (200 if BUILT else 503) else str(status)
    finally:
        line.close()


async def login(ports: dict[str, int], number: int) -> str:
    """A person's own device, while the same name is guessed from everywhere."""
    line = await Line.open(KNOWN, ports["imaps"], tls=True)
    try:
        await line.reader.readline()
        line.writer.write(b"a LOGIN %b %b\r\n" % (USERS[number % 20].encode(), PASSWORD.encode()))
        while (answer := await line.reader.readline()) and not answer.startswith(b"a "):
            pass
        return "" if answer.startswith(b"a OK") else answer[:40].decode() or "cut"
    finally:
        line.close()


async def clean(ports: dict[str, int], seen: Seen, stopping: asyncio.Event) -> None:
    """Everything that must go on, a few times a second each."""
    running: set[asyncio.Task[None]] = set()
    number = 0
    while not stopping.is_set():
        number += 1
        works = [("mail", mail(ports, CLEAN[number % 5], number)), ("web", web(ports, number))]
        if number % 2 == 0:
            works += [("partner", mail(ports, PARTNER, number)), ("login", login(ports, number))]
        for what, work in works:
            task = asyncio.create_task(seen.time(what, work))
            running.add(task)
            task.add_done_callback(running.discard)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), 0.5)
    await asyncio.gather(*running)


# --- the run ---


@dataclass
class Peak:
    """The most that the server has used."""

    memory_kib: int = 0
    descriptors: int = 0

    def look(self, roots: list[int]) -> None:
        self.memory_kib = max(self.memory_kib, proportional_kib(roots))
        for pid in tree(roots):
            with contextlib.suppress(OSError):
                self.descriptors = max(self.descriptors, len(os.listdir(f"/proc/{pid}/fd")))


async def quiet(roots: list[int]) -> float:
    """Return after how many seconds the server uses less than a tenth of a core."""
    began = time.monotonic()
    while time.monotonic() - began < 120:
        used, at = cpu_seconds(roots), time.monotonic()
        await asyncio.sleep(2)
        if (cpu_seconds(roots) - used) / (time.monotonic() - at) < 0.1:
            return at - began
    return float("inf")


def _ports(base: int) -> dict[str, int]:
    return {name: base + offset for name, offset in PORTS.items()}


def _command(data: Path, *words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    command = [sys.executable, "-m", "smartmail.app.cli", *words, "--data", str(data)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout


async def run(seconds: float, names: list[str]) -> dict[str, Any]:
    """Attack a server of our own; return the figures."""
    with tempfile.TemporaryDirectory(prefix="smartmail-attack-") as folder, smartmail(Path(folder) / "s") as server:
        data, base = Path(folder) / "s" / "data", server.mail_port - PORTS["smtp"]
        ports = _ports(base)
        _command(data, "ban", "allow", PARTNER, "--until", "90d", "--partner")
        for number in range(len(USERS)):
            assert await login(ports, number) == ""
        seen, peak, stopping = Seen(), Peak(), asyncio.Event()
        calm = Seen()
        for number in range(10):
            await calm.time("mail", mail(ports, CLEAN[0], number))
            await calm.time("web", web(ports, number))
        command = [sys.executable, "-m", "tests.bench.attack", "--attack", str(base), "--seconds", str(seconds),
                   "--only", ",".join(names)]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
        used = cpu_seconds(server.roots)
        attackers = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, start_new_session=True
        )
        try:
            cleaning = asyncio.create_task(clean(ports, seen, stopping))
            output = asyncio.create_task(attackers.communicate())
            while not output.done():
                await asyncio.wait({output}, timeout=2)
                peak.look(server.roots)
            stopping.set()
            await cleaning
        finally:
            if attackers.returncode is None:
                attackers.kill()
        used = cpu_seconds(server.roots) - used
        still = await quiet(server.roots)
        bans = json.loads(_command(data, "ban", "list", "--json"))["items"]
        return {
            "seconds": seconds, "attacks": json.loads((await output)[0] or b"{}"),
            "mail_p95_s": seen.p95("mail"), "mail_calm_p95_s": calm.p95("mail"), "web_p95_s": seen.p95("web"),
            "web_calm_p95_s": calm.p95("web"), "partner_p95_s": seen.p95("partner"), "login_p95_s": seen.p95("login"),
            "clean": {what: len(times) for what, times in seen.times.items()}, "wrong": dict(seen.wrong),
            "memory_mib": peak.memory_kib / 1024, "descriptors": peak.descriptors, "cpu_s": used, "quiet_s": still,
            "bans": dict(Counter(ban["reason"] for ban in bans)),
        }  # fmt: skip


def table(found: dict[str, Any]) -> list[str]:
    """Return the figures as lines, each with its bound."""
    rows = [
        ("clean mail, 250 p95", f"{found['mail_p95_s']:.2f} s", f"≤ {BOUNDS['mail_s']} s", f"calm {found['mail_calm_p95_s']:.2f} s"),
        ("web page p95", f"{found['web_p95_s']:.2f} s", f"≤ {BOUNDS['web_s']} s", f"calm {found['web_calm_p95_s']:.2f} s"),
        ("partner's mail p95", f"{found['partner_p95_s']:.2f} s", f"≤ {BOUNDS['mail_s']} s", ""),
        ("known device's login p95", f"{found['login_p95_s']:.2f} s", "", ""),
        ("clean clients refused", str(sum(found["wrong"].values())), "0", json.dumps(found["wrong"])),
        ("memory of the tree", f"{found['memory_mib']:.0f} MiB", f"≤ {BOUNDS['memory_mib']} MiB", ""),
        ("descriptors of a process", str(found["descriptors"]), "", ""),
        ("CPU", f"{found['cpu_s']:.0f} s", "", f"in {found['seconds']:.0f} s"),
        ("quiet again after", f"{found['quiet_s']:.0f} s", f"≤ {BOUNDS['quiet_s']} s", ""),
    ]  # fmt: skip
    lines = [f"{name:<26} {value:>12} {bound:>12}  {note}".rstrip() for name, value, bound, note in rows]
    return [*lines, f"attacks: {json.dumps(found['attacks'])}", f"bans: {found['bans']}  clean: {found['clean']}"]


def main() -> int:
    """Run, print the table; 1 when a bound does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", default=",".join(ATTACKS), help="attacks, by comma")
    parser.add_argument("--attack", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = options.only.split(",")
    if options.attack is not None:
        print(json.dumps(asyncio.run(attack(options.attack, options.seconds, names))))
        return 0
    found = asyncio.run(run(options.seconds, names))
    print("\n".join(table(found)))
    return 0 if holds(found) else 1


def holds(found: dict[str, Any]) -> bool:
    """Say whether every bound holds."""
    return (
        found["mail_p95_s"] <= BOUNDS["mail_s"] and found["partner_p95_s"] <= BOUNDS["mail_s"]
        and found["web_p95_s"] <= BOUNDS["web_s"] and not found["wrong"]
        and found["memory_mib"] <= BOUNDS["memory_mib"] and found["quiet_s"] <= BOUNDS["quiet_s"]
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
