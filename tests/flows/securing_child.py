"""A process that approves mail which leaves as secure mail, and takes its turns, until it is killed:
`python -m tests.flows.securing_child DIRECTORY`.
"""

import asyncio
import sys
from pathlib import Path

from tests.flows.approval_house import approval_house

from smartmail.service.mailbox.secure_mail import SecureOptions

MAILS = 12
TO = ("out@b.example", "far@c.example")


async def main(directory: Path) -> None:
    """Hold mails and tell their numbers; approve each, tell it, take what is due, tell it again."""
    async with approval_house(directory) as office:
        await office.line()
        numbers = [await office.ask(to=TO, secure=SecureOptions()) for _ in range(MAILS)]
        print(*numbers, flush=True)
        for number in numbers:
            await office.approvals.decide(office.actor("lee"), number, approve=True)
            print(number, flush=True)
            await office.house.services.queue.lease("child", limit=100)
            print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
