"""Tags: keywords with a name, a colour and a place (docs/vocabulary.md)."""

from dataclasses import dataclass
from typing import Final

from smartmail.domain.ids import ModSeq

COLOURS: Final = (
    "grey", "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown", "lime", "sky", "indigo",
)  # fmt: skip
"""Tokens of the design system, not colours of a screen."""
MAX_TAGS: Final = 500
MAX_TAG_NAME: Final = 100  # characters
MAX_TAG_DEPTH: Final = 5


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag as stored. `id` is the keyword's number in the account; the counts are of messages that carry it."""

    id: int
    sealed: bytes
    sealed_keyword: bytes
    messages: int
    unread: int
    created_modseq: ModSeq
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag opened. `keyword` is what clients see on messages: ASCII, and never changed by a new name."""

    id: int
    keyword: str
    name: str
    colour: str
    order: int
    parent_id: int | None
    messages: int
    unread: int
    modseq: ModSeq
