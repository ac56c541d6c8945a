"""A process that sends mail which is held, and approves it, until it is killed: `python -m tests.flows.asking_child DIRECTORY`."""

import asyncio
import sys
from pathlib import Path

from tests.flows.house import open_house
from tests.flows.test_aliases import CLI
from tests.flows.test_leak_asking import KIM, asked, hold_numbers, submit

MAILS = 12


async def main(directory: Path) -> None:
    """Send, approve, tell."""
    async with open_house(directory) as house:
        await house.person(KIM)
        await hold_numbers(house)
        print("ready", flush=True)
        for _ in range(MAILS):
            row = await submit(house)
            await house.services.addressing.approvals.decide(CLI, (await asked(house))[int(row.queue_id)], approve=True)
            print(row.id, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
