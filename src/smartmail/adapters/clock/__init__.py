"""The system's clock and source of ids and random octets."""

import os
import time

_RANDOM_BITS = 22
_MASK = (1 << _RANDOM_BITS) - 1
_POOL_OCTETS = 1_024


class SystemClock:
    """Implements the Clock port. Ids are milliseconds shifted by 22 bits, lower bits random, rising in a process."""

    def __init__(self) -> None:
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

    def random(self, octets: int) -> bytes:
        """Return octets of the system's generator. None is given twice; a call for each would be a system call for each."""
        start, self._used = self._used, self._used + octets
        if self._used > len(self._pool):
            self._pool, start, self._used = os.urandom(max(_POOL_OCTETS, octets)), 0, octets
        return self._pool[start : self._used]
