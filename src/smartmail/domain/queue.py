"""Queue entries and their recipients (held → ready → leased → …)."""

from dataclasses import dataclass
from typing import Literal

from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.message import BlobRow

RecipientState = Literal["held", "ready", "leased", "delivered", "bounced", "expired", "cancelled"]
"""A deferred recipient is `ready` with a later `next_at`."""
HoldReason = Literal[
    "undo_window", "approval", "quarantine", "schedule", "zone_review", "sending", "administrator", "account"
]
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
    account_id: AccountId | None = None
    """Whose quarantine it lies in."""


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
    lane: int = 0
    sender_hash: bytes = b""
    sender_domain: str = ""


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
    lane: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome of one try for one recipient. `state` is final, or `ready` with the next time.

    `behind`: not this message but its whole destination failed; it goes on, oldest first, when that is there again.
    """

    number: int
    state: RecipientState
    next_at: int
    sealed_result: bytes | None
    delay_told: bool = False
    behind: bool = False


# --- fair shares (docs/adr/0017) ---

QueueClass = Literal["person", "report", "bulk"]
CLASSES: tuple[QueueClass, ...] = ("person", "report", "bulk")
"""In the order in which they are served; bulk has a bounded part of everything."""
_CLASS_BITS = 60
_OUTSIDE = 1 << 59


def lane_of(queue_class: QueueClass, organization_id: OrganizationId, account_id: AccountId | None) -> int:
    """Return the number under which a sender's mail queues: one lane per account, one per organisation for the rest."""
    sender = _OUTSIDE | organization_id if account_id is None else account_id
    return CLASSES.index(queue_class) << _CLASS_BITS | sender


def class_of(lane: int) -> QueueClass:
    """Return the class of a lane."""
    return CLASSES[min(lane >> _CLASS_BITS, len(CLASSES) - 1)]


def lanes_of(queue_class: QueueClass) -> tuple[int, int]:
    """Return the range of a class's lanes, its end not among them."""
    first = CLASSES.index(queue_class) << _CLASS_BITS
    return first, first + (1 << _CLASS_BITS)


@dataclass(frozen=True, slots=True)
class Flow:
    """A lane to one destination that has something in line; `several`: more than one entry."""

    lane: int
    domain: str
    several: bool = True


Reach = Literal["there", "unsure", "dead"]


@dataclass(frozen=True, slots=True)
class Pick:
    """Take up to `count` entries of a flow, the oldest first, none with more than `recipients` recipients.

    `reach` says what is known of the destination. `there`: what waits with it goes too, and is older. `unsure`: it failed
    a moment ago; what stands in line goes, but not past an older one to the same address. `dead`: what stands in line is
    taken to be put off.
    """

    lane: int
    domain: str
    count: int = 1
    reach: Reach = "there"
    recipients: int = 100


# --- what administrators do (service.flow.queue_control) ---

QueueAct = Literal["hold", "release", "retry", "reroute", "delete"]


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which recipients of the queue are meant; what is None or empty does not matter. Times in milliseconds.

    `senders` and `recipients` are keyed hashes of addresses, one per organisation whose key may have made them.
    `state` waiting: ready with a later time.
    """

    entries: tuple[QueueEntryId, ...] = ()
    organization_id: OrganizationId | None = None
    account_id: AccountId | None = None
    senders: tuple[bytes, ...] = ()
    sender_domain: str = ""
    recipients: tuple[bytes, ...] = ()
    domain: str = ""
    state: Literal["", "held", "ready", "waiting", "leased"] = ""
    hold_reason: HoldReason | None = None
    created_before: int | None = None
    created_after: int | None = None
    larger: int | None = None
    smaller: int | None = None


@dataclass(frozen=True, slots=True)
class QueueTarget:
    """Recipients of one entry that an act is on; for a delete with a report, the entry that carries it.

    `question`: the approval that waits about the entry, 0 for none. It ends with the last recipient that waits for it,
    and `told` is queued, which tells its author.
    """

    entry_id: QueueEntryId
    numbers: tuple[int, ...]
    report: NewQueueEntry | None = None
    question: int = 0
    told: NewQueueEntry | None = None


@dataclass(frozen=True, slots=True)
class QueueTotals:
    """How many recipients are in which state, and how many entries and octets there are."""

    entries: int
    octets: int
    states: tuple[tuple[str, int], ...]
    destinations: tuple[tuple[str, int], ...]
