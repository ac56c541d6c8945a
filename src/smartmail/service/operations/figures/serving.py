"""Availability: what the supervisor wrote down, less what was announced as work (BR-42).

SECURITY    Work is announced before it begins, with `report.change` over the installation, and recorded: nobody can excuse an
            outage afterwards. Ending work early is recorded too.
"""

import asyncio
from typing import Final

import msgspec

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.serving import Availability, PlannedWork, availability
from smartmail.ports.clock import Clock
from smartmail.ports.serving import ServingRecord
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY

SCOPE: Final = "figures"
WORKS: Final = "planned-work"
MOST_WORKS: Final = 500
LONGEST: Final = 7 * DAY
SERVICES: Final = frozenset(
    {"edge-mx", "edge-submit", "edge-imap", "edge-pop", "edge-sieve", "edge-web", "delivery", "relay", "jobs"}
)
SYSTEM: Final = Scope("system")


class ServingService:
    """Answers, and keeps announcements."""

    def __init__(self, store: SettingStore, authority: Authority, record: ServingRecord, clock: Clock) -> None:
        self._store = store
        self._authority = authority
        self._record = record
        self._clock = clock

    async def availability(self, since: int, until: int) -> tuple[Availability, ...]:
        """Return each service's availability in a span, as far as time has come."""
        now = self._clock.now()
        changes = await asyncio.to_thread(self._record.changes, min(until, now))
        return availability(changes, await self._works(), since, until, now)

    async def look(self, actor: Actor, since: int, until: int) -> tuple[Availability, ...]:
        """The same for somebody who asks. Raises Forbidden."""
        await self._authority.require(actor, "report.read", SYSTEM)
        return await self.availability(since, until)

    async def works(self, actor: Actor) -> list[PlannedWork]:
        """Return announced work, the newest first. Raises Forbidden."""
        await self._authority.require(actor, "report.read", SYSTEM)
        return sorted(await self._works(), key=lambda one: -one.since)

    async def announce(self, actor: Actor, since: int, until: int, services: tuple[str, ...] = ()) -> PlannedWork:
        """Announce work that has not begun. Raises Forbidden, Invalid."""
        await self._authority.require(actor, "report.change", SYSTEM)
        now = self._clock.now()
        if since < now:
            raise Invalid("work is announced before it begins", reason="work.before")
        if not since < until <= since + LONGEST:
            raise Invalid("work ends after it begins, within seven days", reason="work.end")
        unknown = sorted(set(services) - SERVICES)
        if unknown:
            raise Invalid(
                f"no service: {', '.join(unknown)}; there are {', '.join(sorted(SERVICES))}", reason="work.services"
            )
        made = PlannedWork(since, until, tuple(sorted(set(services))), now, actor.named)
        kept = sorted([*await self._works(), made], key=lambda one: one.since)[-MOST_WORKS:]
        await self._put(actor, "work.announce", made, kept)
        return made

    async def withdraw(self, actor: Actor, since: int) -> None:
        """Take back work that has not begun; let work end now that has. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "report.change", SYSTEM)
        now, kept, found = self._clock.now(), [], None
        for one in await self._works():
            if one.since != since or one.until <= now or found is not None:
                kept.append(one)
                continue
            found = one
            if one.since < now:
                kept.append(_ended(one, now))
        if found is None:
            raise NotFound
        await self._put(actor, "work.withdraw", found, kept)

    async def _works(self) -> list[PlannedWork]:
        text = await self._store.setting(SCOPE, WORKS)
        return msgspec.json.decode(text, type=list[PlannedWork]) if text else []

    async def _put(self, actor: Actor, action: str, one: PlannedWork, kept: list[PlannedWork]) -> None:
        thing = f"work:{one.since}-{one.until} services:{','.join(one.services) or 'all'}"
        record = AuditRecord(
            self._clock.now(), actor.named, action, thing, actor.origin.address, None, actor.origin.door
        )
        await self._store.put_setting(SCOPE, WORKS, msgspec.json.encode(kept).decode(), audit=record)


def _ended(one: PlannedWork, now: int) -> PlannedWork:
    return PlannedWork(one.since, now, one.services, one.announced_at, one.actor)
