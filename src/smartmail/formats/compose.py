"""A message written by one of ours: a `Draft` of plain values becomes the octets of an RFC 5322 message.

NAME
    compose — draft to octets.
PURPOSE
    Header fields, body as alternative / related / mixed, attachments with names that every client reads. It knows
    nothing of accounts, ids or time: Message-ID, date and the nonce of boundaries come in as arguments.
STATES
    none; a pure function.
LIMITS
    Lines within RFC 5322 §2.1.1. Sizes are the caller's to bound.
FAILURE
    `ComposeError`, a ValueError that names the field, for CR, LF, NUL or other controls in a value, for a field name
    that is not one or is written here, for an empty From and for a bad nonce.
SECURITY
    No value can begin a header line or end a part. Bcc is written when the draft has it: who sends the message takes
    it out (`headers.exclude`), who stores the draft needs it.
STANDARDS
    RFC 5322, 2045–2047, 2183, 2231, 2387, 2392, 3676, 6532, 8621 §4.6.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from smartmail.formats import encoding
from smartmail.formats.address import Group, Mailbox
from smartmail.formats.dates import format_date
from smartmail.formats.headers import encode_addresses, encode_param, encode_unstructured
from smartmail.formats.html_text import to_text
from smartmail.formats.words import encode_words

Addresses = Sequence[Mailbox | Group]

# What `compose` writes itself; an extra field of that name would make two (RFC 5322 §3.6).
_OWN_FIELDS: Final = frozenset(
    {"from", "sender", "reply-to", "to", "cc", "bcc", "subject", "message-id", "date", "in-reply-to", "references",
     "mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id",
     "return-path", "received", "dkim-signature"}
)  # fmt: skip
# RFC 5322 §3.6.4 names no bound; the root and the nearest ancestors are what threads are made of.
MAX_REFERENCES: Final = 30
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\u2028\u2029]|[\ud800-\udfff]")
FIELD_NAME: Final = re.compile(r"[!-9;-~]{1,76}")
_NONCE: Final = re.compile(r"[A-Za-z0-9]{8,50}")
MSG_ID: Final = re.compile(r"[^\s<>\x00-\x20\x7f-\x9f]{1,900}")
_NAME_CHARS: Final = r"[A-Za-z0-9!#$&^_.+-]{1,64}"
MEDIA_TYPE: Final = re.compile(rf"({_NAME_CHARS})/({_NAME_CHARS})")


class ComposeError(ValueError):
    """A draft that cannot become a message; the text names the field and what is wrong with it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the message. `content_id` (without brackets) lets HTML refer to it as `cid:`."""

    name: str
    content_type: str
    content: bytes
    disposition: Literal["attachment", "inline"] = "attachment"
    content_id: str = ""
    charset: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a message says. Ids come without brackets; `date` is (seconds since 1970 UTC, offset in minutes).

    With `html` alone, the text alternative is made from it. Extra `headers` are (name, text) in order.
    """

    from_: Sequence[Mailbox]
    date: tuple[int, int]
    message_id: str
    subject: str = ""
    sender: Mailbox | None = None
    reply_to: Addresses = ()
    to: Addresses = ()
    cc: Addresses = ()
    bcc: Addresses = ()
    in_reply_to: Sequence[str] = ()
    references: Sequence[str] = ()
    text: str | None = None
    html: str | None = None
    attachments: Sequence[Attachment] = ()
    headers: Sequence[tuple[str, str]] = ()
    language: str = ""


def compose(draft: Draft, *, nonce: str, body: bytes | None = None) -> bytes:
    """Return the message. `nonce` (8–50 letters and digits, not guessable) makes the boundaries.

    `body`, from its Content-Type line on, takes the place of text, HTML and attachments (`structure.encode`). Raises
    ComposeError, naming the field.
    """
    if not _NONCE.fullmatch(nonce):
        raise ComposeError("nonce", "must be 8 to 50 letters and digits")
    _check(draft)
    message = b"".join(_fields(draft)) + b"MIME-Version: 1.0\r\n" + (body or _body(draft, Boundaries(nonce)))
    return message if message.endswith(b"\r\n") else message + b"\r\n"


# -- header ---------------------------------------------------------------------------------------------------------


