"""Certificates that listeners serve: kept with sealed keys, told to every process when they change.

NAME      certificates
PURPOSE   One list for all nodes. A certificate replaces the older one of the same names.
STATES    none; a process holds what it serves (app.certificates) and asks `changed_since`.
FAILURE   One whose key does not open is not served and is logged; the others are.
SECURITY  Keys lie sealed under a key that only this installation can make. Every change is audited.
"""

import base64
from collections.abc import Callable

import msgspec

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.certificate import CertificateRow, ServedCertificate, Source
from smartmail.domain.errors import NotFound
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.seal import ID_OCTETS, Kind, Purpose, SealError, SealKey
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_settings import SettingStore
from smartmail.service.flow.certificates import pem
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring, Sealer

SCOPE = "certificates"
TOPIC = "certificates"


class _Kept(msgspec.Struct):
    """One certificate as the settings hold it; `key` is sealed, in base64."""

    names: tuple[str, ...]
    issuer: str
    since: int
    until: int
    source: Source
    added_at: int
    chain: str
    key: str


class CertificateService:
    """Keeps and hands out certificates."""

    def __init__(self, store: SettingStore, keyring: Keyring, bus: Bus, clock: Clock, authority: Authority) -> None:
        self._authority = authority
        self._store = store
        self._keyring = keyring
        self._bus = bus
        self._clock = clock

    async def rows(self) -> list[CertificateRow]:
        """Return all certificates, those that run out first at the top."""
        found = [_row(one, kept) for one, kept in (await self._kept()).items()]
        return sorted(found, key=lambda row: (row.until, row.id))

    async def served(self) -> list[ServedCertificate]:
        """Return all certificates with their keys."""
        sealer = self.sealer()
        found: list[ServedCertificate] = []
        for one, kept in (await self._kept()).items():
            try:
                key = sealer.open(Kind.TLS_KEY, base64.b64decode(kept.key), bytes.fromhex(one)[:ID_OCTETS])
            except (SealError, ValueError) as error:
                log.event("certificate.unreadable", id=one, error=type(error).__name__)
                continue
            found.append(ServedCertificate(_row(one, kept), kept.chain.encode(), key))
        return found

    async def add_pem(self, actor: Actor, chain: bytes, key: bytes, password: str = "") -> CertificateRow:
        """Serve a certificate that an administrator brought. Raises Invalid: with what is wrong."""
        return await self.keep(actor, pem.from_pem(chain, key, password, "upload", self._clock.now()))

    async def add_pfx(self, actor: Actor, octets: bytes, password: str = "") -> CertificateRow:
        """Serve a certificate out of a PKCS #12 file. Raises Invalid."""
        return await self.keep(actor, pem.from_pfx(octets, password, "upload", self._clock.now()))

    async def keep(self, actor: Actor, new: ServedCertificate) -> CertificateRow:
        """Keep a certificate in place of the one of the same names."""
        await self._authority.require(actor, "certificate.change", Scope("system"))
        row = new.row
        sealed = self.sealer().seal(Kind.TLS_KEY, new.key, bytes.fromhex(row.id)[:ID_OCTETS])
        kept = _Kept(
            row.names, row.issuer, row.since, row.until, row.source, row.added_at, new.chain.decode(),
            base64.b64encode(sealed).decode(),
        )  # fmt: skip
        await self._store.put_setting(
            SCOPE, row.id, msgspec.json.encode(kept).decode(), audit=self._record(actor, "certificate.added", row)
        )
        for one in await self.rows():
            if one.id != row.id and set(one.names) == set(row.names):
                record = self._record(actor, "certificate.replaced", one)
                await self._store.put_setting(SCOPE, one.id, None, audit=record)
        self._bus.publish(TOPIC, "")
        return row

    async def remove(self, actor: Actor, certificate_id: str) -> CertificateRow:
        """Serve it no more. Raises NotFound."""
        await self._authority.require(actor, "certificate.change", Scope("system"))
        row = next((one for one in await self.rows() if one.id == certificate_id), None)
        if row is None:
            raise NotFound
        await self._store.put_setting(SCOPE, row.id, None, audit=self._record(actor, "certificate.removed", row))
        self._bus.publish(TOPIC, "")
        return row

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when certificates changed; return a function that ends it. A hint may be lost: look as well."""
        return self._bus.subscribe(TOPIC, lambda _payload: listener())

    def sealer(self) -> Sealer:
        """Return the sealer of TLS keys. They are no organisation's: names of several may share a certificate."""
        return Sealer(SealKey(self._keyring.installation_mac(Purpose.TLS, b"keys")), 0, self._clock)

    async def _kept(self) -> dict[str, _Kept]:
        found = await self._store.settings(SCOPE)
        return {one: msgspec.json.decode(text, type=_Kept) for one, text in found.items()}

    def _record(self, actor: Actor, action: str, row: CertificateRow) -> AuditRecord:
        return AuditRecord(
            self._clock.now(), actor.named, action, f"certificate:{row.id[:16]}", actor.origin.address,
            door=actor.origin.door,
        )  # fmt: skip


def _row(certificate_id: str, kept: _Kept) -> CertificateRow:
    return CertificateRow(certificate_id, kept.names, kept.issuer, kept.since, kept.until, kept.source, kept.added_at)
