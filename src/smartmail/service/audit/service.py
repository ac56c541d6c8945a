"""AuditService: chaining for the jobs, verifying, finding and showing for administrators."""

from collections.abc import Sequence
from typing import Final

from smartmail.base import log
from smartmail.domain.audit import (
    INSTALLATION,
    AuditAnchor,
    AuditLink,
    AuditQuery,
    AuditRow,
    FoundRecord,
    Source,
)
from smartmail.domain.errors import Invalid
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.audit.chaining import LOOK_BACK, Chainer, CountryOf
from smartmail.service.audit.links import LinkMaker
from smartmail.service.audit.purging import Purger
from smartmail.service.audit.verifying import ChainReport, Verifier
from smartmail.service.authority import Authority
from smartmail.service.keyring import Keyring
from smartmail.service.policy import PolicyService

LATE: Final = 60_000
"""Milliseconds after which a record without a link is a finding."""
MAX_TOLD: Final = 20
MAX_LISTED: Final = 10_000
_SOURCES: Final[tuple[Source, ...]] = ("audit", "login")


def _nowhere(_address: str) -> str:
    return ""


class AuditService:
    """The record of acts, logins and looks at other people's mail."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        clock: Clock,
        policy: PolicyService,
        authority: Authority,
        country_of: CountryOf = _nowhere,
    ) -> None:
        self._store = store
        self._clock = clock
        self._authority = authority
        self.maker = LinkMaker(keyring)
        self._chainer = Chainer(store, self.maker, clock, country_of)
        self._verifier = Verifier(store, self.maker)
        self._purger = Purger(store, self.maker, clock, policy)

    async def chain(self) -> int:
        """Chain what has been written since; return how many records."""
        return await self._chainer.chain()

    async def verify(self, anchors: Sequence[AuditAnchor] = ()) -> list[ChainReport]:
        """Look through all chains, the installation's first; records that stand outside for long are found there."""
        known = {INSTALLATION, *await self._store.audit_organizations(), *(one.organization_id for one in anchors)}
        reports = []
        for organization_id in sorted(known):
            own = [one for one in anchors if one.organization_id == organization_id]
            kept = {one.seq: one.digest for one in own}
            times = {one.seq: one.at for one in own if one.at}
            reports.append(await self._verifier.verify(organization_id, kept, times))
        late = await self._store.count_unchained(self._clock.now() - LATE)
        if late:
            reports[0].add("unchained", 0, about=f"{late} records")
        return reports

    async def verify_one(self, organization_id: OrganizationId) -> ChainReport:
        """Look through the chain of one organisation, for who has asked for the right to it."""
        return await self._verifier.verify(organization_id, {})

    async def check(self) -> int:
        """Chain what was overlooked, verify, and tell the log of what does not hold; return how many findings."""
        await self._chainer.chain(all_records=True)
        findings = [finding for report in await self.verify() for finding in report.findings]
        for one in findings[:MAX_TOLD]:
            log.event(
                "audit.broken", organization=one.organization_id, trouble=one.trouble, seq=one.seq, about=one.about
            )
        return len(findings)

    async def forget_old(self) -> int:
        """Remove records that are older than policy keeps them; return how many. A job's work."""
        return await self._purger.purge()

    async def anchors(self) -> list[AuditAnchor]:
        """Return the end of each chain, to be kept elsewhere."""
        found, now = [], self._clock.now()
        for organization_id in await self._store.audit_organizations():
            _, last = await self._store.audit_tip(organization_id)
            if last is not None:
                found.append(AuditAnchor(organization_id, last.seq, last.digest, now))
        return found

    async def records(self, actor: Actor, query: AuditQuery) -> list[FoundRecord]:
        """Return records, newest first, those of the last seconds without a link where nothing but account and time is
        asked for and all chains are. Raises Forbidden, NotFound, Invalid (more than MAX_LISTED).
        """
        if not 1 <= query.limit <= MAX_LISTED:
            raise Invalid(f"between 1 and {MAX_LISTED} records at once")
        await self._authority.require(actor, "audit.read", scope_of(query.organization_id))
        return await self.find(query)

    async def find(self, query: AuditQuery) -> list[FoundRecord]:
        """Return records for services that have asked for the right to them."""
        homes = [query.organization_id]
        if query.organization_id is None:
            homes = [*await self._store.audit_organizations()]
        links: list[AuditLink] = []
        for home in homes:
            assert home is not None
            links += await self._store.find_links(home, query)
        links.sort(key=lambda one: (one.facts.at, one.record_id), reverse=True)
        found = [FoundRecord(row, link) for link, row in await self._store.records_of(links[: query.limit]) if row]
        if query.organization_id is None and query.is_plain:
            found += [FoundRecord(row, None) for row in await self._fresh(query)]
            found.sort(key=lambda one: (one.row.record.at, one.row.id), reverse=True)
        return found[: query.limit]

    async def _fresh(self, query: AuditQuery) -> list[AuditRow]:
        rows: list[AuditRow] = []
        for source in _SOURCES:
            after = max(0, await self._store.newest_chained(source) - LOOK_BACK)
            rows += await self._store.unchained_records(source, after, MAX_LISTED)
        return [
            row for row in rows
            if query.account_id in {None, row.account_id}
            and (query.since is None or row.record.at >= query.since)
            and (query.until is None or row.record.at < query.until)
        ]  # fmt: skip


def scope_of(organization_id: OrganizationId | None) -> Scope:
    """Return whom records of a chain are about: the installation's and those of all are the system's."""
    return Scope("organization", str(organization_id)) if organization_id else Scope("system")
