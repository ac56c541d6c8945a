"""Leased work: its kinds."""

from typing import Literal

TaskKind = Literal[
    "admin-jobs", "directory-imports", "parcels", "pulls", "recurring", "share-letters", "webhooks", "volume-works", "reseal",
    "rekey", "proposals",
]  # fmt: skip
"""What is leased by rows of a table of its own (adapters.sql.tasks)."""

DueKind = TaskKind | Literal["master-key", "policy-changes", "reminders", "share-ends"]
"""What the one look of a process asks about: leased work, and acts at a time, done by the first process."""
