"""A process that approves mail until it is killed: `python -m tests.flows.approving_child DIRECTORY`."""

import asyncio
import sys
from pathlib import Path

from tests.flows.approval_house import approval_house

MAILS = 12


async def main(directory: Path) -> None:
    """Hold mails, tell their numbers, approve one after the other and tell each."""
    async with approval_house(directory) as office:
        await office.line()
        numbers = [await office.ask() for _ in range(MAILS)]
        print(*numbers, flush=True)
        for number in numbers:
            await office.approvals.decide(office.actor("lee"), number, approve=True)
            print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
