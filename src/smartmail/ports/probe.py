"""Asking another mail system whether it has a recipient."""

from collections.abc import Sequence
from typing import Literal, Protocol

Existence = Literal["known", "unknown", "unsure"]
"""`unsure`: it does not answer, or says "later"."""


class Prober(Protocol):
    """Asks hosts; never raises."""

    async def probe(self, hosts: Sequence[tuple[str, int]], recipient: str) -> Existence:
        """Return what the first of the hosts (address, port) that answers says of a recipient."""
        ...
