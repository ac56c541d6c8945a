"""Email objects out of summaries (RFC 8621 §4.1): metadata, header forms, the tree of parts, body values.

Nothing here opens a message for what the summary holds; octets are read by range for body values, for header fields
that are not kept, and for header fields of parts.
LIMITS  A body value is cut at MAX_VALUE octets whatever the client asks for, all of a request at `Budget`. Other work of the
        process has its turn between messages and between header fields: parsing one takes a fifth of a second at most.
"""

import asyncio
import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import msgspec

from smartmail.domain.ids import MailboxId
from smartmail.domain.message import MessageRow
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Budget, show_time
from smartmail.formats import address, charset, dates
from smartmail.formats.headers import Field, Header, message_ids
from smartmail.formats.mime.parts import ATTACHMENT, HTML_BODY, TEXT_BODY, Part, shown_parts
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.summary import HeaderAddress, Summary
from smartmail.formats.words import decode_text
from smartmail.proto.jmap.core import Object
from smartmail.proto.jmap.emails import (
    EmailAddress,
    EmailAddressGroup,
    EmailBodyValue,
    EmailHeader,
    EmailProperties,
    HeaderProperty,
)

MAX_VALUE: Final = 4 << 20
MAX_HEADER: Final = 1 << 20
"""Octets of a header block that are looked at; the scanner's own bound is lower."""
_LONG_FIELD: Final = 4 << 10
"""Octets of a header field whose parsing is worth a turn for others."""
_ENCODER: Final = msgspec.json.Encoder()
_URL: Final = re.compile(rb"<\s*([^<>\s][^<>]*)>")

Read = Callable[[int, int], Awaitable[bytes]]
"""(start, length) → octets of the message."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: properties, those of parts, and which body values, cut at `max_octets` (0: no bound)."""

    email: EmailProperties
    part: EmailProperties
    text: bool = False
    html: bool = False
    all: bool = False
    max_octets: int = 0
    budget: Budget = field(default_factory=Budget)

    @property
    def shows_content(self) -> bool:
        """Whether texts of the body are asked for."""
        return "bodyValues" in self.email.names and (self.text or self.html or self.all)


@dataclass(frozen=True, slots=True)
class Source:
    """One message: its summary, where it lies, how its octets are read; `row` is None for a parsed blob."""

    summary: Summary
    blob: ids.BlobName
    blob_text: str
    read: Read
    row: MessageRow | None = None
    mailboxes: Sequence[MailboxId] = ()
    keywords: Sequence[str] = ()


async def email_object(source: Source, wish: Wish) -> Object:
    """Return the asked properties. Raises requestTooLarge when the request has been told as much as it may."""
    out: Object = {}
    for name in wish.email.names:
        plain = _PLAIN.get(name)
        if plain is not None:
            out[name] = plain(source)
        else:
            out[name] = await _OPENED[name](source, wish)
    if wish.email.headers:
        await _header_values(source, wish, out)
    wish.budget.tell(len(_ENCODER.encode(out)))
    await asyncio.sleep(0)
    return out


# -- metadata and the usual header properties -----------------------------------------------------------------------


def _addresses(boxes: Sequence[HeaderAddress]) -> list[EmailAddress] | None:
    found = [EmailAddress(one.address, one.name or None) for one in boxes if one.address]
    return found or None


def _sent_at(source: Source) -> str | None:
    summary = source.summary
    return None if summary.sent_at is None else _show_date(summary.sent_at, summary.sent_zone)


def _show_date(seconds: int, minutes_east: int) -> str | None:
    """RFC 8621 §4.1.2.6: an RFC 3339 date-time with the sender's offset."""
    try:
        zone = timezone(timedelta(minutes=minutes_east))
        text = datetime.fromtimestamp(seconds, UTC).astimezone(zone).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return None
    return text.replace("+00:00", "Z")


def _ids(found: Sequence[str]) -> list[str] | None:
    return list(found) or None


_PLAIN: Final[dict[str, Callable[[Source], Any]]] = {
    "id": lambda one: None if one.row is None else ids.show(ids.EMAIL, one.row.id),
    "blobId": lambda one: one.blob_text,
    "threadId": lambda one: None if one.row is None else ids.show(ids.THREAD, one.row.thread_id),
    "mailboxIds": lambda one: None if one.row is None else {ids.show(ids.MAILBOX, box): True for box in one.mailboxes},
    # RFC 8621 §4.9: what only a stored Email has is null for a parsed blob.
    "keywords": lambda one: None if one.row is None else dict.fromkeys(one.keywords, True),
    "size": lambda one: one.summary.size if one.row is None else one.row.size,
    "receivedAt": lambda one: None if one.row is None else show_time(one.row.received_at),
    "messageId": lambda one: _ids(one.summary.ids.message_id),
    "inReplyTo": lambda one: _ids(one.summary.ids.in_reply_to),
    "references": lambda one: _ids(one.summary.ids.references),
    "sender": lambda one: _addresses(one.summary.addresses.sender),
    "from": lambda one: _addresses(one.summary.addresses.from_),
    "to": lambda one: _addresses(one.summary.addresses.to),
    "cc": lambda one: _addresses(one.summary.addresses.cc),
    "bcc": lambda one: _addresses(one.summary.addresses.bcc),
    "replyTo": lambda one: _addresses(one.summary.addresses.reply_to),
    "subject": lambda one: one.summary.subject or None,
    "sentAt": _sent_at,
    "hasAttachment": lambda one: one.summary.has_files,
    "preview": lambda one: one.summary.preview,
}


