"""Lets records go that are older than policy keeps them, each with a sealed notice in its link.

STRATEGIES  By kind of record, chain after chain, in blocks of one transaction. A record goes only when its link is ours and
            fits it: what somebody has changed stays to be found, and nothing goes early because its copied time was
            changed. The notice is a seal over the link, so that `verify` does not take what went for removed.
LIMITS      BLOCK records in one transaction.
SECURITY    Records on the data or of the acts of a person with a legal hold stay, whatever their age (KA-41).
FAILURE     Stopped at any point it goes on the next time; two at once drop each record once.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final, Protocol

from smartmail.domain.audit import KINDS, AuditLink, AuditRecord, AuditRow, RecordKind
from smartmail.domain.ids import OrganizationId
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditStore
from smartmail.ports.store_policy import HoldStore
from smartmail.service.kernel.audit.links import LinkMaker
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.policy import PolicyService


class _Store(AuditStore, HoldStore, Protocol): ...


BLOCK: Final = 500


class Purger:
    """Removes what is old."""

    def __init__(self, store: _Store, maker: LinkMaker, clock: Clock, policy: PolicyService) -> None:
        self._store = store
        self._maker = maker
        self._clock = clock
        self._policy = policy

    async def purge(self) -> int:
        """Let go what is older than policy keeps it; return how many records."""
        rules, gone = await self._policy.at_large(), 0
        days: dict[RecordKind, int] = {
            "login": rules[knobs.LOGIN_RECORD_DAYS], "access": rules[knobs.ACCESS_RECORD_DAYS],
            "user": rules[knobs.ACCESS_RECORD_DAYS], "admin": rules[knobs.ADMIN_RECORD_DAYS],
        }  # fmt: skip
        for organization_id in await self._store.audit_organizations():
            for kind in KINDS:
                gone += await self._purge(organization_id, kind, self._clock.now() - days[kind] * DAY)
        return gone

    async def _purge(self, organization_id: OrganizationId, kind: RecordKind, before: int) -> int:
        gone, after = 0, (0, 0)
        while page := await self._store.old_links(organization_id, kind, before, after, BLOCK):
            after = (page[-1][0].facts.at, page[-1][0].seq)
            held = {hold.account_id for hold in await self._store.holds()}
            going = self._going(page, kind, before, held)
            if not going:
                continue
            record = AuditRecord(
                self._clock.now(), "system", "record.purge",
                f"chain:{organization_id} kind:{kind} before:{before} count:{len(going)}",
            )  # fmt: skip
            gone += await self._store.drop_records(going, record)
        return gone

    def _going(
        self, page: Sequence[tuple[AuditLink, AuditRow | None]], kind: RecordKind, before: int, held: Collection[int]
    ) -> list[AuditLink]:
        return [
            replace(link, gone=self._maker.gone(link))
            for link, row in page
            if row is not None
            and row.kind == kind
            and row.record.at < before
            and row.account_id not in held
            and _number(row.record.actor) not in held
            and self._maker.made_link(link, row)
        ]


def _number(actor: str) -> int | None:
    kind, _, number = actor.partition(":")
    return int(number) if kind == "account" and number.isdecimal() else None
