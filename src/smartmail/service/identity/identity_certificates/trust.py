"""Whom an organisation trusts when people log in with certificates: authorities by domain, rules by family, hosts to ask.

STRATEGIES  What is said for a domain goes before what is said for all domains; authorities of both count together. A family
            (NPKI, GPKI, other) that is switched off counts as if it were not there.
LIMITS      MAX_AUTHORITIES an organisation; another process's change is seen within KNOWN_MS.
SECURITY    Permission certificate.change over the organisation or the domain; every change is audited.
"""

import re
from dataclasses import replace
from typing import Final, Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Invalid, NotFound
from smartmail.domain.identity_certificates import FAMILIES, AuthorityRow, CertificateRule, Family
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.address import split_address
from smartmail.formats.npki.chain import Listed, TrustList, is_readable
from smartmail.ports.clock import Clock
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_identity_certificates import IdentityCertificateStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import SECOND


class _Store(DirectoryStore, IdentityCertificateStore, Protocol): ...


MAX_AUTHORITIES: Final = 200
MAX_OCTETS: Final = 1 << 20
MAX_POLICIES: Final = 100
MAX_SOURCES: Final = 100
KNOWN_MS: Final = 2 * SECOND
_POLICY = re.compile(r"[0-2](\.\d{1,10}){1,20}(\.\*)?")
_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