# -- header forms ---------------------------------------------------------------------------------------------------


async def _headers(source: Source, _wish: Wish) -> list[EmailHeader]:
    return _all_fields(Header(await _block(source)))


def _all_fields(header: Header) -> list[EmailHeader]:
    return [
        EmailHeader(field.name.decode("latin-1"), _raw(_octets(header, field))) for field in header.fields if field.name
    ]


async def _block(source: Source) -> bytes:
    return await source.read(0, min(source.summary.header_size, MAX_HEADER))


async def _header_values(source: Source, wish: Wish, out: Object) -> None:
    whole: Header | None = None
    for wanted in wish.email.headers:
        block = source.summary.header_fields((wanted.name,))
        if block is None and whole is None:
            whole = Header(await _block(source))
        header = Header(block) if block is not None else whole
        assert header is not None
        out[wanted.property] = await _header_value(header, wanted, wish.budget)


async def _header_value(header: Header, wanted: HeaderProperty, budget: Budget) -> Any:
    """Return a field in the asked form; the last one of that name unless all are wanted (RFC 8621 §4.1.3)."""
    name = wanted.name.lower().encode()
    form = _FORMS[wanted.form]
    found = [_octets(header, field) for field in header.fields if field.name.lower() == name]
    if not wanted.all:
        found = found[-1:]
    octets = sum(map(len, found))
    budget.tell(octets)
    if octets > _LONG_FIELD:
        await asyncio.sleep(0)
    values = [form(one) for one in found]
    if wanted.all:
        return values
    return values[0] if values else None


def _octets(header: Header, field: Field) -> bytes:
    """The value as it stands, without the line end that closes the field."""
    octets = header.block[field.value_start : field.end]
    return octets[:-2] if octets.endswith(b"\r\n") else octets.removesuffix(b"\n")


def _raw(value: bytes) -> str:
    return value.decode("utf-8", "replace").replace("\0", "\ufffd")


def _text(value: bytes) -> str:
    return unicodedata.normalize("NFC", decode_text(value)).strip()


def _address_list(value: bytes) -> list[EmailAddress]:
    return [EmailAddress(one.address, one.name or None) for one in address.flatten(address.parse(value)) if one.address]


def _groups(value: bytes) -> list[EmailAddressGroup]:
    """RFC 8621 §4.1.2.4: addresses outside of groups stand in groups without a name."""
    out: list[EmailAddressGroup] = []
    loose: list[EmailAddress] = []
    for item in address.parse(value):
        if isinstance(item, address.Group):
            if loose:
                out.append(EmailAddressGroup(None, loose))
                loose = []
            out.append(
                EmailAddressGroup(item.name, [EmailAddress(one.address, one.name or None) for one in item.members])
            )
        else:
            loose.append(EmailAddress(item.address, item.name or None))
    return [*out, EmailAddressGroup(None, loose)] if loose else out


def _date(value: bytes) -> str | None:
    parsed = dates.parse_date(value)
    return None if parsed is None else _show_date(*parsed)


def _urls(value: bytes) -> list[str] | None:
    return [one.decode("utf-8", "replace").strip() for one in _URL.findall(value)] or None


_FORMS: Final[dict[str, Callable[[bytes], Any]]] = {
    "Raw": _raw,
    "Text": _text,
    "Addresses": _address_list,
    "GroupedAddresses": _groups,
    "MessageIds": lambda value: _ids(message_ids(value)),
    "Date": _date,
    "URLs": _urls,
}


# -- parts ----------------------------------------------------------------------------------------------------------


async def _structure(source: Source, wish: Wish) -> Object:
    parts = source.summary.parts
    children: dict[int, list[int]] = {}
    for index, part in enumerate(parts):
        if not part.nested:
            children.setdefault(part.parent, []).append(index)

    async def build(index: int) -> Object:
        below = [await build(child) for child in children.get(index, ())] if parts[index].is_multipart else None
        return await _part(source, wish, parts[index], below)

    return await build(0)


