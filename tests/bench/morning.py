"""A morning: everybody signs in at the webmail while mail programs idle: `python -m tests.bench.morning [--people 900]`.

900 people sign in within five minutes, each with a password that was not seen before (nothing of it is remembered), from an
address of their own, over TLS, beside 1,500 idle IMAP sessions. The bound is p95 ≤ 1 s from the request to the cookie.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.bench.attack import Line, answer_of
from tests.bench.servers import PASSWORD, smartmail

from smartmail.app.node import open_node
from smartmail.app.roles import PORTS
from smartmail.app.settings import load
from smartmail.service.flow.directory import NewPerson

BOUND_S = 1.0
SETTLE_S = 2.0
# Mail programs of one person: a desktop, a telephone, a tablet. One account has only so many connections.
PROGRAMS = 3


async def people(data: Path, count: int) -> list[str]:
    """Make accounts with the bench password; return their logins."""
    async with open_node(load(str(data))) as node:
        logins = []
        for number in range(count):
            login = f"morning{number}@bench.test"
            account = await node.services.provisioning.person(NewPerson(login, f"m{number}", "en"), None)
            await node.services.auth.set_password(account.id, PASSWORD, minimum=1)
            logins.append(login)
        return logins


async def idle(ports: dict[str, int], number: int, login: str) -> Line:
    """Return an IMAP session that idles."""
    line = await Line.open(f"10.{number // 250}.{number % 250}.9", ports["imaps"], tls=True)
    await line.reader.readline()
    for words in (f"a LOGIN {login} {PASSWORD}", "b SELECT INBOX"):
        line.writer.write(words.encode() + b"\r\n")
        while not (answer := await line.reader.readline()).startswith(words[:2].encode()):
            assert answer, "the server ended an idle session"
        assert b" OK" in answer, answer
    line.writer.write(b"c IDLE\r\n")
    await line.reader.readline()
    return line


async def sign_in(ports: dict[str, int], number: int, login: str, told: Counter[str], took: list[float]) -> None:
    """Sign in at the webmail; note how long it took and what came of it."""
    line = await Line.open(f"172.{16 + number // 250}.{number % 250}.5", ports["https"], tls=True)
    try:
        body = json.dumps({"address": login, "password": PASSWORD}).encode()
        began = time.monotonic()
        line.writer.write(
            b"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nX-SmartMail: 1\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        told[str(await answer_of(line))] += 1
        took.append(time.monotonic() - began)
    except (OSError, asyncio.IncompleteReadError) as error:
        told[type(error).__name__] += 1
    finally:
        line.close()


async def run(count: int, seconds: float, idling: int) -> dict[str, Any]:
    """Return the figures of one morning."""
    with tempfile.TemporaryDirectory(prefix="smartmail-morning-") as folder, smartmail(Path(folder) / "s") as server:
        base = server.mail_port - PORTS["smtp"]
        ports = {name: base + offset for name, offset in PORTS.items()}
        everybody = await people(Path(folder) / "s" / "data", count + -(-idling // PROGRAMS))
        logins, others = everybody[:count], everybody[count:]
        lines = [await idle(ports, number, others[number // PROGRAMS]) for number in range(idling)]
        await asyncio.sleep(SETTLE_S)
        told: Counter[str] = Counter()
        took: list[float] = []
        began, tasks = time.monotonic(), []
        for number, login in enumerate(logins):
            await asyncio.sleep(max(0.0, began + number * seconds / count - time.monotonic()))
            tasks.append(asyncio.create_task(sign_in(ports, number, login, told, took)))
        await asyncio.gather(*tasks)
        alive = sum(not line.reader.at_eof() for line in lines)
        for line in lines:
            line.close()
        cuts = statistics.quantiles(took, n=20) if len(took) > 1 else [*took, *took]
        return {
            "people": count, "seconds": seconds, "idle": idling, "still idle": alive, "answers": dict(told),
            "p50_s": round(statistics.median(took), 3), "p95_s": round(cuts[-1], 3), "most_s": round(max(took), 3),
        }  # fmt: skip


def main() -> int:
    """Run it and print the figures; 1 when the bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=900)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--idle", type=int, default=1500)
    options = parser.parse_args()
    figures = asyncio.run(run(options.people, options.seconds, options.idle))
    print(json.dumps(figures, indent=1))
    good = figures["answers"] == {"204": options.people} and figures["still idle"] == options.idle
    return 0 if good and figures["p95_s"] <= BOUND_S else 1


if __name__ == "__main__":
    sys.exit(main())
