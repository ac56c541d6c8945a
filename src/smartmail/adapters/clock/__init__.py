"""The system's clock and source of ids and random octets."""

import os
import time

_RANDOM_BITS = 22
_MASK = (1 << _RANDOM_BITS) - 1


class SystemClock:
    """Implements the Clock port. Ids are milliseconds shifted by 22 bits, lower bits random, rising in a process."""

    def __init__(self) -> None:
        self._last = 0

    def now(self) -> int:
        """Return milliseconds of Unix time."""
        return time.time_ns() // 1_000_000

    def new_id(self) -> int:
        """Return an id greater than any this process gave before, also when the clock is set back."""
        fresh = (self.now() << _RANDOM_BITS) | (int.from_bytes(os.urandom(3)) & _MASK)
        self._last = max(fresh, self._last + 1)
        return self._last

    def random(self, octets: int) -> bytes:
        """Return octets of the system's generator."""
        return os.urandom(octets)
