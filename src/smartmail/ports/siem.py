"""Sending framed records to a collector over TLS."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.errors import Unavailable
from smartmail.domain.records import SiemTarget


class Collector(Protocol):
    """Delivers batches."""

    async def deliver(self, target: SiemTarget, frames: Sequence[bytes]) -> None:
        """Send frames in order over one connection and return when the collector has received them all.

        Raises Unavailable: then it may have received a part of them.
        """
        ...


class NoCollector:
    """Delivers nothing."""

    async def deliver(self, target: SiemTarget, frames: Sequence[bytes]) -> None:
        """Raise Unavailable."""
        raise Unavailable(detail=f"nothing is sent to {target.host} from here")
