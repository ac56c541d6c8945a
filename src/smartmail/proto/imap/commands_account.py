"""The vocabulary of commands on the session, the account and its mailboxes that extensions brought.

METADATA (RFC 5464), QUOTA (RFC 9208), NOTIFY (RFC 5465), ACL (RFC 4314), COMPRESS (RFC 4978), UNAUTHENTICATE
(RFC 8437), JMAPACCESS (RFC 9698).
"""

from dataclasses import dataclass, field
from typing import ClassVar

from smartmail.proto.imap.commands_message import MailboxFilter
from smartmail.proto.imap.fetch_items import FetchItem

# -- the session ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compress:
    """RFC 4978 §3. `mechanism` in upper case."""

    mechanism: str
    name: ClassVar[str] = "COMPRESS"


@dataclass(frozen=True, slots=True)
class Unauthenticate:
    name: ClassVar[str] = "UNAUTHENTICATE"


@dataclass(frozen=True, slots=True)
class GetJmapAccess:
    name: ClassVar[str] = "GETJMAPACCESS"


@dataclass(frozen=True, slots=True)
class EventGroup:
    """RFC 5465 §5: events in upper case; `fetch`: what MessageNew tells of a new message in the selected mailbox."""

    mailboxes: MailboxFilter
    events: frozenset[str]
    fetch: tuple[FetchItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Notify:
    """`groups` empty for NOTIFY NONE. `status`: tell STATUS of every mailbox named now (RFC 5465 §3.1)."""

    groups: tuple[EventGroup, ...] = ()
    status: bool = False
    name: ClassVar[str] = "NOTIFY"


# -- QUOTA ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GetQuota:
    root: str
    name: ClassVar[str] = "GETQUOTA"


@dataclass(frozen=True, slots=True)
class GetQuotaRoot:
    mailbox: str
    name: ClassVar[str] = "GETQUOTAROOT"


@dataclass(frozen=True, slots=True)
class SetQuota:
    """`limits`: (resource in upper case, limit)."""

    root: str
    limits: tuple[tuple[str, int], ...]
    name: ClassVar[str] = "SETQUOTA"


# -- METADATA ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GetMetadata:
    """`mailbox` is empty for the server's entries. `depth`: levels below an entry that are told too, None: all."""

    mailbox: str
    entries: tuple[str, ...]
    max_size: int | None = None
    depth: int | None = 0
    name: ClassVar[str] = "GETMETADATA"


@dataclass(frozen=True, slots=True)
class SetMetadata:
    """`values`: (entry, value); None takes the entry away."""

    mailbox: str
    values: tuple[tuple[str, bytes | None], ...] = field(repr=False)
    name: ClassVar[str] = "SETMETADATA"


# -- ACL -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetAcl:
    """`mode`: "+", "-" or "" to replace; `rights`: letters."""

    mailbox: str
    identifier: str
    mode: str
    rights: str
    name: ClassVar[str] = "SETACL"


@dataclass(frozen=True, slots=True)
class DeleteAcl:
    mailbox: str
    identifier: str
    name: ClassVar[str] = "DELETEACL"


@dataclass(frozen=True, slots=True)
class GetAcl:
    mailbox: str
    name: ClassVar[str] = "GETACL"


@dataclass(frozen=True, slots=True)
class ListRights:
    mailbox: str
    identifier: str
    name: ClassVar[str] = "LISTRIGHTS"


@dataclass(frozen=True, slots=True)
class MyRights:
    mailbox: str
    name: ClassVar[str] = "MYRIGHTS"
