"""The store's part for break-glass access: what was opened and how it ended. The rules that open are ports.store_access."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.break_glass import Glass
from smartmail.domain.ids import AccountId, OrganizationId


class BreakGlassStore(Protocol):
    """Openings, newest first."""

    async def add_glass(self, row: Glass) -> Glass:
        """Keep an opening; what is open for the account ends with it. Return it with its id."""
        ...

    async def end_glass(self, account_id: AccountId, at: int, by: str) -> int:
        """End what is open for an account; return how many were."""
        ...

    async def glasses(self, organization_id: OrganizationId, limit: int = 100) -> Sequence[Glass]:
        """Return a company's openings."""
        ...

    async def glasses_since(self, at: int) -> Sequence[Glass]:
        """Return the openings of all companies that were open at a time or after it."""
        ...

    async def ended_glasses(self, before: int) -> Sequence[Glass]:
        """Return those that ended before a time and were not reported."""
        ...

    async def report_glass(self, glass_id: int, at: int) -> bool:
        """Mark an opening as reported; False where it was: somebody else reports it."""
        ...
