"""Which records may be chained: those that we have written, and once, after the upgrade, those from before there were tags.

STATES    Of a source: open (records of before may wait) → sealed (nothing without a tag is taken any more, ever).
SECURITY  Whoever can write into the database and has not the master key can make no tag, take one for another record, or use
          one twice. The mark of the migration counts only where nothing speaks against it: it is not sealed yet, no record up
          to it has a tag, and no record tells of a seal.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from smartmail.base import log
from smartmail.domain.audit import INSTALLATION, AuditQuery, AuditRecord, AuditRow, Source, UntaggedEnd
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditStore
from smartmail.service.kernel.audit.links import LinkMaker

SEALED: Final = "audit.tags"
"""Action of the record that tells from where on records have tags."""
MOST_TOLD: Final = 1_000


class Provenance:
    """What one process knows of it."""

    def __init__(self, store: AuditStore, maker: LinkMaker, clock: Clock) -> None:
        self._store = store
        self._maker = maker
        self._clock = clock
        self._open: dict[Source, int] | None = None
        self._told: set[tuple[Source, int]] = set()

    async def proven(self, rows: Sequence[AuditRow]) -> list[AuditRow]:
        """Return those that may be chained; the log is told once of each other."""
        ends = await self._ends()
        found = []
        for row in rows:
            if self._maker.wrote(row) or (not row.tag and row.id <= ends.get(row.source, 0)):
                found.append(row)
            elif (row.source, row.id) not in self._told and len(self._told) < MOST_TOLD:
                self._told.add((row.source, row.id))
                log.event("audit.unproven", about=f"{row.source} {row.id}")
        return found

    async def begins(self) -> bool:
        """Say whether records of before may still be taken: then all of them are to be chained now."""
        return bool(await self._ends())

    async def seal(self) -> None:
        """Take nothing without a tag from now on: all from before is chained."""
        ends = [one for one in await self._store.untagged_ends() if one.seal is None]
        sealed = [replace(one, seal=self._maker.untagged(one.source, one.last)) for one in ends]
        words = " ".join(f"{one.source}:{one.last}" for one in sealed)
        await self._store.seal_untagged(sealed, AuditRecord(self._clock.now(), "system", SEALED, words))
        self._open = {}

    async def trouble(self) -> list[str]:
        """Return what is wrong with the marks themselves."""
        return [f"mark of {one.source}" for one in await self._store.untagged_ends() if not await self._holds(one)]

    async def _ends(self) -> dict[Source, int]:
        if self._open is None:
            ends = [one for one in await self._store.untagged_ends() if one.last and one.seal is None]
            self._open = {one.source: one.last for one in ends if await self._holds(one)}
        return self._open

    async def _holds(self, one: UntaggedEnd) -> bool:
        if one.seal is not None:
            return one.seal == self._maker.untagged(one.source, one.last)
        if not one.last:
            return True
        if await self._store.has_tags(one.source, one.last):
            return False
        return not await self._store.find_links(INSTALLATION, AuditQuery(INSTALLATION, action=SEALED, limit=1))
