"""The node's own lease as one of its processes sees it: after too long without a sign of life it holds nothing any more.

Other nodes take over what a node held once it was silent for SILENT_MS (domain.cluster) by the database's clock. So whoever
could not tell for LEASE_MS that it lives ends no delivery, before anybody else begins it: each process by itself, on a clock
that nobody can set and that goes on while the machine sleeps (docs/adr/0074-clocks-and-leases.md).
"""

from collections.abc import Callable

from smartmail.adapters.clock import elapsed_ms
from smartmail.domain.cluster import LEASE_MS


class NodeLease:
    """Held from a sign of life on, for LEASE_MS since that was begun. `alone`: the database is a file, there is no other
    node, and it is always held.
    """

    def __init__(self, elapsed: Callable[[], int] = elapsed_ms, *, alone: bool = False) -> None:
        self._elapsed = elapsed
        self._alone = alone
        self._until = 0
        self._lapses = 0

    def begin(self) -> int:
        """Return the moment at which a sign of life begins, for `renewed`."""
        return self._elapsed()

    def renewed(self, began: int) -> None:
        """The database has noted a sign of life that began then."""
        if self._lapsed:
            self._lapses += 1
        self._until = max(self._until, began + LEASE_MS)

    def term(self) -> int:
        """Return the number of this uninterrupted stretch. What was begun in another one may be somebody else's by now: the
        number changes when the lease lapses, and again when it is there anew.
        """
        return 2 * self._lapses + int(self._lapsed)

    @property
    def _lapsed(self) -> bool:
        return not self._alone and self._elapsed() >= self._until
