"""Expansion: whom an address reaches in the end. RFC 5321 §3.9.

Pure over a `look` that says what one address is. Every place is reached at most once, whatever circles the addresses
form; width and depth are bounded, so that no graph costs more than its bound.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from smartmail.domain.ids import AccountId, OrganizationId

MAX_DEPTH = 10
"""Steps from an address to the end; real ones have two or three."""
MAX_TARGETS = 1_000
"""Addresses that an alias may reach; more people are a list."""

PlaceKind = Literal["account", "several", "list", "outside", "other", "back", "nobody"]


@dataclass(frozen=True, slots=True)
class Place:
    """What an address is.

    `account`: an account of ours. `several`: nothing itself, `next` tells whom it stands for. `list`: a distribution
    list. `outside`: not ours. `other`: in another system, by way of `via`. `back`: the way back of a forward, `next` is
    where it leads. `nobody`: ours, and nobody's. What has a kind of its own may have `next` too: it gets it and they get it.
    """

    kind: PlaceKind
    address: str
    account_id: AccountId | None = None
    organization_id: OrganizationId | None = None
    next: tuple[str, ...] = ()
    via: str = ""
    also: tuple["Place", ...] = ()

    @property
    def identity(self) -> tuple[str, object]:
        """What two places have in common that are one: an account has many addresses."""
        return (self.kind, self.account_id if self.account_id is not None else (self.address, self.via))


class TooMany(Exception):
    """An address reaches more places than it may."""


Look = Callable[[Sequence[str]], Awaitable[Sequence[Place]]]
"""Says of each of several addresses what it is, in their order."""
PAGE = 500
"""Addresses that are looked at together."""


async def expand(starts: Iterable[str], look: Look, most: int = MAX_TARGETS) -> list[Place]:
    """Return the places that addresses reach, each once, the nearest first. Raises TooMany."""
    reached: dict[tuple[str, object], Place] = {}
    looked: set[str] = set()
    layer = list(dict.fromkeys(starts))
    for _depth in range(MAX_DEPTH + 1):
        following: dict[str, None] = {}
        for start in range(0, len(layer), PAGE):
            page = layer[start : start + PAGE]
            looked.update(page)
            for place in await look(page):
                for one in (place, *place.also):
                    if one.kind != "several":
                        reached.setdefault(one.identity, one)
                following.update(dict.fromkeys(place.next))
            if len(reached) > most or len(looked) + len(following) > 2 * most + PAGE:
                raise TooMany
        layer = [address for address in following if address not in looked]
        if not layer:
            return list(reached.values())
    raise TooMany
