"""Lists of revoked certificates: loaded by file (closed networks) or fetched by HTTP from hosts that may be asked.

LIMITS    MAX_OCTETS a list. Parsed ones stay in memory, KEPT of them.
FAILURE   A list that is not its issuer's, or older than the one kept, changes nothing. A host that does not answer is left
          alone for AWAY_MS, so that a dead one costs one login its patience and not every one.
SECURITY  Lists and answers are signed, so plain HTTP may carry them. Only hosts of the organisation's own list are asked, and the
          client behind `ports.http` looks at every address.
"""

import asyncio
import hashlib
from collections import OrderedDict
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid
from smartmail.domain.identity_certificates import RevocationListRow
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.npki import revocation
from smartmail.ports.clock import Clock
from smartmail.ports.http import HttpClient, HttpFailed
from smartmail.ports.store_identity_certificates import IdentityCertificateStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import HOUR, MINUTE

MAX_OCTETS: Final = 24 << 20
KEPT: Final = 32
AWAY_MS: Final = MINUTE
PATIENCE_S: Final = 5.0
_QUESTION: Final = "application/ocsp-request"


_Key = tuple[OrganizationId, bytes, str, int, int]


class RevocationLists:
    """Keeps lists, and asks hosts."""

    def __init__(self, store: IdentityCertificateStore, authority: Authority, http: HttpClient, clock: Clock) -> None:
        self._store = store
        self._authority = authority
        self._http = http
        self._clock = clock
        self._parsed: OrderedDict[_Key, x509.CertificateRevocationList] = OrderedDict()
        self._away: dict[str, int] = {}
        self._hinted: dict[str, int] = {}

    async def load(
        self, actor: Actor, organization_id: OrganizationId, octets: bytes, source: str = "file"
    ) -> RevocationListRow:
        """Take a list (PEM or DER) that an administrator brings, in place of an older one.

        Raises Invalid: no list, none of an authority that is trusted, or older than the one that is here; Forbidden.
        """
        await self._authority.require(actor, "certificate.change", Scope("organization", str(organization_id)))
        listed = _read(octets)
        if not await self._is_trusted(organization_id, listed):
            raise Invalid("no authority that your organisation trusts has signed this list", reason="crl.signer")
        row = self._row(organization_id, listed, source)
        record = AuditRecord(
            self._clock.now(), actor.named, "trust.list_loaded", f"organization:{organization_id} {row.issuer.hex()[:16]}",
            actor.origin.address, door=actor.origin.door,
        )  # fmt: skip
        if not await self._store.put_revocation_list(row, record):
            raise Invalid("a newer list of this authority is here already", reason="crl.older")
        return row

    async def facts(self, actor: Actor, organization_id: OrganizationId) -> list[RevocationListRow]:
        """Return what lists are here, without their octets. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "certificate.read", Scope("organization", str(organization_id)))
        return await self._store.revocation_lists(organization_id)

    async def of(self, organization_id: OrganizationId, issuer: x509.Name) -> list[x509.CertificateRevocationList]:
        """Return the lists of an issuer that are here. Their octets are read once: some have megabytes."""
        wanted = issuer_hash(issuer)
        facts = [row for row in await self._store.revocation_lists(organization_id) if row.issuer == wanted]
        if any(_key(row) not in self._parsed for row in facts):
            facts = await self._store.revocation_lists(organization_id, wanted)
            for row in facts:
                await self._open(row)
        return [self._parsed[_key(row)] for row in facts if _key(row) in self._parsed]

    async def fetch(self, organization_id: OrganizationId, url: str, issuer: x509.Certificate) -> bool:
        """Fetch a list and keep it; say whether a good one came."""
        octets = await self.request(organization_id, "GET", url, limit=MAX_OCTETS)
        if octets is None:
            return False
        try:
            listed = _read(octets)
        except Invalid:
            log.event("certificate.revocation_check_failed", url=url[:200], error="unreadable")
            return False
        if not revocation.is_signed_by(listed, issuer):
            log.event("certificate.revocation_check_failed", url=url[:200], error="not its issuer's")
            return False
        await self._store.put_revocation_list(self._row(organization_id, listed, url[:200]))
        return True

    async def request(
        self, organization_id: OrganizationId, method: str, url: str, body: bytes = b"", *, limit: int
    ) -> bytes | None:
        """Ask a host that may be asked; None when it may not, or gave nothing."""
        host = (urlsplit(url).hostname or "").lower()
        if not _is_allowed(host, await self._store.certificate_sources(organization_id)):
            if self._hinted.get(host, 0) <= self._clock.now():
                # Every login of a closed network comes here: one line an hour is a hint, more is noise.
                self._hinted[host] = self._clock.now() + HOUR
                log.event(
                    "certificate.revocation_check_failed",
                    url=url[:200],
                    error="this host may not be asked (trust source HOST)",
                )
            return None
        if self._away.get(host, 0) > self._clock.now():
            return None
        headers = {"content-type": _QUESTION, "accept": "application/ocsp-response"} if body else {}
        try:
            answer = await self._http.request(
                method, url, headers=headers, body=body, max_octets=limit, seconds=PATIENCE_S
            )
        except HttpFailed as error:
            self._away[host] = self._clock.now() + AWAY_MS
            log.event("certificate.revocation_check_failed", url=url[:200], error=str(error)[:200])
            return None
        if answer.status != 200:
            log.event("certificate.revocation_check_failed", url=url[:200], error=f"HTTP {answer.status}")
            return None
        return answer.body

    async def _open(self, row: RevocationListRow) -> None:
        key = _key(row)
        if key not in self._parsed:
            self._parsed[key] = await asyncio.to_thread(x509.load_der_x509_crl, row.der)
            while len(self._parsed) > KEPT:
                self._parsed.popitem(last=False)

    def _row(
        self, organization_id: OrganizationId, listed: x509.CertificateRevocationList, source: str
    ) -> RevocationListRow:  # fmt: skip
        since = int(listed.last_update_utc.timestamp())
        end = listed.next_update_utc
        until = since + revocation.FRESH_S if end is None else int(end.timestamp())
        der = listed.public_bytes(Encoding.DER)
        return RevocationListRow(
            organization_id, issuer_hash(listed.issuer), revocation.scope_of(listed)[:1000], since, until,
            self._clock.now(), source, der,
        )  # fmt: skip

    async def _is_trusted(self, organization_id: OrganizationId, listed: x509.CertificateRevocationList) -> bool:
        rows = await self._store.certificate_authorities(organization_id)
        return any(revocation.is_signed_by(listed, x509.load_der_x509_certificate(row.der)) for row in rows)


def _key(row: RevocationListRow) -> _Key:
    return row.organization_id, row.issuer, row.scope, row.since, row.fetched_at


def issuer_hash(name: x509.Name) -> bytes:
    """Return what lists of an issuer are found by."""
    return hashlib.sha256(name.public_bytes()).digest()


def _is_allowed(host: str, sources: list[str]) -> bool:
    return bool(host) and any(host == one or (one.startswith("*.") and host.endswith(one[1:])) for one in sources)


def _read(octets: bytes) -> x509.CertificateRevocationList:
    if len(octets) > MAX_OCTETS:
        raise Invalid(f"at most {MAX_OCTETS} octets", reason="file.octets", most=MAX_OCTETS)
    try:
        if octets.lstrip().startswith(b"-----"):
            return x509.load_pem_x509_crl(octets)
        return x509.load_der_x509_crl(octets)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise Invalid("this is no list of revoked certificates (PEM or DER)", reason="crl.form") from None
