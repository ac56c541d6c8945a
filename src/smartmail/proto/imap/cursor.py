"""A reading position in one framed command: the terminals of RFC 3501 §9, each in one step, no backtracking.

Knows no command. Raises `GrammarError`, which `grammar.py` catches: it never leaves the package.
"""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from smartmail.proto.imap import mutf7
from smartmail.proto.imap.limits import MAX_NUMBER, MAX_NUMBER64
from smartmail.proto.imap.numbers import SAVED, NumberSet, parse_set

T = TypeVar("T")

# RFC 3501 §9: atom-specials are ( ) { SP CTL % * " \ ]; ASTRING-CHAR allows ], list-char also the wildcards.
_ATOM: Final = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\\]]+")
_ASTRING: Final = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\]+")
_PATTERN: Final = re.compile(rb"[^\x00-\x20\x7f-\xff(){\"\\]+")
_FLAG: Final = re.compile(rb"\\?[^\x00-\x20\x7f-\xff(){%*\"\\\]]+")
_WORD: Final = re.compile(rb"[A-Za-z0-9.+=-]+")
_NUMBER: Final = re.compile(rb"[0-9]{1,20}")
_SET: Final = re.compile(rb"[0-9*:,]+")
# RFC 6855 §3 allows UTF-8 inside quotes; where it may stand is the business of who decodes the octets.
_QUOTED: Final = re.compile(rb'"([^"\\\x00\r\n]*(?:\\["\\][^"\\\x00\r\n]*)*)"')
_ESCAPE: Final = re.compile(rb"\\([\"\\])")
_LITERAL: Final = re.compile(rb"~?\{[0-9]+\+?\}\r\n")

SYSTEM_FLAGS: Final = {
    flag.casefold(): flag for flag in ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft", "\\Recent")
}
"""RFC 3501 §2.3.2, by lower-case spelling."""


