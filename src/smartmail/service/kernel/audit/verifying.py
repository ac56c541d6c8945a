"""Looks through the chains for what was changed, removed or put in another order, and names it.

Each link is judged by itself (its seal goes over its record and place) and against the one before (its digest), so that
one bad link does not hide the next.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from smartmail.domain.audit import AuditAnchor, AuditFinding, AuditHead, AuditLink, AuditRow, Source, Trouble
from smartmail.domain.ids import OrganizationId
from smartmail.formats import audit_chain
from smartmail.ports.store_audit import AuditStore
from smartmail.service.kernel.audit.links import LinkMaker, follows
from smartmail.service.kernel.clock import HOUR

PAGE: Final = 500
MAX_FINDINGS: Final = 1_000
BACK: Final = HOUR
"""Milliseconds that a record may be older than one of its source that was chained before: transactions take time, clocks
of nodes differ. What was put in with an older time was not written then.
"""
SOURCES: Final[tuple[Source, ...]] = ("audit", "login")
NO_TIMES: Final[Mapping[int, int]] = {}


@dataclass(slots=True)
class ChainReport:
    """What a look through one chain has found. `length` and `digest` are those of its last link; `forgotten` are records
    that policy has let go.
    """

    organization_id: OrganizationId
    records: int = 0
    forgotten: int = 0
    length: int = 0
    digest: bytes = audit_chain.START
    findings: list[AuditFinding] = field(default_factory=list)

    @property
    def first(self) -> AuditFinding | None:
        """Return the finding about the first record that does not hold."""
        return min(self.findings, key=lambda one: one.seq, default=None)

    def add(self, trouble: Trouble, seq: int, last: int | None = None, about: str = "") -> None:
        """Take a finding, up to a bound: one act may break a whole chain."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(
                AuditFinding(self.organization_id, trouble, seq, seq if last is None else last, about)
            )  # fmt: skip


class Verifier:
    """Reads chains while they grow."""

    def __init__(self, store: AuditStore, maker: LinkMaker) -> None:
        self._store = store
        self._maker = maker

    async def verify(
        self, organization_id: OrganizationId, anchors: Sequence[AuditAnchor], anchored_at: Mapping[int, int] = NO_TIMES
    ) -> ChainReport:
        """Look through one chain. `anchors`: its digests as they were kept elsewhere; `anchored_at`: when
        they were taken, where that is known: what was chained later is no older.
        """
        report, newest = ChainReport(organization_id), dict[Source, int]()
        told = sorted(anchored_at.items())
        head, _ = await self._store.audit_tip(organization_id)  # before the links, which may become more meanwhile
        kept, previous = _by_place(anchors), audit_chain.START
        async for link, row in self._links(organization_id):
            while told and told[0][0] < link.seq:
                # What an anchor was taken after: times of all sources go on from there.
                newest = {source: max(newest.get(source, 0), told[0][1]) for source in SOURCES}
                told.pop(0)
            gap = link.seq != report.length + 1
            if gap:
                report.add("gap", report.length + 1, link.seq - 1)
            if row is None and self._maker.let_go(link):
                report.forgotten += 1
            else:
                self._check(report, None if gap else previous, link, row)
            if row is not None:
                _check_time(report, newest, link, row)
            if kept.pop(link.seq, {link.digest}) != {link.digest}:
                report.add("elsewhere", link.seq)
            if head is not None and head.length == link.seq and head.digest != link.digest:
                report.add("forged", link.seq, about="head")
            previous = report.digest = link.digest
            report.length = link.seq
            report.records += row is not None
        for seq in sorted(kept):
            # Beyond the end: whatever lay between the end and the anchor is gone.
            report.add("elsewhere", min(seq, report.length + 1), seq)
        await self._check_end(report, head)
        return report

    async def _links(self, organization_id: OrganizationId) -> AsyncIterator[tuple[AuditLink, AuditRow | None]]:
        after = 0
        while page := await self._store.audit_links(organization_id, after, PAGE):
            for one in page:
                yield one
            after = page[-1][0].seq

    def _check(self, report: ChainReport, previous: bytes | None, link: AuditLink, row: AuditRow | None) -> None:
        about = f"{link.source} {link.record_id}"
        if row is None:
            report.add("removed", link.seq, about=about)
        elif not self._maker.made_link(link, row):
            report.add("changed", link.seq, about=about)
        elif previous is not None and not follows(link, previous, row):
            report.add("disordered", link.seq, about=about)

    async def _check_end(self, report: ChainReport, head: AuditHead | None) -> None:
        if head is not None and not self._maker.made_head(head):
            report.add("forged", head.length, about="head")
        elif head is not None and head.length > report.length:
            report.add("cut", report.length + 1, head.length)
        if head is None or head.length < report.length:
            now, _ = await self._store.audit_tip(report.organization_id)
            told = 0 if now is None else now.length
            if told < report.length:
                report.add("forged", told + 1, report.length, about="links beyond the head")


def _by_place(anchors: Sequence[AuditAnchor]) -> dict[int, set[bytes]]:
    kept: dict[int, set[bytes]] = {}
    for one in anchors:
        kept.setdefault(one.seq, set()).add(one.digest)
    return kept


def _check_time(report: ChainReport, newest: dict[Source, int], link: AuditLink, row: AuditRow) -> None:
    before = newest.get(link.source, 0)
    if row.record.at < before - BACK:
        report.add("backdated", link.seq, about=f"{link.source} {link.record_id}")
    newest[link.source] = max(before, row.record.at)
