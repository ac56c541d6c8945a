"""Words of stories: one line each, folded so that what people type meets what was written.

A line is the story's id in hexadecimal, a tab, and the text. All words that are looked for must be in one line, each
anywhere, inside longer words too: Korean has no borders that one could rely on.
"""

import unicodedata
from collections.abc import Sequence

from smartmail.domain.trace import Event, Facts

LONGEST = 2_000
"""Characters of a line that are kept."""
NAMED = 20
"""Recipients whose addresses are in a line; the others are found by their hashes."""


def fold(text: str) -> str:
    """Return text in the form in which it is compared: NFKC, small letters, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def line(story_id: int, text: str) -> bytes:
    """Return a line, b"" for a text that says nothing."""
    folded = fold(text[:LONGEST])
    return b"%x\t%s\n" % (story_id, folded.encode(errors="replace")) if folded else b""


def story_line(story_id: int, facts: Facts) -> bytes:
    """Return the line of what a story begins with."""
    return line(story_id, " ".join((facts.subject, facts.sender, *facts.recipients[:NAMED], facts.helo)))


def event_line(story_id: int, event: Event) -> bytes:
    """Return the line of an event that has words of somebody else."""
    if event.kind in {"deferred", "bounced", "expired", "rejected"} or (event.kind == "delivered" and event.host):
        return line(story_id, f"{event.code or ''} {event.enhanced} {event.text} {event.host}")
    return b""


def matches(text: bytes, words: Sequence[bytes]) -> list[int]:
    """Return the stories of a piece whose line has all words, the last first. `words` are folded and not empty."""
    rarest = max(words, key=len)
    others = [word for word in words if word is not rarest]
    found: dict[int, None] = {}
    at = len(text)
    while (at := text.rfind(rarest, 0, at)) >= 0:
        start, end = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
        number, _, said = text[start:end].partition(b"\t")
        # The rarest itself is looked for once more: it may have met the id.
        if rarest in said and all(word in said for word in others):
            found[int(number, 16)] = None
        at = start
    return list(found)