class TrustLists:
    """Reads and changes them."""

    def __init__(self, store: _Store, authority: Authority, clock: Clock) -> None:
        self._store = store
        self._authority = authority
        self._clock = clock
        self._known: dict[tuple[OrganizationId, str], tuple[int, TrustList, dict[Family, CertificateRule]]] = {}

    async def of(self, account: Account) -> tuple[TrustList, dict[Family, CertificateRule]]:
        """Return what counts for an account's logins, and the rule of each family."""
        domain = split_address(account.login)[1]
        key, now = (account.organization_id, domain), self._clock.now()
        until, trust, rules = self._known.get(key, (0, TrustList(), {}))
        if now < until:
            return trust, rules
        rules = await self._rules_for(account.organization_id, domain)
        rows = [row for row in await self._store.certificate_authorities(key[0]) if row.domain in {"", domain}]
        listed = tuple(
            Listed(x509.load_der_x509_certificate(row.der), row.family) for row in rows if rules[row.family].enabled
        )
        trust = TrustList(listed, tuple((family, rule.policies) for family, rule in rules.items()))
        self._known[key] = (now + KNOWN_MS, trust, rules)
        return trust, rules

    async def everywhere(self) -> set[bytes]:
        """Return the authorities (DER) of all organisations: whose certificates a handshake may bring at all."""
        rows = [await self._store.certificate_authorities(one.id) for one in await self._store.organizations()]
        return {row.der for found in rows for row in found}

    async def _rules_for(self, organization_id: OrganizationId, domain: str) -> dict[Family, CertificateRule]:
        kept = {(rule.domain, rule.family): rule for rule in await self._store.certificate_rules(organization_id)}
        found: dict[Family, CertificateRule] = {}
        for family in FAMILIES:
            rule = kept.get((domain, family)) or kept.get(("", family))
            found[family] = rule or CertificateRule(organization_id, "", family)
        return found

    async def authorities(self, actor: Actor, organization_id: OrganizationId) -> list[AuthorityRow]:
        """Return an organisation's authorities. Raises Forbidden, NotFound."""
        await self._require(actor, organization_id, "", change=False)
        return await self._store.certificate_authorities(organization_id)

    async def add(
        self, actor: Actor, organization_id: OrganizationId, octets: bytes, family: Family, domain: str = ""
    ) -> list[AuthorityRow]:
        """Trust the authorities in a file (PEM, DER, PKCS #7); return the new ones.

        Raises Invalid (with what is wrong), AlreadyExists (all were there), Forbidden, NotFound.
        """
        await self._require(actor, organization_id, domain, change=True)
        found = [_require_authority(one) for one in read_certificates(octets)]
        held = await self._store.certificate_authorities(organization_id)
        if len(held) + len(found) > MAX_AUTHORITIES:
            raise Invalid(
                f"an organisation trusts at most {MAX_AUTHORITIES} authorities",
                reason="count.most",
                most=MAX_AUTHORITIES,
            )
        added = []
        for certificate in found:
            fingerprint = certificate.fingerprint(SHA256()).hex()
            der = certificate.public_bytes(Encoding.DER)
            row = AuthorityRow(organization_id, domain, fingerprint, family, der, self._clock.now())
            record = self._record(actor, "authority_added", organization_id, domain, fingerprint[:16])
            if await self._store.add_certificate_authority(row, record):
                added.append(row)
        if not added:
            raise AlreadyExists("these authorities are trusted already", reason="certificate.trusted")
        self._known.clear()
        return added

    async def remove(self, actor: Actor, organization_id: OrganizationId, fingerprint: str, domain: str = "") -> None:
        """Trust an authority no more. Raises NotFound, Forbidden."""
        await self._require(actor, organization_id, domain, change=True)
        text = fingerprint.lower().replace(":", "")
        record = self._record(actor, "authority_removed", organization_id, domain, text[:16])
        if not await self._store.drop_certificate_authority(organization_id, domain, text, record):
            raise NotFound
        self._known.clear()

    async def rules(self, actor: Actor, organization_id: OrganizationId) -> list[CertificateRule]:
        """Return the rules that were set. Raises Forbidden, NotFound."""
        await self._require(actor, organization_id, "", change=False)
        return await self._store.certificate_rules(organization_id)

    async def set_rule(self, actor: Actor, rule: CertificateRule) -> CertificateRule:
        """Say how a family counts. Raises Invalid, Forbidden, NotFound."""
        await self._require(actor, rule.organization_id, rule.domain, change=True)
        policies = tuple(dict.fromkeys(one.strip() for one in rule.policies))
        if len(policies) > MAX_POLICIES or not all(_POLICY.fullmatch(one) for one in policies):
            raise Invalid(
                "a purpose is a policy name such as 1.2.410.200005.1.1.4, or 1.2.410.200005.1.1.* for a branch",
                reason="certificate.purpose",
            )
        kept = replace(rule, policies=policies)
        record = self._record(actor, "rule", rule.organization_id, rule.domain, rule.family)
        await self._store.put_certificate_rule(kept, record)
        self._known.clear()
        return kept

    async def sources(self, actor: Actor, organization_id: OrganizationId) -> list[str]:
        """Return the hosts that may be asked about revocation. Raises Forbidden, NotFound."""
        await self._require(actor, organization_id, "", change=False)
        return await self._store.certificate_sources(organization_id)

    async def allow_source(
        self, actor: Actor, organization_id: OrganizationId, host: str, *, allowed: bool = True
    ) -> str:
        """Let a host (`ocsp.example`, `*.example`) be asked, or no more. Raises Invalid, Forbidden, NotFound."""
        await self._require(actor, organization_id, "", change=True)
        name = host.strip().lower()
        if not _HOST.fullmatch(name) or (
            allowed and len(await self._store.certificate_sources(organization_id)) >= MAX_SOURCES
        ):
            raise Invalid(
                f"that is no host name, or there are {MAX_SOURCES} already",
                reason="certificate.sources",
                most=MAX_SOURCES,
            )
        record = self._record(actor, "source_allowed" if allowed else "source_forbidden", organization_id, "", name)
        await self._store.put_certificate_source(organization_id, name, record, allowed=allowed)
        return name

    async def _require(self, actor: Actor, organization_id: OrganizationId, domain: str, *, change: bool) -> None:
        scope = Scope("domain", domain) if domain else Scope("organization", str(organization_id))
        home = await self._authority.require(actor, "certificate.change" if change else "certificate.read", scope)
        if home != organization_id:
            raise NotFound

    def _record(
        self, actor: Actor, act: str, organization_id: OrganizationId, domain: str, about: str
    ) -> AuditRecord:  # fmt: skip
        place = f"organization:{organization_id}" + (f" domain:{domain}" if domain else "") + f" {about}"
        return AuditRecord(
            self._clock.now(), actor.named, f"trust.{act}", place, actor.origin.address, door=actor.origin.door
        )


def read_certificates(octets: bytes) -> list[x509.Certificate]:
    """Return the certificates in a file: PEM (several), DER, PKCS #7. Raises Invalid."""
    if len(octets) > MAX_OCTETS:
        raise Invalid(f"at most {MAX_OCTETS} octets", reason="file.octets", most=MAX_OCTETS)
    readers = (
        (x509.load_pem_x509_certificates, pkcs7.load_pem_pkcs7_certificates)
        if octets.lstrip().startswith(b"-----")
        else (lambda der: [x509.load_der_x509_certificate(der)], pkcs7.load_der_pkcs7_certificates)
    )
    for read in readers:
        try:
            found = list(read(octets))
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
            continue
        if found:
            return found
    raise Invalid("this file holds no certificate (PEM, DER or PKCS #7)", reason="certificate.none")


def _require_authority(certificate: x509.Certificate) -> x509.Certificate:
    if not is_readable(certificate):
        raise Invalid("this certificate cannot be read", reason="certificate.unreadable")
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, x509.ExtensionNotFound):
        constraints = None
    if constraints is None or not constraints.ca:
        name = certificate.subject.rfc4514_string()[:200]
        raise Invalid(
            f"{name} may not vouch for others: it is no authority's certificate", reason="certificate.noauthority"
        )
    return certificate
