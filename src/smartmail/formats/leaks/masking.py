"""Masking: a text or an HTML page in which what was found is hidden, or None where something of it cannot be.

NAME        masking
PURPOSE     From a text and a search to the same text with what the search finds masked (`finding.masked`). The search is asked again
            until it finds nothing: what is part of a longer number may be a number without it.
STRATEGIES  Plain text is changed where a finding is. A page is searched as its reader sees it (`html_text.to_text`) and changed in
            its source: signs of a finding that lie in several elements or are written as references are hidden where they are,
            all else stays byte for byte.
LIMITS      ROUNDS of the search; from the second on nothing of a value is shown.
FAILURE     None: it could not be done, and the text must not leave as it is.
SECURITY    A value with digits is hidden in attributes and comments of a page as well: readers see no difference, programs do.
Must not know detectors, rules or mail.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from html import unescape
from typing import Final

import msgspec

from smartmail.formats.html_text import to_text
from smartmail.formats.leaks.finding import masked

ROUNDS: Final = 6
_LEAST: Final = 6
"""Characters of a value that is hidden in attributes too: shorter ones are in names of elements."""
_UNSEEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|title|template|noscript|textarea)\b.*?(?:</\1\s*>|\Z)|<[A-Za-z/!?][^>]*>?",
    re.IGNORECASE | re.DOTALL,
)
_REFERENCE: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")


class Place(msgspec.Struct, frozen=True):
    """Characters [start, end) of a text that are to be hidden, but the first `head` and the last `tail` letters and digits."""

    start: int
    end: int
    head: int = 0
    tail: int = 0


Search = Callable[[str], list[Place]]


def mask_text(text: str, search: Search) -> str | None:
    """Return a text without what a search finds; None where it goes on finding."""
    for number in range(ROUNDS):
        places = search(text)
        if not places:
            return text
        text = _hidden(text, places, whole=number > 0)
    return None


def mask_html(html: str, search: Search) -> str | None:
    """Return an HTML page without what a search finds in its text; None where something is not where it was looked for."""
    for number in range(ROUNDS):
        text = to_text(html)
        places = search(text)
        if not places:
            return html
        before, html = html, _hidden_in(html, text, places, whole=number > 0)
        if html == before and number:
            return None
    return None


def _hidden(text: str, places: Iterable[Place], *, whole: bool) -> str:
    out: list[str] = []
    last = 0
    for one in sorted(places, key=lambda one: one.start):
        if one.end > last:
            start = max(one.start, last)
            out += (text[last:start], _stars(text[start : one.end], one, whole=whole))
            last = one.end
    return "".join((*out, text[last:]))


def _stars(value: str, place: Place, *, whole: bool) -> str:
    return masked(value, 0 if whole else place.head, 0 if whole else place.tail)


def _hidden_in(html: str, text: str, places: Iterable[Place], *, whole: bool) -> str:
    """Return a page in which what is at these places of its text is hidden in all places where it is shown."""
    values: dict[str, str] = {}
    for one in places:
        value = text[one.start : one.end]
        values.setdefault(value, _stars(value, one, whole=whole))
    html = _in_signs(html, values)
    for value, stars in values.items():
        if len(value) >= _LEAST and any(sign.isdigit() for sign in value):
            html = _anyhow(value).sub(partial(_like, stars), html)
    return html


def _anyhow(value: str) -> re.Pattern[str]:
    """Return what a value looks like with other signs between its letters and digits than where it was found."""
    return re.compile(r"[^\w<>\"'&]{0,3}".join(re.escape(sign) for sign in value if sign.isalnum()))


def _like(stars: str, found: re.Match[str]) -> str:
    """Return what was found with those letters and digits hidden that are hidden where the value was found first."""
    shown = iter([sign for sign in stars if sign.isalnum() or sign == "*"])
    return "".join(next(shown, "*") if sign.isalnum() else sign for sign in found[0])


def _in_signs(html: str, values: dict[str, str]) -> str:
    signs = list(_shown(html))
    shown = "".join(sign for sign, _, _ in signs)
    starts = [0]
    for sign, _, _ in signs:
        starts.append(starts[-1] + len(sign))
    changes: dict[int, str] = {}
    for value, stars in values.items():
        bare = [(sign, star) for sign, star in zip(value, stars, strict=True) if not sign.isspace()]
        wanted = "".join(sign for sign, _ in bare)
        at = shown.find(wanted) if wanted else -1
        while at >= 0:
            for number, (sign, star) in enumerate(bare):
                if star != sign:
                    changes[bisect_right(starts, at + number) - 1] = star
            at = shown.find(wanted, at + len(wanted))
    out: list[str] = []
    last = 0
    for number in sorted(changes):
        _, start, end = signs[number]
        out += (html[last:start], changes[number])
        last = end
    return "".join((*out, html[last:]))


def _shown(html: str) -> Iterator[tuple[str, int, int]]:
    """Yield the signs that a page shows, blanks left out, and where each is in its source."""
    last = 0
    for tag in _UNSEEN.finditer(html):
        yield from _signs(html, last, tag.start())
        last = tag.end()
    yield from _signs(html, last, len(html))


def _signs(html: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    while start < end:
        found = _REFERENCE.match(html, start, end) if html[start] == "&" else None
        after = start + 1 if found is None else found.end()
        sign = html[start:after] if found is None else unescape(found[0])
        if not sign.isspace():
            yield sign, start, after
        start = after
