"""Speaking to an outside mailbox whose mail is brought in."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from smartmail.domain.pulls import PullFailed, PullItem, PullPlace


class PullSession(Protocol):
    """An open mailbox. All raise PullFailed; `abort` never raises."""

    @property
    def address(self) -> str:
        """The address that we are connected to."""
        ...

    @property
    def tls(self) -> str:
        """How the wire is sealed, "" for not at all."""
        ...

    async def mailboxes(self) -> list[str]:
        """Return the folders, the inbox first; only that where the protocol has no others."""
        ...

    async def items(self, since: int) -> list[PullItem]:
        """Return what lies there, the oldest first; what is older than `since` (seconds, 0: all) may be left out."""
        ...

    async def details(self, items: Sequence[PullItem]) -> list[PullItem]:
        """Return the same with size and, where it is told, time; those that are gone are left out."""
        ...

    async def head(self, item: PullItem) -> bytes:
        """Return the header of a message, b"" where that cannot be had without all of it."""
        ...

    def octets(self, item: PullItem) -> AsyncIterator[bytes]:
        """Yield a message. Raises PullFailed where it is not whole."""
        ...

    async def finish(self, remove: Sequence[PullItem]) -> None:
        """Delete these, take leave and close. After it returns they are gone over there."""
        ...

    def abort(self) -> None:
        """Close at once; what was to be deleted stays."""
        ...


class PullSource(Protocol):
    """Opens mailboxes."""

    async def open(self, place: PullPlace) -> PullSession:
        """Connect, secure and log in. Raises PullFailed."""
        ...


class NoPullSource:
    """For processes that reach nobody."""

    async def open(self, place: PullPlace) -> PullSession:
        """Raise PullFailed."""
        raise PullFailed("unreachable", place.host)
