"""ENVELOPE, BODY and BODYSTRUCTURE as octets (RFC 3501 §7.4.2). Knows no MIME: it gets what a parser found.

Strings are octets as they stand in the header, encoded-words untouched (RFC 3501 §2.3.5: clients decode).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from smartmail.proto.imap.wire import nstring, string

Parameters = Sequence[tuple[bytes, bytes]]

_DEEPEST: Final = 128
"""Parts nested deeper are told as octet-streams: parsers stop long before, and the stack must never decide."""


@dataclass(frozen=True, slots=True)
class Address:
    """RFC 3501 §7.4.2 address; a group begins with `host` None and ends with `mailbox` None as well."""

    name: bytes | None
    mailbox: bytes | None
    host: bytes | None


@dataclass(frozen=True, slots=True)
class Envelope:
    date: bytes | None = None
    subject: bytes | None = None
    sent_from: Sequence[Address] = ()
    sender: Sequence[Address] = ()
    reply_to: Sequence[Address] = ()
    to: Sequence[Address] = ()
    cc: Sequence[Address] = ()
    bcc: Sequence[Address] = ()
    in_reply_to: bytes | None = None
    message_id: bytes | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `children`: of a multipart; of a message/rfc822 its one body, with `envelope`.

    `lines` is told for text and message/rfc822 only. `disposition`: (type, parameters).
    """

    kind: bytes = b"text"
    subtype: bytes = b"plain"
    parameters: Parameters = ()
    content_id: bytes | None = None
    description: bytes | None = None
    encoding: bytes = b"7bit"
    size: int = 0
    lines: int = 0
    md5: bytes | None = None
    disposition: tuple[bytes, Parameters] | None = None
    languages: Sequence[bytes] = ()
    location: bytes | None = None
    envelope: Envelope | None = None
    children: Sequence["Part"] = field(default=())


def envelope(one: Envelope, *, utf8: bool = False) -> bytes:
    """Return the parenthesised value. RFC 3501 §7.4.2: Sender and Reply-To default to From."""
    lists = (
        one.sent_from,
        one.sender or one.sent_from,
        one.reply_to or one.sent_from,
        one.to,
        one.cc,
        one.bcc,
    )
    return b"(%b)" % b" ".join(
        (
            nstring(one.date, utf8=utf8),
            nstring(one.subject, utf8=utf8),
            *(_addresses(addresses, utf8=utf8) for addresses in lists),
            nstring(one.in_reply_to, utf8=utf8),
            nstring(one.message_id, utf8=utf8),
        )
    )


def _addresses(addresses: Sequence[Address], *, utf8: bool) -> bytes:
    if not addresses:
        return b"NIL"
    each = (
        # The source route (at-domain-list) is obsolete and always NIL.
        b"(%b NIL %b %b)"
        % (nstring(one.name, utf8=utf8), nstring(one.mailbox, utf8=utf8), nstring(one.host, utf8=utf8))
        for one in addresses
    )
    return b"(%b)" % b"".join(each)


def body(part: Part, *, extended: bool, utf8: bool = False) -> bytes:
    """Return BODYSTRUCTURE when `extended`, else BODY."""
    return _body(part, 0, extended=extended, utf8=utf8)


def _body(part: Part, depth: int, *, extended: bool, utf8: bool) -> bytes:
    if part.kind.lower() == b"multipart" and part.children and depth < _DEEPEST:
        return _multipart(part, depth, extended=extended, utf8=utf8)
    kind, subtype = part.kind.lower(), part.subtype.lower()
    if kind == b"multipart" or (depth >= _DEEPEST and part.children):
        # A multipart without parts has no form in the grammar.
        kind, subtype = b"application", b"octet-stream"
    fields = [
        string(kind),
        string(subtype),
        _parameters(part.parameters, utf8=utf8),
        nstring(part.content_id, utf8=utf8),
        nstring(part.description, utf8=utf8),
        string(part.encoding),
        b"%d" % part.size,
    ]
    if kind == b"message" and subtype == b"rfc822":
        inner = part.children[0] if part.children else Part()
        fields.append(envelope(part.envelope or Envelope(), utf8=utf8))
        fields.append(_body(inner, depth + 1, extended=extended, utf8=utf8))
        fields.append(b"%d" % part.lines)
    elif kind == b"text":
        fields.append(b"%d" % part.lines)
    if extended:
        fields.append(nstring(part.md5))
        fields.extend(_extension(part, utf8=utf8))
    return b"(%b)" % b" ".join(fields)


def _multipart(part: Part, depth: int, *, extended: bool, utf8: bool) -> bytes:
    parts = b"".join(_body(child, depth + 1, extended=extended, utf8=utf8) for child in part.children)
    fields = [parts, string(part.subtype.lower())]
    if extended:
        fields.append(_parameters(part.parameters, utf8=utf8))
        fields.extend(_extension(part, utf8=utf8))
    return b"(%b)" % b" ".join(fields)


def _extension(part: Part, *, utf8: bool) -> tuple[bytes, bytes, bytes]:
    """RFC 3501 §9 body-ext-1part: disposition, language, location."""
    disposition = b"NIL"
    if part.disposition is not None:
        name, parameters = part.disposition
        disposition = b"(%b %b)" % (string(name.lower(), utf8=utf8), _parameters(parameters, utf8=utf8))
    languages = b"NIL"
    if len(part.languages) == 1:
        languages = string(part.languages[0], utf8=utf8)
    elif part.languages:
        languages = b"(%b)" % b" ".join(string(language, utf8=utf8) for language in part.languages)
    return disposition, languages, nstring(part.location, utf8=utf8)


def _parameters(pairs: Parameters, *, utf8: bool) -> bytes:
    if not pairs:
        return b"NIL"
    return b"(%b)" % b" ".join(string(word, utf8=utf8) for pair in pairs for word in pair)
