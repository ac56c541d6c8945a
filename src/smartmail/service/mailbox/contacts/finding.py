"""Which cards a search means, and in what order they stand: over their lines, without opening a card. Pure.

Words are found as in the directory (formats.name_match): in any order, with initials (초성) for syllables.
"""

from collections.abc import Callable
from typing import Final

from smartmail.formats import name_match
from smartmail.formats.collation import SortKey, is_kana, sort_key
from smartmail.formats.jscontact import Line, figures
from smartmail.formats.name_match import folded

TEXTS: Final[dict[str, Callable[[Line], tuple[str, ...]]]] = {
    "name": lambda line: (line.name, line.surname + line.given, line.given, line.surname, line.surname2),
    "name/given": lambda line: (line.given,),
    "name/surname": lambda line: (line.surname,),
    "name/surname2": lambda line: (line.surname2,),
    "nickname": lambda line: line.nicknames,
    "organization": lambda line: line.organizations,
    "email": lambda line: line.emails,
    "phone": lambda line: (*line.phones, *map(figures, line.phones)),
    "onlineService": lambda line: line.services,
    "address": lambda line: line.addresses,
    "note": lambda line: line.notes,
}
"""Property of a filter → the texts in which its words are looked for (RFC 9610 §3.3.1)."""
ORDERS: Final[dict[str, Callable[[Line], str]]] = {
    "name": lambda line: folded(line.name),
    "name/given": lambda line: folded(line.given),
    "name/surname": lambda line: folded(line.surname),
    "name/surname2": lambda line: folded(line.surname2),
    "created": lambda line: line.created,
    "updated": lambda line: line.updated,
}
"""Property of a sort → by what lines stand where no language is asked for."""
_NAMES: Final[dict[str, Callable[[Line], tuple[str, str]]]] = {
    "name": lambda line: (line.name, line.reading),
    "name/given": lambda line: (line.given, line.given_reading),
    "name/surname": lambda line: (line.surname, line.surname_reading),
    "name/surname2": lambda line: (line.surname2, ""),
}
"""Property of a sort → the text, and how it is read where the card says so."""


def order(line: Line, name: str, language: str | None) -> str | tuple[SortKey, SortKey]:
    """Return by what a line stands: for a language as its readers expect it, Japanese by how a name is read."""
    if language is None or name not in _NAMES:
        return ORDERS[name](line)
    text, reading = _NAMES[name](line)
    shown = sort_key(text, language)
    return (sort_key(reading, language) if language == "ja" and is_kana(reading[:1]) else shown), shown


def holds(line: Line, name: str, words: str) -> bool:
    """Say whether the texts of a property hold the words; `text` looks in all of them, and in titles."""
    if name == "text":
        return all(name_match.holds(line.words, word, line.sounds) for word in name_match.folded(words).split())
    return name_match.found(words, TEXTS[name](line))
