"""NAME
    forwarding: sends records to collectors

STATES
    Of a collector and a chain: the number of the last record that it has received (siem_cursor).

STRATEGIES
    The store is the queue: chains hold all records in order, so nothing is copied. A batch is sent over one connection;
    when the collector has confirmed it, the cursors move by comparison. A collector that is away only stays behind.

LIMITS
    BATCH records on a connection; BATCHES for one collector in one run, then the others have their turn. Records that
    policy has let go meanwhile are passed over.

FAILURE
    A process that dies between confirmation and commit sends that batch again, once: chain and seq name a record for ever,
    so a collector can tell. It never skips one. Two nodes at once are kept apart by the job's lease, and by the cursors.

SECURITY
    What is sent are ids, times, addresses and names of acts, as the administrators' list shows them; sealed text stays.
    A collector of one company gets that company's chain only.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from smartmail.base import log
from smartmail.domain.audit import AuditLink, AuditRow
from smartmail.domain.errors import MailError, StateMismatch
from smartmail.domain.ids import OrganizationId
from smartmail.domain.records import SiemTarget
from smartmail.formats import audit_chain, siem
from smartmail.formats.siem import SiemRecord
from smartmail.ports.siem import Collector
from smartmail.ports.store_audit import AuditStore
from smartmail.ports.store_records import RecordStore


class _Store(AuditStore, RecordStore, Protocol): ...


BATCH: Final = 500
BATCHES: Final = 200


@dataclass(slots=True)
class _Batch:
    """What goes over one connection, and where the cursors are then."""

    frames: list[bytes] = field(default_factory=list)
    ends: list[tuple[OrganizationId, int, int]] = field(default_factory=list)


class ForwardService:
    """Brings collectors up to date."""

    def __init__(self, store: _Store, collector: Collector, installation: str) -> None:
        self._store = store
        self._collector = collector
        self._installation = installation
        self._failing: set[int] = set()

    async def forward(self) -> int:
        """Send what collectors do not have yet; return how many records were received. A job's work."""
        targets = [one for one in await self._store.siem_targets() if one.state == "on"]
        return sum(await asyncio.gather(*(self._bring(one) for one in targets)))

    async def waiting(self, target: SiemTarget) -> int:
        """Return how many records a collector does not have yet, records of all kinds."""
        cursors, count = await self._store.siem_cursors(target.id), 0
        for home in await self._homes(target):
            head, _last = await self._store.audit_tip(home)
            count += max(0, (head.length if head else 0) - cursors.get(home, 0))
        return count

    async def _bring(self, target: SiemTarget) -> int:
        sent = 0
        try:
            for _ in range(BATCHES):
                batch = await self._next(target)
                if not batch.ends:
                    break
                if batch.frames:
                    await self._collector.deliver(target, batch.frames)
                await self._store.move_siem_cursors(target.id, batch.ends)
                sent += len(batch.frames)
        except StateMismatch:
            return sent  # another node has been quicker
        except MailError as error:
            self._told(target, error)
            return sent
        self._failing.discard(target.id)
        return sent

    def _told(self, target: SiemTarget, error: MailError) -> None:
        if target.id not in self._failing:
            self._failing.add(target.id)
            log.event("siem.failed", target=target.id, detail=error.detail)

    async def _homes(self, target: SiemTarget) -> Sequence[OrganizationId]:
        return [target.organization_id] if target.organization_id else await self._store.audit_organizations()

    async def _next(self, target: SiemTarget) -> _Batch:
        cursors, batch = await self._store.siem_cursors(target.id), _Batch()
        for home in await self._homes(target):
            room = BATCH - len(batch.frames)
            if room <= 0:
                break
            before = cursors.get(home, 0)
            links = await self._store.audit_links(home, before, room)
            if not links:
                continue
            batch.ends.append((home, before, links[-1][0].seq))
            batch.frames += [
                siem.frame(siem.write(self.record_of(link, row), target.format))
                for link, row in links
                if row is not None and (not target.kinds or row.kind in target.kinds)
            ]
        return batch

    def record_of(self, link: AuditLink, row: AuditRow) -> SiemRecord:
        """Return a record as it is sent on."""
        one = row.record
        return SiemRecord(
            self._installation, link.organization_id, link.seq, link.digest.hex(), audit_chain.timestamp(one.at),
            row.kind, one.actor, f"account:{row.account_id}" if row.account_id else "", one.action, one.object,
            one.action.removeprefix("login.") if row.source == "login" else "", row.door, one.address,
            link.facts.country,
        )  # fmt: skip
