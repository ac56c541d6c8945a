"""How many sent messages a dry run of leak rules judges in a second, each by two sets of rules.

    .venv/bin/python -m tests.bench.leak_dry_run [--messages 5000] [--accounts 20]

Messages are business mail of the corpus of the detectors, with and without planted numbers, kept in Sent as mail programs do. Rules:
the prepared ones, in stage log before and acting after.
"""

import argparse
import asyncio
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.flows.house import compose_house
from tests.unit.formats_leaks import corpus

from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.operations.admin_jobs import JobProgress
from smartmail.service.protection.leaks import ready_rules

GOAL_S = 600 / 100_000
"""Seconds a message may take: 100,000 in ten minutes."""


async def measure(folder: Path, messages: int, accounts: int) -> None:
    """Measure and print."""
    async with compose_house(folder) as house:
        services = house.services
        home = await services.provisioning.organization("bench")
        await services.directory.add_domain("a.example", home)
        people = [await house.person(f"u{number}@a.example") for number in range(accounts)]
        for number, account in enumerate(people):
            await _fill(services, account, range(number, messages, accounts))
        house.clock.go(1000)
        officer = Actor(0, home, "", True, Origin("cli"))
        rules = await services.leaks.rules.new(officer, *ready_rules(Scope("system"), "ko"))
        on = [one.id for one in rules if not one.dated]
        request = await services.leak_dry_run.request(officer, 1, on=on, share=100)
        began, spent = time.perf_counter(), time.process_time()
        tally = (await services.leak_dry_run.work(officer, request, JobProgress()))["tally"]
        taken, spent = time.perf_counter() - began, time.process_time() - spent
        each = taken / max(tally["judged"], 1)
        print(
            f"{tally['judged']:,} messages judged in {taken:.1f} s ({spent:.1f} s of one core), {1 / each:,.0f} a second; "
            f"newly stopped {tally['newly_stopped']:,}; 100,000 would take {each * 100_000 / 60:.1f} minutes"
            f" ({'within' if each <= GOAL_S else 'beyond'} the goal of 10)"
        )


async def _fill(services: Any, account: Any, numbers: range) -> None:
    actor = Actor(account.id, account.organization_id, account.login, False, Origin("imap"))
    box = (await services.mailboxes.by_role(actor, account.id, "sent")).row.id
    for number in numbers:
        draw = random.Random(number)
        seed = draw.randrange(1 << 30)
        text = (corpus.planted if draw.random() < 0.1 else corpus.clean)(seed).text
        octets = (
            f"From: {account.login}\r\nTo: p{number % 97}@b.example\r\nSubject: no {number}\r\n"
            f"Message-ID: <{number}@a.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        ).encode()
        intake = await services.messages.begin(actor, account.id, len(octets))
        await intake.feed(octets)
        await services.messages.add(actor, account.id, await intake.finish(), [box])


def main() -> None:
    """Measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--accounts", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), given.messages, given.accounts))


if __name__ == "__main__":
    main()
