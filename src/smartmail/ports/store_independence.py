"""The store's part for the independence of two administrators."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.independence import Deed


class IndependenceStore(Protocol):
    """Reads what the audit says of hands and losses (domain.independence)."""

    async def deeds_on(self, thing: str, since: int) -> Sequence[Deed]:
        """Return the hands and losses since a time on one account or role ("account:7", "role:3"), the newest first."""
        ...

    async def losses(self, since: int) -> Sequence[Deed]:
        """Return all losses since a time, the newest first."""
        ...
