"""Authentication-Results: what a host found out about a message, read and written (RFC 8601).

One grammar serves the field itself and ARC-Authentication-Results, which has `i=` in front (RFC 8617 §4.1.1). Reading
never raises: what is no such field gives None. Writing makes every value harmless: whatever a stranger chose can
neither end the field nor begin a second result.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

FIELD: Final = "Authentication-Results"
MAX_RESULTS: Final = 64
"""Results read from one field; a message with ten signatures has about fifteen."""
MAX_VALUE: Final = 16 * 1024
MAX_SERVER: Final = 1024
"""Where the name of the server must have ended, comments before it included."""
_MAX_PROPERTY: Final = 320
_MAX_REASON: Final = 200
_LINE: Final = 78
_NAME_PARTS: Final = 5
_MAX_UNCLOSED: Final = 20

# Tokens of RFC 8601 §2.2: a comment is read by hand, for it nests.
_SPACE: Final = re.compile(r"[ \t\r\n]+")
_QUOTED: Final = re.compile(r'"((?:[^"\\\r\n]|\\.)*)"')
_ATOM: Final = re.compile(r"[^ \t\r\n;=()\"]+")
_KEYWORD: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?\Z")
# RFC 2045 token, and an address as a pvalue (RFC 8601 §2.2 lets `local@domain` stand bare).
_BARE: Final = re.compile(r"[A-Za-z0-9!#$%&'*+./^_`{|}~@-]+\Z")
_INSTANCE: Final = re.compile(r"\s*i\s*=\s*([0-9]{1,3})\s*;")


class MethodResult(NamedTuple):
    """One `method=result`, with `ptype.property` and value in order. `reason` is for people."""

    method: str
    result: str
    reason: str = ""
    properties: tuple[tuple[str, str], ...] = ()


class AuthenticationResults(NamedTuple):
    """A field, read. `instance` is ARC's i=, 0 where there is none."""

    server: str
    results: tuple[MethodResult, ...]
    instance: int = 0


# --- reading -----------------------------------------------------------------------------------------------------


def server_of(value: bytes) -> str | None:
    """Return the authserv-id that a field value claims, in lower case; None when nothing like one is there."""
    reader = _Reader(value[:MAX_SERVER].decode("utf-8", "replace"))
    name = reader.word()
    return None if name is None else name.lower().rstrip(".")


def parse(value: bytes) -> AuthenticationResults | None:
    """Return a field value, read; None when it is none."""
    text = value[:MAX_VALUE].decode("utf-8", "replace")
    found = _INSTANCE.match(text)
    reader = _Reader(text[found.end() :] if found else text)
    server = reader.word()
    if server is None:
        return None
    reader.word()  # a version, of which there is one
    results: list[MethodResult] = []
    while reader.take(";") and len(results) < MAX_RESULTS:
        one = _result(reader)
        if one is None:
            # `none`, or what nobody can read: results after it may still be good (RFC 8601 §2.2 no-result).
            reader.skip_to(";")
            continue
        results.append(one)
    return AuthenticationResults(server.lower(), tuple(results), int(found[1]) if found else 0)


def _result(reader: "_Reader") -> MethodResult | None:
    method = reader.name()
    if method is None:
        return None
    result = reader.word()
    if result is None:
        return None
    method = method.partition("/")[0].lower()
    reason, properties = "", []
    while (name := reader.name()) is not None:
        value = reader.value()
        if name.lower() == "reason":
            reason = value
        elif "." in name:
            properties.append((name.lower(), value))
    return MethodResult(method, result.lower(), reason, tuple(properties))


