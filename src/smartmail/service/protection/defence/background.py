"""Work that nobody waits for: bounded, and ended before the store closes."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from smartmail.base import log

MOST: Final = 200
"""Works at a time. What comes beyond is left out: a note that is lost costs little, a heap of them much."""


class Background:
    """Runs works one beside the other."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, object]) -> bool:
        """Begin a work; False, and nothing happens, where there are too many."""
        if len(self._tasks) >= MOST:
            work.close()
            return False
        task = asyncio.get_running_loop().create_task(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def settle(self) -> None:
        """Return when all have ended."""
        while self._tasks:
            # Taken out here: their own call-back comes with a later turn of the loop, which a wait for done tasks never is.
            done, _running = await asyncio.wait(self._tasks)
            self._tasks -= done


async def _guarded(work: Coroutine[Any, Any, object]) -> None:
    try:
        await work
    except Exception as error:
        log.event("defence.action_failed", error=type(error).__name__, detail=getattr(error, "detail", ""))
