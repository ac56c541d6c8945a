"""What an intent is: words that concur, what the reader is called to do, and what it weighs.

Its words concur where around a word of its matter there is bait, and at least `least` different words of both. It is met where
the letter also calls for one of its acts. Words that everybody writes count as one together (ordinary.py). Words hidden in longer ones that were found too do not concurring by themselves.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

from smartmail.formats.phrases import Phrases, folded, standing, windows
from smartmail.service.protection.filtering.intents.ordinary import COMMON

Call = Literal["link", "file", "phone", "messenger", "code", "answer"]
"""To follow a link, open a file, call a number, write to a messenger, scan a QR code, or just to answer."""
SPAN: Final = 150
"""Characters of folded text around a word of the matter in which all its words are counted."""


class Intent(NamedTuple):
    """One intent. `weight` holds as it stands, `masked` where the sender is shown to hide or to be somebody else.

    `sure`: so many words that no sign of hiding is needed; 0 for never.
    `honest`: words of those who write about the matter for good reasons; each takes one of the words away.
    """

    rule: str
    matter: tuple[str, ...]
    bait: tuple[str, ...]
    calls: tuple[Call, ...]
    weight: float
    masked: float
    least: int = 2
    honest: tuple[str, ...] = ()
    sure: int = 0


class Met(NamedTuple):
    """An intent that is met, with the words that stand near each other and how many concur."""

    intent: Intent
    words: tuple[str, ...]
    concurring: int

    @property
    def is_sure(self) -> bool:
        """Say whether the words alone are enough."""
        return 0 < self.intent.sure <= self.concurring


class Intents:
    """A pack of intents ready to be looked for: one pass over the text for all of them."""

    def __init__(self, intents: Iterable[Intent]) -> None:
        self._intents = tuple(map(_ready, intents))
        self._phrases = Phrases(
            word for one in self._intents for group in (one.matter, one.bait, one.honest) for word in group
        )

    def met(self, text: str, plain: str, calls: frozenset[Call]) -> list[Met]:
        """Return the intents that a folded text meets with these calls to act; `plain`: as it is written, in small letters."""
        called = [one for one in self._intents if not calls.isdisjoint(one.calls)]
        held = standing(self._phrases.found(text), plain) if called else frozenset()
        return [found for one in called if (found := _met(one, text, held)) is not None] if held else []


def _ready(intent: Intent) -> Intent:
    groups = (tuple(map(folded, group)) for group in (intent.matter, intent.bait, intent.honest))
    matter, bait, honest = groups
    return intent._replace(matter=matter, bait=bait, honest=honest)


def _met(intent: Intent, text: str, held: frozenset[str]) -> Met | None:
    matter, bait = held.intersection(intent.matter), held.intersection(intent.bait)
    if not matter or not bait or _weight_of(matter | bait) < intent.least:
        return None
    honest = held.intersection(intent.honest)
    best: Met | None = None
    for around in windows(text, matter, SPAN):
        found = _concur(intent, matter, bait, honest, around)
        if found is not None and (best is None or found.concurring > best.concurring):
            best = found
    return best


def _concur(
    intent: Intent, matter: Iterable[str], bait: Iterable[str], honest: Iterable[str], around: str
) -> Met | None:
    here, asked = _longest(one for one in matter if one in around), _longest(one for one in bait if one in around)
    concurring = _weight_of(_longest([*here, *asked])) - sum(one in around for one in honest)
    return Met(intent, (here[0], asked[0]), concurring) if asked and concurring >= intent.least else None


def _weight_of(words: Iterable[str]) -> int:
    """Return how many words these are, all of the common ones being one."""
    found = set(words)
    return len(found - COMMON) + (not found.isdisjoint(COMMON))


def _longest(words: Iterable[str]) -> Sequence[str]:
    """Return the words that are not part of another one."""
    kept: list[str] = []
    for word in sorted(set(words), key=len, reverse=True):
        if not any(word in longer for longer in kept):
            kept.append(word)
    return kept
