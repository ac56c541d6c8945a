"""Excerpts of a search text with the places where what was looked for stands (RFC 8621 §5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from smartmail.formats.search.document import Document, folded
from smartmail.formats.search.wording import Clause, spans

LENGTH: Final = 250
"""Characters of an excerpt; RFC 8621 §5 leaves it to the server."""
_BEFORE: Final = 60
_SEARCHED: Final = 200_000
"""Characters of one text that are looked through."""


class Marked(NamedTuple):
    """Text and the ranges in it to highlight."""

    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Where a message matches. `file`: name of the attachment that `text` comes from or that itself matches, with marks;
    None when it is the body.
    """

    subject: Marked | None
    text: Marked | None
    file: Marked | None = None


def excerpt(document: Document, subject: Sequence[Clause], text: Sequence[Clause]) -> Excerpt:
    """Return the excerpt of a document: the body is looked at first, then files."""
    marked = _marked(document.subject, subject)
    found = _window(document.body, text)
    if found is not None:
        return Excerpt(marked, found)
    for name, content in document.files:
        named, inside = _marked(name, text), _window(content, text)
        if named is not None or inside is not None:
            return Excerpt(marked, inside, named or Marked(name, ()))
    return Excerpt(marked, None)


def _marked(text: str, clauses: Sequence[Clause]) -> Marked | None:
    found = spans(clauses, text)
    return Marked(text, tuple(found)) if found else None


def _window(text: str, clauses: Sequence[Clause]) -> Marked | None:
    """Return the text around the first match, in one line."""
    shown = " ".join(text[:_SEARCHED].split())
    first = next(_first(shown, clauses), None)
    if first is None:
        return None
    start = max(0, first - _BEFORE)
    return _marked(shown[start : start + LENGTH], clauses)


def _first(text: str, clauses: Sequence[Clause]) -> Iterator[int]:
    if clauses and folded(text):
        found = spans(clauses, text)
        if found:
            yield found[0][0]
