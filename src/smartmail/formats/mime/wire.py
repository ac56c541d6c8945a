"""IMAP's texts of a message's structure: ENVELOPE, BODY and BODYSTRUCTURE (RFC 3501 §7.4.2, §9).

Made once from the scanner's tree. Encoded words stay as they are in the message; octets that a quoted string may not
hold go out as a literal, so a client that reads IMAP4rev1 reads them.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from smartmail.formats import address, words
from smartmail.formats.headers import Header
from smartmail.formats.mime.entity import Entity
from smartmail.formats.params import RawParams

# RFC 3501 §9 quoted: any CHAR except CR and LF; `"` and `\` are escaped.
_QUOTABLE: Final = re.compile(rb"[\x01-\x09\x0b\x0c\x0e-\x7f]*+")
_MAX_QUOTED: Final = 1_000  # longer strings are literals, because some clients bound the length of a line
_REMEMBER: Final = 80  # characters of a name that is kept as an IMAP string
_NIL: Final = b"NIL"


def string(octets: bytes) -> bytes:
    """Return octets as an IMAP string: quoted where the grammar allows, else a literal. NUL is dropped (CHAR8)."""
    if len(octets) <= _MAX_QUOTED and _QUOTABLE.fullmatch(octets):
        if b'"' in octets or b"\\" in octets:
            octets = octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        return b'"%b"' % octets
    octets = octets.replace(b"\0", b"")
    return b"{%d}\r\n%b" % (len(octets), octets)


def _word(name: str) -> bytes:
    """Return the name of a type, parameter or encoding in upper case as an IMAP string; most are of a few."""
    return _remembered(name) if len(name) <= _REMEMBER else string(name.upper().encode("latin-1", "replace"))


@lru_cache(1_024)
def _remembered(name: str) -> bytes:
    return string(name.upper().encode("latin-1", "replace"))


def nstring(octets: bytes | None) -> bytes:
    """Return octets as an IMAP string, None as NIL."""
    return _NIL if octets is None else string(octets)


ADDRESS_FIELDS: Final = ("from", "sender", "reply-to", "to", "cc", "bcc")

RawAddresses = dict[str, list[address.RawAddress]]


def raw_addresses(header: Header) -> RawAddresses:
    """Return the address fields that are there, each parsed.

    RFC 5322 §3.6 allows one of each; where there are more, their addresses are one list.
    """
    found: RawAddresses = {}
    for name in ADDRESS_FIELDS:
        if values := header.all(name):
            found[name] = address.parse_raw(values[0] if len(values) == 1 else b",".join(values))
    return found


def envelope(header: Header, lists: RawAddresses) -> bytes:
    """Return the ENVELOPE of a header, parentheses included. Sender and Reply-To default to From."""
    from_ = _addresses(lists.get("from"), _NIL)
    return b"(%b %b %b %b %b %b %b %b %b %b)" % (
        _text(header, "date"),
        _text(header, "subject"),
        from_,
        _addresses(lists.get("sender"), from_),
        _addresses(lists.get("reply-to"), from_),
        _addresses(lists.get("to"), _NIL),
        _addresses(lists.get("cc"), _NIL),
        _addresses(lists.get("bcc"), _NIL),
        _text(header, "in-reply-to"),
        _text(header, "message-id"),
    )


def _text(header: Header, name: str) -> bytes:
    value = header.first(name)
    return _NIL if value is None else string(words.unfold(value))


def _addresses(raw: list[address.RawAddress] | None, default: bytes) -> bytes:
    return b"(%b)" % b"".join([_address(item) for item in raw]) if raw else default


def _address(item: address.RawAddress) -> bytes:
    if item.kind == address.GROUP_START:
        return b"(NIL NIL %b NIL)" % string(item.local)
    if item.kind == address.GROUP_END:
        return b"(NIL NIL NIL NIL)"
    # A NIL host would say "group" (RFC 3501 §7.4.2): an address without a domain has an empty one.
    return b"(%b %b %b %b)" % (
        string(item.name) if item.name else _NIL,
        string(item.route) if item.route else _NIL,
        string(item.local),
        string(item.domain),
    )


def structure(entity: Entity) -> tuple[bytes, bytes]:
    """Return (BODY, BODYSTRUCTURE) of an entity, parentheses included."""
    if entity.is_multipart:
        return _multipart(entity)
    if entity.is_message:
        return _message(entity)
    core = _core(entity)
    if entity.type == "text":
        core += b" %d" % entity.lines
    return _leaf(core, entity)


def _leaf(core: bytes, entity: Entity) -> tuple[bytes, bytes]:
    fields = entity.raw_fields
    return b"(%b)" % core, b"(%b %b %b)" % (core, nstring(fields.get(b"md5")), _extension(entity))


def _multipart(entity: Entity) -> tuple[bytes, bytes]:
    pairs = [structure(child) for child in entity.children]
    subtype = _word(entity.subtype)
    body = b"(%b %b)" % (b"".join([plain for plain, _ in pairs]), subtype)
    full = b"(%b %b %b %b)" % (
        b"".join([extended for _, extended in pairs]),
        subtype,
        _params(entity.raw_params),
        _extension(entity),
    )
    return body, full


def _message(entity: Entity) -> tuple[bytes, bytes]:
    inner = entity.children[0]
    inner_body, inner_full = structure(inner)
    header = Header(inner.header)
    head = b"%b %b" % (_core(entity), envelope(header, raw_addresses(header)))
    lines = b"%d" % entity.lines
    full = b"%b %b %b %b %b" % (
        head,
        inner_full,
        lines,
        nstring(entity.raw_fields.get(b"md5")),
        _extension(entity),
    )
    return b"(%b %b %b)" % (head, inner_body, lines), b"(%b)" % full


def _core(entity: Entity) -> bytes:
    """Return the fields that every single part has: type, subtype, parameters, id, description, encoding, size."""
    kind, subtype = entity.type, entity.subtype
    if kind == "message" and subtype in {"rfc822", "global"} and not entity.children:
        # Not entered: the grammar would demand an envelope; RFC 2046 §4.5.1 is what an unknown type counts as.
        kind, subtype = "application", "octet-stream"
    if kind == "text" and not entity.typed:
        params = b'("CHARSET" "US-ASCII")'  # RFC 2045 §5.2
    else:
        params = _params(entity.raw_params)
    fields = entity.raw_fields
    return b"%b %b %b %b %b %b %d" % (
        _word(kind),
        _word(subtype),
        params,
        nstring(fields.get(b"id")),
        nstring(fields.get(b"description")),
        _word(entity.encoding),
        entity.size,
    )


def _params(raw: RawParams) -> bytes:
    return b"(%b)" % b" ".join(_pairs(raw)) if raw else _NIL


def _pairs(raw: RawParams) -> Iterable[bytes]:
    for name, value in raw:
        yield _word(name.decode("latin-1"))
        yield string(value)


def _extension(entity: Entity) -> bytes:
    """Return disposition, language and location."""
    fields = entity.raw_fields
    if not fields and not entity.disposition:
        return b"NIL NIL NIL"
    shown = b"(%b %b)" % (_word(entity.disposition), _params(entity.disposition_params)) if entity.disposition else _NIL
    return b"%b %b %b" % (shown, _language(fields.get(b"language")), nstring(fields.get(b"location")))


def _language(value: bytes | None) -> bytes:
    tags = [tag.strip() for tag in value.split(b",")] if value else []
    tags = [tag for tag in tags if tag]
    return b"(%b)" % b" ".join([string(tag) for tag in tags]) if tags else _NIL
