"""Organisations, domains, accounts, addresses, credentials, sessions (ports.store_directory)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.addressing import is_stand_in
from smartmail.adapters.sql.declared import every, executed, first_column, optional
from smartmail.adapters.sql.left_addresses import take_address
from smartmail.adapters.sql.organization import RAISE_DIRECTORY, seat_by_text
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Row, Session, row_of
from smartmail.adapters.sql.shape import WORDS, Shape
from smartmail.adapters.sql.transactions import account_change_by, change_by
from smartmail.adapters.sql.work import Now
from smartmail.domain.account import Account, AccountState, Credential, DomainRow, NewAccount, Organization
from smartmail.domain.account import Session as WebSession
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.ports.store_directory import CredentialStore, DirectoryStore, DomainStore, SessionStore

_DOMAIN_ROW = Shape(DomainRow)
_ORGANIZATION = Shape(Organization)
_ADD_ORGANIZATION = f"""insert into organization (name, wrapped_key, wrapped_queue_key) values ($1, $2, $3)
    on conflict (name) do nothing returning {_ORGANIZATION}"""
_ORGANIZATIONS = f"select {_ORGANIZATION} from organization order by id"
_ONE_ORGANIZATION = f"select {_ORGANIZATION} from organization where id = $1"
_SET_KEYS = "update organization set wrapped_key = $2, wrapped_queue_key = $3 where id = $1 returning id"
_ADD_DOMAIN = """insert into domain (name, organization_id, state) values ($1, $2, $3)
    on conflict (name) do nothing returning name"""
_ADD_ACCOUNT = """insert into account (organization_id, kind, state, login, name, language, is_admin, wrapped_key, quota,
    department, title, state_since) values ($1, $2, 'active', $3, $4, $5, $6, $7, $8, $9, $10, $11)
    on conflict (login) do nothing returning id"""
_ACCOUNT = f"select {rows.ACCOUNT} from account where id = $1"
_ACCOUNTS = f"select {rows.ACCOUNT} from account order by login"
_ACCOUNTS_OF = f"select {rows.ACCOUNT} from account where organization_id = $1 order by login"
_ADMINISTRATORS = f"""select {rows.ACCOUNT} from account where is_admin = 1 and state in ({rows.states("login")})
    and ($1::bigint is null or organization_id = $1) and (ends_at is null or ends_at > $2) order by login"""
_UPDATE_ACCOUNT = f"""update account set name = coalesce($2, name), language = coalesce($3, language),
    is_admin = coalesce($4::smallint, is_admin),
    quota = case when $5::bigint is null then quota when $5 < 0 then null else $5 end,
    state = coalesce($6, state), auth_epoch = auth_epoch + $7 where id = $1 returning {rows.ACCOUNT}"""
_ADD_ADDRESS = """insert into address (address, account_id) values ($1, $2)
    on conflict (address) do nothing returning address"""
_ADDRESSES = """select a.address from address a join account c on c.id = a.account_id
    where a.account_id = $1 order by case when a.address = c.login then 0 else 1 end, a.address"""
_RESOLVE = f"""select a.address, a.account_id from address a join account c on c.id = a.account_id
    where a.address = any($1) and c.state in ({rows.states("receive")}) and (c.ends_at is null or c.ends_at > $2)"""
_CREDENTIAL = Shape(Credential, doors=WORDS, networks=WORDS, scopes=WORDS)
_CREDENTIAL_VALUES = _CREDENTIAL.values(
    "kind, verifier, created_at, expires_at, sealed_label, lookup, doors, networks, scopes, sealed_hash"
)
_CREDENTIALS = f"select {_CREDENTIAL} from credential where account_id = $1 order by id"
_FIND_CREDENTIAL = f"select {_CREDENTIAL} from credential where lookup = $1"
_ADD_CREDENTIAL = f"""insert into credential (account_id, kind, verifier, created_at, expires_at, sealed_label, lookup,
    doors, networks, scopes, sealed_hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    on conflict do nothing returning {_CREDENTIAL}"""
_SET_CREDENTIAL = f"""update credential set kind = $3, verifier = $4, created_at = $5, expires_at = $6,
    sealed_label = $7, lookup = $8, doors = $9, networks = $10, scopes = $11, sealed_hash = $12
    where account_id = $1 and id = $2 returning {_CREDENTIAL}"""
_DROP_MAIN = "delete from credential where account_id = $1 and kind = 'password' and id <> $2"
_DROP_CREDENTIAL = "delete from credential where account_id = $1 and id = $2"
_SESSION = Shape(WebSession)
_PUT_SESSION = f"""insert into session ({_SESSION}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (token_hash) do update set expires_at = excluded.expires_at, auth_epoch = excluded.auth_epoch,
    factor = excluded.factor, proved_at = excluded.proved_at"""
_SESSIONS = f"select {_SESSION} from session where account_id = $1 order by created_at, token_hash"


async def _create_organization(
    session: Session, name: str, wrap: Callable[[OrganizationId], tuple[bytes, bytes]]
) -> Organization:
    row = await session.row(_ADD_ORGANIZATION, name, b"", b"")
    if row is None:
        raise AlreadyExists
    keys = wrap(OrganizationId(row[0]))
    await session.run(_SET_KEYS, row[0], *keys)
    return Organization(OrganizationId(row[0]), name, *keys)


async def _create_account(session: Session, new: NewAccount, wrap: Callable[[AccountId], bytes], now: int) -> Account:
    await row_of(session, _ONE_ORGANIZATION, new.organization_id)
    await take_address(session, new.login, now)
    row = await session.row(
        _ADD_ACCOUNT, new.organization_id, new.kind, new.login, new.name, new.language, int(new.is_admin), b"",
        new.quota, new.department, new.title, now,
    )  # fmt: skip
    if row is None:
        raise AlreadyExists
    account_id = AccountId(row[0])
    await session.run("update account set wrapped_key = $2 where id = $1", account_id, wrap(account_id))
    if await is_stand_in(session, new.login) or await session.row(_ADD_ADDRESS, new.login, account_id) is None:
        raise AlreadyExists
    await seat_by_text(session, new.organization_id, account_id, new.department, new.title)
    return rows.account(_found(await session.row(_ACCOUNT, account_id)))


async def _update_account(session: Session, *values: object, seen: bool, audit: AuditRecord | None) -> Account:
    account = rows.account(_found(await session.row(_UPDATE_ACCOUNT, *values)))
    await add_audit(session, audit)
    if seen:
        await session.run(RAISE_DIRECTORY, account.organization_id)
    return account


async def _add_domain(session: Session, row: DomainRow) -> None:
    if await session.row(_ADD_DOMAIN, row.name, row.organization_id, row.state) is None:
        raise AlreadyExists
    await session.run("delete from domain_claim where name = $1", row.name)
    await session.run(RAISE_DIRECTORY, row.organization_id)


async def _add_address(session: Session, address: str, account_id: AccountId, now: int) -> None:
    _found(await session.row(_ACCOUNT, account_id))
    await take_address(session, address, now)
    if await is_stand_in(session, address) or await session.row(_ADD_ADDRESS, address, account_id) is None:
        raise AlreadyExists


async def _put_credential(session: Session, credential: Credential) -> Credential:
    if credential.kind == "password":
        await session.run(_DROP_MAIN, credential.account_id, credential.id)
    values = _CREDENTIAL_VALUES(credential)
    if credential.id:
        return _CREDENTIAL.of(_found(await session.row(_SET_CREDENTIAL, credential.account_id, credential.id, *values)))
    row = await session.row(_ADD_CREDENTIAL, credential.account_id, *values)
    if row is None:
        raise AlreadyExists
    return _CREDENTIAL.of(row)


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


class SqlDirectory(OnDatabase):
    """ports.store_directory."""

    _now: Now

    async def _one(self, sql: str, *args: Any) -> Row | None:
        return await self._db.row(sql, *args)

    async def _all(self, sql: str, *args: Any) -> Sequence[Row]:
        return await self._db.rows(sql, *args)

    create_organization = change_by(_create_organization)

    async def organization(self, organization_id: OrganizationId) -> Organization:
        return Organization(*_found(await self._one(_ONE_ORGANIZATION, organization_id)))

    organizations = every(DirectoryStore.organizations, _ORGANIZATION, _ORGANIZATIONS)
    add_domain = change_by(_add_domain)
    domain = optional(
        DomainStore.domain, _DOMAIN_ROW, "select name, organization_id, state from domain where name = $1"
    )
    domains = every(DomainStore.domains, _DOMAIN_ROW, "select name, organization_id, state from domain order by name")

    async def create_account(self, new: NewAccount, wrap: Callable[[AccountId], bytes]) -> Account:
        return await self._db.change(0, lambda s: _create_account(s, new, wrap, self._now()))

    async def update_account(
        self,
        account_id: AccountId,
        *,
        name: str | None = None,
        language: str | None = None,
        is_admin: bool | None = None,
        quota: int | None = None,
        state: AccountState | None = None,
        raise_epoch: bool = False,
        audit: AuditRecord | None = None,
    ) -> Account:
        admin = None if is_admin is None else int(is_admin)
        values = (account_id, name, language, admin, quota, state, int(raise_epoch))
        seen = name is not None or state is not None
        return await self._db.change(account_id, lambda s: _update_account(s, *values, seen=seen, audit=audit))

    accounts = every(DirectoryStore.accounts, rows.account, _ACCOUNTS_OF, without=_ACCOUNTS)

    async def administrators(self, organization_id: OrganizationId | None = None) -> list[Account]:
        return [rows.account(row) for row in await self._all(_ADMINISTRATORS, organization_id, self._now())]

    async def add_address(self, address: str, account_id: AccountId) -> None:
        await self._db.change(account_id, lambda s: _add_address(s, address, account_id, self._now()))

    addresses = every(DirectoryStore.addresses, first_column, _ADDRESSES)

    async def resolve(self, addresses: Sequence[str]) -> Mapping[str, AccountId]:
        if not addresses:
            return {}
        return {row[0]: AccountId(row[1]) for row in await self._all(_RESOLVE, list(addresses), self._now())}

    credentials = every(CredentialStore.credentials, _CREDENTIAL, _CREDENTIALS)
    credential_of = optional(CredentialStore.credential_of, _CREDENTIAL, _FIND_CREDENTIAL)
    put_credential = account_change_by(_put_credential)
    delete_credential = executed(CredentialStore.delete_credential, _DROP_CREDENTIAL, by_account=True)
    put_session = executed(SessionStore.put_session, _PUT_SESSION, row=_SESSION.dump, by_account=True)
    session = optional(SessionStore.session, _SESSION, f"select {_SESSION} from session where token_hash = $1")
    sessions = every(SessionStore.sessions, _SESSION, _SESSIONS)
    delete_session = executed(SessionStore.delete_session, "delete from session where token_hash = $1")
