"""Arguments of METADATA, QUOTA, NOTIFY, ACL, COMPRESS and their like (RFC 5464, 9208, 5465, 4314, 4978, 8437, 9698)."""

from typing import Final

from smartmail.proto.imap.commands import (
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
    Where,
)
from smartmail.proto.imap.cursor import Cursor, GrammarError
from smartmail.proto.imap.fetch_items import FetchItem
from smartmail.proto.imap.grammar_mailbox import MAX_ENTRIES, entry_name
from smartmail.proto.imap.grammar_message import fetch_items
from smartmail.proto.imap.grammar_search import mailbox_filter

MESSAGE_EVENTS: Final = frozenset({"MESSAGENEW", "MESSAGEEXPUNGE", "FLAGCHANGE", "ANNOTATIONCHANGE"})
MAILBOX_EVENTS: Final = frozenset(
    {"MAILBOXNAME", "SUBSCRIPTIONCHANGE", "MAILBOXMETADATACHANGE", "SERVERMETADATACHANGE"}
)
"""RFC 5465 §5, in upper case."""
SUPPORTED_EVENTS: Final = frozenset({"MESSAGENEW", "MESSAGEEXPUNGE", "FLAGCHANGE", "MAILBOXNAME", "SUBSCRIPTIONCHANGE"})
MAX_GROUPS: Final = 32


def compress(cursor: Cursor) -> Compress:
    cursor.space()
    return Compress(cursor.atom("compression").upper())


def unauthenticate(_: Cursor) -> Unauthenticate:
    return Unauthenticate()


def get_jmap_access(_: Cursor) -> GetJmapAccess:
    return GetJmapAccess()


# -- NOTIFY (RFC 5465 §8) ------------------------------------------------------------------------------------------


def notify(cursor: Cursor) -> Notify:
    cursor.space()
    word = cursor.word("SET or NONE")
    if word == "NONE":
        return Notify()
    if word != "SET":
        raise GrammarError("SET or NONE expected")
    status = False
    groups: list[EventGroup] = []
    while not cursor.ended or not groups:
        cursor.space()
        if not groups and not status and not cursor.at(b"("):
            if cursor.word("STATUS") != "STATUS":
                raise GrammarError("STATUS expected")
            status = True
            continue
        groups.append(_group(cursor))
        if len(groups) > MAX_GROUPS:
            raise GrammarError("too many groups")
    return Notify(tuple(groups), status)


def _group(cursor: Cursor) -> EventGroup:
    cursor.expect(b"(", "event group")
    mailboxes = mailbox_filter(cursor)
    if mailboxes.where is Where.SUBTREE_ONE:
        raise GrammarError("unknown mailbox filter")
    cursor.space()
    events, fetch = _events(cursor)
    cursor.expect(b")", "closing parenthesis")
    if "MESSAGENEW" in events and "MESSAGEEXPUNGE" not in events:
        # RFC 5465 §5.1: a client that does not hear of EXPUNGE loses count.
        raise GrammarError("MessageNew and MessageExpunge go together")
    if "FLAGCHANGE" in events and "MESSAGENEW" not in events:
        raise GrammarError("FlagChange needs MessageNew")
    if fetch and mailboxes.where not in {Where.SELECTED, Where.SELECTED_DELAYED}:
        raise GrammarError("items are for the selected mailbox")
    unsupported = events - SUPPORTED_EVENTS
    if unsupported:
        # RFC 5465 §3.1
        supported = "MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange"
        raise GrammarError("an event is not supported", no=True, code=f"BADEVENT ({supported})")
    return EventGroup(mailboxes, events, fetch)


def _events(cursor: Cursor) -> tuple[frozenset[str], tuple[FetchItem, ...]]:
    if not cursor.at(b"("):
        if cursor.word("events") != "NONE":
            raise GrammarError("events expected")
        return frozenset(), ()
    fetch: tuple[FetchItem, ...] = ()

    def one() -> str:
        nonlocal fetch
        word = cursor.word("event")
        if word not in MESSAGE_EVENTS | MAILBOX_EVENTS:
            raise GrammarError("unknown event")
        if word == "MESSAGENEW" and cursor.at(b" ("):
            cursor.space()
            fetch = fetch_items(cursor)
        return word

    return frozenset(cursor.list_of(one)), fetch


# -- QUOTA (RFC 9208 §4.1) -----------------------------------------------------------------------------------------


def get_quota(cursor: Cursor) -> GetQuota:
    cursor.space()
    return GetQuota(cursor.unicode(cursor.astring()))


