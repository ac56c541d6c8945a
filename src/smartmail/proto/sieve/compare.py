"""Comparators (RFC 4790, RFC 5051) and the match types of RFC 5228 §2.7, RFC 5231 and the regex draft.

A comparator maps both sides to a form in which equal means equal; what wildcards matched is cut from the value as it
was written, as long as the mapping keeps one character for one.
"""

import operator
import unicodedata
from collections.abc import Callable
from typing import Any, Final

from smartmail.base.text import titled
from smartmail.proto.sieve.patterns import compile_regex, glob

DEFAULT: Final = "i;ascii-casemap"
_UPPER: Final = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
RELATIONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le, "eq": operator.eq, "ne": operator.ne,
}  # fmt: skip
MAX_DIGITS: Final = 4_000
"""int() of a longer text is refused by the interpreter of Python."""


def fold(text: str, comparator: str) -> str:
    """Return the form in which the comparator compares."""
    if comparator == "i;octet":
        return text
    if comparator == "i;unicode-casemap":
        return unicode_fold(text)
    return text.translate(_UPPER)


def unicode_fold(text: str) -> str:
    """Return the form of RFC 5051 §2: each character to titlecase, then decomposed; composed again at the end.

    Composed, since equality is the same and `?` and :contains then work on whole Hangul syllables instead of letters.
    """
    return text.upper() if text.isascii() else unicodedata.normalize("NFC", titled(text))


def number(text: str) -> int | None:
    """Return the leading digits (RFC 4790 §9.1.1); None, which is larger than any number, where there are none."""
    end = 0
    while end < len(text) and "0" <= text[end] <= "9" and end < MAX_DIGITS:
        end += 1
    return int(text[:end]) if end else None


def relation(name: str, value: str, key: str, comparator: str) -> bool:
    """Whether `value` stands in the relation to `key` (RFC 5231 §4.1)."""
    compare = RELATIONS[name.lower()]
    if comparator == "i;ascii-numeric":
        return compare(_rank(value), _rank(key))
    return compare(_order(value, comparator), _order(key, comparator))


def _rank(text: str) -> tuple[int, int]:
    found = number(text)
    return (1, 0) if found is None else (0, found)


def _order(text: str, comparator: str) -> bytes:
    """RFC 4790 §9.3 and RFC 5051 §2 order by octets."""
    folded = fold(text, comparator)
    if comparator == "i;unicode-casemap":
        folded = unicodedata.normalize("NFKD", folded)
    return folded.encode("utf-8", "surrogatepass")


def equal(value: str, key: str, comparator: str) -> bool:
    """The `:is` match."""
    if comparator == "i;ascii-numeric":
        return _rank(value) == _rank(key)
    return fold(value, comparator) == fold(key, comparator)


def matches(value: str, pattern: str, comparator: str) -> tuple[str, ...] | None:
    """The `:matches` match: the whole and what each wildcard stood for; None when it does not match."""
    folded = fold(value, comparator)
    spans = glob(fold(pattern, comparator), folded)
    if spans is None:
        return None
    source = value if len(folded) == len(value) else folded
    return tuple(source[start:end] for start, end in spans)


def regex(value: str, pattern: str, comparator: str) -> tuple[str, ...] | None:
    """The `:regex` match: the whole and each group. Raises PatternError."""
    value = value.encode("utf-8", "replace").decode()
    found = compile_regex(pattern, comparator).search(value)
    if found is None:
        return None
    return (found.group(0), *(group or "" for group in found.groups()))
