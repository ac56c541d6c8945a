"""CSS filter for mail: what a sender may say about looks, written anew from tokens.

Knows CSS Syntax Level 3 as far as mail needs it and an allow-list of properties; knows nothing of HTML or of where
a URL leads (the caller decides through `url`). Output is built from decoded tokens only, never copied from the input,
so that an escape or a comment cannot smuggle anything past the list. `<` is never written.

LIMITS: 8 KiB an inline style, 256 KiB a sheet, 4,000 rules, 8 nested functions; what is beyond is dropped.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from smartmail.formats.html_names import (
    FONT_PROPERTIES,
    FUNCTIONS,
    POSITIONS,
    PROPERTIES,
    PSEUDO,
    UNITS,
    URL_PROPERTIES,
)

# Called with (url) for each url(); returns the address to use or None to drop the declaration.
UrlPolicy = Callable[[str], str | None]

MAX_STYLE = 8 * 1024
MAX_SHEET = 256 * 1024
MAX_RULES = 4000
MAX_FUNCTION_DEPTH = 8
# A frame that grows with its content must not be made a million pixels high.
MAX_LENGTH = 10_000.0

_ESC = r"\\(?:[0-9a-fA-F]{1,6}[ \t\r\n\f]?|[^\r\n\f0-9a-fA-F])"
_START = rf"(?:[A-Za-z_\u0080-\U0010ffff]|{_ESC})"
_NAME = rf"(?:[A-Za-z0-9_\-\u0080-\U0010ffff]|{_ESC})"
_IDENT = rf"(?:--|-?{_START}){_NAME}*"

_TOKEN = re.compile(
    rf"""(?P<space>[ \t\r\n\f]+|/\*(?:.*?\*/|.*\Z)|<!--|-->)
    |(?P<string>"(?:[^"\\\r\n\f]|\\.)*"|'(?:[^'\\\r\n\f]|\\.)*')
    |(?P<url>[uU][rR][lL]\([ \t\r\n\f]*(?:[^"'()\\ \t\r\n\f\x00-\x1f]|{_ESC})+[ \t\r\n\f]*\))
    |(?P<number>[+\-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+\-]?[0-9]+(?![A-Za-z0-9]))?(?:%|{_IDENT})?)
    |(?P<function>{_IDENT}\()
    |(?P<ident>{_IDENT})
    |(?P<hash>\#{_NAME}+)
    |(?P<at>@{_IDENT})
    |(?P<delim>.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(_ESC, re.DOTALL)
_NUMBER = re.compile(r"([+\-]?[0-9.]+(?:[eE][+\-]?[0-9]+(?![A-Za-z0-9]))?)(.*)", re.DOTALL)
_PLAIN_IDENT = re.compile(r"-?[A-Za-z_][A-Za-z0-9_-]*|--[A-Za-z0-9_-]+")
_FONT_WORD = re.compile(r"[\w-]+")
_HEX_COLOUR = re.compile(r"(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")

_VALUE_DELIMS = frozenset(",/*+-")
_SELECTOR_DELIMS = frozenset("*,>+~")
_OPEN, _CLOSE = {"{": "}", "(": ")", "[": "]"}, frozenset("})]")


class Token(NamedTuple):
    """One token: its kind (a group of `_TOKEN`) and its decoded value."""

    kind: str
    value: str


def filter_style(style: str, url: UrlPolicy) -> str:
    """Return the allowed declarations of a style attribute, `a:b;c:d`; empty when nothing is left."""
    if len(style) > MAX_STYLE:
        return ""
    return _declarations(list(_tokens(style)), url)


def filter_sheet(sheet: str, url: UrlPolicy, *, id_prefix: str = "") -> str:
    """Return the allowed rules of a style sheet; ids in selectors get `id_prefix`. At-rules: @media alone stays."""
    tokens = list(_tokens(sheet[:MAX_SHEET]))
    return "\n".join(_rules(tokens, url, id_prefix, media_allowed=True))


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        yield Token(kind, _decode(kind, match.group()))


def _decode(kind: str, raw: str) -> str:
    if kind == "space":
        return " "
    if kind in {"string", "function", "hash", "at"}:
        raw = raw[1:-1] if kind == "string" else raw[:-1] if kind == "function" else raw[1:]
    elif kind == "url":
        raw = raw[4:-1].strip(" \t\r\n\f")
    return _ESCAPE.sub(_unescape, raw) if "\\" in raw else raw


def _unescape(match: re.Match[str]) -> str:
    body = match.group()[1:]
    digits = body.rstrip(" \t\r\n\f") if len(body) > 1 else body
    if digits and all(char in "0123456789abcdefABCDEF" for char in digits):
        code = int(digits, 16)
        return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return body


# -- declarations ---------------------------------------------------------------------------------------------------


def _declarations(tokens: list[Token], url: UrlPolicy) -> str:
    kept = (_declaration(part, url) for part in _split(tokens, ";"))
    return ";".join(part for part in kept if part)


def _split(tokens: list[Token], at: str) -> Iterator[list[Token]]:
    """Cut at a delimiter outside of all brackets."""
    part: list[Token] = []
    depth = 0
    for token in tokens:
        if token.kind == "delim" and token.value == at and depth == 0:
            yield part
            part = []
            continue
        depth = max(0, depth + _step(token))
        part.append(token)
    yield part


def _step(token: Token) -> int:
    """How much deeper in brackets the next token lies."""
    if token.kind == "function" or (token.kind == "delim" and token.value in _OPEN):
        return 1
    return -1 if token.kind == "delim" and token.value in _CLOSE else 0


def _strip(tokens: list[Token]) -> list[Token]:
    start, end = 0, len(tokens)
    while start < end and tokens[start].kind == "space":
        start += 1
    while end > start and tokens[end - 1].kind == "space":
        end -= 1
    return tokens[start:end]


def _declaration(tokens: list[Token], url: UrlPolicy) -> str:
    tokens = _strip(tokens)
    if len(tokens) < 3 or tokens[0].kind != "ident":
        return ""
    name = tokens[0].value.lower()
    rest = _strip(tokens[1:])
    if name not in PROPERTIES or rest[0] != Token("delim", ":"):
        return ""
    value, important = _cut_important(_strip(rest[1:]))
    text = _Value(name, url).write(value)
    if text is None or (name == "position" and text.lower() not in POSITIONS):
        return ""
    return f"{name}:{text}{' !important' if important else ''}"


def _cut_important(tokens: list[Token]) -> tuple[list[Token], bool]:
    if len(tokens) < 2 or tokens[-1].kind != "ident" or tokens[-1].value.lower() != "important":
        return tokens, False
    head = _strip(tokens[:-1])
    if not head or head[-1] != Token("delim", "!"):
        return tokens, False
    return _strip(head[:-1]), True


class _Value:
    """Writes one value anew, or says None when a token is not on the list."""

    def __init__(self, name: str, url: UrlPolicy) -> None:
        self._name = name
        self._url = url
        self._stack: list[str] = []
        self._write: dict[str, Callable[[str], str | None]] = {
            "space": lambda _: " ",
            "string": self._string,
            "url": self._address,
            "number": _number,
            "function": self._function,
            "ident": self._ident,
            "hash": lambda value: "#" + value if _HEX_COLOUR.fullmatch(value) else None,
            "at": lambda _: None,
            "delim": self._delim,
        }

    def write(self, tokens: list[Token]) -> str | None:
        out: list[str] = []
        for token in _with_urls(tokens):
            piece = self._write[token.kind](token.value)
            if piece is None:
                return None
            out.append(piece)
        text = "".join(out).strip() + ")" * len(self._stack)
        return text or None

    def _ident(self, value: str) -> str | None:
        if _PLAIN_IDENT.fullmatch(value):
            return value
        return value if self._name in FONT_PROPERTIES and _FONT_WORD.fullmatch(value) else None

    def _string(self, value: str) -> str | None:
        return quote(value) if self._name in FONT_PROPERTIES else None

    def _function(self, value: str) -> str | None:
        if value.lower() not in FUNCTIONS or len(self._stack) >= MAX_FUNCTION_DEPTH:
            return None
        self._stack.append(value)
        return value + "("

    def _address(self, value: str) -> str | None:
        target = self._url(value) if self._name in URL_PROPERTIES else None
        return None if target is None else f"url({quote(target)})"

    def _delim(self, value: str) -> str | None:
        if value == ")" and self._stack:
            self._stack.pop()
            return ")"
        return value if value in _VALUE_DELIMS else None


def _number(value: str) -> str | None:
    match = _NUMBER.fullmatch(value)
    if match is None or match[2].lower() not in UNITS:
        return None
    return value if abs(float(match[1])) <= MAX_LENGTH else None


def _with_urls(tokens: list[Token]) -> Iterator[Token]:
    """Join `url("…")` to one token, as the unquoted form has it already; a malformed one becomes a refused token."""
    index = 0
    while index < len(tokens):
        token = tokens[index]
        index += 1
        if token.kind != "function" or token.value.lower() != "url":
            yield token
            continue
        end = index
        while end < len(tokens) and tokens[end] != Token("delim", ")"):
            end += 1
        inner = _strip(tokens[index:end])
        well_formed = len(inner) == 1 and inner[0].kind == "string"
        yield Token("url", inner[0].value) if well_formed else Token("delim", "!")
        index = end + 1


def quote(value: str) -> str:
    """Return a CSS string; everything that could end it, or a style element, is written as a hex escape."""
    return '"' + re.sub(r'[\x00-\x1f"\\<>&\x7f]', lambda m: f"\\{ord(m.group()):x} ", value) + '"'


# -- rules ----------------------------------------------------------------------------------------------------------


def _rules(tokens: list[Token], url: UrlPolicy, id_prefix: str, *, media_allowed: bool) -> Iterator[str]:
    count = 0
    for prelude, block in _blocks(tokens):
        count += 1
        if count > MAX_RULES:
            return
        if prelude and prelude[0].kind == "at":
            if media_allowed and prelude[0].value.lower() == "media" and (query := _media(prelude[1:])):
                inner = "\n".join(_rules(block, url, id_prefix, media_allowed=False))
                yield f"@media {query} {{\n{inner}\n}}"
            continue
        selector = _selectors(prelude, id_prefix)
        body = _declarations(block, url) if selector else ""
        if body:
            yield f"{selector} {{{body}}}"


def _blocks(tokens: list[Token]) -> Iterator[tuple[list[Token], list[Token]]]:
    """Yield (prelude, block) of each rule; statements such as `@import …;` have no block and are passed over."""
    prelude: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        index += 1
        if token == Token("delim", "{"):
            end = _block_end(tokens, index)
            yield _strip(prelude), tokens[index:end]
            prelude, index = [], end + 1
        elif token == Token("delim", ";") and prelude and prelude[0].kind == "at":
            prelude = []
        elif prelude or token.kind != "space":
            prelude.append(token)


def _block_end(tokens: list[Token], start: int) -> int:
    """CSS Syntax §5.4.8: a block ends at its own closing brace, whatever stands in brackets between."""
    stack = ["}"]
    for index in range(start, len(tokens)):
        token = tokens[index]
        if token.kind == "function":
            stack.append(")")
        elif token.kind == "delim" and token.value in _OPEN:
            stack.append(_OPEN[token.value])
        elif token.kind == "delim" and token.value == stack[-1]:
            stack.pop()
            if not stack:
                return index
    return len(tokens)


def _media(tokens: list[Token]) -> str:
    """Return the media query, or nothing when it holds more than types, features and plain sizes."""
    out: list[str] = []
    for token in _strip(tokens):
        plain = token.kind == "space" or (token.kind == "ident" and _PLAIN_IDENT.fullmatch(token.value))
        size = token.kind == "number" and _number(token.value)
        if not (plain or size or (token.kind == "delim" and token.value in "(),:")):
            return ""
        out.append(token.value)
    return "".join(out)


def _selectors(tokens: list[Token], id_prefix: str) -> str:
    kept = (_selector(part, id_prefix) for part in _split(tokens, ","))
    return ",".join(part for part in kept if part)


def _selector(tokens: list[Token], id_prefix: str) -> str:
    out: list[str] = []
    in_attribute = False
    before = ""
    for token in _strip(tokens):
        piece = _attribute_piece(token) if in_attribute else _selector_piece(token, before, id_prefix)
        if piece is None:
            return ""
        in_attribute = piece != "]" and (in_attribute or piece == "[")
        before = piece
        out.append(piece)
    return "".join(out)


def _selector_piece(token: Token, before: str, id_prefix: str) -> str | None:
    value = token.value
    if token.kind == "ident" and _PLAIN_IDENT.fullmatch(value):
        return value if before != ":" or value.lower() in PSEUDO else None
    if token.kind == "hash" and _PLAIN_IDENT.fullmatch(value):
        return "#" + prefixed(value, id_prefix)
    if token.kind == "space":
        return " "
    if token.kind == "delim" and (value in _SELECTOR_DELIMS or value in ".:["):
        return value
    return None


def _attribute_piece(token: Token) -> str | None:
    if token.kind == "ident" and _PLAIN_IDENT.fullmatch(token.value):
        return token.value
    if token.kind == "string":
        return quote(token.value)
    return token.value if token.kind == "delim" and token.value in "=~|^$*]" else None


def prefixed(name: str, prefix: str) -> str:
    """Return the id under our prefix; a name that has it already stays, so that filtering twice changes nothing."""
    return name if name.startswith(prefix) else prefix + name
