"""NAME
    anchoring: signs once a day what the ends of all chains are, and puts that where this system cannot take it back

STRATEGIES
    The day is Korea's. The anchor is kept in the store, written to a place outside, and recorded as an act, so that it
    goes wherever records are sent. Each names the one before.

SECURITY
    The signing key (Ed25519) is made from the master key: it lies nowhere, and the same on all nodes. Whoever has the
    database and not the master key can make no anchor; whoever kept yesterday's can prove what the chains were (KA-42).

FAILURE
    A place that cannot be written is told to the log and tried again by the next run, until the day's file is there.

Must not know what records mean.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, Protocol

from smartmail.base import log
from smartmail.domain.audit import INSTALLATION, AuditAnchor, AuditFinding, AuditQuery, AuditRecord
from smartmail.domain.errors import Invalid, MailError
from smartmail.domain.ids import OrganizationId
from smartmail.domain.records import SignedAnchor
from smartmail.formats import audit_anchor
from smartmail.ports.anchors import AnchorPlace
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditStore
from smartmail.ports.store_records import RecordStore
from smartmail.service.kernel.audit.service import AuditService
from smartmail.service.kernel.audit.signing import RecordSigner
from smartmail.service.kernel.keyring import Keyring


class _Store(AuditStore, RecordStore, Protocol): ...


KOREA: Final = timezone(timedelta(hours=9), "KST")
ACTION: Final = "audit.anchor"
MOST: Final = 10_000
"""Anchors that are looked at: those of 27 years."""
BACK: Final = 7
"""Days whose files are looked after when the place was away."""


class AnchorReader:
    """Reads anchors, those in the store and those outside."""

    def __init__(self, store: _Store, keyring: Keyring, place: AnchorPlace) -> None:
        self._store = store
        self._place = place
        self._signer = RecordSigner(keyring)

    @property
    def public_key(self) -> str:
        """Return the key that anchors and exports are checked with, in hexadecimal."""
        return self._signer.public_key

    def sign(self, octets: bytes) -> bytes:
        """Return a signature that the public key proves."""
        return self._signer.sign(octets)

    async def examine(self) -> tuple[list[AuditAnchor], list[AuditFinding]]:
        """Return the ends that all anchors tell, those in the store and the newest outside, and what is wrong with those
        in the store: changed, gone, or not what the one behind it names.
        """
        kept = sorted(await self._store.signed_anchors(MOST), key=lambda one: one.day)
        ends, troubles = self._compared(kept)
        troubles += await self._missing({f"day:{one.day} sha256:{audit_anchor.digest(one.document)}" for one in kept})
        try:
            outside = await self._place.newest()
            ends += self.read(outside) if outside else ()
        except MailError as error:
            troubles.append(f"the newest anchor outside: {error.detail or error.public}")
        findings = [AuditFinding(INSTALLATION, "anchor", 0, 0, about) for about in dict.fromkeys(troubles)]
        # Without times: what was chained later is judged by those that an administrator brings.
        return [replace(one, at=0) for one in ends], findings

    def _compared(self, kept: Sequence[SignedAnchor]) -> tuple[list[AuditAnchor], list[str]]:
        """Look at each anchor by itself, and at the one before as it names it."""
        ends: list[AuditAnchor] = []
        troubles: list[str] = []
        previous = audit_anchor.NO_ANCHOR
        for one in kept:
            try:
                told = audit_anchor.read_file(audit_anchor.file_octets(one.document, one.signature), self.public_key)
            except audit_anchor.AnchorError:
                told = None
            if told is None or (told.day, told.at) != (one.day, one.at):
                troubles.append(f"anchor {one.day} was changed")
            if told is not None and told.previous != previous:
                troubles.append(f"anchors before {one.day} are gone or changed")
            ends += _ends(told) if told is not None else ()
            previous = audit_anchor.digest(one.document)
        return ends, troubles

    async def _missing(self, named: Collection[str]) -> list[str]:
        """Return which anchors are not as the record of their making tells."""
        links = await self._store.find_links(INSTALLATION, AuditQuery(INSTALLATION, action=ACTION, limit=MOST))
        told = [row.record.object for _link, row in await self._store.records_of(links) if row is not None]
        return [f"anchor {one.split()[0].removeprefix('day:')} is gone or changed" for one in told if one not in named]

    async def files(self, limit: int) -> list[tuple[str, bytes]]:
        """Return the newest anchors as files, the newest first."""
        kept = await self._store.signed_anchors(limit)
        return [(one.day, audit_anchor.file_octets(one.document, one.signature)) for one in kept]

    def read(self, octets: bytes) -> Sequence[AuditAnchor]:
        """Return the ends that an anchor's file tells. Raises Invalid where it is not one of ours."""
        try:
            return _ends(audit_anchor.read_file(octets, self.public_key))
        except (audit_anchor.AnchorError, ValueError) as error:
            raise Invalid(f"this is no anchor of this installation: {error}", reason="anchor.foreign") from error


class AnchorService(AnchorReader):
    """Makes anchors."""

    def __init__(self, store: _Store, keyring: Keyring, clock: Clock, audit: AuditService, place: AnchorPlace) -> None:
        super().__init__(store, keyring, place)
        self._clock = clock
        self._audit = audit
        self._written: set[str] = set()

    async def take(self) -> int:
        """Make the day's anchor when it is not there yet, and write what is not written; return how many were made."""
        day = datetime.fromtimestamp(self._clock.now() / 1000, UTC).astimezone(KOREA).strftime("%Y-%m-%d")
        kept = await self._store.signed_anchors(BACK)
        made = 0
        if not kept or kept[0].day < day:
            made = await self._make(day, audit_anchor.digest(kept[0].document) if kept else audit_anchor.NO_ANCHOR)
            kept = await self._store.signed_anchors(BACK)
        for one in reversed(kept):
            await self._write(one)
        return made

    async def _make(self, day: str, previous: str) -> int:
        await self._audit.chain()
        now = self._clock.now()
        ends = [(one.organization_id, one.seq, one.digest.hex()) for one in await self._audit.anchors()]
        document = audit_anchor.write(day, now, self.public_key, previous, ends)
        signed = SignedAnchor(day, now, document, self._signer.sign(document.encode()))
        record = AuditRecord(now, "system", ACTION, f"day:{day} sha256:{audit_anchor.digest(document)}")
        return int(await self._store.add_anchor(signed, record))

    async def _write(self, one: SignedAnchor) -> None:
        if one.day in self._written:
            return
        try:
            await self._place.keep(f"anchor-{one.day}.json", audit_anchor.file_octets(one.document, one.signature))
        except MailError as error:
            log.event("audit.anchor_failed", day=one.day, detail=error.detail)
            return
        self._written.add(one.day)


def _ends(told: audit_anchor.AnchorDocument) -> list[AuditAnchor]:
    return [AuditAnchor(OrganizationId(one), seq, bytes.fromhex(text), told.at) for one, seq, text in told.chains]
