"""Regular expressions of administrators: the syntax of RE2, matched in linear time whatever is written.

There are no back references and no looking around: RE2 has none, and that is why no expression can make a mail take long.
"""

from typing import Any, Final, Literal

import msgspec
import re2

from smartmail.formats.leaks.dictionary import spans
from smartmail.formats.leaks.finding import MAX_FINDINGS
from smartmail.formats.leaks.reading import Reading

MAX_PATTERN: Final = 1_000
"""Characters of an expression."""
MAX_MEMORY: Final = 8 << 20
Reason = Literal["empty", "long", "syntax", "large", "nothing"]


class InvalidPattern(ValueError):
    """An expression that is refused.

    reason  `empty`; `long`: more than `MAX_PATTERN` characters; `syntax`: `detail` says what RE2 does not take; `large`: it needs more
            memory than `MAX_MEMORY`; `nothing`: it is met by no character at all, so by every text
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason
        self.detail = detail


class Span(msgspec.Struct, frozen=True):
    """A place in the text that was given, in characters, and what was read there."""

    start: int
    end: int
    value: str


class Pattern:
    """An expression ready to be looked for; made by `compile`."""

    def __init__(self, source: str, compiled: Any) -> None:
        self.source = source
        self._compiled = compiled

    @classmethod
    def compile(cls, source: str, *, ignore_case: bool = False) -> "Pattern":
        """Return an expression ready to be looked for. Raises InvalidPattern."""
        if not source:
            raise InvalidPattern("empty")
        if len(source) > MAX_PATTERN:
            raise InvalidPattern("long", str(MAX_PATTERN))
        options: Any = re2.Options()
        options.log_errors, options.max_mem, options.case_sensitive = False, MAX_MEMORY, not ignore_case
        try:
            compiled = re2.compile(source, options)
        except (re2.error, UnicodeEncodeError) as error:
            detail = _detail(error)
            raise InvalidPattern("large" if "too large" in detail else "syntax", detail) from None
        if compiled.search("") is not None:
            raise InvalidPattern("nothing")
        return cls(source, compiled)

    def find(self, text: str) -> list[Span]:
        """Return the places where it is met in a text as detectors read it, the first `MAX_FINDINGS`."""
        reading = Reading(text)
        out: list[Span] = []
        for start, end in spans(self._compiled, reading.text):
            if len(out) == MAX_FINDINGS:
                break
            if end > start:
                out.append(Span(*reading.place(start, end), reading.text[start:end]))
        return out


def _detail(error: Exception) -> str:
    text = error.args[0] if error.args else "not understood"
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
