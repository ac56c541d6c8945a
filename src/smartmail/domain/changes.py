"""The change log as clients read it: what was created, updated and destroyed after a modseq."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from smartmail.domain.ids import ModSeq

ChangeType = Literal[
    "mailbox", "message", "thread", "identity", "submission", "assignment", "note", "tag", "notice", "address_book", "contact",
]  # fmt: skip

TOMBSTONE_TYPES: dict[str, int] = {
    "mailbox": 1, "message": 2, "thread": 3, "identity": 4, "submission": 5, "placement": 6,
    "assignment": 7, "note": 8, "tag": 9, "notice": 10,
    "left": 11, "thread_left": 12, "address_book": 13, "contact": 14,
}  # fmt: skip
"""How tombstones name their type in the store; numbers are never reused."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids in the order of their modseq. `until` is the state that the client has after applying them.

    `more` says that the answer was cut at the caller's maximum (RFC 8620 §5.2 hasMoreChanges).
    """

    created: Sequence[int]
    updated: Sequence[int]
    destroyed: Sequence[int]
    until: ModSeq
    more: bool = False
