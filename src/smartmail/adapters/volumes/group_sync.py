"""Many commits, one sync.

A sync starts when none runs; commits that come while one runs share the next. A sync must have begun after the
commit's octets were written, or it says nothing about them: hence "the next", never "the running one".

While others are about to commit, a sync waits for them, `GATHER_S` at most: on a fast disk a sync (with the database
commit that follows) costs more than most of what it makes durable. Who is alone never waits.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

GATHER_S = 0.005
_PARALLEL_S = 0.05
_Done = Callable[[BaseException | None], None]


class SyncThread:
    """The thread that syncs for a volume. An executor costs twice as much per hand-over, and there is one per group."""

    def __init__(self) -> None:
        self._given: SimpleQueue[tuple[Callable[[], None], asyncio.AbstractEventLoop, _Done] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def run(self, call: Callable[[], None], done: _Done) -> None:
        """Make the call in the thread, then tell `done` on the event loop what it raised."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="volume-sync", daemon=True)
            self._thread.start()
        self._given.put((call, asyncio.get_running_loop(), done))

    def stop(self) -> None:
        """End after the calls that were given."""
        if self._thread is not None:
            self._given.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (given := self._given.get()) is not None:
            call, loop, done = given
            error: BaseException | None = None
            try:
                call()
            except BaseException as raised:
                error = raised
            # A loop that has ended has nobody who waits.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(done, error)


class GroupSync:
    """Syncs of one file. `sync` runs in `thread`; `coming` says whether others are about to ask for one.

    After an error every request gets that error.
    """

    def __init__(
        self,
        sync: Callable[[], None],
        thread: SyncThread,
        coming: Callable[[], bool] = lambda: False,
        gather_s: float = GATHER_S,
    ) -> None:
        self._sync = sync
        self._thread = thread
        self._coming = coming
        self._gather_s = gather_s
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0  # requests that the last sync served
        self._parallel_until = 0.0  # somebody asked while others waited
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
        if self._waiting or self._running:
            self._parallel_until = loop.time() + _PARALLEL_S
        self._waiting.append(future)
        if not self._running and not self._planned:
            # At the end of this turn of the loop, so that commits of the same turn share it.
            self._planned = True
            loop.call_soon(self._look)
        return future

    @property
    def idle(self) -> bool:
        """Say whether no sync runs and none is asked for."""
        return not self._running and not self._waiting

    def when_idle(self, action: Callable[[], None]) -> None:
        """Run `action` once no sync runs and none is asked for: now or later."""
        self._when_idle = action
        self._look_idle()

    def _look(self) -> None:
        self._planned = False
        if self._running or not self._waiting:
            return  # the timer came before the look that a request had planned, and took its request along
        if not self._is_worth_waiting():
            self._start()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._gather_s, self._start)

    def _is_worth_waiting(self) -> bool:
        if self._coming() or len(self._waiting) < self._last:
            return True
        return self._last == 1 and asyncio.get_running_loop().time() < self._parallel_until

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        group, self._waiting = self._waiting, []
        self._last = len(group)
        self._running = True
        self._thread.run(self._sync, lambda error: self._ended(group, error))

    def _ended(self, group: "list[asyncio.Future[None]]", error: BaseException | None) -> None:
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
            self._look()
        else:
            self._look_idle()

    def _look_idle(self) -> None:
        if self._when_idle is not None and self.idle:
            action, self._when_idle = self._when_idle, None
            action()
