"""What Outlook makes of messages: `winmail.dat` ([MS-OXTNEF]) and `.msg` files ([MS-OXMSG]).

Both hold MAPI properties; only those that a reader sees are read.
"""

import struct
from collections.abc import Iterator
from typing import Final

from smartmail.formats import charset
from smartmail.formats.extract import plain, rtf, rtf_packed
from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.extract.out import Out

SUBJECT, SENDER, SENDER_ADDRESS, TO, CC = 0x0037, 0x0C1A, 0x0C1F, 0x0E04, 0x0E03
_BODY, _RTF, _HTML = 0x1000, 0x1009, 0x1013
_DATA, _SHORT_NAME, _LONG_NAME = 0x3701, 0x3704, 0x3707
_STRING8, _UNICODE, _BINARY, _OBJECT = 0x001E, 0x001F, 0x0102, 0x000D

_WANTED: Final = frozenset(
    (SUBJECT, SENDER, SENDER_ADDRESS, TO, CC, _BODY, _RTF, _HTML, _DATA, _SHORT_NAME, _LONG_NAME)
)
_MAX_ATTRIBUTES: Final = 20_000

Properties = dict[int, tuple[int, bytes]]
"""Property id → (type, value)."""


def text_of(properties: Properties, number: int) -> str:
    """Return a property as characters, "" when it is not there."""
    kind, value = properties.get(number, (0, b""))
    if kind == _UNICODE:
        return value.decode("utf-16-le", "replace").rstrip("\0")
    return charset.decode(value)[0].rstrip("\0")


def _write_message(out: Out, properties: Properties) -> None:
    for number in (SENDER, SENDER_ADDRESS, TO, CC, SUBJECT):
        out.add(text_of(properties, number))
        out.line()
    write_body(out, properties)


def write_body(out: Out, properties: Properties) -> None:
    """Write what a message says: its plain text, or that of its other forms. Raises Unreadable and Enough."""
    body = text_of(properties, _BODY)
    if body:
        out.add(body)
    elif _HTML in properties:
        plain.html(out, properties[_HTML][1])
    elif _RTF in properties:
        rtf.extract(out, rtf_packed.unpack(out, properties[_RTF][1]))
    out.line()


def name_of(properties: Properties) -> str:
    """Return the name of an attached file."""
    return text_of(properties, _LONG_NAME) or text_of(properties, _SHORT_NAME)


def data_of(properties: Properties) -> bytes | None:
    """Return the octets of an attached file; None for what has none (a message, a link)."""
    return properties[_DATA][1] if _DATA in properties else None


def _write_file(out: Out, properties: Properties) -> None:
    name, octets = name_of(properties), data_of(properties)
    out.file(name)
    if octets is not None:
        out.nested(octets, name=name)


# --- .msg -----------------------------------------------------------------------------------------------------------

_STREAM: Final = "__substg1.0_"
_ATTACHED: Final = "__attach_version1.0_#"
_MAX_NESTED: Final = 20
PROPERTIES: Final = "__properties_version1.0"


def extract_msg(out: Out, file: CompoundFile, path: tuple[str, ...] = ()) -> None:
    """Write a message and what is attached to it; `path` is the storage of the message. Raises Enough."""
    _write_message(out, stored(file, path))
    for properties, inner in attached(file, path):
        _write_file(out, properties)
        if inner:
            extract_msg(out, file, inner)


def attached(file: CompoundFile, path: tuple[str, ...]) -> Iterator[tuple[Properties, tuple[str, ...]]]:
    """Give the properties of each file of a message, and the storage of the message that it is, () for none."""
    for entry in file.under(*path):
        if entry.is_stream or not entry.path[-1].lower().startswith(_ATTACHED):
            continue
        inner = (*entry.path, f"{_STREAM}{_DATA:04X}{_OBJECT:04X}")
        is_message = len(inner) < _MAX_NESTED and bool(file.under(*inner))
        yield stored(file, entry.path), inner if is_message else ()


