"""A place outside the store where signed anchors are kept: one that can be written once is best."""

from typing import Protocol


class AnchorPlace(Protocol):
    """Keeps small files."""

    async def keep(self, name: str, octets: bytes) -> None:
        """Keep a file under a name; one that is there already stays as it is. Raises Unavailable."""
        ...

    async def newest(self) -> bytes:
        """Return the file of the last name, nothing where there is none. Raises Unavailable."""
        ...


class HeadPlace(Protocol):
    """Keeps one small file outside the database."""

    async def keep(self, octets: bytes) -> None:
        """Keep octets instead of those before, as a whole or not at all. Raises Unavailable."""
        ...

    async def kept(self) -> bytes:
        """Return what is kept, nothing where nothing is. Raises Unavailable."""
        ...

    async def put_aside(self, mark: str) -> None:
        """Keep what is there under another name, and nothing in its place. Raises Unavailable."""
        ...


class NoHeadPlace:
    """Keeps nothing."""

    async def keep(self, octets: bytes) -> None:
        """Keep nothing."""

    async def kept(self) -> bytes:
        """Return nothing."""
        return b""

    async def put_aside(self, mark: str) -> None:
        """There is nothing."""


class NoAnchorPlace:
    """Keeps nothing: anchors lie in the store and go wherever records are sent."""

    async def keep(self, name: str, octets: bytes) -> None:
        """Keep nothing."""

    async def newest(self) -> bytes:
        """Return nothing."""
        return b""
