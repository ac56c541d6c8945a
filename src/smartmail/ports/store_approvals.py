"""The store's part for approvals of mail (domain/approving.py). Proved by tests/contract/test_store_approvals.py.

A change of an approval, what follows for the held mail, what tells of it and its record are one commit, and of two changes
made from the same version one is made.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from smartmail.domain.addressing import ApprovalRow, ApprovalState
from smartmail.domain.approving import ActRow, Approver, Deputy, LineRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.leaks import IncidentRow
from smartmail.domain.queue import NewQueueEntry


@dataclass(frozen=True, slots=True)
class Move:
    """A change of an approval. `row`: as it shall be, its `version` that from which it was made. `approvers` None: they stay, else
    they are those of the row's step. `hold`: what happens to the held mail; one released may be tried until `until`;
    `dropped`: numbers of its recipients that are taken off before. `incident`: what it is for officers.
    """

    row: ApprovalRow
    acts: tuple[ActRow, ...]
    approvers: tuple[Approver, ...] | None = None
    hold: Literal["release", "remove", ""] = ""
    enqueue: tuple[NewQueueEntry, ...] = ()
    audit: AuditRecord | None = None
    until: int = 0
    incident: IncidentRow | None = None
    dropped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """A question that is ready to be noted (id 0): its first people and history, and `letters` that tell of it. `kept`: the letter
    as approvers read it, sealed, where it leaves before they decide; kept until they have.
    """

    row: ApprovalRow
    letters: tuple[NewQueueEntry, ...] = ()
    approvers: tuple[Approver, ...] = ()
    acts: tuple[ActRow, ...] = ()
    kept: bytes = b""


@dataclass(frozen=True, slots=True)
class ApprovalCounts:
    """How many wait for a person's decision and how many of their own mails wait. `concerns` is 0 where there is, and was, none."""

    to_decide: int
    own: int
    concerns: int


class ApprovalStore(Protocol):
    """Approvals, their history, approval lines, deputies."""

    async def all(
        self, states: Collection[ApprovalState], *, organization_id: OrganizationId | None = None, limit: int = 1000
    ) -> list[ApprovalRow]:
        """Return those in some states, the oldest first."""
        ...

    async def one(self, approval_id: int) -> ApprovalRow:
        """Raises NotFound."""
        ...

    async def letter(self, approval_id: int) -> bytes:
        """Return what is kept of a letter that left before it was decided on, b"" for none. Raises NotFound."""
        ...

    async def about(self, entries: Collection[QueueEntryId]) -> list[ApprovalRow]:
        """Return those about some queue entries, in any state, the oldest first."""
        ...

    async def of_sender(self, account_id: AccountId, limit: int) -> list[ApprovalRow]:
        """Return those about an account's own mail, the newest first."""
        ...

    async def to_decide(self, accounts: Collection[AccountId], limit: int) -> list[ApprovalRow]:
        """Return those that wait at a step in which one of the accounts may decide and has not, the oldest first."""
        ...

    async def counts(self, accounts: Collection[AccountId], account_id: AccountId) -> ApprovalCounts:
        """Return the counts of an account that decides in the right of some: of `to_decide` without their own mail where it is
        not sent first, and of `of_sender`.
        """
        ...

    async def decided(self, accounts: Collection[AccountId], limit: int) -> list[ApprovalRow]:
        """Return those in whose history is a vote in the right of one of the accounts, the newest first."""
        ...

    async def due(self, now: int, limit: int) -> list[ApprovalRow]:
        """Return open ones of which something is due, the earliest first."""
        ...

    async def acts(self, approvals: Collection[int]) -> list[ActRow]:
        """Return the history of some, by approval and number."""
        ...

    async def approvers(self, approvals: Collection[int]) -> list[Approver]:
        """Return who may or might decide in some, by approval, step and account."""
        ...

    async def ask(
        self, row: ApprovalRow, entry: NewQueueEntry | None, enqueue: Sequence[NewQueueEntry] = (),
        approvers: Sequence[Approver] = (), acts: Sequence[ActRow] = (), kept: bytes = b"",
    ) -> ApprovalRow:  # fmt: skip
        """Note a new one (id 0) with its held entry (None: it is there already) and what tells of it, in one commit.

        Raises AlreadyExists: about that entry somebody was asked before.
        """
        ...

    async def move(self, move: Move) -> bool:
        """Make a change, all or nothing; False when the approval is not at that version, or is over."""
        ...

    async def lines(self, organization_id: OrganizationId) -> list[LineRow]:
        """Return a company's approval lines, ended ones too, by id."""
        ...

    async def put_line(self, row: LineRow, audit: AuditRecord) -> LineRow:
        """Note a new one (id 0); it takes the place of the one in force that has its name."""
        ...

    async def end_line(self, line_id: int, organization_id: OrganizationId, audit: AuditRecord) -> bool:
        """End one at the time of the record; False when none is in force."""
        ...

    async def deputies(self, accounts: Collection[AccountId]) -> list[Deputy]:
        """Return the deputies of some accounts."""
        ...

    async def deputy_of(self, deputy_id: AccountId) -> list[Deputy]:
        """Return those whose deputy an account is."""
        ...

    async def put_deputy(self, row: Deputy, audit: AuditRecord) -> None:
        """Name the one deputy of an account. Raises StateMismatch (mail waits for their decision)."""
        ...

    async def drop_deputy(self, account_id: AccountId, audit: AuditRecord) -> bool:
        """End it; False when there is none. Raises StateMismatch (mail waits for their decision)."""
        ...
