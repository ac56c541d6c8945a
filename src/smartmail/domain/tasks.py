"""Leased work: its kinds."""

from dataclasses import dataclass
from typing import Literal

TaskKind = Literal[
    "admin-jobs", "directory-imports", "parcels", "pulls", "recurring", "share-letters", "webhooks", "volume-works", "reseal",
    "rekey", "proposals",
]  # fmt: skip
"""What is leased by rows of a table of its own (adapters.sql.tasks)."""

DueKind = TaskKind | Literal["master-key", "policy-changes", "reminders", "share-ends"]
"""What the one look of a process asks about: leased work, and acts at a time, done by the first process."""


@dataclass(frozen=True, slots=True)
class HeldTask:
    """A task that a worker holds: its key in its table, how far it is in the unit of its kind (`total` 0: not known), and when its
    lease ends where it is not renewed.
    """

    kind: TaskKind
    key: str
    worker: str
    done: int
    total: int
    leased_until: int
