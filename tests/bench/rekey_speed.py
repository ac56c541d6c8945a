"""How fast the key of a mailbox is changed, and what taking in mail loses meanwhile.

.venv/bin/python -m tests.bench.rekey_speed [MESSAGES] [SECONDS]
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.flows.rekey_house import actor_of, write
from tests.flows.rotation_house import ROOT, WHY, begin, node

ROUNDS = 5
TEXT = "안녕하세요, 회의 자료를 보내 드립니다. The minutes of Monday's meeting are below. ".encode() * 40


async def taken_in(services, actor, seconds: float) -> float:
    """Take mail in for a time; return messages a second."""
    began, count = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        await write(services, actor, b"Subject: ingest %d\r\n\r\n%s\r\n" % (count, TEXT))
        count += 1
    return count / (time.monotonic() - began)


async def again_and_again(work, actor) -> None:
    """Change keys without an end: one change after the other."""
    while True:
        if await work.current() is None:
            await work.begin(ROOT, "accounts", actor.organization_id, 0, WHY)
        await work.turn()
        await asyncio.sleep(0)


async def measured(where: Path, messages: int, seconds: float) -> None:
    await begin(where)
    async with node(where) as opened:
        services = opened.services
        actor, work = await actor_of(services), services.keys.rekeying
        for number in range(messages):
            await write(services, actor, b"Subject: %d\r\n\r\n%s\r\n" % (number, TEXT))
        work.settle_ms = 0
        for name, pause in (("alone, at full speed", lambda _s: asyncio.sleep(0)), ("with its pauses", asyncio.sleep)):
            work._pause = pause
            began = time.monotonic()
            await work.begin(ROOT, "accounts", actor.organization_id, 0, WHY)
            while await work.current() is not None:
                await work.turn()
            taken, row = time.monotonic() - began, (await opened.store.rekeys(1))[0]
            mega, mail = row.octets / 1e6, messages * len(TEXT) / 1e6
            print(
                f"{name}: {row.changed} values of {messages} messages in {taken:.2f} s: {row.changed / taken:,.0f}/s, "
                f"{mega / taken:.1f} MB/s of what is sealed anew, {mail / taken:.0f} MB/s of mail"
            )
        alone, meanwhile = 0.0, 0.0
        for _ in range(ROUNDS):  # in turns, so that what else the machine does weighs on both
            alone += await taken_in(services, actor, seconds) / ROUNDS
            task = asyncio.create_task(again_and_again(work, actor))
            meanwhile += await taken_in(services, actor, seconds) / ROUNDS
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        lost = 100 * (1 - meanwhile / alone)
        print(
            f"mail taken in: {alone:.0f}/s alone, {meanwhile:.0f}/s while keys change without an end: {lost:.0f} % lost"
        )


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]] + [5_000, 10][len(sys.argv) - 1 :]
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measured(Path(folder) / "data", *numbers))
