"""Settings, DKIM keys, one-time tokens, audit."""

from collections.abc import Mapping
from operator import attrgetter

from smartmail.adapters.sql.declared import changed, executed, first_column, optional
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.transactions import in_change
from smartmail.adapters.sql.work import Now
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId
from smartmail.domain.signing import KeyState, SigningKeyRow
from smartmail.ports.store_settings import OnceStore, SettingStore, SigningKeyStore

_SETTINGS = "select name, value from setting where scope = $1"
_PUT_SETTING = """insert into setting (scope, name, value) values ($1, $2, $3)
    on conflict (scope, name) do update set value = excluded.value"""
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


class SqlConfig(OnDatabase):
    """ports.store_settings, and store_audit.AuditLog."""

    _now: Now

    setting = optional(SettingStore.setting, first_column, "select value from setting where scope = $1 and name = $2")

    async def settings(self, scope: str) -> Mapping[str, str]:
        return {row[0]: row[1] for row in await self._db.rows(_SETTINGS, scope)}

    @in_change
    async def put_setting(
        self, session: Session, scope: str, name: str, value: str | None, *, audit: AuditRecord | None = None
    ) -> None:
        if value is None:
            await session.run("delete from setting where scope = $1 and name = $2", scope, name)
        else:
            await session.run(_PUT_SETTING, scope, name, value)
        await add_audit(session, audit)

    async def dkim_keys(self, domain: str) -> list[SigningKeyRow]:
        found = await self._db.rows(_DKIM, domain)
        return [SigningKeyRow(domain, row[0], row[1], bytes(row[2]), *row[3:]) for row in found]

    put_dkim_key = executed(
        SigningKeyStore.put_dkim_key,
        _PUT_DKIM,
        row=attrgetter("domain", "selector", "kind", "sealed", "state", "created_at", "changed_at"),
    )

    @in_change
    async def set_dkim_states(self, session: Session, domain: str, states: Mapping[str, KeyState], *, at: int) -> None:
        for selector, state in states.items():
            await session.run(_SET_DKIM_STATE, domain, selector, state, at)

    drop_dkim_key = changed(SigningKeyStore.drop_dkim_key, _DROP_DKIM)

    async def use_once(self, token_hash: bytes) -> str | None:
        row = await self._db.change(0, lambda s: s.row(_USE_ONCE, token_hash))
        return row[0] if row is not None and row[1] > self._now() else None

    put_once = executed(OnceStore.put_once, _PUT_ONCE)

    async def audit(self, record: AuditRecord, account_id: AccountId | None = None) -> None:
        await self._db.change(0, lambda s: add_audit(s, record, account_id))