class GrammarError(Exception):
    """The command is not what the grammar allows. `no`: answer NO with `code` instead of BAD."""

    def __init__(self, text: str, *, no: bool = False, code: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.no = no
        self.code = code


class Cursor:
    """`text` as `framing.Framed` gives it; `utf8`: names are UTF-8, by UTF8=ACCEPT or because of `rev2`: IMAP4rev2 is on
    (RFC 9051 §5.1).
    """

    __slots__ = ("_literals", "_used", "position", "rev2", "text", "utf8")

    def __init__(
        self,
        text: bytes,
        literals: tuple[bytes, ...] = (),
        *,
        utf8: bool = False,
        rev2: bool = False,
        position: int = 0,
    ) -> None:
        self.text = text
        self.position = position
        self.utf8 = utf8 or rev2
        self.rev2 = rev2
        self._literals = literals
        self._used = 0

    # -- single octets ---------------------------------------------------------------------------------------

    def at(self, octets: bytes) -> bool:
        """Whether `octets` come next; nothing is taken."""
        return self.text.startswith(octets, self.position)

    def skip(self, octets: bytes) -> bool:
        """Take `octets` if they come next."""
        if not self.text.startswith(octets, self.position):
            return False
        self.position += len(octets)
        return True

    def expect(self, octets: bytes, what: str) -> None:
        if not self.text.startswith(octets, self.position):
            raise GrammarError(f"{what} expected")
        self.position += len(octets)

    def space(self) -> None:
        if not self.text.startswith(b" ", self.position):
            raise GrammarError("missing argument" if self.position >= len(self.text) else "space expected")
        self.position += 1

    @property
    def ended(self) -> bool:
        return self.position >= len(self.text)

    def end(self) -> None:
        if self.position < len(self.text):
            raise GrammarError("unexpected text after the last argument")

    # -- terminals -------------------------------------------------------------------------------------------

    def _match(self, pattern: re.Pattern[bytes], what: str) -> bytes:
        found = pattern.match(self.text, self.position)
        if found is None:
            raise GrammarError(f"{what} expected")
        self.position = found.end()
        return found.group()

    def word(self, what: str) -> str:
        """Take a keyword of the protocol and return it in upper case."""
        return self._match(_WORD, what).decode("ascii").upper()

    def atom(self, what: str) -> str:
        return self._match(_ATOM, what).decode("ascii")

    def number(self, what: str = "number") -> int:
        return self._number(what, MAX_NUMBER)

    def number64(self, what: str = "number") -> int:
        return self._number(what, MAX_NUMBER64)

    def _number(self, what: str, largest: int) -> int:
        value = int(self._match(_NUMBER, what))
        if value > largest:
            raise GrammarError(f"{what} too large")
        return value

    def numbers(self) -> NumberSet:
        if self.skip(b"$"):
            return SAVED
        found = parse_set(self._match(_SET, "sequence set"))
        if found is None:
            raise GrammarError("invalid sequence set")
        return found

    def string(self) -> bytes:
        """Take a quoted string or a literal (RFC 3501 §4.3)."""
        text, position = self.text, self.position
        found = _QUOTED.match(text, position)
        if found is not None:
            self.position = found.end()
            inner = found[1]
            return _ESCAPE.sub(rb"\1", inner) if b"\\" in inner else inner
        mark = _LITERAL.match(text, position)
        if mark is None or self._used >= len(self._literals):
            raise GrammarError("string expected")
        self.position = mark.end()
        self._used += 1
        octets = self._literals[self._used - 1]
        if b"\x00" in octets:
            # RFC 3501 §9 CHAR8 is %x01-ff.
            raise GrammarError("NUL in a literal")
        return octets

    def astring(self) -> bytes:
        found = _ASTRING.match(self.text, self.position)
        if found is None:
            return self.string()
        self.position = found.end()
        return found.group()

    def nstring(self) -> bytes | None:
        if self.text[self.position : self.position + 3].upper() == b"NIL":
            self.position += 3
            return None
        return self.string()

    def value(self) -> bytes | None:
        """Take an nstring, or a literal8, which may hold NUL (RFC 5464 §5 value)."""
        if not self.at(b"~{"):
            return self.nstring()
        mark = _LITERAL.match(self.text, self.position)
        if mark is None or self._used >= len(self._literals):
            raise GrammarError("literal expected")
        self.position = mark.end()
        self._used += 1
        return self._literals[self._used - 1]

    def unicode(self, octets: bytes) -> str:
        """Decode an argument that is text; UTF-8 holds ASCII."""
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError:
            raise GrammarError("text is not UTF-8") from None

    # -- mailbox names and flags -----------------------------------------------------------------------------

    def mailbox(self) -> str:
        name = self._name(self.astring())
        if not name:
            raise GrammarError("empty mailbox name")
        # RFC 3501 §5.1: INBOX in any case is this one mailbox.
        return "INBOX" if len(name) == 5 and name.upper() == "INBOX" else name

    def reference(self) -> str:
        """Take the first argument of LIST, which may be empty."""
        return self._name(self.astring())

    def pattern(self) -> str:
        """Take a list-mailbox: a name with wildcards."""
        found = _PATTERN.match(self.text, self.position)
        if found is None:
            return self._name(self.string())
        self.position = found.end()
        return self._name(found.group())

    def _name(self, octets: bytes) -> str:
        if self.utf8:
            name: str | None = self.unicode(octets)
        elif octets.isascii():
            name = mutf7.decode(octets)
        else:
            # RFC 6855 §3: raw UTF-8 names are for sessions that asked for them.
            raise GrammarError("8-bit mailbox name without UTF8=ACCEPT")
        if name is None:
            raise GrammarError("mailbox name is not valid modified UTF-7")
        if not name.isprintable():
            _refuse_controls(name)
        return name

    def flag(self) -> str:
        octets = self._match(_FLAG, "flag").decode("ascii")
        if octets[0] != "\\":
            return octets
        known = SYSTEM_FLAGS.get(octets.casefold())
        if known is None:
            raise GrammarError("unknown system flag")
        return known

    def flags(self) -> tuple[str, ...]:
        """Take a parenthesised list. `\\Recent` is not for clients to set (RFC 3501 §2.3.2): it is left out."""
        return tuple(dict.fromkeys(flag for flag in self.list_of(self.flag, empty=True) if flag != "\\Recent"))

    def list_of(self, one: Callable[[], T], *, empty: bool = False) -> list[T]:
        """Take `(` one SP one … `)`."""
        self.expect(b"(", "list")
        if empty and self.skip(b")"):
            return []
        taken = [one()]
        while not self.skip(b")"):
            self.space()
            taken.append(one())
        return taken


def _refuse_controls(name: str) -> None:
    """RFC 5198 §2 and RFC 6855 §3: no C0, C1 controls, no line or paragraph separators in a name."""
    if any(c < " " or "\x7f" <= c <= "\x9f" or c in "\u2028\u2029" for c in name):
        raise GrammarError("control character in a mailbox name")
