"""The outgoing queue against a sink: throughput beside Postfix, and what 100,000 waiting recipients do to others.

    python -m tests.bench.queue_relay throughput [--messages 2000]
    python -m tests.bench.queue_relay fairness [--waiting 100000] [--class bulk|person]

Throughput: both have everything in their queues before the clock starts, and the same sink. SmartMail is one process of
its tree (the agent in a house of the tests); Postfix runs as Debian ships it, up to 100 smtp processes.
Fairness: one sender's messages to 2,000 destinations, a sink behind 20 ms in front of every reply; another sender writes
every 50 ms to the same destinations. Told: time from the commit of a message to its arrival, without and with the load.
"""

import argparse
import asyncio
import contextlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.flows.house import open_house
from tests.flows.queue_house import enqueue, put_port
from tests.peers.postfix import postfix

from smartmail.edge.relay.agent import RelayAgent, RelayConfig
from smartmail.ports.dns import MxHost
from smartmail.service.kernel.envelope import Envelope, Recipient, new_entry

DESTINATIONS = 2000
BODY = b"x" * 76 + b"\r\n"


class EverywhereDns:
    """Every domain has an exchanger of its own, and all are here."""

    async def mx(self, domain):
        return [MxHost(10, f"mx.{domain}")]

    async def addresses(self, host):
        return ["127.0.0.1"]

    async def txt(self, name):
        return []

    async def names(self, address):
        return []


class Sink:
    """The sink's process and what it told."""

    def __init__(self, delay_ms: float) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        script = str(Path(__file__).with_name("smtp_sink.py"))
        self.output = tempfile.NamedTemporaryFile("w+", suffix=".sink")  # noqa: SIM115 -- ends with the sink
        self.process = subprocess.Popen(
            [sys.executable, script, str(self.port), str(delay_ms)], stdout=self.output, start_new_session=True
        )
        while "ready" not in self.text():
            time.sleep(0.05)

    def text(self) -> str:
        return Path(self.output.name).read_text()

    def arrivals(self) -> dict[str, float]:
        lines = [line.partition(" ") for line in self.text().splitlines() if line != "ready"]
        return {subject: float(at) for at, _blank, subject in lines}

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.output.close()


@contextlib.contextmanager
def sink(delay_ms: float = 0.0):
    made = Sink(delay_ms)
    try:
        yield made
    finally:
        made.close()


