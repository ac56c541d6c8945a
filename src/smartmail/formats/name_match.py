"""Whether typed words mean somebody: every word stands in one of their texts, and initials alone (초성) stand for the
syllables that begin with them. Used wherever people are looked for: the directory, contacts. Pure.
"""

import unicodedata
from collections.abc import Sequence

from smartmail.formats.search.hangul import initial, is_initial, is_syllable


def found(wanted: str, texts: Sequence[str]) -> bool:
    """Say whether all words of `wanted` stand in some of the texts."""
    plain = [folded(text) for text in texts]
    return all(any(holds(one, word) for one in plain) for word in folded(wanted).split())


def folded(text: str) -> str:
    """Return a text as it is compared."""
    return unicodedata.normalize("NFKC", text).casefold()


def sounds(plain: str) -> str:
    """Return a folded text with initials for its syllables."""
    return "".join(initial(one) if is_syllable(one) else one for one in plain)


def holds(plain: str, word: str, heard: str | None = None) -> bool:
    """Say whether a folded word stands in a folded text; `heard` are its `sounds`, for whoever has them ready."""
    if word in plain:
        return True
    if not any(map(is_initial, word)) or any(map(is_syllable, word)):
        return False
    return word in (sounds(plain) if heard is None else heard)
