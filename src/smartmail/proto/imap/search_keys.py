"""The program of a SEARCH as a tree (RFC 3501 §6.4.4, RFC 7162 §3.1.5, RFC 8474 §6). Pure vocabulary."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from smartmail.proto.imap.numbers import NumberSet


@dataclass(frozen=True, slots=True)
class All:
    pass


@dataclass(frozen=True, slots=True)
class And:
    keys: tuple["Key", ...]


@dataclass(frozen=True, slots=True)
class Or:
    left: "Key"
    right: "Key"


@dataclass(frozen=True, slots=True)
class Not:
    key: "Key"


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag or keyword as `commands.Store` spells it: `\\Seen`, `$Forwarded`. Keywords compare without case."""

    flag: str


class DateField(Enum):
    """SAVED is when the message came into this mailbox (RFC 8514 §4)."""

    INTERNAL = "internal"
    SENT = "sent"
    SAVED = "saved"


class DateTest(Enum):
    BEFORE = "before"
    ON = "on"
    SINCE = "since"


@dataclass(frozen=True, slots=True)
class Date:
    """`day`: days since 1970-01-01, as written; time and zone do not count (RFC 3501 §6.4.4)."""

    field: DateField
    test: DateTest
    day: int


@dataclass(frozen=True, slots=True)
class Within:
    """RFC 5032 §3: received in the last `seconds` (YOUNGER), or before (OLDER)."""

    seconds: int
    younger: bool


@dataclass(frozen=True, slots=True)
class UidBound:
    """RFC 9738 §3.3: UIDAFTER and UIDBEFORE."""

    uid: int
    after: bool


@dataclass(frozen=True, slots=True)
class Larger:
    size: int


@dataclass(frozen=True, slots=True)
class Smaller:
    size: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """Messages by sequence number, or by UID."""

    numbers: NumberSet
    uid: bool


@dataclass(frozen=True, slots=True)
class ModSeq:
    """At least `modseq`. The entry name and type that may go with it are read and not kept: we hold one modseq for
    each message, which RFC 7162 §3.1.5 allows.
    """

    modseq: int


@dataclass(frozen=True, slots=True)
class Header:
    """`field` in lower case. `text` is folded for comparison (`base.text.fold`); empty: the field exists."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Body:
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Header or body."""

    text: str


@dataclass(frozen=True, slots=True)
class ObjectId:
    """EMAILID, or THREADID when `thread`."""

    value: str
    thread: bool


Key = (
    All
    | And
    | Or
    | Not
    | Flag
    | Date
    | Within
    | UidBound
    | Larger
    | Smaller
    | Numbers
    | ModSeq
    | Header
    | Body
    | Text
    | ObjectId
)


def walk(key: Key) -> Iterator[Key]:
    """Return every key of the tree, parents first."""
    waiting = [key]
    while waiting:
        one = waiting.pop()
        yield one
        match one:
            case And(keys):
                waiting.extend(keys)
            case Or(left, right):
                waiting += (left, right)
            case Not(inner):
                waiting.append(inner)


def uses_sequence(key: Key) -> bool:
    """Whether a set of sequence numbers stands in the program (RFC 9586 §3.3 refuses them)."""
    return any(isinstance(one, Numbers) and not one.uid and not one.numbers.saved for one in walk(key))


def uses_modseq(key: Key) -> bool:
    return any(isinstance(one, ModSeq) for one in walk(key))