def _list_of(bit: int) -> Callable[[Source, Wish], Awaitable[list[Object]]]:
    async def build(source: Source, wish: Wish) -> list[Object]:
        return [await _part(source, wish, part) for part in shown_parts(source.summary.parts, bit)]

    return build


async def _part(source: Source, wish: Wish, part: Part, below: list[Object] | None = None) -> Object:
    out: Object = {}
    for name in wish.part.names:
        plain = _PART.get(name)
        if plain is not None:
            out[name] = plain(source, part)
        elif name == "headers":
            out[name] = _all_fields(await _part_header(source, part))
    if wish.part.headers:
        header = await _part_header(source, part)
        for wanted in wish.part.headers:
            out[wanted.property] = await _header_value(header, wanted, wish.budget)
    if below is not None:
        # Whatever is asked for of parts: a tree without branches would tell nothing.
        out["subParts"] = below
    return out


async def _part_header(source: Source, part: Part) -> Header:
    length = min(part.body_start - part.header_start, MAX_HEADER)
    return Header(await source.read(part.header_start, length))


def _part_charset(part: Part) -> str | None:
    """RFC 8621 §4.1.4: us-ascii is the default of text; null for all else."""
    return (part.charset or "us-ascii") if part.type.startswith("text/") else None


def _languages(part: Part) -> list[str] | None:
    return [one.strip() for one in part.language.split(",") if one.strip()] or None


_PART: Final[dict[str, Callable[[Source, Part], Any]]] = {
    "partId": lambda _source, part: None if part.is_multipart else part.section,
    "blobId": lambda source, part: None if part.is_multipart else ids.show_part(source.blob, part),
    "size": lambda _source, part: part.decoded_size,
    "name": lambda _source, part: part.name or None,
    "type": lambda _source, part: part.type,
    "charset": lambda _source, part: _part_charset(part),
    "disposition": lambda _source, part: part.disposition or None,
    "cid": lambda _source, part: part.cid or None,
    "language": lambda _source, part: _languages(part),
    "location": lambda _source, part: part.location or None,
    "isEmbedded": lambda _source, part: bool(part.shown & ATTACHMENT) and not part.is_file,
}


# -- body values ----------------------------------------------------------------------------------------------------


_CUT: Final = EmailBodyValue("", is_truncated=True)


async def _values(source: Source, wish: Wish) -> dict[str, EmailBodyValue]:
    bits = (TEXT_BODY if wish.text else 0) | (HTML_BODY if wish.html else 0)
    out: dict[str, EmailBodyValue] = {}
    for part in source.summary.parts:
        if part.nested or not part.type.startswith("text/"):
            continue
        if wish.all or part.shown & bits:
            bound = min(wish.max_octets or MAX_VALUE, wish.budget.left)
            out[part.section] = value = await body_value(source.read, part, bound) if bound > 0 else _CUT
            wish.budget.left -= len(value.value.encode())
    return out


async def body_value(read: Read, part: Part, max_octets: int = 0) -> EmailBodyValue:
    """Return the decoded text of a part, lines ended by LF, cut at `max_octets` of UTF-8."""
    bound = min(max_octets, MAX_VALUE) if max_octets else MAX_VALUE
    # Quoted-printable takes three octets for one, UTF-16 two; soft line ends and escapes take some more.
    length = min(part.octets, bound * 8 + 4096)
    octets = await read(part.body_start, length)
    work = (octets, part, bound)
    text, damaged, cut = _decoded(*work) if len(octets) < 65_536 else await asyncio.to_thread(_decoded, *work)
    return EmailBodyValue(text, damaged, cut or length < part.octets)


def _decoded(octets: bytes, part: Part, bound: int) -> tuple[str, bool, bool]:
    text, damaged = charset.decode(decode_body(octets, part.encoding), part.charset)
    text = text.replace("\r\n", "\n").replace("\0", "\ufffd")
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= bound:
        # Decoded again: a charset such as UTF-7 can smuggle in half a surrogate pair, which JSON cannot hold.
        return encoded.decode("utf-8"), damaged, False
    text = encoded[:bound].decode("utf-8", "ignore")
    if part.type == "text/html" and text.rfind("<") > text.rfind(">"):
        # RFC 8621 §4.2: a value of HTML is not cut inside of a tag.
        text = text[: text.rfind("<")]
    return text, damaged, True


_OPENED: Final[dict[str, Callable[[Source, Wish], Awaitable[Any]]]] = {
    "headers": _headers,
    "bodyStructure": _structure,
    "bodyValues": _values,
    "textBody": _list_of(TEXT_BODY),
    "htmlBody": _list_of(HTML_BODY),
    "attachments": _list_of(ATTACHMENT),
}
