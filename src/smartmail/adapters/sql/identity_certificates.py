"""Certificates that people log in with (ports.store_identity_certificates.IdentityCertificateStore)."""

from smartmail.adapters.sql.declared import changed, every, executed, first_column
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import OR_EMPTY, WORDS, Shape
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.identity_certificates import AuthorityRow, CertificateRule, RevocationListRow
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.ports.store_identity_certificates import IdentityCertificateStore

_LIST_ROW = Shape(RevocationListRow, der=OR_EMPTY)
_RULE_ROW = Shape(CertificateRule, policies=WORDS)
_AUTHORITY = Shape(AuthorityRow)
_AUTHORITIES = """select organization_id, domain, fingerprint, family, der, at from certificate_authority
    where organization_id = $1 order by domain, fingerprint"""
_ADD_AUTHORITY = """insert into certificate_authority (organization_id, domain, fingerprint, family, der, at)
    values ($1, $2, $3, $4, $5, $6) on conflict (organization_id, domain, fingerprint) do nothing returning fingerprint"""
_DROP_AUTHORITY = """delete from certificate_authority
    where organization_id = $1 and domain = $2 and fingerprint = $3 returning fingerprint"""
_RULES = """select organization_id, domain, family, enabled, policies, identity, rebind from certificate_rule
    where organization_id = $1 order by domain, family"""
_PUT_RULE = """insert into certificate_rule (organization_id, domain, family, enabled, policies, identity, rebind)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (organization_id, domain, family) do update set
    enabled = excluded.enabled, policies = excluded.policies, identity = excluded.identity, rebind = excluded.rebind"""
_SOURCES = "select host from certificate_source where organization_id = $1 order by host"
_ALLOW = "insert into certificate_source (organization_id, host) values ($1, $2) on conflict (organization_id, host) do nothing"
_FORBID = "delete from certificate_source where organization_id = $1 and host = $2"
_LISTS = """select organization_id, issuer, scope, since, until, fetched_at, source, der from revocation_list
    where organization_id = $1 and issuer = $2 order by scope"""
_ALL_LISTS = """select organization_id, issuer, scope, since, until, fetched_at, source, null from revocation_list
    where organization_id = $1 order by issuer, scope"""
_PUT_LIST = """insert into revocation_list (organization_id, issuer, scope, since, until, fetched_at, source, der)
    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (organization_id, issuer, scope) do update set
    since = excluded.since, until = excluded.until, fetched_at = excluded.fetched_at, source = excluded.source,
    der = excluded.der where revocation_list.since <= excluded.since returning issuer"""
_STANDING = "select since, until from certificate_standing where organization_id = $1 and fingerprint = $2"
_PUT_STANDING = """insert into certificate_standing (organization_id, fingerprint, since, until) values ($1, $2, $3, $4)
    on conflict (organization_id, fingerprint) do update set since = excluded.since, until = excluded.until
    where certificate_standing.since < excluded.since"""
_QUESTION = """insert into certificate_question (account_id, minute, asked) values ($1, $2, 1)
    on conflict (account_id) do update set minute = excluded.minute,
    asked = case when certificate_question.minute = excluded.minute then certificate_question.asked + 1 else 1 end
    returning asked"""


class SqlIdentityCertificates(OnDatabase):
    """ports.store_identity_certificates.IdentityCertificateStore."""

    certificate_authorities = every(IdentityCertificateStore.certificate_authorities, _AUTHORITY, _AUTHORITIES)
    add_certificate_authority = changed(
        IdentityCertificateStore.add_certificate_authority, _ADD_AUTHORITY, row=_AUTHORITY.dump
    )
    drop_certificate_authority = changed(IdentityCertificateStore.drop_certificate_authority, _DROP_AUTHORITY)
    certificate_rules = every(IdentityCertificateStore.certificate_rules, _RULE_ROW, _RULES)
    put_certificate_rule = executed(IdentityCertificateStore.put_certificate_rule, _PUT_RULE, row=_RULE_ROW.dump)
    certificate_sources = every(IdentityCertificateStore.certificate_sources, first_column, _SOURCES)

    @in_change
    async def put_certificate_source(
        self, session: Session, organization_id: OrganizationId, host: str, audit: AuditRecord, *, allowed: bool
    ) -> None:
        await session.run(_ALLOW if allowed else _FORBID, organization_id, host)
        await add_audit(session, audit)

    async def revocation_lists(
        self, organization_id: OrganizationId, issuer: bytes | None = None
    ) -> list[RevocationListRow]:
        if issuer is None:
            return [_LIST_ROW.of(row) for row in await self._db.rows(_ALL_LISTS, organization_id)]
        return [_LIST_ROW.of(row) for row in await self._db.rows(_LISTS, organization_id, issuer)]

    put_revocation_list = changed(IdentityCertificateStore.put_revocation_list, _PUT_LIST, row=_LIST_ROW.dump)

    async def certificate_standing(self, organization_id: OrganizationId, fingerprint: bytes) -> tuple[int, int] | None:
        row = await self._db.row(_STANDING, organization_id, fingerprint)
        return None if row is None else (int(row[0]), int(row[1]))

    put_certificate_standing = executed(IdentityCertificateStore.put_certificate_standing, _PUT_STANDING)

    async def count_certificate_question(self, account_id: AccountId, minute: int) -> int:
        row = await self._db.change(account_id, lambda session: session.row(_QUESTION, account_id, minute))
        return 1 if row is None else int(row[0])