def stored(file: CompoundFile, path: tuple[str, ...]) -> Properties:
    """Return the properties of a storage of a .msg file. Raises Enough."""
    found: Properties = {}
    for entry in file.under(*path):
        name = entry.path[-1].lower()
        if not entry.is_stream or not name.startswith(_STREAM) or len(name) != len(_STREAM) + 8:
            continue
        try:
            number = int(name[len(_STREAM) :], 16)
        except ValueError:
            continue
        if number >> 16 in _WANTED:
            found[number >> 16] = (number & 0xFFFF, file.read(entry))
    return found


# --- winmail.dat ----------------------------------------------------------------------------------------------------

_ATT_SUBJECT, _ATT_BODY, _ATT_DATA, _ATT_TITLE = 0x8004, 0x800C, 0x800F, 0x8010
_ATT_RENDER, _ATT_MESSAGE, _ATT_ATTACHMENT = 0x9002, 0x9003, 0x9005
_FIXED: Final = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE: Final = frozenset((_STRING8, _UNICODE, _BINARY, _OBJECT))


def extract_tnef(out: Out, octets: bytes) -> None:
    """Write the message and its files. Raises Enough."""
    message, files = tnef_parts(octets)
    _write_message(out, message)
    for properties in files:
        _write_file(out, properties)


def tnef_parts(octets: bytes) -> tuple[Properties, list[Properties]]:
    """Return the properties of the message and of its files."""
    message: Properties = {}
    files: list[Properties] = []
    for number, value in _attributes(octets):
        if number == _ATT_RENDER:
            files.append({})
        elif number in {_ATT_SUBJECT, _ATT_BODY}:
            message.setdefault(SUBJECT if number == _ATT_SUBJECT else _BODY, (_STRING8, value))
        elif number == _ATT_MESSAGE:
            message.update(_mapi(value))
        elif files and number == _ATT_TITLE:
            files[-1].setdefault(_SHORT_NAME, (_STRING8, value))
        elif files and number == _ATT_DATA:
            files[-1][_DATA] = (_BINARY, value)
        elif files and number == _ATT_ATTACHMENT:
            files[-1] = (
                _mapi(value)
                | {key: files[-1][key] for key in (_DATA,) if key in files[-1]}
                | {key: value for key, value in files[-1].items() if key == _SHORT_NAME}
            )
    return message, files


def _attributes(octets: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6  # signature and key
    for _ in range(_MAX_ATTRIBUTES):
        if at + 9 > len(octets):
            return
        number, size = struct.unpack_from("<II", octets, at + 1)
        yield number & 0xFFFF, octets[at + 9 : at + 9 + size]
        at += 9 + size + 2


def _mapi(octets: bytes) -> Properties:
    """Read a property list; what follows something unknown is lost, as sizes are not told apart from values."""
    found: Properties = {}
    count = int.from_bytes(octets[:4], "little")
    at = 4
    for _ in range(min(count, _MAX_ATTRIBUTES)):
        if at + 4 > len(octets):
            break
        kind, number = struct.unpack_from("<HH", octets, at)
        at = _after_name(octets, at + 4) if number >= 0x8000 else at + 4
        base = kind & 0xEFFF
        if base not in _VARIABLE:
            if base not in _FIXED:
                break
            many = int.from_bytes(octets[at : at + 4], "little") if kind & 0x1000 else 1
            at += _FIXED[base] * many + (4 if kind & 0x1000 else 0)
            continue
        values = int.from_bytes(octets[at : at + 4], "little")
        at += 4
        for _ in range(min(values, _MAX_ATTRIBUTES)):
            size = int.from_bytes(octets[at : at + 4], "little")
            value = octets[at + 4 : at + 4 + size]
            if number in _WANTED and value:
                found[number] = (base, value[16:] if base == _OBJECT else value)
            at += 4 + (size + 3) // 4 * 4
            if at > len(octets):
                return found
    return found


def _after_name(octets: bytes, at: int) -> int:
    kind, size = (
        int.from_bytes(octets[at + 16 : at + 20], "little"),
        int.from_bytes(octets[at + 20 : at + 24], "little"),
    )
    return at + 24 + ((size + 3) // 4 * 4 if kind else 0)
