"""What served when, as the supervisor of this node has written it down."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.serving import Change


class ServingRecord(Protocol):
    """The supervisor's own record."""

    def changes(self, until: int) -> Sequence[Change]:
        """Return everything that began or ceased to serve before a time, in order; after a supervisor that died, from the
        moment that it was last alive on. Blocks: read in a thread.
        """
        ...


class NoServingRecord:
    """For processes that no supervisor watches."""

    def changes(self, until: int) -> Sequence[Change]:
        """Return nothing."""
        return ()
