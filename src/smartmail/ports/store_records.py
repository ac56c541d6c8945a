"""The store's part for what is made of records (domain.records)."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.records import Destruction, Investigation, ReviewRow, SiemTarget, SignedAnchor


class RecordStore(Protocol):
    """Anchors, reviews, investigations, destructions, collectors."""

    async def add_anchor(self, anchor: SignedAnchor, audit: AuditRecord) -> bool:
        """Keep the anchor of a day; False, and nothing is written, when that day has one."""
        ...

    async def signed_anchors(self, limit: int) -> list[SignedAnchor]:
        """Return the newest anchors, the newest first."""
        ...

    async def add_review(self, row: ReviewRow, audit: AuditRecord) -> bool:
        """Keep a review; False, and nothing is written, when that month has one."""
        ...

    async def reviews(self, organization_id: OrganizationId | None, limit: int) -> list[ReviewRow]:
        """Return reviews of an organisation (None: of all), the newest month first."""
        ...

    async def set_reviewer(
        self, organization_id: OrganizationId, month: str, reviewer: AccountId, audit: AuditRecord
    ) -> bool:
        """Give a review that is not signed to somebody; say whether there was one."""
        ...

    async def sign_review(
        self,
        organization_id: OrganizationId,
        month: str,
        by: AccountId,
        at: int,
        sealed_comment: bytes,
        audit: AuditRecord,
    ) -> bool:
        """Sign a review that is not signed; say whether there was one."""
        ...

    async def mark_review(self, organization_id: OrganizationId, month: str, at: int) -> bool:
        """Note that an overdue review was told of; False when it was noted before."""
        ...

    async def add_investigation(self, one: Investigation, audit: AuditRecord) -> int:
        """Keep an investigation; return its number (that of the argument is not looked at)."""
        ...

    async def confirm_investigation(self, number: int, by: str, at: int, audit: AuditRecord) -> bool:
        """Confirm one that nobody has confirmed and somebody else proposed; say whether it was done."""
        ...

    async def investigations(
        self, organization_id: OrganizationId | None = None, account_id: AccountId | None = None
    ) -> list[Investigation]:
        """Return investigations of an organisation or account, the newest first."""
        ...

    async def destroy_account_key(self, account_id: AccountId, entry: Destruction, audit: AuditRecord) -> int:
        """Close an account for good: overwrite its wrapped key, forget its credentials, sessions and names, and write the
        register's entry, in one transaction; return the entry's number. Raises NotFound, StateMismatch (a hold, or the
        key was destroyed before).
        """
        ...

    async def destructions(self, organization_id: OrganizationId | None, limit: int) -> list[Destruction]:
        """Return the newest entries of the register, the newest first."""
        ...

    async def add_siem_target(self, target: SiemTarget, audit: AuditRecord) -> int:
        """Keep a collector; return its number. Raises AlreadyExists by name."""
        ...

    async def set_siem_state(self, number: int, state: str, audit: AuditRecord) -> bool:
        """Turn a collector on or off; say whether there was one."""
        ...

    async def drop_siem_target(self, number: int, audit: AuditRecord) -> bool:
        """Forget a collector and how far it was; say whether there was one."""
        ...

    async def siem_targets(self) -> list[SiemTarget]:
        """Return all collectors by name."""
        ...

    async def siem_cursors(self, number: int) -> dict[OrganizationId, int]:
        """Return how far a collector is, by chain."""
        ...

    async def move_siem_cursors(self, number: int, ends: Sequence[tuple[OrganizationId, int, int]]) -> None:
        """Note that a collector has received each chain up to a number (chain, number before, number now).

        Raises StateMismatch, and writes nothing, when one is not where it was thought to be.
        """
        ...
