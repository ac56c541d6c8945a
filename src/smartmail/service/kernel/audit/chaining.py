"""NAME
    chaining: ties audit records and logins into one chain per organisation

STATES
    Of a record: written (in the act's own transaction) → chained (within seconds, by the jobs role).

STRATEGIES
    A chain head in every transaction would be one hot row for all accounts, so records are chained afterwards. They are
    taken by ascending id; one whose transaction was under way for longer comes later, as its number in the chain tells.
    Only what we have written is taken (provenance.py): a record that was put into the database stands outside, and is named.

LIMITS
    PAGE records in one transaction. What is removed within the seconds before it is chained leaves no trace; nor does
    the end of a chain, when its head is set back with it: against that, anchors go to the log once in ANCHOR_EVERY, and
    `./smartmail audit anchors` prints them to be kept anywhere.

FAILURE
    Two jobs at once: one of them finds the head moved and takes up the rest the next time. What none of them took (a
    transaction that lasted while LOOK_BACK others ended) is found by the daily look through all records.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from smartmail.base import log
from smartmail.domain.audit import AuditHead, AuditLink, AuditRow, Source
from smartmail.domain.errors import StateMismatch
from smartmail.domain.ids import OrganizationId
from smartmail.formats import audit_chain
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditStore
from smartmail.ports.store_directory import DomainStore
from smartmail.service.kernel.audit.homes import Homes
from smartmail.service.kernel.audit.links import LinkMaker
from smartmail.service.kernel.audit.provenance import Provenance
from smartmail.service.kernel.clock import HOUR


class _Store(AccountStore, AuditStore, DomainStore, Protocol): ...


PAGE: Final = 500
LOOK_BACK: Final = 1_000
"""Ids before the newest one seen that are looked at again: their transactions may have ended later."""
ANCHOR_EVERY: Final = HOUR
CountryOf = Callable[[str], str]
"""Returns the country of an address as two letters, "" where it is not known."""
_SOURCES: Final[tuple[Source, ...]] = ("audit", "login")


class Chainer:
    """The chaining of one process."""

    def __init__(self, store: _Store, maker: LinkMaker, clock: Clock, country_of: CountryOf) -> None:
        self._store = store
        self._country_of = country_of
        self._maker = maker
        self._clock = clock
        self._homes = Homes(store)
        self.provenance = Provenance(store, maker, clock)
        self.heads: dict[OrganizationId, AuditHead] = {}
        """The newest heads that this process has made: for whoever keeps them elsewhere."""
        self._newest: dict[Source, int] = {}
        self._anchored: dict[OrganizationId, int] = {}

    async def chain(self, *, all_records: bool = False) -> int:
        """Chain what has been written since, or whatever has no link; return how many records."""
        begins = await self.provenance.begins()
        chained = sum([await self._chain(source, all_records=all_records or begins) for source in _SOURCES])
        if begins:
            await self.provenance.seal()
        return chained

    async def _chain(self, source: Source, *, all_records: bool) -> int:
        if source not in self._newest:
            self._newest[source] = await self._store.newest_chained(source)
        chained, after = 0, 0 if all_records else max(0, self._newest[source] - LOOK_BACK)
        while rows := await self._store.unchained_records(source, after, PAGE):
            proven = await self.provenance.proven(rows)
            try:
                await self._link(proven)
            except StateMismatch:  # another node has been quicker
                break
            after = rows[-1].id
            if proven:
                # What was put in with a high id must not keep later records of ours from being looked at.
                self._newest[source] = max(self._newest[source], proven[-1].id)
            chained += len(proven)
        return chained

    async def _link(self, rows: Sequence[AuditRow]) -> None:
        if not rows:
            return
        links: list[AuditLink] = []
        before: dict[OrganizationId, int] = {}
        ends: dict[OrganizationId, tuple[int, bytes]] = {}
        for row in rows:
            home = await self._homes.of(row)
            if home not in ends:
                before[home], last, end = await self._end(home)
                ends[home] = last, end
            seq, digest = ends[home]
            country = self._country_of(row.record.address) if row.record.address else ""
            link = self._maker.link(home, seq + 1, digest, row, country)
            ends[home] = link.seq, link.digest
            links.append(link)
        heads = [self._maker.head(home, seq, digest) for home, (seq, digest) in ends.items()]
        await self._store.chain_records(links, [(head, before[head.organization_id]) for head in heads])
        for head in heads:
            self.heads[head.organization_id] = head
            self._anchor(head)

    async def _end(self, home: OrganizationId) -> tuple[int, int, bytes]:
        """Return (length that the head tells, number and digest to go on from)."""
        head, last = await self._store.audit_tip(home)
        told = head.length if head is not None else 0
        if last is not None and last.seq >= told:
            return told, last.seq, last.digest
        # Links were removed at the end: to go on after the head leaves the gap to be seen.
        return told, told, head.digest if head is not None else audit_chain.START

    def _anchor(self, head: AuditHead) -> None:
        """Tell the log how far a chain is: the log may go where this system cannot write."""
        now = self._clock.now()
        if now - self._anchored.get(head.organization_id, 0) >= ANCHOR_EVERY:
            self._anchored[head.organization_id] = now
            log.event("audit.anchored", organization=head.organization_id, seq=head.length, digest=head.digest.hex())
