"""How long a list of many members takes: `python -m tests.bench.list_speed [--inside N] [--outside N]`.

A house in this process (SQLite, local volume). Prints one JSON line: time of the expansion, of handing all members on, the
longest single step (one commit of the queue), and the cost of RCPT with and without stand-ins.
"""

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path

from tests.flows.house import open_house
from tests.flows.test_aliases import CLI, send
from tests.flows.test_mail_out import TableResolver

from smartmail.domain.addressing import ListText, Member
from smartmail.domain.errors import MailError

LIST = "all@a.example"


async def measure(inside: int, outside: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(Path(folder), resolver=TableResolver({})) as house:
            await house.person("kim@a.example")
            rcpt_plain = await rcpt(house)
            for number in range(inside):
                # Accounts as they are made, but without passwords and mailboxes: nothing is delivered here.
                await house.services.directory.create_person(person(f"p{number}@a.example"))
            lists = house.services.addressing.lists
            await lists.create(CLI, LIST, ListText("all", ("kim@a.example",), post="anyone"))
            members = [f"p{n}@a.example" for n in range(inside)] + [f"o{n}@x{n % 50}.example" for n in range(outside)]
            await lists.add(CLI, LIST, [Member(one) for one in members])
            await house.services.addressing.stand_ins.put_alias(CLI, "one@a.example", ["kim@a.example"])
            found = await hand_on(house)
            return {
                "inside": inside,
                "outside": outside,
                **found,
                "rcpt_plain_us": rcpt_plain,
                "rcpt_alias_us": await rcpt(house),
            }


def person(login: str):
    from smartmail.service.flow.directory import NewPerson

    return NewPerson(login, login)


async def rcpt(house, rounds: int = 2000) -> float:
    """Return microseconds of one look that no memory answers."""
    begun = time.perf_counter()
    for _ in range(rounds):
        await house.services.directory.resolve("kim@a.example")
    return round((time.perf_counter() - begun) / rounds * 1e6, 1)


async def hand_on(house) -> dict[str, float]:
    """Work the queue by hand until the list's message has been handed to everybody."""
    await asyncio.to_thread(send, house, LIST)
    queue, delivery = house.services.queue, house.services.delivery
    steps, handed = [], 0
    mediator = house.services.addressing.handing._mediator
    row = await mediator._row(LIST)
    begun = time.perf_counter()
    await mediator._expanded(row)
    expansion = time.perf_counter() - begun
    begun = time.perf_counter()
    while works := [one for one in await queue.lease("bench", limit=50, busy={}) if one.recipients]:
        moved = False
        for work in works:
            if any(recipient.address == LIST for _row, recipient in work.recipients):
                moved = True
                step = time.perf_counter()
                try:
                    outcomes = await delivery.deliver_queued(work)
                except MailError as error:
                    raise SystemExit(f"the list failed: {error}") from error
                await queue.report("bench", work, outcomes)
                steps.append(time.perf_counter() - step)
                handed += sum(len(entry.recipients) for one in outcomes for entry in one.entries)
        if not moved:
            break
    total = time.perf_counter() - begun
    return {
        "expansion_s": round(expansion, 3), "steps": len(steps), "handed_on": handed - len(steps) + 1,
        "total_s": round(total, 3), "longest_step_s": round(max(steps), 3),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inside", type=int, default=2000)
    parser.add_argument("--outside", type=int, default=8000)
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.inside, options.outside))))


if __name__ == "__main__":
    main()
