"""The whole inbound pipeline on one core: SMTP in, SPF, DKIM, DMARC, route, rules, learned filter, verdict, sealed commit.

    .venv/bin/python -m tests.bench.inbound_pipeline [--messages 600] [--clients 4] [--kib 60]

Names are answered out of a table in the process, so that no name server is measured; learning is on and taught; no
engine (antivirus) is asked. Half of the messages are signed (RSA 2048). The server is one process; the clients are
others. Told: messages a second of CPU (user and system) of the server and the children that read attachments for it
(starting those included), which is what one core can do, and how long a client waits from its last octet to the 250.
"""

import argparse
import asyncio
import base64
import random
import resource
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.made_mail import made
from tests.flows.authenticated import Zones, signed, zones
from tests.flows.house import compose_house, serve

from smartmail.adapters.extraction.children import ParsingChildren
from smartmail.app.children import parsing_child


def messages(count: int, kib: int) -> list[bytes]:
    """Return office mail with attachments: sizes spread around the mean as real ones are (log-normal)."""
    chance = random.Random(60)
    out = []
    for number, one in enumerate(made("ko", count)):
        size = min(kib << 13, int((kib << 10) * chance.lognormvariate(-0.5, 1.0)))
        head, _, body = one.octets.partition(b"\r\n\r\n")
        octets = _with_file(head, body, max(0, size - len(one.octets)), chance, number)
        out.append(signed(octets) if number % 2 else octets)
    return out


def _with_file(head: bytes, body: bytes, room: int, chance: random.Random, number: int) -> bytes:
    fields = head.split(b"\r\n")
    own = [one for one in fields if one.lower().startswith(b"content-")]
    kept = [one for one in fields if one not in own]
    kept[0] = b"From: Kim <kim%d@good.test>" % number
    file = base64.encodebytes(chance.randbytes(room * 3 // 4)).replace(b"\n", b"\r\n")
    return b"\r\n".join([
        *kept, b"Date: Thu, 26 Nov 2026 09:00:00 +0900", b"Content-Type: multipart/mixed; boundary=bench", b"",
        b"--bench", *own, b"", body, b"--bench", b"Content-Type: image/jpeg; name=a.jpg",
        b"Content-Transfer-Encoding: base64", b"", file, b"--bench--", b"",
    ])  # fmt: skip


def client(port: int, folder: str, first: int, step: int) -> None:
    """Send every `step`-th message of a folder; print how long each took, in milliseconds."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
        smtp.ehlo("peer.test")
        for path in sorted(Path(folder).iterdir())[first::step]:
            octets = path.read_bytes()
            smtp.mail("kim@good.test")
            smtp.rcpt("kim@a.test")
            smtp.docmd("DATA")
            smtp.send(octets)
            start = time.perf_counter()
            smtp.send(b"\r\n.\r\n")
            code, text = smtp.getreply()
            if code not in {250, 550}:  # half of them is spam, and some of it is refused
                raise SystemExit(f"{code} {text!r}")
            print((time.perf_counter() - start) * 1000)
    print(f"cpu {time.process_time()}")


async def measure(options: argparse.Namespace, work: Path) -> tuple[float, float, list[float], float]:
    """Return (CPU seconds of the server, of the children that read files for it, waits in ms, wall seconds)."""
    mail = work / "mail"
    mail.mkdir()
    for number, octets in enumerate(messages(options.messages, options.kib)):
        (mail / f"{number:05}").write_bytes(octets)
    print(
        f"mean {sum(one.stat().st_size for one in mail.iterdir()) / options.messages / 1024:.0f} KiB", file=sys.stderr
    )
    names: Zones = zones()
    children = ParsingChildren(parsing_child.command(), parsing_child.environment())
    async with compose_house(work / "data", resolver=names, extractor=children) as house, serve(house):
        organization = await house.services.provisioning.organization("bench")
        await house.services.directory.add_domain("a.test", organization)
        await house.person("kim@a.test")
        await house.services.learning.teach(organization, [(one.octets, one.spam) for one in made("ko", 400, seed=5)])
        cpu, start = time.process_time(), time.perf_counter()
        clients = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.bench.inbound_pipeline", "--client", str(house.ports["smtp"]), str(mail),
                str(first), str(options.clients), stdout=subprocess.PIPE, start_new_session=True,
            )
            for first in range(options.clients)
        ]  # fmt: skip
        said = await asyncio.gather(*(one.communicate() for one in clients))
        if any(one.returncode for one in clients):
            raise SystemExit("a client failed")
        lines = [line for out, _err in said for line in out.decode().splitlines()]
        waits = [float(line) for line in lines if not line.startswith("cpu")]
        spent, wall = time.process_time() - cpu, time.perf_counter() - start
    await children.close()
    # Those that read attachments work for the server; clients, which have ended too, do not.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    others = used.ru_utime + used.ru_stime - sum(float(line[4:]) for line in lines if line.startswith("cpu"))
    return spent, others, waits, wall


def main() -> None:
    if sys.argv[1:2] == ["--client"]:
        client(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=600)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--kib", type=int, default=60, help="mean size")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="inbound-") as work:
        (Path(work) / "data").mkdir()
        cpu, reading, waits, wall = asyncio.run(measure(options, Path(work)))
    waits.sort()
    print(f"{len(waits)} messages, {options.clients} clients")
    each = 1000 / len(waits)
    print(
        f"CPU                 {each * cpu:.2f} ms a message in the server, {each * reading:.2f} ms in children that read files"
    )
    print(f"                    {len(waits) / (cpu + reading):.0f} messages/s and core")
    print(f"wall                {len(waits) / wall:.0f} messages/s")
    print(f"wait for 250        median {statistics.median(waits):.1f} ms, p95 {waits[int(0.95 * len(waits))]:.1f} ms")


if __name__ == "__main__":
    main()
