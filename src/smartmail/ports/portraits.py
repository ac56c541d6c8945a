"""Photographs made of what people send: hostile octets, read in killable children (adapters.extraction)."""

from typing import Protocol


class PortraitMaker(Protocol):
    """Reads pictures to their pixels and writes them anew."""

    async def portrait_of(self, octets: bytes) -> tuple[bytes, bytes] | None:
        """Return a picture as JPEG, square, small and large; None for what is no picture that can be read, or is too
        large. Raises Unavailable when no child can be started.
        """
        ...
