"""One coarse timer for all connections of a process.

A timer handle per connection and command would cost an allocation and a heap operation each; here arming a
deadline is one assignment, and a connection is looked at again only when its old slot comes up.
"""

import asyncio
import math

TICK_S = 1.0
NEVER = math.inf


class Timed:
    """Something with one deadline. Subclasses say what happens in `expired`."""

    __slots__ = ("deadline", "slot")

    def __init__(self) -> None:
        self.deadline = NEVER
        self.slot = -1

    def expired(self) -> None:
        """Called once, up to one tick late, when the deadline has passed. May arm a new one."""
        raise NotImplementedError


class Deadlines:
    """Slots of one tick each: slot number → the timed things to look at then."""

    def __init__(self, loop: asyncio.AbstractEventLoop, tick_s: float = TICK_S) -> None:
        self._loop = loop
        self._tick_s = tick_s
        self._slots: dict[int, set[Timed]] = {}
        self._done = 0
        self._handle: asyncio.TimerHandle | None = None

    def now(self) -> float:
        """Return the time of the loop."""
        return self._loop.time()

    def arm(self, timed: Timed, seconds: float) -> None:
        """Replace the deadline of `timed` by one in `seconds` from now; NEVER means none."""
        timed.deadline = self._loop.time() + seconds
        if seconds == NEVER:
            return
        slot = self._slot_of(timed.deadline)
        # A later deadline is found when the old slot comes up; only an earlier one must move.
        if timed.slot == -1 or slot < timed.slot:
            self._place(timed, slot)

    def forget(self, timed: Timed) -> None:
        """Drop `timed`; it is never called again."""
        timed.deadline = NEVER
        self._remove(timed)

    def _slot_of(self, deadline: float) -> int:
        return math.floor(deadline / self._tick_s) + 1

    def _place(self, timed: Timed, slot: int) -> None:
        self._remove(timed)
        timed.slot = slot
        self._slots.setdefault(slot, set()).add(timed)
        if self._handle is None:
            self._done = self._slot_of(self._loop.time()) - 1
            self._handle = self._loop.call_later(self._tick_s, self._tick)

    def _remove(self, timed: Timed) -> None:
        members = self._slots.get(timed.slot)
        if members is not None:
            members.discard(timed)
            if not members:
                del self._slots[timed.slot]
        timed.slot = -1

    def _tick(self) -> None:
        now = self._loop.time()
        current = math.floor(now / self._tick_s)
        for slot in range(self._done, current + 1):
            for timed in self._slots.pop(slot, ()):
                timed.slot = -1
                self._visit(timed, now)
        self._done = current + 1
        self._handle = self._loop.call_later(self._tick_s, self._tick) if self._slots else None

    def _visit(self, timed: Timed, now: float) -> None:
        if timed.deadline > now:
            if timed.deadline != NEVER:
                self._place(timed, self._slot_of(timed.deadline))
            return
        timed.deadline = NEVER
        try:
            timed.expired()
        except Exception as error:  # one connection's failure must not stop the timer of all others
            self._loop.call_exception_handler({"message": "deadline failed", "exception": error})
