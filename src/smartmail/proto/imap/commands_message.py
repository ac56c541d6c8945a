"""The vocabulary of commands on messages of the selected mailbox (RFC 3501 §6.4 and extensions)."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from smartmail.proto.imap.fetch_items import BinarySection, BodySection, FetchItem
from smartmail.proto.imap.numbers import NumberSet
from smartmail.proto.imap.search_keys import Key

Window = tuple[int, int]
"""RFC 9394 §3.1 partial-range: places in a result from 1, or from -1 backwards, in the order written."""


@dataclass(frozen=True, slots=True)
class Expunge:
    """`uids` is None for EXPUNGE, a set for UID EXPUNGE (RFC 4315 §2.1)."""

    uids: NumberSet | None = None

    @property
    def name(self) -> str:
        return "EXPUNGE" if self.uids is None else "UID EXPUNGE"


class SearchReturn(Enum):
    """RFC 4731 §3.1, RFC 5182 §2.1 SAVE, RFC 9394 §3.1 PARTIAL."""

    MIN = "MIN"
    MAX = "MAX"
    ALL = "ALL"
    COUNT = "COUNT"
    SAVE = "SAVE"
    PARTIAL = "PARTIAL"


@dataclass(frozen=True, slots=True)
class Search:
    """`returns` is None for a plain SEARCH answer, a set for ESEARCH; `partial` belongs to its PARTIAL."""

    key: Key
    uid: bool = False
    returns: frozenset[SearchReturn] | None = None
    partial: Window | None = None

    @property
    def name(self) -> str:
        return "UID SEARCH" if self.uid else "SEARCH"


class SortField(Enum):
    """RFC 5256 §3 sort-key, RFC 5957 §3."""

    ARRIVAL = "ARRIVAL"
    CC = "CC"
    DATE = "DATE"
    FROM = "FROM"
    SIZE = "SIZE"
    SUBJECT = "SUBJECT"
    TO = "TO"
    DISPLAYFROM = "DISPLAYFROM"
    DISPLAYTO = "DISPLAYTO"


@dataclass(frozen=True, slots=True)
class Sort:
    """`criteria`: (field, whether REVERSE); `returns` as in `Search` (RFC 5267 §3)."""

    criteria: tuple[tuple[SortField, bool], ...]
    key: Key
    uid: bool = False
    returns: frozenset[SearchReturn] | None = None
    partial: Window | None = None

    @property
    def name(self) -> str:
        return "UID SORT" if self.uid else "SORT"


class ThreadMethod(Enum):
    """RFC 5256 §3."""

    ORDEREDSUBJECT = "ORDEREDSUBJECT"
    REFERENCES = "REFERENCES"


@dataclass(frozen=True, slots=True)
class Thread:
    method: ThreadMethod
    key: Key
    uid: bool = False

    @property
    def name(self) -> str:
        return "UID THREAD" if self.uid else "THREAD"


class Where(Enum):
    """RFC 5465 §6 filter-mailboxes, RFC 7377 §2.2 subtree-one."""

    SELECTED = "SELECTED"
    SELECTED_DELAYED = "SELECTED-DELAYED"
    INBOXES = "INBOXES"
    PERSONAL = "PERSONAL"
    SUBSCRIBED = "SUBSCRIBED"
    SUBTREE = "SUBTREE"
    SUBTREE_ONE = "SUBTREE-ONE"
    MAILBOXES = "MAILBOXES"


@dataclass(frozen=True, slots=True)
class MailboxFilter:
    """`names` belong to SUBTREE, SUBTREE-ONE and MAILBOXES."""

    where: Where
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MultiSearch:
    """RFC 7377: a search over several mailboxes. Its answers always hold UIDs."""

    filters: tuple[MailboxFilter, ...]
    key: Key
    returns: frozenset[SearchReturn]
    partial: Window | None = None
    name: ClassVar[str] = "ESEARCH"

    @property
    def in_selected(self) -> bool:
        """Whether the selected mailbox is among those to search."""
        return any(one.where is Where.SELECTED for one in self.filters)


@dataclass(frozen=True, slots=True)
class Fetch:
    """`changed_since`: RFC 7162 §3.1.4.1. For UID FETCH, `items` holds UID (RFC 3501 §6.4.8).

    `vanished`: RFC 7162 §3.2.6. `partial`: RFC 9394 §3.3.
    """

    numbers: NumberSet
    items: tuple[FetchItem, ...]
    uid: bool = False
    changed_since: int | None = None
    vanished: bool = False
    partial: Window | None = None

    @property
    def name(self) -> str:
        return "UID FETCH" if self.uid else "FETCH"

    @property
    def sets_seen(self) -> bool:
        """Whether a message answered gets \\Seen (RFC 3501 §6.4.5, RFC 3516 §4.2)."""
        return any(isinstance(item, BodySection | BinarySection) and not item.peek for item in self.items)


class StoreMode(Enum):
    REPLACE = "FLAGS"
    ADD = "+FLAGS"
    REMOVE = "-FLAGS"


@dataclass(frozen=True, slots=True)
class Store:
    """`unchanged_since`: RFC 7162 §3.1.3."""

    numbers: NumberSet
    mode: StoreMode
    flags: tuple[str, ...]
    silent: bool = False
    uid: bool = False
    unchanged_since: int | None = None

    @property
    def name(self) -> str:
        return "UID STORE" if self.uid else "STORE"


@dataclass(frozen=True, slots=True)
class Copy:
    numbers: NumberSet
    mailbox: str
    uid: bool = False

    @property
    def name(self) -> str:
        return "UID COPY" if self.uid else "COPY"


@dataclass(frozen=True, slots=True)
class Move:
    """RFC 6851."""

    numbers: NumberSet
    mailbox: str
    uid: bool = False

    @property
    def name(self) -> str:
        return "UID MOVE" if self.uid else "MOVE"
