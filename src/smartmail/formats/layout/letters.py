"""Messages as files: what .eml, .msg and winmail.dat say, and the files in them."""

import struct
from datetime import UTC, datetime, timedelta
from typing import Final

from smartmail.formats.extract import outlook, plain
from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.extract.out import DEFAULT_LIMITS, Out, clean
from smartmail.formats.headers import Header
from smartmail.formats.layout.inside import letter_text
from smartmail.formats.layout.making import Making
from smartmail.formats.layout.model import Head, Page, Paragraph, Run
from smartmail.formats.mime.parts import list_parts
from smartmail.formats.mime.scanner import scan
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.words import decode_text

_MAX_HEAD: Final = 4_000
_FIELDS: Final = (b"subject", b"from", b"to", b"cc", b"date")
_SUBMITTED, _DELIVERED = 0x0039, 0x0E06
_TIME: Final = 0x0040
_BEFORE: Final = datetime(1601, 1, 1, tzinfo=UTC)


def message(making: Making, octets: bytes) -> list[Head]:
    """Make the page of a message (RFC 5322) and return its heads. Raises Enough."""
    root = scan(octets)
    header = Header(octets[root.header_start : root.body_start])
    heads: dict[bytes, str] = {}
    for field in header.fields:
        name = field.name.lower()
        if name in _FIELDS:
            heads.setdefault(name, decode_text(header.block[field.value_start : field.end].strip(b" \t\r\n")))
    out = Out(DEFAULT_LIMITS, _nothing, making.out.expired)
    parts = [part for part in list_parts(root) if not (part.is_multipart or part.nested or part.name)]
    wanted = "text/plain" if any(part.type == "text/plain" for part in parts) else "text/html"
    for part in parts:
        if part.type == wanted:
            body = decode_body(octets[part.body_start : part.body_end], part.encoding)
            (plain.text if wanted == "text/plain" else plain.html)(out, body, part.charset)
            out.line()
    _page(making, out.result().text)
    return [_head(name.decode(), heads[name]) for name in _FIELDS if heads.get(name)]


def tnef(making: Making, octets: bytes) -> list[Head]:
    """The same for winmail.dat. Raises Enough."""
    return _letter(making, outlook.tnef_parts(octets)[0], None)


def msg(making: Making, file: CompoundFile) -> list[Head]:
    """The same for a .msg file. Raises Enough."""
    entry = file.find(outlook.PROPERTIES)
    return _letter(making, outlook.stored(file, ()), None if entry is None else _time(file.read(entry)))


def _letter(making: Making, properties: outlook.Properties, when: datetime | None) -> list[Head]:
    _page(making, letter_text(properties, making.out))
    sender, address = (outlook.text_of(properties, each) for each in (outlook.SENDER, outlook.SENDER_ADDRESS))
    told = {
        "subject": outlook.text_of(properties, outlook.SUBJECT),
        # Inside a company the address is a path of X.500, which says nothing to a person.
        "from": f"{sender} <{address}>" if "@" in address and address != sender else sender or address,
        "to": outlook.text_of(properties, outlook.TO), "cc": outlook.text_of(properties, outlook.CC),
        "date": "" if when is None else when.isoformat(timespec="minutes"),
    }  # fmt: skip
    return [_head(field, text) for field, text in told.items() if text.strip()]


def _time(octets: bytes) -> datetime | None:
    """Return when a message was sent: properties of fixed size stand in a stream of their own ([MS-OXMSG])."""
    for at in range(32, len(octets) - 15, 16):
        kind, number = struct.unpack_from("<HH", octets, at)
        if kind == _TIME and number in {_SUBMITTED, _DELIVERED}:
            (ticks,) = struct.unpack_from("<Q", octets, at + 8)
            try:
                return _BEFORE + timedelta(microseconds=ticks // 10)
            except OverflowError:
                return None
    return None


def _head(field: str, text: str) -> Head:
    return Head(field, " ".join(clean(text).split())[:_MAX_HEAD])  # type: ignore[arg-type] # a constant of the caller


def _page(making: Making, text: str) -> None:
    blocks = []
    try:
        for line in text.split("\n"):
            making.block()
            blocks.append(Paragraph((Run(making.text(line)),) if line else ()))
    finally:
        making.pages.append(Page(blocks=tuple(blocks)))


def _nothing(out: Out, octets: bytes, media_type: str, name: str) -> None:
    """Files of a message are opened when somebody asks for them."""
