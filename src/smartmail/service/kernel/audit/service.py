"""AuditService: chaining for the jobs, verifying, finding and showing for administrators."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from smartmail.base import log
from smartmail.domain.audit import (
    INSTALLATION,
    AuditAnchor,
    AuditFinding,
    AuditLink,
    AuditQuery,
    AuditRecord,
    AuditRow,
    FoundRecord,
    Source,
)
from smartmail.domain.errors import Invalid
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.ports.anchors import HeadPlace
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog, AuditStore
from smartmail.ports.store_directory import DomainStore
from smartmail.ports.store_policy import HoldStore
from smartmail.service.kernel.audit.chaining import LOOK_BACK, Chainer, CountryOf
from smartmail.service.kernel.audit.heads import KeptHeads
from smartmail.service.kernel.audit.links import LinkMaker
from smartmail.service.kernel.audit.purging import Purger
from smartmail.service.kernel.audit.verifying import ChainReport, Verifier
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService


class _Store(AccountStore, AuditLog, AuditStore, DomainStore, HoldStore, Protocol): ...


ROLLED_BACK: Final = "audit.rolled_back"
LATE: Final = 60_000
"""Milliseconds after which a record without a link is a finding."""
MAX_TOLD: Final = 20
MAX_LISTED: Final = 10_000
_SOURCES: Final[tuple[Source, ...]] = ("audit", "login")


Examine = Callable[[], Awaitable[tuple[list[AuditAnchor], list[AuditFinding]]]]


class AuditService:
    """The record of acts, logins and looks at other people's mail."""

    def __init__(
        self,
        store: _Store,
        keyring: Keyring,
        clock: Clock,
        policy: PolicyService,
        authority: Authority,
        country_of: CountryOf,
        heads: HeadPlace,
        examine: Examine,
    ) -> None:
        """`examine`: what the signed anchors tell and what is wrong with them (anchoring.AnchorReader)."""
        self._store = store
        self._clock = clock
        self._authority = authority
        self.maker = LinkMaker(keyring)
        self._chainer = Chainer(store, self.maker, clock, country_of)
        self._kept = KeptHeads(keyring, clock, heads)
        self._examine = examine
        store.tag_records(self.maker.tag)
        self._verifier = Verifier(store, self.maker)
        self._purger = Purger(store, self.maker, clock, policy)

    async def chain(self) -> int:
        """Chain what has been written since; return how many records."""
        chained = await self._chainer.chain()
        await self._kept.note(self._chainer.heads)
        return chained

    async def rolled_back(self) -> list[AuditAnchor]:
        """At a start, compare the chains with what is known of them outside the database; return the ends that are not
        there, each only once. Log and record are told, and what is kept beside the master key begins anew from here.
        Raises Unavailable.
        """
        kept, _ = await self._kept.ends()
        told, _ = await self._examine()
        newest = {one.organization_id: one for one in sorted(told, key=lambda one: one.seq)}
        missing = {_words(one): one for one in (*newest.values(), *kept) if not await self._holds(one)}
        before = await self._store.find_links(
            INSTALLATION, AuditQuery(INSTALLATION, action=ROLLED_BACK, limit=MAX_LISTED)
        )
        for _, row in await self._store.records_of(before):
            missing.pop(row.record.object if row is not None else "", None)
        for words, one in missing.items():
            log.event("audit.rolled_back", organization=one.organization_id, seq=one.seq)
            await self._store.audit(AuditRecord(self._clock.now(), "system", ROLLED_BACK, words))
        if missing:
            await self._kept.begin_anew()
        return list(missing.values())

    async def _holds(self, end: AuditAnchor) -> bool:
        links = await self._store.audit_links(end.organization_id, end.seq - 1, 1)
        return bool(links) and (links[0][0].seq, links[0][0].digest) == (end.seq, end.digest)

    async def verify(self, anchors: Sequence[AuditAnchor] = ()) -> list[ChainReport]:
        """Look through all chains, the installation's first; records that stand outside for long are found there."""
        told, troubles = await self._examine()
        kept, strange = await self._kept.ends()
        anchors = [*anchors, *told, *kept]
        known = {INSTALLATION, *await self._store.audit_organizations(), *(one.organization_id for one in anchors)}
        reports = []
        for organization_id in sorted(known):
            own = [one for one in anchors if one.organization_id == organization_id]
            times = {one.seq: one.at for one in own if one.at}
            reports.append(await self._verifier.verify(organization_id, own, times))
        for one in (*troubles, *strange):
            reports[0].add(one.trouble, one.seq, one.last, one.about)
        await self._look_outside(reports[0])
        return reports

    async def _look_outside(self, report: ChainReport) -> None:
        """Name what stands in no chain: what none of us has written, and what waits for too long."""
        proof, strange, before = self._chainer.provenance, 0, self._clock.now() - LATE
        for source in _SOURCES:
            rows = await self._store.unchained_records(source, 0, MAX_LISTED)
            proven = {row.id for row in await proof.proven(rows)}
            for row in rows:
                if row.id not in proven:
                    report.add("unproven", 0, about=f"{source} {row.id}")
                    strange += row.record.at < before
        for source, number in await self._store.copied_records():
            report.add("unproven", 0, about=f"{source} {number} is a copy of another record")
        for about in await proof.trouble():
            report.add("unproven", 0, about=about)
        late = await self._store.count_unchained(before) - strange
        if late > 0:
            report.add("unchained", 0, about=f"{late} records")

    async def verify_one(self, organization_id: OrganizationId) -> ChainReport:
        """Look through the chain of one organisation, for who has asked for the right to it."""
        return await self._verifier.verify(organization_id, ())

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
            raise Invalid(
                f"between 1 and {MAX_LISTED} records at once", reason="number.range", least=1, most=MAX_LISTED
            )
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
            fresh = await self._store.unchained_records(source, after, MAX_LISTED)
            # What somebody else put into the database is a finding, not a record.
            rows += await self._chainer.provenance.proven(fresh)
        return [
            row for row in rows
            if query.account_id in {None, row.account_id}
            and (query.since is None or row.record.at >= query.since)
            and (query.until is None or row.record.at < query.until)
        ]  # fmt: skip


def scope_of(organization_id: OrganizationId | None) -> Scope:
    """Return whom records of a chain are about: the installation's and those of all are the system's."""
    return Scope("organization", str(organization_id)) if organization_id else Scope("system")


def _words(end: AuditAnchor) -> str:
    return f"chain:{end.organization_id} link:{end.seq} sha256:{end.digest.hex()}"
