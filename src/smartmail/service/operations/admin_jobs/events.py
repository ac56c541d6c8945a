"""What happens in a company, in order: the chain of its records, read forward. Ids and dotted names only.

STRATEGIES  Every act writes its audit record in its own transaction, and the chain gives each record of a company a number
            without gaps (ADR 11): that is the outbox. Who reads it needs one number to go on from, and misses nothing.
"""

from dataclasses import dataclass
from typing import Final

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.operations.admin_jobs.store import Store

MAX_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Happening:
    """One record as others may know it. `seq` is its number in the company's chain; `at` in milliseconds."""

    seq: int
    at: int
    type: str
    object: str
    actor: str


class EventService:
    """Reads a company's chain, and keeps the reasons that administrators give."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock

    async def newest(self, organization_id: OrganizationId) -> int:
        """Return the number of the newest event, 0 when there is none."""
        head, last = await self._store.audit_tip(organization_id)
        return max(head.length if head else 0, last.seq if last else 0)

    async def after(self, organization_id: OrganizationId, seq: int, limit: int) -> tuple[list[Happening], int]:
        """Return the events after a number, at most `limit` of them, and the number to go on from. What was removed from
        the records is left out.
        """
        rows = await self._store.audit_links(organization_id, seq, limit)
        found = [
            Happening(link.seq, row.record.at, row.record.action, row.record.object, row.record.actor)
            for link, row in rows
            if row is not None
        ]
        return found, rows[-1][0].seq if rows else seq

    async def note_reason(self, actor: Actor, act: str, place: str, reason: str) -> None:
        """Keep why an act was done, sealed, beside the record of the act itself."""
        now = self._clock.now()
        sealer = await self._keyring.organization(actor.organization_id)
        sealed = sealer.seal_text(Kind.ACT_REASON, reason[:MAX_REASON], now)
        record = AuditRecord(
            now, actor.named, "act.reason", f"{act} {place}", actor.origin.address, sealed, actor.origin.door
        )
        await self._store.audit(record)
