"""Structured values with parameters (RFC 2045 §5.1, RFC 2183, RFC 2231): Content-Type and Content-Disposition.

Knows one field value at a time and what senders get wrong in it; nothing of parts or messages. Nothing raises, and
the work is linear in the octets of the value.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from smartmail.formats import charset, words

RawParams = tuple[tuple[bytes, bytes], ...]

# Parameters beyond this many are not read; one value has no more in honest mail, continuations included.
MAX_PARAMS: Final = 200
# RFC 2231 §3 puts no bound on sections; a file name of 10 KB has about 200.
_LINE: Final = 76

_TOKEN: Final = re.compile(rb"[^\s;()<>@,:\\\"/\[\]?=]+")
_MEDIA_TYPE: Final = re.compile(rb"[ \t]*([^\s;()<>@,:\\\"/\[\]?=]+)[ \t]*/[ \t]*([^\s;()<>@,:\\\"/\[\]?=]+)")
_PARAM: Final = re.compile(
    rb"([^\s;=\"]++)[ \t]*+=[ \t]*+(?:\"([^\"\\]*+(?:\\.[^\"\\]*+)*+)(?:\"|\\?\Z)[^;]*|([^;\"][^;]*)?)", re.DOTALL
)
_LEAD: Final = re.compile(rb"[;\s]*")
_QUOTED_PAIR: Final = re.compile(rb"\\([\"\\])")
_COMMENT_OR_QUOTE: Final = re.compile(rb"[()\\\"]")
_SECTION: Final = re.compile(rb"([^*]+)(?:\*(\d{1,4}))?(\*)?\Z")


def strip_comments(value: bytes) -> bytes:
    """Return the value without RFC 5322 comments; parentheses inside quoted strings stay."""
    if b"(" not in value:
        return value
    out: list[bytes] = []
    depth, start, pos, quoted = 0, 0, 0, False
    while match := _COMMENT_OR_QUOTE.search(value, pos):
        pos = match.end()
        mark = match.group()
        if mark == b"\\":
            pos += 1
        elif mark == b'"':
            quoted = not quoted if depth == 0 else quoted
        elif mark == b"(" and not quoted:
            if depth == 0:
                out.append(value[start : match.start()])
            depth += 1
        elif mark == b")" and not quoted and depth:
            depth -= 1
            start = pos
    if depth == 0:
        out.append(value[start:])
    return b" ".join(out)


def parse_media_type(value: bytes) -> tuple[str, str, RawParams] | None:
    """Return (type, subtype, raw parameters) of an unfolded Content-Type, names in lower case; None if unusable."""
    return _remembered(value) if len(value) <= _REMEMBER else _parse_media_type(value)


def _parse_media_type(value: bytes) -> tuple[str, str, RawParams] | None:
    match = _MEDIA_TYPE.match(value)
    if match is None:
        value = strip_comments(value)
        match = _MEDIA_TYPE.match(value)
        if match is None:
            return None
    kind, subtype = match.groups()
    return kind.decode("latin-1").lower(), subtype.decode("latin-1").lower(), parse_params(value, match.end())


# Most parts carry one of a few short values (`text/plain; charset=utf-8`).
_REMEMBER: Final = 64
_remembered = lru_cache(1_024)(_parse_media_type)


def parse_token_value(value: bytes) -> tuple[str, RawParams]:
    """Return (first token in lower case, raw parameters) of an unfolded value such as Content-Disposition."""
    match = _TOKEN.search(strip_comments(value[:200]).partition(b";")[0])
    token = match.group().decode("latin-1").lower() if match else ""
    start = value.find(b";")
    return token, parse_params(value, start) if start >= 0 else ()


def parse_params(value: bytes, start: int = 0) -> RawParams:
    """Return the parameters after `start` as written: (name in lower case, value without its quotes).

    Read as meant: unquoted values with blanks, `=` or 8-bit octets, a missing closing quote, doubled semicolons.
    """
    params: list[tuple[bytes, bytes]] = []
    pos = value.find(b";", start)
    while pos >= 0 and len(params) < MAX_PARAMS:
        lead = _LEAD.match(value, pos)
        assert lead is not None  # it matches the empty string
        match = _PARAM.match(value, lead.end())
        if match is None:
            pos = value.find(b";", lead.end())
            continue
        params.append(_param(*match.groups()))
        pos = match.end() if match.end() < len(value) else -1
    return tuple(params)


def _param(name: bytes, quoted: bytes | None, bare: bytes | None) -> tuple[bytes, bytes]:
    name = name.lower()
    if quoted is not None:
        return name, _QUOTED_PAIR.sub(rb"\1", quoted) if b"\\" in quoted else quoted
    value = bare or b""
    if b"(" in value and not name.startswith((b"name", b"filename")):  # report (1).pdf is a name, not a comment
        value = strip_comments(value)
    return name, value.strip()


def decode_params(raw: Sequence[tuple[bytes, bytes]], fallback: str = charset.DEFAULT_FALLBACK) -> dict[str, str]:
    """Return name → text: RFC 2231 sections joined and decoded, encoded words and raw 8-bit octets read as well.

    The extended form (`name*`) wins over the plain one, the first of two equals wins.
    """
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[bytes, bool]]] = {}
    for name, value in raw:
        match = _SECTION.match(name) if b"*" in name else None
        if match is None:
            plain.setdefault(_name(name), words.decode_text(value, fallback))
            continue
        number = int(match.group(2)) if match.group(2) else -1 if match.group(3) else 0
        parts = sections.setdefault(_name(match.group(1)), {})
        parts.setdefault(number, (value, match.group(3) is not None))
    for attribute, parts in sections.items():
        plain[attribute] = _join_sections(parts, fallback)
    return plain


def decode_param(raw: Sequence[tuple[bytes, bytes]], name: bytes, fallback: str = charset.DEFAULT_FALLBACK) -> str:
    """Return the text of one parameter (name in lower case), "" when it is missing."""
    chosen = [pair for pair in raw if pair[0].startswith(name) and pair[0][len(name) :][:1] in {b"", b"*"}]
    return decode_params(chosen, fallback).get(_name(name), "") if chosen else ""


def _name(name: bytes) -> str:
    return name.decode("latin-1")


def _join_sections(parts: dict[int, tuple[bytes, bool]], fallback: str) -> str:
    """Join `name*0*`, `name*1` …; octets are joined before decoding, for characters split over two sections."""
    if -1 in parts:
        parts = {0: parts[-1]}
    numbers = sorted(parts)
    if not any(parts[number][1] for number in numbers):
        return words.decode_text(b"".join(parts[number][0] for number in numbers), fallback)
    label = b""
    octets: list[bytes] = []
    for index, number in enumerate(numbers):
        value, extended = parts[number]
        if index == 0 and extended and value.count(b"'") >= 2:
            label, _, rest = value.partition(b"'")
            value = rest.partition(b"'")[2]
        octets.append(unquote_to_bytes(value) if extended else value)
    return words.clean(charset.decode(b"".join(octets), label, fallback)[0])


# --- writing -----------------------------------------------------------------------------------------------------

_ATTR_CHAR: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`{|}~")
_PLAIN_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$&+.^_`{|}~-]+\Z")
_ATTR_TABLE: Final = tuple(bytes((o,)) if o in _ATTR_CHAR else b"%%%02X" % o for o in range(256))


def encode_param(name: str, value: str) -> bytes:
    """Return `name=value` without the semicolon before it; long or non-ASCII values become RFC 2231 sections.

    Sections are joined with `;` and a fold. Control characters are dropped, so that no value can begin a new line.
    """
    value = unicodedata.normalize("NFC", "".join(character for character in value if character.isprintable()))
    attribute = name.encode("ascii")
    if value.isascii() and len(value) + len(attribute) < _LINE - 6 and "=?" not in value:
        if _PLAIN_TOKEN.match(value):
            return attribute + b"=" + value.encode("ascii")
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return attribute + b'="' + escaped.encode("ascii") + b'"'
    pieces = [b"".join(_ATTR_TABLE[o] for o in character.encode("utf-8", "replace")) for character in value]
    text = b"".join(pieces)
    if len(text) + len(attribute) < _LINE - 12:
        return attribute + b"*=utf-8''" + text
    return _sections(attribute, pieces)


def _sections(attribute: bytes, pieces: list[bytes]) -> bytes:
    lines: list[bytes] = []
    current = b"utf-8''"
    for piece in pieces:
        if len(attribute) + len(current) + len(piece) > _LINE - 8:
            lines.append(current)
            current = b""
        current += piece
    lines.append(current)
    return b";\r\n ".join(b"%b*%d*=%b" % (attribute, number, line) for number, line in enumerate(lines))
