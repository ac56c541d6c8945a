"""The vocabulary: one frozen class for each command a client can say. Knows neither octets nor answers.

Mailbox names are Unicode text as a person sees it; `INBOX` is spelled so whatever the client wrote (RFC 3501 §5.1).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import ClassVar

from smartmail.proto.imap.commands_account import (
    Compress,
    DeleteAcl,
    EventGroup,
    GetAcl,
    GetJmapAccess,
    GetMetadata,
    GetQuota,
    GetQuotaRoot,
    ListRights,
    MyRights,
    Notify,
    SetAcl,
    SetMetadata,
    SetQuota,
    Unauthenticate,
)
from smartmail.proto.imap.commands_message import (
    Copy,
    Expunge,
    Fetch,
    MailboxFilter,
    Move,
    MultiSearch,
    Search,
    SearchReturn,
    Sort,
    SortField,
    Store,
    StoreMode,
    Thread,
    ThreadMethod,
    Where,
    Window,
)
from smartmail.proto.imap.fetch_items import Item
from smartmail.proto.imap.numbers import NumberSet
from smartmail.proto.imap.search_keys import uses_modseq

__all__ = [
    "AppendHead",
    "Authenticate",
    "Capability",
    "Check",
    "Close",
    "Command",
    "Compress",
    "Copy",
    "Create",
    "Delete",
    "DeleteAcl",
    "Enable",
    "EventGroup",
    "Expunge",
    "Fetch",
    "GetAcl",
    "GetJmapAccess",
    "GetMetadata",
    "GetQuota",
    "GetQuotaRoot",
    "Id",
    "Idle",
    "List",
    "ListReturn",
    "ListRights",
    "ListSelect",
    "Login",
    "Logout",
    "Lsub",
    "MailboxFilter",
    "Move",
    "MultiSearch",
    "MyRights",
    "Namespace",
    "Noop",
    "Notify",
    "Rename",
    "Resync",
    "Search",
    "SearchReturn",
    "Select",
    "SetAcl",
    "SetMetadata",
    "SetQuota",
    "Sort",
    "SortField",
    "StartTls",
    "Status",
    "StatusItem",
    "Store",
    "StoreMode",
    "Subscribe",
    "Thread",
    "ThreadMethod",
    "Unauthenticate",
    "Unselect",
    "Unsubscribe",
    "Where",
    "Window",
    "enables_condstore",
]

# -- any state, not authenticated (RFC 3501 §6.1, §6.2) ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Capability:
    name: ClassVar[str] = "CAPABILITY"


@dataclass(frozen=True, slots=True)
class Noop:
    name: ClassVar[str] = "NOOP"


@dataclass(frozen=True, slots=True)
class Logout:
    name: ClassVar[str] = "LOGOUT"


@dataclass(frozen=True, slots=True)
class Id:
    """RFC 2971: what the client says it is; at most 30 pairs, empty for NIL."""

    pairs: tuple[tuple[str, str | None], ...]
    name: ClassVar[str] = "ID"


@dataclass(frozen=True, slots=True)
class StartTls:
    name: ClassVar[str] = "STARTTLS"


@dataclass(frozen=True, slots=True)
class Authenticate:
    """`initial` is decoded (RFC 4959); None: the client waits for the first challenge."""

    mechanism: str
    initial: bytes | None = field(repr=False)
    name: ClassVar[str] = "AUTHENTICATE"


@dataclass(frozen=True, slots=True)
class Login:
    # Never in a log or a traceback.
    login: str = field(repr=False)
    password: str = field(repr=False)
    name: ClassVar[str] = "LOGIN"


@dataclass(frozen=True, slots=True)
class Enable:
    """RFC 5161: upper-case names, known or not."""

    names: tuple[str, ...]
    name: ClassVar[str] = "ENABLE"


# -- authenticated (RFC 3501 §6.3) -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Select:
    """SELECT, and EXAMINE when `read_only`. `condstore`: RFC 7162 §3.1.8. `resync`: RFC 7162 §3.2.5."""

    mailbox: str
    read_only: bool = False
    condstore: bool = False
    resync: "Resync | None" = None

    @property
    def name(self) -> str:
        return "EXAMINE" if self.read_only else "SELECT"


@dataclass(frozen=True, slots=True)
class Resync:
    """What a client knows of a mailbox that it opens again (RFC 7162 §3.2.5).

    `known`: the UIDs that it has, None: any. `matches`: sequence numbers and their UIDs, to the same count.
    """

    uidvalidity: int
    modseq: int
    known: NumberSet | None = None
    matches: tuple[NumberSet, NumberSet] | None = None


@dataclass(frozen=True, slots=True)
class Create:
    """`special_use`: attributes such as `\\Sent` (RFC 6154 §3)."""

    mailbox: str
    special_use: tuple[str, ...] = ()
    name: ClassVar[str] = "CREATE"


@dataclass(frozen=True, slots=True)
class Delete:
    mailbox: str
    name: ClassVar[str] = "DELETE"


@dataclass(frozen=True, slots=True)
class Rename:
    mailbox: str
    to: str
    name: ClassVar[str] = "RENAME"


@dataclass(frozen=True, slots=True)
class Subscribe:
    mailbox: str
    name: ClassVar[str] = "SUBSCRIBE"


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    mailbox: str
    name: ClassVar[str] = "UNSUBSCRIBE"


class ListSelect(Enum):
    """RFC 5258 §3.1 and RFC 6154 §5.1: which names are wanted."""

    SUBSCRIBED = "SUBSCRIBED"
    REMOTE = "REMOTE"
    RECURSIVEMATCH = "RECURSIVEMATCH"
    SPECIAL_USE = "SPECIAL-USE"


class ListReturn(Enum):
    """RFC 5258 §3.2 and RFC 6154 §5.2: what is told of each name."""

    SUBSCRIBED = "SUBSCRIBED"
    CHILDREN = "CHILDREN"
    SPECIAL_USE = "SPECIAL-USE"


class StatusItem(Enum):
    """RFC 3501 §6.3.10, RFC 7162 §3.1.7, RFC 8438, RFC 8474 §4.1, RFC 7889 §4, RFC 9051 §6.3.11, RFC 9208 §4.1.4."""

    MESSAGES = "MESSAGES"
    RECENT = "RECENT"
    UIDNEXT = "UIDNEXT"
    UIDVALIDITY = "UIDVALIDITY"
    UNSEEN = "UNSEEN"
    DELETED = "DELETED"
    SIZE = "SIZE"
    HIGHESTMODSEQ = "HIGHESTMODSEQ"
    MAILBOXID = "MAILBOXID"
    APPENDLIMIT = "APPENDLIMIT"
    DELETED_STORAGE = "DELETED-STORAGE"


@dataclass(frozen=True, slots=True)
class List:
    """`extended`: any form that only RFC 5258 knows; then the answer to an empty pattern is no hierarchy request.

    `metadata`: entries to tell of each mailbox (RFC 9590).
    """

    reference: str
    patterns: tuple[str, ...]
    select: frozenset[ListSelect] = frozenset()
    returns: frozenset[ListReturn] = frozenset()
    status: tuple[StatusItem, ...] = ()
    extended: bool = False
    metadata: tuple[str, ...] = ()
    name: ClassVar[str] = "LIST"


@dataclass(frozen=True, slots=True)
class Lsub:
    reference: str
    pattern: str
    name: ClassVar[str] = "LSUB"


@dataclass(frozen=True, slots=True)
class Namespace:
    name: ClassVar[str] = "NAMESPACE"


@dataclass(frozen=True, slots=True)
class Status:
    mailbox: str
    items: tuple[StatusItem, ...]
    name: ClassVar[str] = "STATUS"


@dataclass(frozen=True, slots=True)
class AppendHead:
    """What stands before one message. `utf8`: the octets may hold UTF-8 headers (RFC 6855 §4).

    `catenate`: the message comes in parts (RFC 4469). `replaces`: the message of the selected mailbox that goes in the
    same step, by UID when `uid` (RFC 8508).
    """

    mailbox: str
    flags: tuple[str, ...] = ()
    date: datetime | None = None
    utf8: bool = False
    catenate: bool = False
    replaces: NumberSet | None = None
    uid: bool = False

    @property
    def name(self) -> str:
        if self.replaces is None:
            return "APPEND"
        return "UID REPLACE" if self.uid else "REPLACE"


@dataclass(frozen=True, slots=True)
class Idle:
    name: ClassVar[str] = "IDLE"


# -- selected (RFC 3501 §6.4) ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    name: ClassVar[str] = "CHECK"


@dataclass(frozen=True, slots=True)
class Close:
    name: ClassVar[str] = "CLOSE"


@dataclass(frozen=True, slots=True)
class Unselect:
    name: ClassVar[str] = "UNSELECT"


Command = (
    Capability
    | Noop
    | Logout
    | Id
    | StartTls
    | Authenticate
    | Login
    | Enable
    | Select
    | Create
    | Delete
    | Rename
    | Subscribe
    | Unsubscribe
    | List
    | Lsub
    | Namespace
    | Status
    | AppendHead
    | Idle
    | Check
    | Close
    | Unselect
    | Expunge
    | Search
    | Fetch
    | Store
    | Copy
    | Move
    | Sort
    | Thread
    | MultiSearch
    | Compress
    | Unauthenticate
    | GetJmapAccess
    | Notify
    | GetQuota
    | GetQuotaRoot
    | SetQuota
    | GetMetadata
    | SetMetadata
    | SetAcl
    | DeleteAcl
    | GetAcl
    | ListRights
    | MyRights
)


def enables_condstore(command: Command) -> bool:
    """Whether the command is one of those that turn CONDSTORE on (RFC 7162 §3.1)."""
    match command:
        case Select(condstore=True) | Fetch(changed_since=int()) | Store(unchanged_since=int()):
            return True
        case Fetch(items=items):
            return Item.MODSEQ in items
        case Status(items=items) | List(status=items):
            return StatusItem.HIGHESTMODSEQ in items
        case Search(key=key) | Sort(key=key) | Thread(key=key) | MultiSearch(key=key):
            return uses_modseq(key)
    return False
