"""Which certificate authorities count: those of the system, and those that an organisation adds; lists of revoked ones.

Public values, so they lie as a plain setting of the organisation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.smime import Trust
from smartmail.ports.clock import Clock
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import SECOND

SETTING = "smime"
MAX_ROOTS = 200
KNOWN_FOR = 10 * SECOND
"""How long another process's change may go unseen."""


@dataclass(frozen=True, slots=True)
class RootRow:
    """One authority of an organisation: SHA-256 of it, its name, and until when it is valid (Unix seconds)."""

    fingerprint: str
    name: str
    until: int


class _Kept(msgspec.Struct):
    roots: list[str] = []
    revocations: list[str] = []


class TrustService:
    """Reads and changes what is trusted."""

    def __init__(
        self,
        store: SettingStore,
        clock: Clock,
        system: Callable[[], Sequence[x509.Certificate]],
        authority: Authority,
        setting: str = SETTING,
    ) -> None:
        """`setting`: under which name the authorities lie: those of one purpose count for no other."""
        self._setting = setting
        self._authority = authority
        self._store = store
        self._clock = clock
        self._system = system
        self._known: dict[OrganizationId, tuple[int, Trust]] = {}

    async def of(self, organization_id: OrganizationId) -> Trust:
        """Return what an organisation trusts."""
        now = self._clock.now()
        until, trust = self._known.get(organization_id, (0, Trust()))
        if now < until:
            return trust
        kept = await self._kept(organization_id)
        own = tuple(x509.load_pem_x509_certificate(one.encode()) for one in kept.roots)
        lists = tuple(x509.load_pem_x509_crl(one.encode()) for one in kept.revocations)
        trust = Trust((*self._system(), *own), lists)
        self._known[organization_id] = (now + KNOWN_FOR, trust)
        return trust

    async def roots(self, organization_id: OrganizationId) -> list[RootRow]:
        """Return the organisation's own authorities."""
        kept = await self._kept(organization_id)
        return [_row(x509.load_pem_x509_certificate(one.encode())) for one in kept.roots]

    async def add_root(self, actor: Actor, organization_id: OrganizationId, pem: bytes) -> RootRow:
        """Trust one authority more. Raises Invalid (no certificate, or not of an authority), AlreadyExists."""
        await self._authority.require(actor, "certificate.change", Scope("organization", str(int(organization_id))))
        try:
            certificate = x509.load_pem_x509_certificate(pem)
            authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        except (ValueError, x509.ExtensionNotFound) as error:
            raise Invalid("this is no certificate of an authority in PEM", reason="certificate.pem") from error
        if not authority:
            raise Invalid(
                "this certificate may not sign others: it is no authority's", reason="certificate.noauthority"
            )
        kept = await self._kept(organization_id)
        text = certificate.public_bytes(Encoding.PEM).decode()
        if text in kept.roots:
            raise AlreadyExists
        if len(kept.roots) >= MAX_ROOTS:
            raise Invalid(
                f"an organisation has at most {MAX_ROOTS} authorities of its own", reason="count.most", most=MAX_ROOTS
            )
        kept.roots.append(text)
        row = _row(certificate)
        await self._keep(actor, organization_id, kept, "trusted")
        return row

    async def remove_root(self, actor: Actor, organization_id: OrganizationId, fingerprint: str) -> None:
        """Trust an authority no more. Raises NotFound."""
        await self._authority.require(actor, "certificate.change", Scope("organization", str(int(organization_id))))
        kept = await self._kept(organization_id)
        rows = {one: _row(x509.load_pem_x509_certificate(one.encode())).fingerprint for one in kept.roots}
        left = [one for one in kept.roots if rows[one] != fingerprint.lower().replace(":", "")]
        if len(left) == len(kept.roots):
            raise NotFound
        kept.roots = left
        await self._keep(actor, organization_id, kept, "distrusted")

    async def put_revocations(self, actor: Actor, organization_id: OrganizationId, octets: bytes) -> str:
        """Take a list of revoked certificates (PEM or DER) in place of its issuer's last; return the issuer's name.

        Raises Invalid. That its issuer signed it is checked when it is used.
        """
        await self._authority.require(actor, "certificate.change", Scope("organization", str(int(organization_id))))
        try:
            listed = (
                x509.load_pem_x509_crl(octets)
                if octets.lstrip().startswith(b"-----")
                else x509.load_der_x509_crl(octets)
            )
        except ValueError as error:
            raise Invalid("this is no list of revoked certificates", reason="crl.form") from error
        kept = await self._kept(organization_id)
        others = [one for one in kept.revocations if x509.load_pem_x509_crl(one.encode()).issuer != listed.issuer]
        kept.revocations = [*others, listed.public_bytes(Encoding.PEM).decode()]
        name = listed.issuer.rfc4514_string()
        await self._keep(actor, organization_id, kept, "revocations")
        return name

    async def _kept(self, organization_id: OrganizationId) -> _Kept:
        text = await self._store.setting(_scope(organization_id), self._setting)
        return _Kept() if text is None else msgspec.json.decode(text, type=_Kept)

    async def _keep(self, actor: Actor, organization_id: OrganizationId, kept: _Kept, what: str) -> None:
        record = AuditRecord(
            self._clock.now(), actor.named, f"{self._setting}.{what}", f"organization:{organization_id}",
            actor.origin.address, door=actor.origin.door,
        )  # fmt: skip
        await self._store.put_setting(
            _scope(organization_id), self._setting, msgspec.json.encode(kept).decode(), audit=record
        )
        self._known.pop(organization_id, None)


def _scope(organization_id: OrganizationId) -> str:
    return f"organization:{organization_id}"


def _row(certificate: x509.Certificate) -> RootRow:
    return RootRow(
        certificate.fingerprint(SHA256()).hex(), certificate.subject.rfc4514_string(),
        int(certificate.not_valid_after_utc.timestamp()),
    )  # fmt: skip
