"""Many commits, one sync.

A sync starts as soon as none runs; commits that come while one runs share the next. A sync must have begun after
the commit's octets were written, or it says nothing about them: hence "the next", never "the running one".
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor


class GroupSync:
    """Syncs of one file. `sync` runs in a thread of `threads`. After an error every request gets that error."""

    def __init__(self, sync: Callable[[], None], threads: Executor) -> None:
        self._sync = sync
        self._threads = threads
        self._waiting: list[asyncio.Future[None]] = []
        self._running = False
        self._planned = False
        self._when_idle: Callable[[], None] | None = None
        self._error: BaseException | None = None

    def request(self) -> "asyncio.Future[None]":
        """Return what is done after a sync that begins after this call, or fails with what the sync raised."""
        loop = asyncio.get_running_loop()
        # A future each: one cancelled commit must not cancel the others.
        future = loop.create_future()
        if self._error is not None:
            future.set_exception(self._error)
            return future
        self._waiting.append(future)
        if not self._running and not self._planned:
            # At the end of this turn of the loop, so that commits of the same turn share it.
            self._planned = True
            loop.call_soon(self._start, loop)
        return future

    @property
    def idle(self) -> bool:
        """Say whether no sync runs and none is asked for."""
        return not self._running and not self._waiting

    def when_idle(self, action: Callable[[], None]) -> None:
        """Run `action` once no sync runs and none is asked for: now or later."""
        self._when_idle = action
        self._look_idle()

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._planned = False
        group, self._waiting = self._waiting, []
        self._running = True
        running = loop.run_in_executor(self._threads, self._sync)
        running.add_done_callback(lambda done: self._ended(loop, group, done.exception()))

    def _ended(
        self, loop: asyncio.AbstractEventLoop, group: "list[asyncio.Future[None]]", error: BaseException | None
    ) -> None:
        self._running = False
        if error is not None:
            self._error = error
            group = group + self._waiting
            self._waiting = []
        for future in group:
            if future.done():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)
        if self._waiting:
            self._start(loop)
        else:
            self._look_idle()

    def _look_idle(self) -> None:
        if self._when_idle is not None and self.idle:
            action, self._when_idle = self._when_idle, None
            action()
