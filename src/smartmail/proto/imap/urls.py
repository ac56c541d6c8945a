"""IMAP URLs that name a message or a part of it (RFC 5092), as CATENATE uses them (RFC 4469 §4). Pure text."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from smartmail.proto.imap.fetch_items import BodySection
from smartmail.proto.imap.grammar_message import parse_section
from smartmail.proto.imap.limits import MAX_NUMBER

_LONGEST: Final = 4_096
_URL: Final = re.compile(
    r"(?:imap://(?:(?P<user>[^@/;]*)(?:;AUTH=[^@/;]*)?@)?(?P<host>[^/@;]*))?"
    r"/(?P<mailbox>[^;]+?)(?:;UIDVALIDITY=(?P<validity>[1-9][0-9]{0,9}))?"
    r"/;UID=(?P<uid>[1-9][0-9]{0,9})"
    r"(?:/;SECTION=(?P<section>[^;]*?))?"
    r"(?:/;PARTIAL=(?P<first>[0-9]{1,10})(?:\.(?P<count>[1-9][0-9]{0,9}))?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class MessageUrl:
    """`user` is None for a relative URL, empty for an absolute one that names nobody."""

    user: str | None
    mailbox: str
    uidvalidity: int | None
    uid: int
    section: BodySection


def parse_url(text: str) -> MessageUrl | None:
    """Parse a URL, None when it names no message."""
    found = _URL.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    mailbox = _decoded(found["mailbox"])
    label = _decoded(found["section"] or "")
    user = None if found["host"] is None else _decoded(found["user"] or "")
    section = parse_section(label) if label is not None else None
    uid, validity = int(found["uid"]), int(found["validity"] or 0)
    if not mailbox or section is None or (found["host"] is not None and user is None) or uid > MAX_NUMBER:
        return None
    partial = None
    if found["first"] is not None:
        partial = (int(found["first"]), int(found["count"] or MAX_NUMBER))
    section = BodySection(section.part, section.text, section.fields, partial, True, section.label)
    name = "INBOX" if mailbox.upper() == "INBOX" else mailbox
    return MessageUrl(user, name, validity or None, uid, section)


def _decoded(text: str) -> str | None:
    """RFC 5092 §3: percent-encoded UTF-8; None for anything else."""
    try:
        decoded = unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return decoded if decoded.isprintable() else None
