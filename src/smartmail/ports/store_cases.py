"""The store's part for reported phishing and for purges of a wave."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.cases import CaseRow, CaseState, HitState, PurgeHit, PurgeRow, PurgeState
from smartmail.domain.ids import AccountId, MailboxId, MessageId, OrganizationId
from smartmail.domain.message import BlobRow
from smartmail.domain.queue import NewQueueEntry


class CaseStore(Protocol):
    """Cases, reports, purges."""

    async def cases(
        self, organization_id: OrganizationId | None, *, since: int = 0, limit: int = 1000
    ) -> list[CaseRow]:
        """Return cases that changed at or after a time, the newest change first."""
        ...

    async def case(self, case_id: int) -> CaseRow:
        """Return one. Raises NotFound."""
        ...

    async def open_case(
        self, row: CaseRow, evidence: BlobRow, report: tuple[AccountId, MessageId], notices: Sequence[NewQueueEntry]
    ) -> CaseRow:
        """Begin a case with its first report, in one commit. Raises AlreadyExists where this message is reported."""
        ...

    async def add_report(self, case_id: int, report: tuple[AccountId, MessageId], sealed: bytes, now: int) -> bool:
        """Add a report to a case; False where this message is reported already."""
        ...

    async def reported(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> dict[MessageId, int]:
        """Return message → case of those that are reported."""
        ...

    async def reporters(self, case_id: int) -> list[tuple[AccountId, MessageId, int]]:
        """Return who reported which message when, in order."""
        ...

    async def set_case(self, case_id: int, state: CaseState, sealed: bytes, audit: AuditRecord) -> None:
        """Change a case. Raises NotFound."""
        ...

    async def put_report_mailbox(self, account_id: AccountId, mailbox_id: MailboxId) -> None:
        """Note the mailbox into which an account moves what it reports."""
        ...

    async def moved_to_report(self, limit: int) -> list[tuple[AccountId, MailboxId, MessageId]]:
        """Return messages that lie in mailboxes of reports."""
        ...

    async def begin_purge(self, row: PurgeRow, hits: Sequence[PurgeHit], audit: AuditRecord) -> PurgeRow:
        """Note a purge and everything that it is on, before anything is done."""
        ...

    async def purges(self, limit: int = 100) -> list[PurgeRow]:
        """Return purges, the newest first."""
        ...

    async def purge_hits(self, purge_id: int) -> list[PurgeHit]:
        """Return what a purge is on, by account."""
        ...

    async def mark_hits(
        self, purge_id: int, account_id: AccountId, message_ids: Sequence[MessageId], state: HitState
    ) -> None:
        """Say how far some messages of a purge are."""
        ...

    async def set_purge(self, purge_id: int, state: PurgeState, audit: AuditRecord) -> None:
        """Say how far a purge is. Raises NotFound."""
        ...
