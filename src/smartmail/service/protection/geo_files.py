"""Tables of countries and networks from files that an administrator uploads.

SECURITY    `defence.change` over the installation; what was put in force, and by whom, is recorded. Files are read beside the
            loop; what is no table leaves what is in force as it is.
Must not know how files of other makers look.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.geo_table import Facts, GeoTableError, Kind
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditLog
from smartmail.service.kernel.authority import Authority
from smartmail.service.protection.geo import GeoService, TableInForce

SYSTEM: Final = Scope("system")
Reader = Callable[[bytes, Kind | None, Facts], bytes]
"""Turns a file of any maker into a table of ours; the facts hold where the file says nothing. Raises GeoTableError."""


class GeoFiles:
    """Reads files and puts them in force."""

    def __init__(self, store: AuditLog, authority: Authority, geo: GeoService, reader: Reader, clock: Clock) -> None:
        self._store = store
        self._authority = authority
        self._geo = geo
        self._reader = reader
        self._clock = clock

    async def bring(self, actor: Actor, octets: bytes, kind: Kind | None, facts: Facts) -> TableInForce:
        """Put the table of a file in force. Raises Forbidden, Invalid."""
        await self._authority.require(actor, "defence.change", SYSTEM)
        try:
            table = await asyncio.to_thread(self._reader, octets, kind, facts)
        except GeoTableError as error:
            raise Invalid(str(error), reason="geo.form") from error
        made = await self._geo.replace(table)
        await self._record(actor, "geo.update", f"geo:{made.facts.kind} version:{made.version} ranges:{made.ranges}")
        return made

    async def reset(self, actor: Actor, kind: Kind) -> None:
        """Go back to the table that came with the program. Raises Forbidden."""
        await self._authority.require(actor, "defence.change", SYSTEM)
        await self._geo.reset(kind)
        await self._record(actor, "geo.reset", f"geo:{kind}")

    async def _record(self, actor: Actor, action: str, thing: str) -> None:
        await self._store.audit(
            AuditRecord(self._clock.now(), actor.named, action, thing, actor.origin.address, None, actor.origin.door)
        )
