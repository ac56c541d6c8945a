"""The store's part for filters: scripts, which one is active, and what delivery remembers between runs.

Scripts count by a version of their own, not by the account's modseq: no mail changes with them.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

from smartmail.domain.filters import ActiveFilter, FilterState, ScriptId, ScriptRow
from smartmail.domain.ids import AccountId

MemoryKind = Literal[1, 2, 3, 4]
TOLD_ABSENCE: MemoryKind = 1
"""A sender was told of an absence."""
SEEN_ID: MemoryKind = 2
"""An id of the duplicate test."""
DONE_EFFECTS: MemoryKind = 3
"""What a delivery sends out was queued."""
KEPT_WHOLE: MemoryKind = 4
"""Filters met a fault of ours, and the message was delivered as if there were none."""


class FilterTx(Protocol):
    """Changes of filters inside one transaction."""

    async def scripts(self) -> list[ScriptRow]:
        """Return all scripts by id."""
        ...

    async def filter_state(self) -> FilterState:
        """Return the state as this transaction sees it."""
        ...

    async def put_script(
        self, script_id: ScriptId | None, sealed_name: bytes, name_hash: bytes, sealed: bytes, size: int, now: int
    ) -> ScriptRow:
        """Make a script (None) or replace one. Raises NotFound, AlreadyExists (name_hash of another script)."""
        ...

    async def destroy_script(self, script_id: ScriptId) -> None:
        """Remove a script. Raises NotFound."""
        ...

    async def activate_script(self, script_id: ScriptId | None, now: int) -> FilterState:
        """Make a script the active one, or none. Raises NotFound."""
        ...

    async def put_vacation(self, sealed: bytes, now: int, *, enabled: bool) -> FilterState:
        """Keep the reply of an absence, and whether it is switched on."""
        ...

    async def put_problem(self, sealed: bytes | None, now: int) -> None:
        """Keep what went wrong in the last run; the version stays."""
        ...

    async def remember(self, kind: MemoryKind, key: bytes, *, now: int, expires_at: int) -> bool:
        """Note a key; False, and nothing changes, when it is noted and has not expired."""
        ...

    async def remember_again(self, kind: MemoryKind, key: bytes, *, expires_at: int) -> None:
        """Note a key, or give one that is noted a new end."""
        ...


class FilterStore(Protocol):
    """Reads of filters."""

    async def scripts(self, account_id: AccountId) -> list[ScriptRow]:
        """Return all scripts by id."""
        ...

    async def filter_state(self, account_id: AccountId) -> FilterState:
        """Return the state; that of an account which never had filters is FilterState()."""
        ...

    async def active_filters(self, since: int) -> list[ActiveFilter]:
        """Return the accounts whose filters changed at `since` (milliseconds) or later, active or not."""
        ...

    async def remembered(self, account_id: AccountId, kind: MemoryKind, keys: Sequence[bytes], now: int) -> set[bytes]:
        """Return those keys that are noted and have not expired."""
        ...

    async def all_remembered(self, account_id: AccountId, kind: MemoryKind, now: int, limit: int) -> set[bytes]:
        """Return the keys of a kind that have not expired, at most `limit`, those that last longest first."""
        ...

    async def forget_expired(self, now: int, limit: int) -> int:
        """Remove notes that have expired, of any account; return how many."""
        ...
