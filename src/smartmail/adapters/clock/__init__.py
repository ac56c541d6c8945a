"""The system's clock and source of ids and random octets, and the database's clock as it is known here.

Leases are promises between nodes, so all of them are by one clock: the database's (docs/adr/0074-clocks-and-leases.md).
"""

import os
import time
from collections.abc import Awaitable, Callable
from typing import Final

MOST_SKEW_MS: Final = 2_000
"""How far this node's clock may be from the database's, in milliseconds, before it takes no leases."""
_MOST_TRIP_MS: Final = 1_000
"""An answer that took longer says too little of when the database looked at its clock."""
_SAMPLES: Final = 3

_RANDOM_BITS = 22
_MASK = (1 << _RANDOM_BITS) - 1
_POOL_OCTETS = 1_024


class SystemClock:
    """Implements the Clock port. Ids are milliseconds shifted by 22 bits, lower bits random, rising in a process.

    `process`: how the names in leases of this process begin; "" for a command, whom nobody follows.
    """

    def __init__(self, process: str = "") -> None:
        self._process = process
        self._last = 0
        self._pool = b""
        self._used = 0

    def now(self) -> int:
        """Return milliseconds of Unix time."""
        return time.time_ns() // 1_000_000

    def new_id(self) -> int:
        """Return an id greater than any this process gave before, also when the clock is set back."""
        fresh = (self.now() << _RANDOM_BITS) | (int.from_bytes(self.random(3)) & _MASK)
        self._last = max(fresh, self._last + 1)
        return self._last

    def new_worker(self) -> str:
        """Return a name for leases that nobody has had."""
        return f"{self._process}{self.new_id():x}"

    def random(self, octets: int) -> bytes:
        """Return octets of the system's generator. None is given twice; a call for each would be a system call for each."""
        start, self._used = self._used, self._used + octets
        if self._used > len(self._pool):
            self._pool, start, self._used = os.urandom(max(_POOL_OCTETS, octets)), 0, octets
        return self._pool[start : self._used]


def wall_ms() -> int:
    """Return milliseconds of Unix time by this machine's clock, which may be set."""
    return time.time_ns() // 1_000_000


def elapsed_ms() -> int:
    """Return milliseconds that nobody can set, and that go on while the machine sleeps where the system counts so."""
    return time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)) // 1_000_000


class DatabaseClock(SystemClock):
    """The database server's clock: its answer, and what has passed since on a clock that cannot be set.

    Before the first answer, and where the database is a file of this machine, it is the system's clock. `far`: it is on
    another, so that no leases may be taken before its answer. `wall` and `elapsed` come in for tests.
    """

    def __init__(
        self,
        wall: Callable[[], int] = wall_ms,
        elapsed: Callable[[], int] = elapsed_ms,
        *,
        far: bool = False,
        process: str = "",
    ) -> None:
        super().__init__(process)
        self._far = far
        self._wall = wall
        self._elapsed = elapsed
        self._ahead: int | None = None
        """Database's time less elapsed time."""

    def now(self) -> int:
        """Return milliseconds of Unix time by the database's clock."""
        return self._wall() if self._ahead is None else self._ahead + self._elapsed()

    def skew(self) -> int:
        """Return by how many milliseconds this machine's clock is ahead of the database's, at this moment."""
        return self._wall() - self.now()

    def fault(self) -> str:
        """Return why no leases may be taken by this machine's clock, "" where they may."""
        if self._far and self._ahead is None:
            return "the database has not told its time fast enough yet: look at the connection to it"
        skew = self.skew()
        if abs(skew) <= MOST_SKEW_MS:
            return ""
        side = "ahead of" if skew > 0 else "behind"
        return (
            f"the clock of this node is {abs(skew) / 1000:.1f} s {side} the database's: it takes no work until it is set "
            "right (run NTP on this node and on the database's host, see timedatectl)"
        )

    async def measure(self, ask: Callable[[], Awaitable[int]]) -> int | None:
        """Ask the database for its time; return the skew, None where no answer came fast enough to tell.

        Of some answers the fastest counts: its clock was looked at between question and answer.
        """
        best: tuple[int, int] | None = None
        for _ in range(_SAMPLES):
            began = self._elapsed()
            told = await ask()
            ended = self._elapsed()
            if best is None or ended - began < best[0]:
                best = (ended - began, told - (began + ended) // 2)
        if best is None or best[0] > _MOST_TRIP_MS:
            return None
        self._ahead = best[1]
        return self.skew()