def _check(draft: Draft) -> None:
    if not draft.from_:
        raise ComposeError("from", "must name an address")
    for name, addresses in _address_fields(draft):
        for box in _boxes(addresses):
            refuse_controls(name, box.name, box.address)
            if not box.address.strip():
                raise ComposeError(name, "has an address that is empty")
    refuse_controls("subject", draft.subject)
    refuse_controls("language", draft.language)
    refuse_controls("message_id", draft.message_id)
    if not MSG_ID.fullmatch(draft.message_id) or not draft.message_id.isascii():
        raise ComposeError("message_id", "is no Message-ID")
    for name, ids in (("in_reply_to", draft.in_reply_to), ("references", draft.references)):
        refuse_controls(name, *ids)
    for index, part in enumerate(draft.attachments):
        refuse_controls(f"attachments[{index}].name", part.name)
        refuse_controls(f"attachments[{index}].type", part.content_type, part.charset, part.disposition)
        refuse_controls(f"attachments[{index}].cid", part.content_id)
    for name, value in draft.headers:
        _check_extra(name, value)


def _check_extra(name: str, value: str) -> None:
    if not FIELD_NAME.fullmatch(name):
        raise ComposeError("headers", "has a name that is no field name")
    if name.lower() in _OWN_FIELDS:
        raise ComposeError(f"headers.{name}", "is written from the draft itself")
    refuse_controls(f"headers.{name}", value)


def refuse_controls(field: str, *values: str) -> None:
    """Raise ComposeError for a value that could begin a line of its own."""
    if any(_CONTROL.search(value) for value in values):
        raise ComposeError(field, "holds a line end or another control character")


def _boxes(addresses: Addresses) -> Iterator[Mailbox]:
    for item in addresses:
        if isinstance(item, Group):
            yield Mailbox(item.name, "group@invalid")
            yield from item.members
        else:
            yield item


def _address_fields(draft: Draft) -> Iterator[tuple[str, Addresses]]:
    yield "from", draft.from_
    yield "sender", (draft.sender,) if draft.sender is not None else ()
    yield "reply_to", draft.reply_to
    yield "to", draft.to
    yield "cc", draft.cc
    yield "bcc", draft.bcc


_WRITTEN: Final = {"from": "From", "sender": "Sender", "reply_to": "Reply-To", "to": "To", "cc": "Cc", "bcc": "Bcc"}


def _fields(draft: Draft) -> Iterator[bytes]:
    seconds, offset = draft.date
    yield f"Date: {format_date(seconds, offset)}\r\n".encode("ascii")
    for name, addresses in _address_fields(draft):
        if name == "sender" and not _needs_sender(draft):
            continue
        if addresses:
            yield encode_addresses(_WRITTEN[name], addresses)
    yield encode_unstructured("Subject", draft.subject)
    yield _id_field("Message-ID", [draft.message_id])
    yield _id_field("In-Reply-To", draft.in_reply_to)
    yield _id_field("References", draft.references)
    for name, value in draft.headers:
        yield encode_unstructured(name, value)
    if draft.language:
        yield encode_unstructured("Content-Language", draft.language)


def _needs_sender(draft: Draft) -> bool:
    """RFC 5322 §3.6.2: Sender when it differs from the one author; it must be there when there are several."""
    return draft.sender is not None and (len(draft.from_) > 1 or draft.sender.address != draft.from_[0].address)


def _id_field(name: str, ids: Sequence[str]) -> bytes:
    """Ids of other people's mail may be odd: what could break the field is left out (RFC 5322 §3.6.4)."""
    usable = [one for one in ids if MSG_ID.fullmatch(one)]
    if len(usable) > MAX_REFERENCES:
        usable = [usable[0], *usable[-(MAX_REFERENCES - 1) :]]
    if not usable:
        return b""
    lines = "\r\n ".join(f"<{one}>" for one in usable)
    return f"{name}: {lines}\r\n".encode()


# -- body -----------------------------------------------------------------------------------------------------------


class Boundaries:
    """Boundaries of one message: `=_` cannot stand in base64 or quoted-printable text; the nonce keeps the boundary out of all other text."""

    def __init__(self, nonce: str) -> None:
        self._nonce = nonce
        self._count = 0

    def next(self) -> bytes:
        """Return a boundary that no other part has."""
        self._count += 1
        return f"=_{self._nonce}_{self._count}".encode("ascii")


def _body(draft: Draft, boundaries: Boundaries) -> bytes:
    related = [part for part in draft.attachments if _belongs_to_html(part, draft)]
    others = [part for part in draft.attachments if not _belongs_to_html(part, draft)]
    body = _readable(draft, related, boundaries)
    if not others:
        return body
    return multipart(b"mixed", boundaries.next(), [body, *(_attachment(part) for part in others)])


