"""Mailbox and Thread (RFC 8621 §2, §3)."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import UNSET, Struct, UnsetType

from smartmail.proto.jmap.core import Id, QueryArguments, QueryChangesArguments, SetArguments, UnsignedInt


class MailboxRights(Struct, frozen=True, rename="camel"):
    """RFC 8621 §2: what the actor may do here."""

    may_read_items: bool
    may_add_items: bool
    may_remove_items: bool
    may_set_seen: bool
    may_set_keywords: bool
    may_create_child: bool
    may_rename: bool
    may_delete: bool
    may_submit: bool
    may_share: bool | UnsetType = UNSET
    """draft-ietf-jmap-mail-sharing."""


class Mailbox(Struct, frozen=True, rename="camel"):
    """RFC 8621 §2. What was not asked for stays UNSET and is not written."""

    id: str
    name: str | UnsetType = UNSET
    parent_id: str | UnsetType | None = UNSET
    role: str | UnsetType | None = UNSET
    sort_order: int | UnsetType = UNSET
    total_emails: int | UnsetType = UNSET
    unread_emails: int | UnsetType = UNSET
    total_threads: int | UnsetType = UNSET
    unread_threads: int | UnsetType = UNSET
    my_rights: MailboxRights | UnsetType = UNSET
    is_subscribed: bool | UnsetType = UNSET
    share_with: Mapping[str, Mapping[str, bool]] | UnsetType | None = UNSET
    share_ends: Mapping[str, str] | UnsetType | None = UNSET
    seen_per_person: bool | UnsetType = UNSET


MAILBOX_PROPERTIES: Final = Mailbox.__struct_encode_fields__
# RFC 8621 §2.5: what /set may say; the rest is the server's.
MAILBOX_SETTABLE: Final = frozenset({"name", "parentId", "role", "sortOrder", "isSubscribed"})
# RFC 8621 §2.2: counts alone changed.
MAILBOX_COUNTS: Final = ("totalEmails", "unreadEmails", "totalThreads", "unreadThreads")


class MailboxCreate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 8621 §2.5: a mailbox to be made. `parent_id` may be `#creation`."""

    name: str
    parent_id: Id | None = None
    role: str | None = None
    sort_order: UnsignedInt = 0
    is_subscribed: bool = False


class MailboxSetArguments(SetArguments, frozen=True, kw_only=True):
    """RFC 8621 §2.5."""

    on_destroy_remove_emails: bool = False


class MailboxFilter(Struct, frozen=True, rename="camel"):
    """RFC 8621 §2.3."""

    parent_id: Id | UnsetType | None = UNSET
    name: str | UnsetType = UNSET
    role: str | UnsetType | None = UNSET
    has_any_role: bool | UnsetType = UNSET
    is_subscribed: bool | UnsetType = UNSET


MAILBOX_SORTS: Final = frozenset({"sortOrder", "name", "parentId"})


class MailboxQueryArguments(QueryArguments, frozen=True, kw_only=True):
    """RFC 8621 §2.3."""

    sort_as_tree: bool = False
    filter_as_tree: bool = False


class MailboxQueryChangesArguments(QueryChangesArguments, frozen=True, kw_only=True):
    """RFC 8621 §2.4; the two tree arguments count as part of the query."""

    sort_as_tree: bool = False
    filter_as_tree: bool = False


class Thread(Struct, frozen=True, rename="camel"):
    """RFC 8621 §3: ids of its messages, oldest first."""

    id: str
    email_ids: Sequence[str]


THREAD_PROPERTIES: Final = ("id", "emailIds")
