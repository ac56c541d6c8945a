"""Strings of a script: encoded characters (RFC 5228 §2.4.2.4) and variable references (RFC 5229 §3)."""

import re
from typing import Final

from smartmail.proto.sieve.limits import MATCH_VARIABLES, VARIABLE_NAME
from smartmail.proto.sieve.problems import fail
from smartmail.proto.sieve.program import Template, Text, Variable
from smartmail.proto.sieve.syntax import At

_HEX: Final = re.compile(r"\$\{hex:[ \t\r\n]*+((?:[0-9A-Fa-f]{1,2}(?:[ \t\r\n]++|(?=\})))+)\}", re.IGNORECASE)
_UNICODE: Final = re.compile(r"\$\{unicode:[ \t\r\n]*+((?:[0-9A-Fa-f]{1,6}(?:[ \t\r\n]++|(?=\})))+)\}", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"\$\{((?:[A-Za-z_][A-Za-z0-9_]*+\.)*+[A-Za-z_][A-Za-z0-9_]*+|[0-9]++)\}")
_NAME: Final = re.compile(r"(?:global\.)?[A-Za-z_][A-Za-z0-9_]*\Z")


def decode_characters(text: str, at: At) -> str:
    """Return `text` with ${hex:…} and ${unicode:…} replaced. Raises SieveError for code points that cannot be."""
    if "${" not in text:
        return text
    # One pass each, so that what one yields is not read again as the other's (RFC 5228 §2.4.2.4).
    pieces, position = [], 0
    for match in sorted([*_HEX.finditer(text), *_UNICODE.finditer(text)], key=lambda one: one.start()):
        pieces.append(text[position : match.start()])
        pieces.append(_hex(match[1], at) if match.re is _HEX else _unicode(match[1], at))
        position = match.end()
    return "".join([*pieces, text[position:]])


def _hex(digits: str, at: At) -> str:
    try:
        return bytes(int(word, 16) for word in digits.split()).decode()
    except UnicodeDecodeError:
        raise fail("hex", at, form="${hex:}") from None


def _unicode(digits: str, at: At) -> str:
    numbers = [int(word, 16) for word in digits.split()]
    if any(number > 0x10FFFF or 0xD800 <= number < 0xE000 or not number for number in numbers):
        raise fail("unicode", at, form="${unicode:}")
    return "".join(map(chr, numbers))


def template(text: str, at: At) -> Text:
    """Return the string with its variable references found. Raises SieveError for an unknown namespace."""
    if "${" not in text:
        return text
    parts: list[str | Variable] = []
    position = 0
    for match in _VARIABLE.finditer(text):
        if match.start() > position:
            parts.append(text[position : match.start()])
        parts.append(_variable(match[1].lower(), at))
        position = match.end()
    if not position:
        return text
    if position < len(text):
        parts.append(text[position:])
    return Template(tuple(parts))


def _variable(name: str, at: At) -> Variable:
    if name.isdecimal():
        number = int(name[-9:]) if len(name) < 10 else MATCH_VARIABLES
        if number >= MATCH_VARIABLES:
            raise fail("match-variable", at, limit=MATCH_VARIABLES - 1)
        return Variable(name, number)
    namespace, dot, _rest = name.rpartition(".")
    if dot and namespace != "global":
        # RFC 5229 §3: an unknown namespace is an error.
        raise fail("namespace", at, name=namespace)
    return Variable(name)


def is_variable_name(name: str) -> bool:
    """Whether a variable may have this name (RFC 5229 §3)."""
    return len(name) <= VARIABLE_NAME + 7 and _NAME.match(name) is not None