def _belongs_to_html(part: Attachment, draft: Draft) -> bool:
    return draft.html is not None and part.disposition == "inline" and bool(part.content_id)


def _readable(draft: Draft, related: list[Attachment], boundaries: Boundaries) -> bytes:
    if draft.html is None:
        return _text_part(draft.text or "")
    text = to_text(draft.html, links=True) if draft.text is None else draft.text
    html = _html_part(draft.html)
    if related:
        parts = [html, *(_attachment(part) for part in related)]
        # RFC 2387 §3.1: the type of the root must be told.
        html = multipart(b"related", boundaries.next(), parts, b';\r\n type="text/html"')
    return multipart(b"alternative", boundaries.next(), [_text_part(text), html])


def multipart(subtype: bytes, boundary: bytes, parts: Sequence[bytes], extra: bytes = b"") -> bytes:
    """Return an entity of parts; `extra` are further parameters, each with its `;`."""
    # RFC 2046 §5.1.1: the CRLF before a boundary belongs to the boundary, so each part keeps its own last line end.
    inner = b"".join(b"--%b\r\n%b\r\n" % (boundary, part) for part in parts)
    # RFC 2045 §6.4: what holds an 8bit part is 8bit itself.
    transfer = b"" if inner.isascii() else b"Content-Transfer-Encoding: 8bit\r\n"
    head = b'Content-Type: multipart/%b%b;\r\n boundary="%b"\r\n%b\r\n' % (subtype, extra, boundary, transfer)
    return head + inner + b"--%b--" % boundary


def _text_part(text: str) -> bytes:
    name, data = encoding.encode_text(encoding.flow(text))
    kind = b"text/plain; charset=utf-8; format=flowed"
    return leaf(kind, name, data)


def _html_part(html: str) -> bytes:
    name, data = encoding.encode_text(html)
    return leaf(b"text/html; charset=utf-8", name, data)


def leaf(kind: bytes, transfer: str, data: bytes, extra: bytes = b"") -> bytes:
    """Return an entity of encoded octets; `extra` are further header lines."""
    head = b"Content-Type: %b\r\nContent-Transfer-Encoding: %b\r\n%b\r\n" % (kind, transfer.encode("ascii"), extra)
    return head + data


def _attachment(part: Attachment) -> bytes:
    kind, transfer, data = leaf_content(part)
    if part.name:
        # Outlook reads an encoded word in `name`, all others the RFC 2231 form of `filename`: both are written.
        kind += b";\r\n " + name_param(part.name)
    disposition = b"inline" if part.disposition == "inline" else b"attachment"
    extra = b"Content-Disposition: " + disposition
    if part.name:
        extra += b";\r\n " + encode_param("filename", part.name)
    extra += b"\r\n"
    if part.content_id and MSG_ID.fullmatch(part.content_id) and part.content_id.isascii():
        extra += b"Content-ID: <%b>\r\n" % part.content_id.encode("ascii")
    return leaf(kind, transfer, data, extra)


def leaf_content(part: Attachment) -> tuple[bytes, str, bytes]:
    """Return (media type with charset, transfer encoding, encoded octets)."""
    match = MEDIA_TYPE.fullmatch(part.content_type.strip().lower())
    kind = match.group().encode("ascii") if match and match[1] != "multipart" else b"application/octet-stream"
    if kind.startswith(b"message/"):
        return _message_content(kind, part.content)
    if part.charset and kind.startswith(b"text/") and re.fullmatch(_NAME_CHARS, part.charset):
        kind += b"; charset=" + part.charset.encode("ascii")
    return kind, "base64", encoding.base64_lines(part.content)


def _message_content(kind: bytes, content: bytes) -> tuple[bytes, str, bytes]:
    """RFC 2046 §5.2.1: a message is never sent in base64; one that cannot go as lines goes as a plain file."""
    if kind == b"message/rfc822" and encoding.is_seven_bit(content):
        return kind, "7bit", content
    if kind == b"message/rfc822" and encoding.is_eight_bit(content):
        return kind, "8bit", content
    return b"application/octet-stream", "base64", encoding.base64_lines(content)


def name_param(name: str) -> bytes:
    """Return the `name` parameter of Content-Type."""
    if name.isascii():
        return encode_param("name", name)
    return b'name="' + b"\r\n ".join(encode_words(name)) + b'"'
