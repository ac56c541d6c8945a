"""Tokens of a script (RFC 5228 §8.1). One pass by one regular expression; nothing here looks back.

Bare LF counts as a line end: scripts come from web forms too. Octets that are no UTF-8 are a problem of the script.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple

from smartmail.proto.sieve.limits import MAX_NUMBER, SCRIPT_OCTETS
from smartmail.proto.sieve.problems import SieveError, fail
from smartmail.proto.sieve.syntax import At


class Kind(Enum):
    """Kinds of tokens."""

    IDENTIFIER = "identifier"
    TAG = "tag"
    NUMBER = "number"
    STRING = "string"
    MARK = "mark"
    END = "end"


class Token(NamedTuple):
    """One token; `text` is the identifier or tag in lower case, the string's value, or the mark."""

    kind: Kind
    text: str
    number: int
    at: At


_TOKEN: Final = re.compile(
    r"""(?P<blank>(?:[ \t\r\n]++|\#[^\n]*+|/\*.*?\*/)+)
      | (?P<multi>text:[ \t]*+(?:\#[^\n]*+)?\r?\n)
      | (?P<number>[0-9]++[KMGkmg]?+(?![A-Za-z0-9_]))
      | (?P<tag>:[A-Za-z_][A-Za-z0-9_]*+)
      | (?P<identifier>[A-Za-z_][A-Za-z0-9_]*+)
      | "(?P<string>[^"\\]*+(?:\\.[^"\\]*+)*+)"
      | (?P<mark>[;,(){}\[\]])""",
    re.VERBOSE | re.DOTALL,
)
_MULTI_END: Final = re.compile(r"^\.\r?$", re.MULTILINE)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_FACTOR: Final = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_LINE_END: Final = re.compile(r"\r?\n")


def decode(script: bytes) -> str:
    """Return the text of a script. Raises SieveError: too long, no UTF-8, a NUL."""
    if len(script) > SCRIPT_OCTETS:
        raise fail("script-size", limit=SCRIPT_OCTETS)
    try:
        text = script.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise fail("utf8", (script.count(b"\n", 0, error.start) + 1, 1)) from None
    if "\0" in text:
        raise fail("nul", (text.count("\n", 0, text.index("\0")) + 1, 1))
    return text


class _Places:
    """Line and column of positions that only rise."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line, self._start, self._seen = 1, 0, 0

    def at(self, position: int) -> At:
        found = self._text.count("\n", self._seen, position)
        if found:
            self._line += found
            self._start = self._text.rindex("\n", self._seen, position) + 1
        self._seen = position
        return self._line, position - self._start + 1


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens, END as the last. Raises SieveError."""
    places, position, size = _Places(text), 0, len(text)
    while position < size:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unknown(text, position, places.at(position))
        kind = match.lastgroup
        if kind == "blank":
            position = match.end()
            continue
        at = places.at(position)
        if kind == "multi":
            token, position = _multi_line(text, match.end(), at)
        else:
            token, position = _token(match, kind or "", at), match.end()
        yield token
    yield Token(Kind.END, "", 0, places.at(size))


def _token(match: re.Match[str], kind: str, at: At) -> Token:
    text = match[kind]
    if kind == "string":
        value = _ESCAPE.sub(r"\1", text) if "\\" in text else text
        return Token(Kind.STRING, _LINE_END.sub("\r\n", value), 0, at)
    if kind == "number":
        return _number(text, at)
    if kind == "mark":
        return Token(Kind.MARK, text, 0, at)
    # RFC 5228 §2.2, §2.6.2: identifiers and tags compare without case.
    return Token(Kind.TAG if kind == "tag" else Kind.IDENTIFIER, text.lstrip(":").lower(), 0, at)


def _number(text: str, at: At) -> Token:
    factor = _FACTOR.get(text[-1].lower())
    digits = text[:-1] if factor else text
    # int() of a very long text is quadratic.
    value = int(digits) * (factor or 1) if len(digits) <= 20 else MAX_NUMBER + 1
    if value > MAX_NUMBER:
        raise fail("number-size", at)
    return Token(Kind.NUMBER, text, value, at)


def _multi_line(text: str, start: int, at: At) -> tuple[Token, int]:
    end = _MULTI_END.search(text, start)
    if end is None:
        raise fail("text-end", at)
    lines = _LINE_END.split(text[start : end.start()])
    # RFC 5228 §2.4.2: a dot at the begin of a line was doubled.
    value = "\r\n".join(line[1:] if line.startswith("..") else line for line in lines)
    return Token(Kind.STRING, value, 0, at), end.end()


def _unknown(text: str, position: int, at: At) -> SieveError:
    if text[position] == '"':
        return fail("string-end", at)
    if text.startswith("/*", position):
        return fail("comment-end", at)
    if text[position].isdigit():
        return fail("number", at)
    return fail("character", at, character=text[position])