def get_quota_root(cursor: Cursor) -> GetQuotaRoot:
    cursor.space()
    return GetQuotaRoot(cursor.mailbox())


def set_quota(cursor: Cursor) -> SetQuota:
    cursor.space()
    root = cursor.unicode(cursor.astring())
    cursor.space()

    def one() -> tuple[str, int]:
        resource = cursor.atom("resource").upper()
        cursor.space()
        return resource, cursor.number64("limit")

    return SetQuota(root, tuple(cursor.list_of(one, empty=True)))


# -- METADATA (RFC 5464 §5) ----------------------------------------------------------------------------------------


def get_metadata(cursor: Cursor) -> GetMetadata:
    """The options stand before the mailbox in the grammar and behind it in the examples (RFC 5464 §4.2): both work."""
    cursor.space()
    options = _metadata_options(cursor) if cursor.at(b"(") else {}
    mailbox = _metadata_mailbox(cursor)
    cursor.space()
    if not options and cursor.at(b"(") and not cursor.at(b"(/") and not cursor.at(b'("'):
        options = _metadata_options(cursor)
    entries = cursor.list_of(lambda: entry_name(cursor)) if cursor.at(b"(") else [entry_name(cursor)]
    if len(entries) > MAX_ENTRIES:
        raise GrammarError("too many entries")
    depth = options.get("DEPTH", 0)
    return GetMetadata(mailbox, tuple(dict.fromkeys(entries)), options.get("MAXSIZE"), None if depth < 0 else depth)


def _metadata_options(cursor: Cursor) -> dict[str, int]:
    """Return MAXSIZE, and DEPTH with -1 for infinity."""
    options: dict[str, int] = {}

    def one() -> None:
        word = cursor.word("option")
        cursor.space()
        if word == "MAXSIZE":
            options[word] = cursor.number("size")
        elif word == "DEPTH":
            value = cursor.word("depth")
            if value not in {"0", "1", "INFINITY"}:
                raise GrammarError("invalid depth")
            options[word] = -1 if value == "INFINITY" else int(value)
        else:
            raise GrammarError("unknown option")

    cursor.list_of(one)
    cursor.space()
    return options


def _metadata_mailbox(cursor: Cursor) -> str:
    """RFC 5464 §4.2: an empty name stands for the server."""
    if cursor.skip(b'""'):
        return ""
    return cursor.mailbox()


def set_metadata(cursor: Cursor) -> SetMetadata:
    cursor.space()
    mailbox = _metadata_mailbox(cursor)
    cursor.space()

    def one() -> tuple[str, bytes | None]:
        name = entry_name(cursor)
        cursor.space()
        return name, cursor.value()

    values = cursor.list_of(one)
    if len(values) > MAX_ENTRIES:
        raise GrammarError("too many entries")
    return SetMetadata(mailbox, tuple(dict(values).items()))


# -- ACL (RFC 4314 §4) ---------------------------------------------------------------------------------------------


def set_acl(cursor: Cursor) -> SetAcl:
    cursor.space()
    mailbox = cursor.mailbox()
    cursor.space()
    identifier = _identifier(cursor)
    cursor.space()
    rights = cursor.unicode(cursor.astring())
    mode = rights[:1] if rights[:1] in {"+", "-"} else ""
    letters = rights[len(mode) :]
    if not all("a" <= letter <= "z" or letter.isdigit() for letter in letters):
        # RFC 4314 §3.1: rights are lower-case letters and digits.
        raise GrammarError("invalid rights")
    return SetAcl(mailbox, identifier, mode, letters)


def delete_acl(cursor: Cursor) -> DeleteAcl:
    cursor.space()
    mailbox = cursor.mailbox()
    cursor.space()
    return DeleteAcl(mailbox, _identifier(cursor))


def get_acl(cursor: Cursor) -> GetAcl:
    cursor.space()
    return GetAcl(cursor.mailbox())


def list_rights(cursor: Cursor) -> ListRights:
    cursor.space()
    mailbox = cursor.mailbox()
    cursor.space()
    return ListRights(mailbox, _identifier(cursor))


def my_rights(cursor: Cursor) -> MyRights:
    cursor.space()
    return MyRights(cursor.mailbox())


def _identifier(cursor: Cursor) -> str:
    identifier = cursor.unicode(cursor.astring())
    if not identifier or not identifier.isprintable():
        raise GrammarError("invalid identifier")
    return identifier
