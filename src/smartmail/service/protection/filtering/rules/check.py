"""What a check is."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from smartmail.service.protection.filtering.rules.evidence import Evidence


class Match(NamedTuple):
    """A rule that matched, and what it saw. `weight` None: the table's."""

    rule: str
    facts: tuple[str, ...] = ()
    weight: float | None = None


Check = Callable[[Evidence], Awaitable[list[Match]]]
"""May raise anything: the others go on without it."""

MAX_FACT = 120


def fact(text: str) -> str:
    """Return a value as it is kept and shown: one line, bounded."""
    return " ".join("".join(one if one.isprintable() else " " for one in text[:MAX_FACT]).split())
