"""The store's part for the memory of the misdelivery guard (domain/correspondence.py). Proved by
tests/contract/test_store_correspondence.py.
"""

from typing import Protocol

from smartmail.domain.correspondence import CorrespondenceRow
from smartmail.domain.ids import AccountId


class CorrespondenceStore(Protocol):
    """One row of an account."""

    async def of_account(self, account_id: AccountId) -> CorrespondenceRow | None:
        """Return the memory of an account."""
        ...

    async def put(self, row: CorrespondenceRow, before: int) -> bool:
        """Keep a memory in place of the one that `before` letters had taught (0: of none); False where it is another by now."""
        ...

    async def forget(self, account_id: AccountId) -> None:
        """Forget the memory of an account."""
        ...
