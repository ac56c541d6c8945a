"""Countries and networks of addresses, from the tables in force.

NAME        geo
PURPOSE     Answer from memory where an address is (ports.geo.Geo), and keep the tables that an administrator brings.
STRATEGIES  Tables come with the program; one that was brought lies in the store and holds in place of that of its kind,
            in every process of every node: a hint on the bus says so, a look at the versions every half minute makes up
            for a lost one.
LIMITS      `FRESH_MS` between two looks at the store.
FAILURE     While the store is away, or a table does not open, the tables of before stay in force.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from smartmail.base import log
from smartmail.domain.errors import Invalid, MailError
from smartmail.formats.geo_table import (
    KINDS,
    Facts,
    GeoTable,
    GeoTableError,
    Kind,
    is_country,
    is_inside,
    parse_address,
)
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.geo import UNKNOWN, Place, Tables
from smartmail.ports.store_route import RouteStore
from smartmail.service.kernel.clock import SECOND

TOPIC = "geo"
FRESH_MS = 30 * SECOND
PIECE_OCTETS = 256 << 10


@dataclass(frozen=True, slots=True)
class TableInForce:
    """One table and where it came from; `version` 0: it came with the program."""

    facts: Facts
    ranges: int
    version: int


class GeoService:
    """Looks addresses up."""

    def __init__(self, store: RouteStore, clock: Clock, bus: Bus, shipped: Tables) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._shipped = dict(shipped)
        self._tables: dict[Kind, GeoTable] = dict(shipped)
        self._versions: dict[Kind, int] = {}
        self._fresh_until = 0
        self._looking = asyncio.Lock()
        self.generation = 0
        """Raised whenever this process's tables change: answers of before may not hold any more."""
        self._tasks: set[asyncio.Task[None]] = set()
        bus.subscribe(TOPIC, self._heard)

    def look(self, address: str) -> Place:
        """Return what is known of an address; UNKNOWN for one of a private network, and where there is no data."""
        if self._clock.now() >= self._fresh_until:
            self._refresh_soon()
        parsed = parse_address(address)
        if parsed is None or is_inside(parsed):
            return UNKNOWN
        country, asn = self._tables.get("country"), self._tables.get("asn")
        code = country.look(parsed) if country is not None else ""
        number = asn.look(parsed) if asn is not None else ""
        return Place(code if is_country(code) else None, int(number) if number else None)

    def country_of(self, address: str) -> str:
        """Return the country of an address as two letters, "" where it is not known."""
        return self.look(address).country or ""

    async def refresh(self, within: int = FRESH_MS) -> None:
        """Bring the tables up to date when the last look was a while ago, or so many milliseconds. Never raises for the
        store.
        """
        sooner = FRESH_MS - within
        if self._clock.now() < self._fresh_until - sooner:
            return
        async with self._looking:
            if self._clock.now() >= self._fresh_until - sooner:
                self._fresh_until = self._clock.now() + FRESH_MS
                with suppress(MailError):
                    await self._load()

    async def replace(self, octets: bytes) -> TableInForce:
        """Put a table in force everywhere instead of that of its kind. Raises Invalid, StorageFull, Unavailable."""
        try:
            table = GeoTable(octets)
            await asyncio.to_thread(table.check)
        except GeoTableError as error:
            raise Invalid(str(error), reason="geo.form") from error
        pieces = [octets[start : start + PIECE_OCTETS] for start in range(0, len(octets), PIECE_OCTETS)]
        version = await self._store.put_geo_table(table.facts.kind, pieces)
        await self._changed()
        return TableInForce(table.facts, table.ranges, version)

    async def reset(self, kind: Kind) -> None:
        """Go back to the table that came with the program. Raises Unavailable."""
        await self._store.put_geo_table(kind, ())
        await self._changed()

    async def tables(self) -> list[TableInForce]:
        """Return what is in force."""
        await self.refresh()
        found = [(self._tables[kind], self._versions.get(kind, 0)) for kind in KINDS if kind in self._tables]
        return [TableInForce(table.facts, table.ranges, version) for table, version in found]

    async def _changed(self) -> None:
        self._fresh_until = 0
        await self.refresh()
        self._bus.publish(TOPIC, "")

    async def _load(self) -> None:
        versions = await self._store.geo_versions()
        for kind in KINDS:
            version = versions.get(kind, 0)
            if version == self._versions.get(kind, 0):
                continue
            table = self._shipped.get(kind)
            if version:
                octets = await self._store.geo_table(kind)
                if octets is None:
                    continue
                try:
                    table = await asyncio.to_thread(_opened, octets)
                except GeoTableError as error:
                    log.event("geo.unreadable", kind=kind, version=version, error=str(error))
                    continue
            self._versions[kind] = version
            self.generation += 1
            if table is None:
                self._tables.pop(kind, None)
            else:
                self._tables[kind] = table

    def _heard(self, _payload: str) -> None:
        self._fresh_until = 0
        self._refresh_soon()

    def _refresh_soon(self) -> None:
        """Look without making anybody wait; one look at a time."""
        if self._tasks:
            return
        with suppress(RuntimeError):  # no loop runs: a command that only looks
            task = asyncio.get_running_loop().create_task(self.refresh())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


def _opened(octets: bytes) -> GeoTable:
    table = GeoTable(octets)
    table.check()
    return table
