"""Looking people up while somebody types, over 50,000 of them.

STRATEGIES  One index per company and process, made anew when the epoch of the directory has changed. A look each second,
            or at once after a hint, finds out; while a new one is made the old one answers, and it is made page by page
            so that nobody waits for it. So an answer is some two seconds old at most.
LIMITS      MAX_COMPANIES indexes are kept, those used last.
SECURITY    A company sees itself, and those that let it (directory_sight). Closed accounts are not in.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.organization import Entry
from smartmail.domain.principal import Actor
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_organization import OrganizationStore
from smartmail.service.kernel.clock import SECOND
from smartmail.service.people.organization.ground import TOPIC
from smartmail.service.people.organization.index import DirectoryIndex

MAX_COMPANIES = 64
FRESH_MS = SECOND
PAGE = 1000
DEFAULT_LIMIT = 20


@dataclass(slots=True)
class _Kept:
    epoch: int = -1
    seen_at: int = 0
    index: DirectoryIndex = field(default_factory=lambda: DirectoryIndex(()))
    making: asyncio.Task[None] | None = None


class SearchService:
    """Answers look-ups of people."""

    def __init__(self, store: OrganizationStore, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._kept: OrderedDict[OrganizationId, _Kept] = OrderedDict()
        bus.subscribe(TOPIC, self._heard)

    async def search(self, actor: Actor, typed: str, limit: int = DEFAULT_LIMIT) -> list[Entry]:
        """Return people that the actor's company sees and who fit, the best first, own ones before others."""
        found: list[Entry] = []
        for organization_id in await self.visible(actor):
            hits = (await self.index(organization_id)).search(typed, limit - len(found))
            own = organization_id == actor.organization_id
            # Numbers of other companies' people are nobody's business here.
            found += hits if own else [replace(one, employee_number="") for one in hits]
            if len(found) >= limit:
                break
        return found

    async def visible(self, actor: Actor) -> list[OrganizationId]:
        """Return the companies whose people an actor sees, the own one first."""
        return [actor.organization_id, *await self._store.sights(actor.organization_id)]

    async def entry(self, actor: Actor, login: str) -> Entry:
        """Return the line of a login that the actor sees. Raises NotFound."""
        for organization_id in await self.visible(actor):
            for one in (await self.index(organization_id)).entries:
                if one.login == login:
                    return one
        raise NotFound

    async def index(self, organization_id: OrganizationId) -> DirectoryIndex:
        """Return the index of a company: the newest that is ready."""
        kept = self._kept.setdefault(organization_id, _Kept())
        self._kept.move_to_end(organization_id)
        while len(self._kept) > MAX_COMPANIES:
            self._kept.popitem(last=False)
        now = self._clock.now()
        if kept.making is None and not (kept.epoch >= 0 and 0 <= now - kept.seen_at < FRESH_MS):
            epoch = await self._store.directory_epoch(organization_id)
            if kept.making is None and epoch != kept.epoch:
                kept.making = asyncio.create_task(self._make(organization_id, kept, epoch))
            kept.seen_at = now
        if kept.making is not None and (kept.epoch < 0 or len(kept.index.entries) <= PAGE):
            # Nothing to answer with yet, or so small that waiting costs nothing.
            await asyncio.shield(kept.making)
        return kept.index

    async def _make(self, organization_id: OrganizationId, kept: _Kept, epoch: int) -> None:
        try:
            entries: list[Entry] = []
            while page := await self._store.entries(organization_id, after=_last(entries), limit=PAGE):
                entries += page
                await asyncio.sleep(0)
            # In a thread: sorting and folding 50,000 lines would hold the loop for half a second.
            kept.index = await asyncio.to_thread(DirectoryIndex, entries)
            kept.epoch = epoch
        finally:
            kept.making = None

    async def settle(self) -> None:
        """Wait for indexes that are being made."""
        await asyncio.gather(*(one.making for one in self._kept.values() if one.making), return_exceptions=True)

    def _heard(self, payload: str) -> None:
        for organization_id, kept in self._kept.items():
            if payload in {str(organization_id), "*"}:
                kept.seen_at = -FRESH_MS


def _last(entries: list[Entry]) -> int:
    return entries[-1].account_id if entries else 0
