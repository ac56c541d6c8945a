"""A thread that does one thing at a time for the event loop: what blocks, as a file lock or a sync.

A plain executor costs several times as much per hand-over, and there is one for every commit.
"""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue

_Task = tuple[Callable[[], None], "asyncio.Future[None]"]


class Hand:
    """Made on the event loop that uses it."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being done."""
        self._tasks.put(None)
        self._thread.join()

    def run(self, task: Callable[[], None]) -> "asyncio.Future[None]":
        """Do it in the thread; the future tells when it is done, or what it raised."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._tasks.put((task, future))
        return future

    def _work(self) -> None:
        while (given := self._tasks.get()) is not None:
            task, future = given
            error: BaseException | None = None
            try:
                task()
            except BaseException as raised:
                error = raised
            self._loop.call_soon_threadsafe(_settle, future, error)


def _settle(future: "asyncio.Future[None]", error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
