"""The store's part for the care of the database below it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from smartmail.domain.database import DatabaseFacts, TableFacts

CareTold = Callable[[int, int], None]
"""Hears how many steps are done, of how many."""


class DatabaseCare(Protocol):
    """Looks at the database and tends it. What takes long can be cancelled; what was done by then stays.

    Raises Unavailable and StorageFull like the store.
    """

    async def facts(self) -> DatabaseFacts:
        """Return what a look costs little for."""
        ...

    async def tables(self) -> Sequence[TableFacts]:
        """Return all tables, the largest first; on SQLite the whole file is read."""
        ...

    async def check(self, told: CareTold) -> list[str]:
        """Read everything and return what is wrong, in the database's own words, at most MOST_FINDINGS."""
        ...

    async def optimise(self, told: CareTold) -> None:
        """Let the database count anew what it plans its ways by. Mail goes on."""
        ...

    async def give_back(self, told: CareTold) -> None:
        """Give spare room back in small steps between which mail goes on; nothing where that is not possible (`stepwise`)."""
        ...

    async def rewrite(self, told: CareTold) -> None:
        """Write the database anew without spare room. Nothing is written meanwhile: mail waits."""
        ...


class DatabaseStore(Protocol):
    """Gives the care."""

    def database_care(self) -> DatabaseCare:
        """Return what tends the database."""
        ...
