"""The story of a message as administrators and its people are told it: what came, what was done with it, and when.

A story belongs to one organisation and has the id that the peer was told or that the queue knows. Everything that a
person wrote, and every remote reply, lies sealed in it; found it is by keyed hashes, by time and by words.
"""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, get_args

import msgspec

from smartmail.domain.ids import AccountId, OrganizationId

EventKind = Literal[
    "accepted", "made", "checked", "queued", "held", "delivered", "duplicate", "handed", "deferred", "bounced", "expired",
    "refused", "released", "retried", "rerouted", "removed", "withdrawn", "rejected",
    "notified", "filtered", "read", "moved", "copied", "deleted", "recalled", "restored",
]  # fmt: skip
"""`accepted`: we took responsibility. `made`: a message of our own (a report, a redirect, a post to a list). `handed`:
an address that stands for others was replaced by them. `withdrawn`: its sender took it back. `refused`: one recipient of
an LMTP transaction, answered so. `rejected`: not accepted at all.
`notified`: a receipt came back (RFC 8098), which says what its recipient's program did; `act` is that disposition, a claim.
`filtered`: its person's filters took it and kept no copy.
From `read` on: what became of a delivered copy, and who did it (ActKind)."""

ActKind = Literal["read", "moved", "copied", "deleted", "recalled", "restored"]
"""`read`: for the first time. `recalled`: an administrator took it back out of the mailbox. `restored`: it came back out of
the vault."""
ACTS: Final[frozenset[str]] = frozenset(get_args(ActKind))

BookKind = Literal["accepted", "delivered", "bounced", "expired", "removed", "withdrawn", "unapproved"]
"""What counts in the books: recipients that were accepted, and the ends that a recipient can come to."""
ENDS: Final[tuple[BookKind, ...]] = ("delivered", "bounced", "expired", "removed", "withdrawn", "unapproved")
HOUR: Final = 3_600_000
PERIOD: Final = 30 * 24 * HOUR
_TIME_BITS: Final = 22


def time_of(number: int) -> int:
    """Return the milliseconds that an id was made in (Clock.new_id)."""
    return number >> _TIME_BITS


def first_id(at: int) -> int:
    """Return the smallest id that can have been made at a time."""
    return max(0, at) << _TIME_BITS


def period_of(at: int) -> int:
    """Return the number of the 30 days that a time lies in."""
    return at // PERIOD


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """What a story begins with. `door`: smtp, submission, lmtp, jmap, or "" for a message of our own."""

    sender: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""
    message_id: str = ""
    door: str = ""
    peer: str = ""
    helo: str = ""
    tls: str = ""
    size: int = 0
    account_id: int = 0
    """The account of ours that sent it, 0 for none."""
    told: int = 0
    """The id that the peer was told, where it is another than the story's."""
    parent: int = 0
    """The story that this one came out of (a report about it, its redirect), 0 for none."""
    count: int = 0
    """How many recipients there are; `recipients` names the first of them."""


class Event(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """One thing that happened. What does not belong to the kind is empty. New fields go to the end, with a default."""

    kind: EventKind
    recipient: str = ""
    code: int = 0
    enhanced: str = ""
    text: str = ""
    """The remote reply, or our own words where there was none."""
    host: str = ""
    tls: str = ""
    verified: str = ""
    account_id: int = 0
    mailbox_id: int = 0
    uid: int = 0
    message_number: int = 0
    """The message in that account."""
    by: str = ""
    """Who did it, where it was a person."""
    act: str = ""
    """What the checks asked for (domain.inspection.Act), where an act goes to, or why it is held."""
    score: float = 0.0
    rules: tuple[tuple[str, float], ...] = ()
    """The rules that weighed most, and their weights."""
    other: int = 0
    """Another story: the one that came out of this one."""
    door: str = ""
    """The door that a person came through who did it."""
    saw: tuple[tuple[str, ...], ...] = ()
    """What each of `rules` saw (domain.inspection.Reason.facts)."""


class Beginning(msgspec.Struct, frozen=True, array_like=True):
    """What is sealed as a story: its facts, and what was known the moment it began, each with the id of its time."""

    facts: Facts
    events: tuple[tuple[int, Event], ...] = ()


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story as the store keeps it. `joins`: if it is there already, what is there stays; else this one replaces it."""

    id: int
    organization_id: OrganizationId
    sealed: bytes
    joins: bool = False


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as the store keeps it; `seq` is an id whose time is the event's."""

    story_id: int
    seq: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class TextRow:
    """Words of many stories in one piece. Its id is greater than that of any story with an event in it."""

    organization_id: OrganizationId
    id: int
    lines: int
    sealed: bytes


class MailAct(NamedTuple):
    """One thing that a transaction did to messages: `mailbox_id` where they went to, 0 for nowhere; `pairs`: story and
    message of each.
    """

    kind: ActKind
    mailbox_id: int
    pairs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ActRow:
    """What one transaction did, as the store keeps it until the stories are told. `by` 0: nobody in person."""

    at: int
    account_id: AccountId
    modseq: int
    by: int
    door: str
    acts: tuple[MailAct, ...]

    @property
    def key(self) -> tuple[int, int, int]:
        """Return what it is kept under."""
        return self.at, self.account_id, self.modseq


@dataclass(frozen=True, slots=True)
class TraceBatch:
    """What is written in one commit. `keys`: period, keyed hash and story."""

    stories: tuple[StoryRow, ...] = ()
    events: tuple[EventRow, ...] = ()
    keys: tuple[tuple[int, bytes, int], ...] = ()
    texts: tuple[TextRow, ...] = ()
    counts: tuple[tuple[int, int, str, int], ...] = ()
    """For the books: hour, organisation, kind and how many more."""


@dataclass(frozen=True, slots=True)
class Book:
    """One hour of one organisation: recipients accepted in it, by what has become of them until now."""

    hour: int
    organization_id: OrganizationId
    accepted: int
    ends: tuple[tuple[str, int], ...]
    held: int
    queued: int

    @property
    def difference(self) -> int:
        """Return accepted less everything else: 0 in a book that balances."""
        return self.accepted - sum(count for _, count in self.ends) - self.held - self.queued


@dataclass(frozen=True, slots=True)
class Fold:
    """What one step of settling the books met; `more`: there is more to do at once."""

    settled: int
    more: bool
