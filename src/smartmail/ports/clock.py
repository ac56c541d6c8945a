"""Time and ids from outside, so that tests can set both."""

from typing import Protocol


class Clock(Protocol):
    """Wall-clock milliseconds and ids that rise with time."""

    def now(self) -> int:
        """Return milliseconds of Unix time."""
        ...

    def new_id(self) -> int:
        """Return a 63-bit id, unique in the cluster, whose upper bits are the time."""
        ...

    def new_worker(self) -> str:
        """Return a name for leases that nobody has had. It begins with what names this process (domain.cluster.workers_of), so
        that the process that follows it can take its leases back.
        """
        ...

    def random(self, octets: int) -> bytes:
        """Return that many unpredictable octets."""
        ...
