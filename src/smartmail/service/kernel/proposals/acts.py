"""Acts that may need two persons: what one is called, who may do it, with what, and what does it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec

from smartmail.domain.authority import Permission
from smartmail.domain.errors import Invalid
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.proposals import ActClass

A = TypeVar("A", bound=msgspec.Struct)
MAX_ARGUMENTS: Final = 64 << 10
"""Octets of the arguments as JSON."""


@dataclass(frozen=True, slots=True)
class Act(Generic[A]):
    """One act. `arguments`: a frozen struct of plain values, which says everything (ids, never live objects).

    `run(author, arguments, key)` does it and returns what came of it in ids and numbers. It is called with the author's
    rights as they are then, and must not ask for consent again. `key` is the same whenever it is called for this
    proposal: an act that is `repeatable` does nothing twice under it, and is called again where a process died in it. One
    that is not is never called twice; then its end is unknown, and told as failed. It takes less than `LEASE` or begins a
    job. `check` refuses before anybody is asked: raises Invalid, NotFound.
    """

    name: str
    kind: ActClass
    permission: Permission
    arguments: type[A]
    scope: Callable[[A], Scope]
    run: Callable[[Actor, A, int], Awaitable[str]]
    repeatable: bool = False
    check: Callable[[Actor, A], Awaitable[None]] | None = None


class Acts:
    """The acts that there are, by name; services add theirs when they are made."""

    def __init__(self) -> None:
        self._acts: dict[str, Act[Any]] = {}

    def add(self, act: Act[Any]) -> None:
        """Add one. Raises ValueError where its name is taken."""
        if act.name in self._acts:
            raise ValueError(f"there are two acts {act.name}")
        self._acts[act.name] = act

    def find(self, name: str) -> Act[Any] | None:
        """Return the act of a name."""
        return self._acts.get(name)

    def get(self, name: str) -> Act[Any]:
        """Return the act of a name. Raises Invalid."""
        act = self._acts.get(name)
        if act is None:
            raise Invalid(f"there is no act {name!r}", reason="act.unknown")
        return act

    def names(self) -> list[str]:
        """Return the names, sorted."""
        return sorted(self._acts)


def packed(arguments: msgspec.Struct) -> bytes:
    """Return arguments as they are sealed. Raises Invalid (too long)."""
    octets = msgspec.json.encode(arguments)
    if len(octets) > MAX_ARGUMENTS:
        raise Invalid("that is too much for one act: do it in parts", reason="act.large")
    return octets


def unpacked(act: Act[A], octets: bytes) -> A:
    """Return sealed arguments in the act's type. Raises Invalid where a newer version wants others."""
    try:
        return msgspec.json.decode(octets, type=act.arguments)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Invalid(f"the arguments of {act.name} cannot be read any more", reason="act.stale") from error
