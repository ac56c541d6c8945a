"""Policy as it is stored: levels, rules and revisions.

What knobs there are and how rules decide is policy's business; these are the values that pass between it, the store
and whoever asks.
"""

from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["system", "organization", "domain", "department", "group", "account"]

LEVELS: Final[tuple[Level, ...]] = ("system", "organization", "domain", "department", "group", "account")
"""Weakest first (KX-2)."""

Value = bool | int | str | tuple[str, ...]
"""What a knob can be set to."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a rule is for. `subject` is "" for the system, else an id as text (of a domain: its name, of a department:
    organisation id, colon, code).
    """

    level: Level
    subject: str = ""


def is_in_force(valid_from: int | None, valid_until: int | None, now: int) -> bool:
    """Say whether the clock lets a rule count that holds between two times, either of which may be open."""
    return (valid_from is None or valid_from <= now) and (valid_until is None or now < valid_until)


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One knob set for one scope.

    With `valid_until` it is a dated exception: the strongest kind of rule, in force from `valid_from` (milliseconds)
    until then, and judged by the clock when it is asked for. `locked` holds off everything below. `authority` is the
    level that an exception was granted at: a lock of a weaker level than that gives way to it.
    """

    knob: str
    scope: Scope
    value: Value
    locked: bool = False
    authority: Level | None = None
    valid_from: int | None = None
    valid_until: int | None = None
    id: int = 0

    @property
    def dated(self) -> bool:
        """Whether it is an exception that ends by itself."""
        return self.valid_until is not None

    def in_force(self, now: int) -> bool:
        """Whether the clock lets it count."""
        return is_in_force(self.valid_from, self.valid_until, now)


@dataclass(frozen=True, slots=True)
class PolicyRevision:
    """One change of the policy. It is never changed itself; the rules that it began and ended stay readable."""

    epoch: int
    at: int
    actor: str
    action: str
    address: str
    begun: tuple[PolicyRule, ...] = ()
    ended: tuple[PolicyRule, ...] = ()
