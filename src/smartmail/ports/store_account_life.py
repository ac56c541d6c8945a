"""The store's part for how accounts live and end: states, leavers, kept addresses, sponsors, dormancy."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.account import Account, AccountState
from smartmail.domain.account_life import Idle, LeavingRow, LeavingState, LeftAddress, Sponsorship
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId, SubmissionId
from smartmail.domain.rights import Grant


class AccountLifeStore(Protocol):
    """Each change is one transaction with its audit record."""

    async def set_account_state(self, account_id: AccountId, state: AccountState, audit: AuditRecord) -> Account:
        """Change a state; where it lets nobody in, logins end; planned mail waits where it may not send, and goes on where
        it may again. Raises NotFound, Forbidden (the last administrator).
        """
        ...

    async def plan_leaving(self, row: LeavingRow, audit: AuditRecord) -> None:
        """Keep what will be done with a leaver. Raises AlreadyExists: they are leaving."""
        ...

    async def begin_leaving(self, account_id: AccountId, kept_until: int, audit: AuditRecord) -> Account:
        """Let a planned leaver out: no login, no mail, no credentials, planned mail held, addresses kept until a time.

        One that is running already stays as it is. Raises NotFound, Forbidden (the last administrator).
        """
        ...

    async def leaving(self, account_id: AccountId) -> LeavingRow | None:
        """Return what is known of a leaver."""
        ...

    async def leavings(self, organization_id: OrganizationId) -> list[LeavingRow]:
        """Return an organisation's leavers by account."""
        ...

    async def due_leavings(self, now: int) -> list[LeavingRow]:
        """Return leavers whose time has come and whose things are not all settled."""
        ...

    async def over_leavings(self, now: int) -> list[LeavingRow]:
        """Return leavers whose data are to be destroyed."""
        ...

    async def read_leavings(self, now: int) -> list[LeavingRow]:
        """Return leavers whose mailbox is read by somebody for longer than was agreed."""
        ...

    async def move_leaving(self, account_id: AccountId, before: LeavingState, after: LeavingState) -> bool:
        """Change how far a leaver is; False when it was not so far."""
        ...

    async def end_reading(self, account_id: AccountId) -> None:
        """Note that nobody reads a leaver's mailbox any more."""
        ...

    async def restore_leaver(self, account_id: AccountId, audit: AuditRecord) -> Account:
        """Let a leaver be active again, with all addresses. Raises NotFound, StateMismatch (not leaving)."""
        ...

    async def drop_plan(self, account_id: AccountId, audit: AuditRecord) -> bool:
        """Take back a plan that has not begun."""
        ...

    async def left_addresses(self, addresses: Sequence[str]) -> list[LeftAddress]:
        """Return those of the addresses that are kept."""
        ...

    async def free_addresses(self, now: int, limit: int) -> int:
        """Give free the addresses of destroyed leavers whose time is over; return how many."""
        ...

    async def free_retired(self, organization_id: OrganizationId, before: int, limit: int) -> int:
        """Give free what stood for others and was given up before a time; return how many."""
        ...

    async def planned_mail(self, account_id: AccountId) -> list[tuple[SubmissionId, QueueEntryId]]:
        """Return an account's mail that has not left."""
        ...

    async def granted_to(self, account_id: AccountId) -> list[Grant]:
        """Return the grants of other accounts that name an account."""
        ...

    async def put_sponsorship(self, row: Sponsorship, ends_at: int, audit: AuditRecord) -> Account:
        """Keep who answers for a temporary account, and when it ends. Raises NotFound (account)."""
        ...

    async def sponsorship(self, account_id: AccountId) -> Sponsorship | None:
        """Return who answers for an account."""
        ...

    async def sponsorships(
        self, organization_id: OrganizationId, *, sponsor: AccountId | None = None, heir: AccountId | None = None
    ) -> list[Sponsorship]:
        """Return an organisation's, or those of a sponsor or of who must take over."""
        ...

    async def idle_accounts(self, before: int, after: AccountId, limit: int) -> list[Idle]:
        """Return active people who have not been there since a time, by id."""
        ...

    async def note_idle(self, row: Idle) -> None:
        """Keep what an idle person was told."""
        ...
