"""The directory of one company, made ready for look-ups while somebody types. Pure; no store, no clock.

STRATEGIES  All lines stand one below the other in one text for each field, people in the order in which lists show them
            (직위, then name): a look-up is a search in a text, which costs a few milliseconds for 50,000 people, and the
            first places found are the best ones. Each word of what was typed must stand somewhere in a line; names that
            begin with the first word come first, then their 초성, logins and numbers, then whatever holds it.
LIMITS      MAX_TYPED characters, MAX_WORDS words, MAX_HITS results; some 400 octets for each person.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from smartmail.domain.organization import Entry
from smartmail.formats.search.hangul import initial, is_syllable

MAX_TYPED: Final = 100
MAX_WORDS: Final = 6
MAX_HITS: Final = 500
_LEADING: Final = {
    initial(unicodedata.normalize("NFC", chr(0x1100 + one) + "\u1161")): chr(0x1100 + one) for one in range(19)
}
"""A consonant as keyboards give it → as the first sound of a syllable."""
_MAX_SEEN: Final = 20_000
"""Places looked at for one word before a look-up is content with what it has."""


class DirectoryIndex:
    """The lines of a company."""

    __slots__ = ("_all", "_initials", "_jamo", "_logins", "_names", "_numbers", "entries")

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: list[Entry] = sorted(entries, key=lambda one: (one.rank, one.name, one.login))
        self._names = _Column(folded(one.name) for one in self.entries)
        self._initials = _Column(initials(folded(one.name)) for one in self.entries)
        self._jamo = _Column(jamo(folded(one.name)) for one in self.entries)
        self._logins = _Column(one.login for one in self.entries)
        self._numbers = _Column(folded(one.employee_number) for one in self.entries)
        self._all = _Column(map(_line, self.entries))

    def search(self, typed: str, limit: int) -> list[Entry]:
        """Return those who fit, the best first; nobody for what is blank."""
        words = folded(typed[:MAX_TYPED]).split()[:MAX_WORDS]
        limit = min(limit, MAX_HITS)
        if not words or limit <= 0:
            return []
        found: dict[int, None] = {}
        for place in self._candidates(words):
            if place not in found and self._fits(place, words):
                found[place] = None
                if len(found) >= limit:
                    break
        return [self.entries[place] for place in found]

    def _candidates(self, words: Sequence[str]) -> Iterator[int]:
        first = words[0]
        for column in (self._names, self._initials, self._logins, self._numbers):
            yield from column.beginning(first)
        # A syllable in the making: 한ㄱ and 한그 are on their way to 한글.
        if begun := jamo(first):
            yield from self._jamo.beginning(begun)
        # The longest word is likely the rarest: from it the fewest lines are looked at.
        yield from self._all.holding(max(words, key=len))

    def _fits(self, place: int, words: Sequence[str]) -> bool:
        line = self._all.line(place)
        return all(word in line or self._is_begun(place, word) for word in words)

    def _is_begun(self, place: int, word: str) -> bool:
        begun = jamo(word)
        return bool(begun) and begun in self._jamo.line(place)


class _Column:
    """Lines of one field as one text. Every line begins behind a line feed."""

    __slots__ = ("_starts", "_text")

    def __init__(self, lines: Iterable[str]) -> None:
        parts = list(lines)
        self._starts: list[int] = []
        at = 1
        for part in parts:
            self._starts.append(at)
            at += len(part) + 1
        self._text = "\n" + "\n".join(parts) + "\n"

    def line(self, place: int) -> str:
        start = self._starts[place]
        end = self._starts[place + 1] - 1 if place + 1 < len(self._starts) else len(self._text) - 1
        return self._text[start:end]

    def beginning(self, word: str) -> Iterator[int]:
        """Return the places whose line begins with a word."""
        return self._found("\n" + word, 1)

    def holding(self, word: str) -> Iterator[int]:
        """Return the places whose line holds a word, some more than once."""
        return self._found(word, 0)

    def _found(self, wanted: str, shift: int) -> Iterator[int]:
        at, seen = self._text.find(wanted), 0
        while at >= 0 and seen < _MAX_SEEN:
            place = bisect_right(self._starts, at + shift) - 1
            yield place
            seen += 1
            # On with the next line: a second hit in this one tells nothing new.
            after = self._starts[place + 1] - 1 if place + 1 < len(self._starts) else len(self._text)
            at = self._text.find(wanted, after)


def fits_without_number(one: Entry, typed: str) -> bool:
    """Say whether somebody fits also for who must not know their number: finding them by it would tell it."""
    line, sounds = _line(replace(one, employee_number="")), jamo(folded(one.name))
    words = folded(typed[:MAX_TYPED]).split()[:MAX_WORDS]
    return all(word in line or ((begun := jamo(word)) and begun in sounds) for word in words)


def folded(text: str) -> str:
    """Return a text as it is compared: compatibility forms joined, case folded, without line feeds."""
    return unicodedata.normalize("NFKC", text).casefold().replace("\n", " ")


def initials(text: str) -> str:
    """Return a folded text with its syllables as 초성; "" where it has none."""
    if not any(map(is_syllable, text)):
        return ""
    return "".join(initial(one) if is_syllable(one) else one for one in text)


def jamo(text: str) -> str:
    """Return a folded text in its sounds, as far as it is typed; "" where it has no syllable.

    A last consonant that stands alone begins the next syllable.
    """
    if not any(map(is_syllable, text)):
        return ""
    return unicodedata.normalize("NFD", "".join(_LEADING.get(one, one) for one in text))


def _line(one: Entry) -> str:
    name, department, title = folded(one.name), folded(one.department), folded(one.title)
    fields = (name, one.login, department, title, folded(one.employee_number), initials(name), initials(department))
    return "\t".join(fields)
