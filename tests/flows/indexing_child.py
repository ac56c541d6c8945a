"""A worker that indexes one account and is killed at a named moment: `python -m tests.flows.indexing_child DIR ACCOUNT
WHERE N`: at the N-th step of the index, `before` its transaction, `inside` it, or `after` it.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from tests.flows.house import compose_house

from smartmail.adapters.sql import search
from smartmail.service.mailbox.search import indexing


def small() -> None:
    """Segments so small that a hundred messages go through every merge."""
    indexing.SMALL, indexing.MIDDLE, indexing.LARGE, indexing.PAGE = 6, 20, 60, 5


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(where: str, number: int) -> None:
    """Let the process die at a step."""
    apply, steps = search._apply, [0]

    async def watched(*arguments: Any) -> Any:
        steps[0] += 1
        if steps[0] == number and where == "before":
            die()
        state = await apply(*arguments)
        if steps[0] == number and where == "inside":
            # All statements have run, nothing is committed.
            die()
        return state

    search._apply = watched
    whole = search.SqlSearch.search_apply

    async def answered(self: Any, *arguments: Any) -> Any:
        state = await whole(self, *arguments)
        if steps[0] >= number and where == "after":
            die()
        return state

    search.SqlSearch.search_apply = answered


async def work(directory: Path, account_id: int) -> None:
    async with compose_house(directory) as house:
        await house.services.search.indexing.catch_up(account_id)


if __name__ == "__main__":
    small()
    arm(sys.argv[3], int(sys.argv[4]))
    asyncio.run(work(Path(sys.argv[1]), int(sys.argv[2])))
