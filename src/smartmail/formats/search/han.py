"""Han characters: Korean readings (한자↔한글), and simplified and traditional forms (간체↔번체)."""

from collections import defaultdict
from functools import cache
from itertools import product
from typing import Final

from smartmail.formats.search.han_tables import READINGS, VARIANTS

MAX_SPELLINGS: Final = 4
"""Of one text, where characters have several readings."""


@cache
def readings() -> dict[str, tuple[str, ...]]:
    """Return character → its readings."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in READINGS.split():
        for char in word[1:]:
            found[char].append(word[0])
    return {char: tuple(those) for char, those in found.items()}


@cache
def characters() -> dict[str, str]:
    """Return reading → the characters that have it."""
    return {word[0]: word[1:] for word in READINGS.split()}


@cache
def forms() -> dict[str, str]:
    """Return character → all forms of it, where there is more than one."""
    return {char: word for word in VARIANTS.split() for char in word}


@cache
def canonical() -> dict[int, str]:
    """Return the table for str.translate that makes the forms of a character one: terms are made of these."""
    return {ord(char): word[0] for word in VARIANTS.split() for char in word[1:]}


def spellings(text: str) -> list[str]:
    """Return the readings of a text that has Han characters, most usual first; none when one of them has no reading."""
    known = readings()
    options: list[tuple[str, ...]] = []
    for char in text:
        if is_han(char) and char not in known:
            return []
        options.append(known.get(char, (char,)))
    found: list[str] = []
    for chars in product(*options):
        found.append("".join(chars))
        if len(found) == MAX_SPELLINGS:
            break
    return found


def is_han(char: str) -> bool:
    """Whether it is a unified ideograph of the basic block, as the tables have them."""
    return "一" <= char <= "鿿"
