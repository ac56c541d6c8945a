"""Leased work, told alike of all kinds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeldTask:
    """A task that a worker holds: its key in its table, how far it is in the unit of its kind (`total` 0: not known), and when its
    lease ends where it is not renewed.
    """

    kind: str
    key: str
    worker: str
    done: int
    total: int
    leased_until: int
