"""A place outside the store where signed anchors are kept: one that can be written once is best."""

from typing import Protocol


class AnchorPlace(Protocol):
    """Keeps small files."""

    async def keep(self, name: str, octets: bytes) -> None:
        """Keep a file under a name; one that is there already stays as it is. Raises Unavailable."""
        ...


class NoAnchorPlace:
    """Keeps nothing: anchors lie in the store and go wherever records are sent."""

    async def keep(self, name: str, octets: bytes) -> None:
        """Keep nothing."""
