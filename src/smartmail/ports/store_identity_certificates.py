"""The store's part for certificates that people log in with: authorities, rules, hosts, revocation."""

from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.identity_certificates import AuthorityRow, CertificateRule, RevocationListRow
from smartmail.domain.ids import AccountId, OrganizationId


class IdentityCertificateStore(Protocol):
    """What an organisation trusts, and what is known of revocation."""

    async def certificate_authorities(self, organization_id: OrganizationId) -> list[AuthorityRow]:
        """Return an organisation's authorities, by domain and fingerprint."""
        ...

    async def add_certificate_authority(self, row: AuthorityRow, audit: AuditRecord) -> bool:
        """Trust an authority; False when it is trusted there already."""
        ...

    async def drop_certificate_authority(
        self, organization_id: OrganizationId, domain: str, fingerprint: str, audit: AuditRecord
    ) -> bool:
        """Trust it no more; False when it is not there."""
        ...

    async def certificate_rules(self, organization_id: OrganizationId) -> list[CertificateRule]:
        """Return an organisation's rules, by domain and family."""
        ...

    async def put_certificate_rule(self, rule: CertificateRule, audit: AuditRecord) -> None:
        """Keep a rule in place of the one of the same domain and family."""
        ...

    async def certificate_sources(self, organization_id: OrganizationId) -> list[str]:
        """Return the hosts that may be asked."""
        ...

    async def put_certificate_source(
        self, organization_id: OrganizationId, host: str, audit: AuditRecord, *, allowed: bool
    ) -> None:
        """Allow a host, or no more."""
        ...

    async def revocation_lists(
        self, organization_id: OrganizationId, issuer: bytes | None = None
    ) -> list[RevocationListRow]:
        """Return the lists of one issuer whole, or facts of all of an organisation without their octets."""
        ...

    async def put_revocation_list(self, row: RevocationListRow, audit: AuditRecord | None = None) -> bool:
        """Keep a list in place of an older one; False when the one kept is newer."""
        ...

    async def certificate_standing(self, organization_id: OrganizationId, fingerprint: bytes) -> tuple[int, int] | None:
        """Return (since, until) of the last good answer about a certificate, in seconds."""
        ...

    async def put_certificate_standing(
        self, organization_id: OrganizationId, fingerprint: bytes, since: int, until: int
    ) -> None:
        """Note a good answer, unless a later one is known."""
        ...

    async def count_certificate_question(self, account_id: AccountId, minute: int) -> int:
        """Count a question of an account in a minute; return how many there were in it, this one among them."""
        ...
