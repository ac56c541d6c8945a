"""The store's part for addresses that stand for others, lists, relays and counts.

An address is used once: whoever has it, or had it, keeps all others out (`AlreadyExists`).
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.addressing import MemberRow, RelayRow, StandIn, StandInKind
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.queue import NewQueueEntry


class AddressingStore(Protocol):
    """Stand-ins, members, relays, counts."""

    async def stand_ins(self, addresses: Sequence[str]) -> list[StandIn]:
        """Return those that exist, retired ones among them, in no order."""
        ...

    async def stand_ins_of(
        self, organization_id: OrganizationId, kind: StandInKind, *, after: str = "", limit: int = 1000
    ) -> list[StandIn]:
        """Return an organisation's of a kind by address."""
        ...

    async def put_stand_in(self, row: StandIn, audit: AuditRecord, *, fresh: bool) -> None:
        """Make one (`fresh`) or replace one. A forward may stand on its account's address; for the others:
        Raises AlreadyExists (fresh: the address is or was somebody's), NotFound (not fresh: there is none).
        """
        ...

    async def retire_stand_in(self, address: str, audit: AuditRecord, *, forget: bool = False) -> None:
        """Give an address up; its members go. `forget` lets the address be used anew. Raises NotFound."""
        ...

    async def list_members(self, address: str, *, after: bytes = b"", limit: int = 1000) -> list[MemberRow]:
        """Return members by key."""
        ...

    async def add_members(self, rows: Sequence[MemberRow], audit: AuditRecord) -> None:
        """Put members into lists; those that are there stay as they are."""
        ...

    async def drop_member(self, address: str, key: bytes, audit: AuditRecord) -> bool:
        """Take a member out; False when it was none."""
        ...

    async def relays(self) -> list[RelayRow]:
        """Return all registered relays by id."""
        ...

    async def put_relay(self, row: RelayRow, audit: AuditRecord) -> RelayRow:
        """Make (id 0) or change one. Raises NotFound."""
        ...

    async def delete_relay(self, relay_id: int, audit: AuditRecord) -> None:
        """Remove one. Raises NotFound."""
        ...

    async def count_relay(self, relay_id: int, hour: int, most: int, *, now: int) -> int:
        """Count one message more of an hour unless `most` (0: no limit) is reached: then it is not counted.

        Return how many were counted before.
        """
        ...

    async def tell_relay(self, relay_id: int, hour: int, enqueue: NewQueueEntry) -> bool:
        """Queue what its owner is told, once an hour; say whether it was queued now."""
        ...

    async def sent_today(self, account_id: AccountId, day: int) -> int:
        """Return how many recipients outside the account wrote to that day."""
        ...

    async def count_sent(self, account_id: AccountId, day: int, recipients: int) -> int:
        """Count more; return the sum."""
        ...

    async def tell_sender(self, account_id: AccountId, day: int, enqueue: NewQueueEntry) -> bool:
        """Queue what a sender is told about the day, once a day; say whether it was queued now."""
        ...

    async def enqueue_all(self, entries: Sequence[NewQueueEntry]) -> None:
        """Insert entries that are accepted together, in one commit."""
        ...
