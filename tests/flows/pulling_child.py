"""A process that brings mail in and is killed: `python -m tests.flows.pulling_child DIRECTORY COUNT`."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.flows.house import compose_house

from smartmail.app.wiring.ports import Operating
from smartmail.edge.pulling.reaching import Reach
from smartmail.edge.pulling.source import NetworkSource


async def main(directory: Path, count: int) -> None:
    """Work on what is due; die by kill -9 when one message more than `count` is delivered and not noted yet."""
    operating = Operating(pull_source=NetworkSource(Reach(["127.0.0.0/8"])))
    async with compose_house(directory, operating=operating) as house:
        store, noted = house.store, type(house.store).note_seen

        left = count

        async def dying(self: object, *arguments: object) -> bool:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            answer: bool = await noted(self, *arguments)  # type: ignore[arg-type]
            return answer

        type(store).note_seen = dying  # type: ignore[method-assign,assignment]
        await house.services.pulls.work.settle()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
