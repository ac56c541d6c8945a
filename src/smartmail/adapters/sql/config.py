"""Settings, DKIM keys, one-time tokens, audit."""

from collections.abc import Mapping

from smartmail.adapters.sql.session import Database, Session
from smartmail.adapters.sql.work import Now
from smartmail.domain.audit import AuditRecord, AuditRow
from smartmail.domain.ids import AccountId
from smartmail.domain.signing import KeyState, SigningKeyRow

_ADD_AUDIT = """insert into audit (account_id, at, actor, action, object, address, sealed_detail, door, tag)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
_SETTING = "select value from setting where scope = $1 and name = $2"
_SETTINGS = "select name, value from setting where scope = $1"
_PUT_SETTING = """insert into setting (scope, name, value) values ($1, $2, $3)
    on conflict (scope, name) do update set value = excluded.value"""
_DROP_SETTING = "delete from setting where scope = $1 and name = $2"
_DKIM = """select selector, algorithm, sealed_private, state, created_at, changed_at from dkim_key
    where domain = $1 order by selector"""
_PUT_DKIM = """insert into dkim_key (domain, selector, algorithm, sealed_private, state, created_at, changed_at)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (domain, selector) do update set algorithm = excluded.algorithm,
    sealed_private = excluded.sealed_private, state = excluded.state, created_at = excluded.created_at,
    changed_at = excluded.changed_at"""
_SET_DKIM_STATE = "update dkim_key set state = $3, changed_at = $4 where domain = $1 and selector = $2"
_DROP_DKIM = "delete from dkim_key where domain = $1 and selector = $2 returning selector"
_USE_ONCE = "delete from once_token where token_hash = $1 returning purpose, expires_at"
_PUT_ONCE = """insert into once_token (token_hash, purpose, expires_at) values ($1, $2, $3)
    on conflict (token_hash) do update set purpose = excluded.purpose, expires_at = excluded.expires_at"""


async def add_audit(session: Session, record: AuditRecord, account_id: AccountId | None) -> None:
    """Write a record of an act in its transaction, with the tag that shows that we did."""
    await session.run(
        _ADD_AUDIT, account_id, record.at, record.actor, record.action, record.object, record.address,
        record.sealed_detail, record.door, session.tags.of(AuditRow("audit", 0, account_id, record)),
    )  # fmt: skip


async def recorded(
    session: Session, record: AuditRecord, account_id: AccountId | None, sql: str, *values: object
) -> bool:
    """Run a statement that returns a row for what it changed, and write the record of it; say whether it changed anything.

    Where it did not there is no act, and no record.
    """
    if await session.row(sql, *values) is None:
        return False
    await add_audit(session, record, account_id)
    return True


class SqlConfig:
    """ports.store_settings, and store_audit.AuditLog."""

    _db: Database
    _now: Now

    async def setting(self, scope: str, name: str) -> str | None:
        row = await self._db.row(_SETTING, scope, name)
        return None if row is None else row[0]

    async def settings(self, scope: str) -> Mapping[str, str]:
        return {row[0]: row[1] for row in await self._db.rows(_SETTINGS, scope)}

    async def put_setting(self, scope: str, name: str, value: str | None, *, audit: AuditRecord | None = None) -> None:
        async def work(session: Session) -> None:
            if value is None:
                await session.run(_DROP_SETTING, scope, name)
            else:
                await session.run(_PUT_SETTING, scope, name, value)
            if audit is not None:
                await add_audit(session, audit, None)

        await self._db.change(0, work)

    async def dkim_keys(self, domain: str) -> list[SigningKeyRow]:
        found = await self._db.rows(_DKIM, domain)
        return [SigningKeyRow(domain, row[0], row[1], bytes(row[2]), *row[3:]) for row in found]

    async def put_dkim_key(self, row: SigningKeyRow) -> None:
        values = (row.domain, row.selector, row.kind, row.sealed, row.state, row.created_at, row.changed_at)
        await self._db.change(0, lambda s: s.run(_PUT_DKIM, *values))

    async def set_dkim_states(self, domain: str, states: Mapping[str, KeyState], *, at: int) -> None:
        async def work(session: Session) -> None:
            for selector, state in states.items():
                await session.run(_SET_DKIM_STATE, domain, selector, state, at)

        await self._db.change(0, work)

    async def drop_dkim_key(self, domain: str, selector: str) -> bool:
        return await self._db.change(0, lambda s: s.row(_DROP_DKIM, domain, selector)) is not None

    async def use_once(self, token_hash: bytes) -> str | None:
        row = await self._db.change(0, lambda s: s.row(_USE_ONCE, token_hash))
        return row[0] if row is not None and row[1] > self._now() else None

    async def put_once(self, token_hash: bytes, purpose: str, expires_at: int) -> None:
        await self._db.change(0, lambda s: s.run(_PUT_ONCE, token_hash, purpose, expires_at))

    async def audit(self, record: AuditRecord, account_id: AccountId | None = None) -> None:
        await self._db.change(0, lambda s: add_audit(s, record, account_id))