@contextlib.asynccontextmanager
async def relaying(house):
    stopping = asyncio.Event()
    running = asyncio.create_task(RelayAgent(house.services, RelayConfig("mx.a.example", "w1")).run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await running


async def arrived(receiver: Sink, count: int, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while receiver.text().count("\n") - 1 < count:
            await asyncio.sleep(0.05)


async def smartmail_rate(messages: int) -> float:
    with sink() as receiver, tempfile.TemporaryDirectory() as folder:
        async with open_house(Path(folder), resolver=EverywhereDns()) as house:
            await put_port(house, receiver.port)
            await house.person("kim@a.example")
            for at in range(0, messages, 100):
                await asyncio.gather(*(
                    enqueue(house, "kim@a.example", [f"r{n}@b.test"], b"Subject: m%d\r\n\r\n" % n + BODY * 50)
                    for n in range(at, at + 100)
                ))  # fmt: skip
            began = time.monotonic()
            async with relaying(house):
                await arrived(receiver, messages, 300)
            return messages / (max(receiver.arrivals().values()) - began)


async def postfix_rate(messages: int) -> float:
    with sink() as receiver, socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        probe.close()
        with postfix(port, {"b.test": receiver.port}) as peer:
            config = str(peer.folder / "config")

            def set_deferred(value: str) -> None:
                subprocess.run(["postconf", "-c", config, "-e", f"defer_transports={value}"], check=True)
                peer.run("reload")

            set_deferred("smtp")
            await asyncio.gather(*(asyncio.to_thread(_inject, port, at, messages) for at in range(8)))
            await asyncio.sleep(2)
            set_deferred("")
            began = time.monotonic()
            subprocess.run(["postqueue", "-c", config, "-f"], check=True)
            await arrived(receiver, messages, 300)
            return messages / (max(receiver.arrivals().values()) - began)


def _inject(port: int, first: int, messages: int) -> None:
    import smtplib

    with smtplib.SMTP("127.0.0.1", port) as client:
        for n in range(first, messages, 8):
            client.sendmail("kim@a.example", [f"r{n}@b.test"], b"Subject: m%d\r\n\r\n" % n + BODY * 50)


async def throughput(messages: int) -> None:
    for _ in range(2):
        ours, theirs = await smartmail_rate(messages), await postfix_rate(messages)
        print(
            f"{messages} messages of 4 KB to one destination: SmartMail {ours:.0f}/s (one process), Postfix {theirs:.0f}/s"
        )


async def load(house, count: int, kind: str) -> None:
    """Queue one sender's messages to all destinations, many in a commit, one blob."""
    from smartmail.adapters.sql.queue import count_blob, insert_entry

    account = house.accounts["bulk@a.example"]
    keys = await house.services.queue._keyring.queue(account.organization_id)
    blob = await house.services.queue._blobs.store(account.organization_id, b"Subject: load\r\n\r\n" + BODY * 50)
    now = house.clock.now()
    for at in range(0, count, 1000):
        entries = [
            new_entry(
                keys, house.clock.new_id(), blob.row, blob.data_key, Envelope("bulk@a.example"),
                [Recipient(f"r{n}@d{n % DESTINATIONS}.test")], created_at=now, expires_at=now + 10**9,
                account_id=account.id, queue_class=kind,
            )
            for n in range(at, min(at + 1000, count))
        ]  # fmt: skip

        async def body(session, part=entries):
            for entry in part:
                await insert_entry(session, entry)
                await count_blob(session, entry.blob)

        await house.store._db.change(0, body)


async def write(house, receiver: Sink, name: str, count: int) -> list[float]:
    """Send one message each 50 ms; return the milliseconds from commit to arrival."""
    sent = {}
    for number in range(count):
        subject = f"{name}-{number}"
        message = f"Subject: {subject}\r\n\r\n".encode() + BODY * 10
        await enqueue(house, "kim@a.example", [f"lee{number}@d{number % DESTINATIONS}.test"], message)
        sent[subject] = time.monotonic()
        await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        while not sent.keys() <= (arrivals := receiver.arrivals()).keys():
            await asyncio.sleep(0.2)
    return sorted((arrivals[subject] - at) * 1000 for subject, at in sent.items())


def told(name: str, times: list[float]) -> str:
    return f"{name}: median {statistics.median(times):.0f} ms, p95 {times[int(len(times) * 0.95)]:.0f} ms, worst {times[-1]:.0f} ms"


async def fairness(waiting: int, kind: str) -> None:
    with sink(20.0) as receiver, tempfile.TemporaryDirectory() as folder:
        async with open_house(Path(folder), resolver=EverywhereDns()) as house:
            await put_port(house, receiver.port)
            await house.person("kim@a.example")
            await house.person("bulk@a.example")
            async with relaying(house):
                await write(house, receiver, "warm", 40)
                alone = await write(house, receiver, "alone", 300)
                await load(house, waiting, kind)
                house.services.hints.queue_changed()
                await asyncio.sleep(3)
                before = receiver.text().count("load\n")
                began = time.monotonic()
                beside = await write(house, receiver, "beside", 300)
                rate = (receiver.text().count("load\n") - before) / (time.monotonic() - began)
                await house.store._db.change(0, _unload)
                await asyncio.sleep(3)
                after = await write(house, receiver, "after", 300)
                print(told("alone, before", alone))
                print(told(f"beside {waiting} waiting ({kind}, going out at {rate:.0f}/s)", beside))
                print(told("alone, after", after))
                both = sorted([*alone, *after])
                ratio = beside[int(len(beside) * 0.95)] / both[int(len(both) * 0.95)]
                print(f"p95 beside / p95 alone: {ratio:.2f}")


async def _unload(session) -> None:
    await session.run("delete from queue_recipient where state = 'ready' and line = 1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    one = acts.add_parser("throughput")
    one.add_argument("--messages", type=int, default=2000)
    other = acts.add_parser("fairness")
    other.add_argument("--waiting", type=int, default=100_000)
    other.add_argument("--class", dest="kind", choices=("bulk", "person"), default="bulk")
    options = parser.parse_args()
    if options.act == "throughput":
        asyncio.run(throughput(options.messages))
    else:
        asyncio.run(fairness(options.waiting, options.kind))


if __name__ == "__main__":
    main()
