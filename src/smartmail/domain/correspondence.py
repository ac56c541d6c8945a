"""Whom an account writes to, with whom together and about what: the memory of the misdelivery guard.

`domain.correspondents` counts by keyed hashes and knows neither names nor who is written to together; what is here is
text, and is kept sealed under the key of its account (`service.flow.misdelivery`). Plain data; what it means is decided in
`policy.misdelivery`.
"""

import zlib
from dataclasses import dataclass, field
from typing import Final

from smartmail.domain.ids import AccountId

MAX_PEOPLE: Final = 800
MAX_CIRCLES: Final = 400
MAX_WORDS: Final = 600
MAX_DOMAINS: Final = 12
MAX_READERS: Final = 24
"""Different people to whom a word was written; a word of more is nobody's in particular."""


@dataclass(slots=True)
class Known:
    """Someone who was written to. `called`: the name, `title` the title by which letters addressed them last."""

    name: str
    letters: int
    last: int
    called: str = ""
    title: str = ""


@dataclass(slots=True)
class Topic:
    """A word of subjects, file names and first lines: in how many letters, the last of them, to whom (marks), and in how many
    letters to each domain.
    """

    letters: int
    last: int
    readers: list[int]
    domains: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(slots=True)
class Correspondence:
    """Memory of one account. `last` counts letters. `circles`: the marks of those who got one letter, the newest last."""

    letters: int = 0
    people: dict[str, Known] = field(default_factory=dict[str, Known])
    circles: list[list[int]] = field(default_factory=list[list[int]])
    topics: dict[str, Topic] = field(default_factory=dict[str, Topic])


@dataclass(frozen=True, slots=True)
class CorrespondenceRow:
    """The sealed memory of an account. `letters`: how many taught it."""

    account_id: AccountId
    letters: int
    sealed: bytes


def mark_of(address: str) -> int:
    """Return a short number for an address. Two that share one only make the memory less exact."""
    return zlib.crc32(address.encode("utf-8", "replace"))
