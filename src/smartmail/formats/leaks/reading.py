"""A text as detectors read it, and which characters of the original a place of it stands for.

Undone: full-width and other digits of Unicode, the family of hyphens, blanks of all kinds, invisible characters, decomposed
Hangul and accents. Letters that NFKC makes two of stay as they are, and a single digit in a ring or raised is no digit
(`①900101-…` is an item of a list, `…568¹` a footnote). Linear: only the characters that need it are looked at in Python.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from functools import cache, cached_property
from typing import Any, Final, Literal

import re2

from smartmail.base.text import INVISIBLE
from smartmail.formats.html_text import to_text

MAX_TEXT: Final = 2_000_000
"""Characters of a text that are read."""
_HYPHENS: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u207b\u208b\u2212\u2500\u2501\u3161\ufe58\ufe63\uff0d"
_BLANKS: Final = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u2800"
)
_ODD: Final = re.compile("[^\\x00-\u007f가-힣一-\u9fff\u3040-\u30ff]+")
"""Runs of characters that may have to be replaced."""
_UNUSUAL: Final[Any] = re2.compile(r"[^\x00-\x7f가-힣\x{4e00}-\x{9fff}\x{3040}-\x{3098}\x{309b}-\x{30ff}]")
"""Every character that is read as another one, or as none, is of these."""
_LEADS: Final = "\u1100-\u115e"
_MARKS: Final = "\u1161-\u11ff\u0300-\u036f\u3099\u309a" + INVISIBLE.pattern.strip("[]")
_SHORTER: Final = re.compile(f"[{_LEADS}{_MARKS}][{_MARKS}]*")
"""Runs that are read as something shorter, with the character before them: decomposed Hangul and accents, what nobody sees."""
_ALONE: Final = "\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u2460-\u2468\u24ea\u2776-\u277e\u2780-\u2788\u278a-\u2792"
_MANY: Final = 100
"""Times that words are looked for around one number before they are looked for everywhere."""
_STANDS_ALONE: Final = re.compile(f"(?<![{_ALONE}])[{_ALONE}](?![{_ALONE}])")
_RANGES: Final = ((0xA0, 0x250), (0x2000, 0x3400), (0xFE10, 0x10000), (0x1D400, 0x1D800))


@cache
def _table() -> dict[int, str]:
    """Return what one character is read as, where that is one other."""
    table: dict[int, str] = {}
    for code in (code for first, end in _RANGES for code in range(first, end)):
        read = unicodedata.normalize("NFKC", chr(code))
        if len(read) == 1 and ord(read) != code:
            table[code] = read
    for code in (code for code in range(0x660, 0x1FC00) if unicodedata.category(chr(code)) == "Nd"):
        table[code] = str(unicodedata.decimal(chr(code)))
    table |= {at + 0x2776 + row: str(at + 1) for row in (0, 10, 20) for at in range(9)}
    return table | dict.fromkeys(map(ord, _HYPHENS), "-") | dict.fromkeys(map(ord, _BLANKS), " ")


def _single(text: str) -> str:
    """Return a text in which characters are replaced one by one: as long as it was."""
    if text.isascii():
        return text
    return _ODD.sub(lambda odd: _STANDS_ALONE.sub("*", odd[0]).translate(_table()), text)


class Words:
    """Words as an expression of RE2 over small letters: all places in one pass, a hundred times as fast as `re`."""

    def __init__(self, *expressions: str) -> None:
        self.source = "|".join(expressions)
        self._pattern: Any = re2.compile(self.source)

    def are_in(self, octets: bytes) -> bool:
        """Whether a text of UTF-8 has one of the words."""
        return self._pattern.search(octets) is not None

    def places(self, octets: bytes, at: int = 0) -> tuple[list[int], list[int]]:
        """Return where the words in a text of UTF-8 begin and end, in characters from `at` on."""
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for found in self._pattern.finditer(octets):
            start, end = found.span()
            starts.append(at + len(octets[last:start].decode()))
            at = starts[-1] + len(octets[start:end].decode())
            ends.append(at)
            last = end
        return starts, ends


_LATIN: Final[Any] = re2.Options()
_LATIN.encoding = re2.Options.Encoding.LATIN1
_RUNS: Final[dict[int, Any]] = {
    least: re2.compile(rb"[0-9](?:[ \t\n\-./*_~\xb7|:,+=]{0,4}[0-9]){%d,}" % (least - 1), _LATIN) for least in (10, 13)
}
"""So many digits and more with few signs between them."""
_BASE64: Final[Any] = re2.compile(rb"[A-Za-z0-9+/_\-]{18}", _LATIN)


class Reading:
    """A text as it is read, and the day on which it is: nobody is born later."""

    def __init__(self, text: str, today: date = date.min) -> None:
        self.today = today
        self.is_cut = len(text) > MAX_TEXT
        self._breaks: list[int] = [0]
        """Places of the text as read from which on the original is `_shifts` characters further on."""
        self._shifts: list[int] = [0]
        self._asked: dict[Words, int] = {}
        self._known: dict[Words, tuple[list[int], list[int]]] = {}
        self._runs: dict[int, list[tuple[int, int]]] = {}
        self.size = min(len(text), MAX_TEXT)
        self.text = text[:MAX_TEXT]
        self._octets = self.text.encode("utf-8", "replace")
        if not text.isascii() and _UNUSUAL.search(self._octets) is not None:
            self.text = self._shortened(_single(self.text))
            self._octets = self.text.encode("utf-8", "replace")

    def _shortened(self, text: str) -> str:
        if not _SHORTER.search(text):
            return text
        out: list[str] = []
        last = length = shift = 0
        for start, end, read in self._replaced(text):
            out += (text[last:start], read)
            length += start - last + len(read)
            shift += end - start - len(read)
            self._breaks.append(length)
            self._shifts.append(shift)
            last = end
        return "".join((*out, text[last:]))

    @staticmethod
    def _replaced(text: str) -> Iterator[tuple[int, int, str]]:
        """Yield the places that are read as something shorter, in order."""
        last = 0
        for found in _SHORTER.finditer(text):
            start, end = found.span()
            start -= start > last and not "\u1100" <= text[start] < "\u115f"
            read = unicodedata.normalize("NFC", INVISIBLE.sub("", text[start:end]))
            if len(read) < end - start:
                last = end
                yield start, end, read

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original of a place in the text as read."""
        return self._original(start), self._original(end)

    def _original(self, at: int) -> int:
        return min(at + self._shifts[bisect_right(self._breaks, at) - 1], self.size)

    @cached_property
    def lowered(self) -> str:
        """The text in small letters, of the same length."""
        low = self.text.lower()
        return low if len(low) == len(self.text) else "".join(one.lower()[:1] for one in self.text)

    def within(self, words: "Words", start: int, end: int) -> bool:
        """Whether a place lies within one of these words anywhere in the text, as in a URL."""
        starts, ends = self._places(words)
        number = bisect_right(starts, start) - 1
        return number >= 0 and end <= ends[number]

    def has_as_written(self, words: "Words") -> bool:
        """Whether one of these words, which have no letters that may be small or capital, is anywhere in the text."""
        return words.are_in(self._octets)

    def has(self, words: "Words") -> bool:
        """Whether one of these words is anywhere in the text."""
        return words.are_in(self.octets)

    def near(self, words: "Words", start: int, end: int, span: int) -> bool:
        """Whether one of these words is within `span` characters before or behind a place."""
        starts, ends = self._around(words, max(0, start - span), end + span)
        number = bisect_left(starts, start - span)
        return number < len(starts) and ends[number] <= end + span

    def before(self, words: "Words", start: int, span: int) -> int:
        """Return where the last of these words ends within `span` characters before a place, -1 for none."""
        starts, ends = self._around(words, max(0, start - span), start)
        number = bisect_right(ends, start) - 1
        return ends[number] if number >= 0 and starts[number] >= start - span else -1

    def _around(self, words: "Words", low: int, high: int) -> tuple[list[int], list[int]]:
        """Return where words begin and end at least between two places. Few numbers are looked around one by one, for many the whole
        text is looked through once.
        """
        asked = self._asked[words] = self._asked.get(words, 0) + 1
        if asked > _MANY or words in self._known:
            return self._places(words)
        low = max(0, low - 1)
        return words.places(self.lowered[low : high + 1].encode("utf-8", "replace"), low)

    def _places(self, words: "Words") -> tuple[list[int], list[int]]:
        """Return where words begin and end in the whole text: looked for once."""
        if words not in self._known:
            self._known[words] = words.places(self.octets)
        return self._known[words]

    def numbers(self, pattern: re.Pattern[str], least: Literal[10, 13]) -> Iterator[re.Match[str]]:
        """Yield what an expression matches that wants so many digits, begins and ends with one and lets no more be between them than
        `_RUNS`: the rest of the text need not be looked at for it.
        """
        if least not in self._runs:
            self._runs[least] = [found.span() for found in _RUNS[least].finditer(self._signs)]
        for start, end in self._runs[least]:
            yield from pattern.finditer(self.text, start, end)

    def words_of_base64(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield what an expression matches that begins with eighteen signs of base64."""
        at = _BASE64.search(self._signs)
        while at is not None:
            found = pattern.match(self.text, at.start())
            if found is None:  # never: what begins so is matched
                return
            yield found
            at = _BASE64.search(self._signs, found.end())

    @cached_property
    def _signs(self) -> bytes:
        """The text with an octet for each character: what is found in it is at the same place in the text."""
        return self.text.replace("ー", "-").encode("latin-1", "replace")

    @cached_property
    def octets(self) -> bytes:
        """The text in small letters, in UTF-8."""
        return self.lowered.encode("utf-8", "replace")


def plain_of_html(html: str) -> str:
    """Return the text of an HTML body as `detect` is to be given it: what is in one line on the screen is in one line here."""
    return to_text(html)