class _Reader:
    """Tokens of a field value; comments and folds are passed over."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._unclosed = 0

    def _skip(self) -> None:
        while True:
            if match := _SPACE.match(self._text, self._at):
                self._at = match.end()
            elif self._text.startswith("(", self._at):
                self._skip_comment()
            else:
                return

    def _skip_comment(self) -> None:
        depth, at, size = 0, self._at, len(self._text)
        while at < size:
            letter = self._text[at]
            if letter == "\\":
                at += 1
            elif letter == "(":
                depth += 1
            elif letter == ")":
                depth -= 1
                if depth == 0:
                    self._at = at + 1
                    return
            at += 1
        self._at = size  # a comment that nobody closes goes to the end

    def word(self) -> str | None:
        """Take an atom or a quoted string."""
        self._skip()
        if self._text.startswith('"', self._at):
            if match := _QUOTED.match(self._text, self._at):
                self._at = match.end()
                return re.sub(r"\\(.)", r"\1", match[1])
            # Each one that nobody closes is looked for to the end of the text.
            self._unclosed += 1
            if self._unclosed > _MAX_UNCLOSED:
                self._at = len(self._text)
            return None
        if match := _ATOM.match(self._text, self._at):
            self._at = match.end()
            return match[0]
        return None

    def name(self) -> str | None:
        """Take what stands before `=`, and the mark: blanks and comments may part a name (RFC 8601 appendix B.7)."""
        parts: list[str] = []
        while not self.take("="):
            part = self.word()
            if part is None or len(parts) >= _NAME_PARTS:
                return None
            parts.append(part)
        return "".join(parts) or None

    def value(self) -> str:
        """Take a pvalue: `[local] "@" domain` or a value (RFC 8601 §2.2). An `=` may stand inside (base64)."""
        parts = [self.word() or ""]
        while self._text.startswith(("=", '"', "@"), self._at):
            parts.append("=" if self._text[self._at] == "=" and self.take("=") else self.word() or "")
            if not parts[-1]:
                self._at += 1
        return "".join(parts)

    def take(self, mark: str) -> bool:
        """Take a mark if it is next."""
        self._skip()
        if self._text.startswith(mark, self._at):
            self._at += 1
            return True
        return False

    def skip_to(self, mark: str) -> None:
        """Go to the next mark that stands in no quotes and no comment."""
        while self._at < len(self._text):
            self._skip()
            if self._text.startswith(mark, self._at) or self._at >= len(self._text):
                return
            if self.word() is None:
                self._at += 1


# --- writing -----------------------------------------------------------------------------------------------------


def write(server: str, results: Sequence[MethodResult], *, field: str = FIELD, instance: int = 0) -> bytes:
    """Return the field with CRLF, folded; `none` when nothing was found out (RFC 8601 §2.2)."""
    lead = f"i={instance}; {_value(server)}" if instance else _value(server)
    clauses = [_clause(one) for one in results] or [["none"]]
    out, column = [f"{field}: {lead};"], 0
    for number, tokens in enumerate(clauses):
        out.append("\r\n\t")
        column = 8
        for place, token in enumerate(tokens):
            text = token + (";" if place + 1 == len(tokens) and number + 1 < len(clauses) else "")
            if place and column + 1 + len(text) > _LINE:
                out.append("\r\n\t ")
                column = 9
            elif place:
                out.append(" ")
                column += 1
            out.append(text)
            column += len(text)
    return "".join(out).encode("utf-8", "replace") + b"\r\n"


def _clause(one: MethodResult) -> list[str]:
    tokens = [f"{_keyword(one.method)}={_keyword(one.result)}"]
    if one.reason:
        tokens.append(f"reason={_quoted(one.reason[:_MAX_REASON])}")
    for name, value in one.properties:
        kind, _dot, key = name.partition(".")
        tokens.append(f"{_keyword(kind)}.{_keyword(key)}={_value(value)}")
    return tokens


def _keyword(text: str) -> str:
    return text if _KEYWORD.match(text) else "unknown"


def _value(text: str) -> str:
    text = text[:_MAX_PROPERTY]
    return text if _BARE.match(text) else _quoted(text)


def _quoted(text: str) -> str:
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'
