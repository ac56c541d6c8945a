"""Queue entries and their recipients (docs/architecture.md 4.9: held → ready → leased → …)."""

from dataclasses import dataclass
from typing import Literal

from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.message import BlobRow

RecipientState = Literal["held", "ready", "leased", "delivered", "bounced", "expired", "cancelled"]
"""A deferred recipient is `ready` with a later `next_at`."""
HoldReason = Literal["undo_window", "approval", "quarantine", "schedule", "zone_review"]
FINAL_STATES: tuple[RecipientState, ...] = ("delivered", "bounced", "expired", "cancelled")


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """One recipient of a new entry. `domain` is the plain destination, all else lies in `sealed`."""

    domain: str
    address_hash: bytes
    sealed: bytes
    state: RecipientState = "ready"
    hold_reason: HoldReason | None = None
    next_at: int = 0


@dataclass(frozen=True, slots=True)
class NewQueueEntry:
    """A message that waits to move. The envelope is sealed under the organisation's queue key.

    `account_id` and `submission_id` name the sender of ours, if any. `expires_at` in milliseconds.
    """

    id: QueueEntryId
    organization_id: OrganizationId
    blob: BlobRow
    wrapped_key: bytes
    sealed_envelope: bytes
    size: int
    created_at: int
    expires_at: int
    recipients: tuple[NewRecipient, ...]
    account_id: AccountId | None = None
    submission_id: int | None = None


@dataclass(frozen=True, slots=True)
class QueueEntryRow:
    """An entry as the store keeps it. `sealed_prefix` holds header lines that we put first (DKIM signature)."""

    id: QueueEntryId
    organization_id: OrganizationId
    blob: BlobRow
    wrapped_key: bytes
    sealed_envelope: bytes
    sealed_prefix: bytes | None
    size: int
    created_at: int
    expires_at: int
    account_id: AccountId | None
    submission_id: int | None


@dataclass(frozen=True, slots=True)
class QueueRecipient:
    """A recipient of an entry. `number` counts within the entry; `sealed_result` is the last reply."""

    entry_id: QueueEntryId
    number: int
    domain: str
    sealed: bytes
    state: RecipientState
    hold_reason: HoldReason | None
    next_at: int
    attempts: int
    delay_told: bool
    sealed_result: bytes | None


@dataclass(frozen=True, slots=True)
class Lease:
    """What a worker got: an entry and those of its recipients that go to one destination."""

    entry: QueueEntryRow
    recipients: tuple[QueueRecipient, ...]
    until: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome of one try for one recipient. `state` is final, or `ready` with the next time."""

    number: int
    state: RecipientState
    next_at: int
    sealed_result: bytes | None
    delay_told: bool = False
