"""AuditService: chaining for the jobs, verifying and showing for administrators."""

import json
from collections.abc import Sequence
from typing import Final

from smartmail.base import log
from smartmail.domain.audit import INSTALLATION, AuditAnchor, AuditQuery, AuditRecord, AuditRow
from smartmail.domain.errors import Forbidden
from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.audit.chaining import Chainer
from smartmail.service.audit.links import LinkMaker
from smartmail.service.audit.verifying import ChainReport, Verifier
from smartmail.service.clock import DAY
from smartmail.service.keyring import Keyring
from smartmail.service.policy import PolicyService

LATE: Final = 60_000
"""Milliseconds after which a record without a link is a finding."""
MAX_TOLD: Final = 20
FORGET_BLOCK: Final = 1_000
_SCOPE, _FORGOTTEN = "audit", "forgotten-logins"


class AuditService:
    """The record of acts and logins."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock, policy: PolicyService) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._maker = LinkMaker(keyring)
        self._chainer = Chainer(store, self._maker, clock)
        self._verifier = Verifier(store, self._maker)

    async def chain(self) -> int:
        """Chain what has been written since; return how many records."""
        return await self._chainer.chain()

    async def verify(self, anchors: Sequence[AuditAnchor] = ()) -> list[ChainReport]:
        """Look through all chains, the installation's first; records that stand outside for long are found there."""
        known = {INSTALLATION, *await self._store.audit_organizations(), *(one.organization_id for one in anchors)}
        reports, forgotten = [], await self._forgotten()
        for organization_id in sorted(known):
            kept = {one.seq: one.digest for one in anchors if one.organization_id == organization_id}
            reports.append(await self._verifier.verify(organization_id, kept, forgotten))
        late = await self._store.count_unchained(self._clock.now() - LATE)
        if late:
            reports[0].add("unchained", 0, about=f"{late} records")
        return reports

    async def check(self) -> int:
        """Chain what was overlooked, verify, and tell the log of what does not hold; return how many findings."""
        await self._chainer.chain(all_records=True)
        findings = [finding for report in await self.verify() for finding in report.findings]
        for one in findings[:MAX_TOLD]:
            log.event(
                "audit.broken", organization=one.organization_id, trouble=one.trouble, seq=one.seq, about=one.about
            )
        return len(findings)

    async def forget_logins(self) -> int:
        """Remove records of logins that are older than policy keeps them; return how many. A job's work.

        A sealed notice says up to which, before any goes, so that they are not taken for removed by somebody.
        """
        now = self._clock.now()
        before = now - (await self._policy.at_large()).login_record_days * DAY
        last = await self._store.newest_login(before)
        if not last:
            return 0
        last = max(last, await self._forgotten())
        notice = json.dumps([last, before, self._maker.forgotten(last, before).hex()])
        record = AuditRecord(now, "system", "login.forget", f"login:{last}")
        await self._store.put_setting(_SCOPE, _FORGOTTEN, notice, audit=record)
        forgotten = 0
        while count := await self._store.forget_logins(before, FORGET_BLOCK):
            forgotten += count
        return forgotten

    async def _forgotten(self) -> int:
        """Return the id that the notice names, 0 when there is none or it is not ours."""
        notice = await self._store.setting(_SCOPE, _FORGOTTEN)
        try:
            last, before, seal = json.loads(notice or "")
            ours = self._maker.forgotten(last, before).hex() == seal
        except (ValueError, TypeError, AttributeError, OverflowError):
            return 0
        return int(last) if ours else 0

    async def anchors(self) -> list[AuditAnchor]:
        """Return the end of each chain, to be kept elsewhere."""
        found = []
        for organization_id in await self._store.audit_organizations():
            _, last = await self._store.audit_tip(organization_id)
            if last is not None:
                found.append(AuditAnchor(organization_id, last.seq, last.digest))
        return found

    async def records(
        self, actor: Actor, query: AuditQuery
    ) -> list[tuple[AuditRow, OrganizationId | None, int | None]]:
        """Return records, newest first, each with its chain and number there (None: not chained yet).

        An administrator sees those of the own organisation; who has the master key (an actor of no organisation) all.
        Raises Forbidden.
        """
        if not actor.is_admin or (actor.organization_id and actor.organization_id != query.organization_id):
            raise Forbidden("audit records are for administrators, each of the own organisation")
        return await self._store.audit_records(query)
