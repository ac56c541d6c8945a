"""Filters (ports.store_filters.FilterStore and FilterTx)."""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import every
from smartmail.adapters.sql.session import OnDatabase, Row, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.tx_base import TxBase
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.filters import ActiveFilter, FilterState, ScriptId, ScriptRow
from smartmail.domain.ids import AccountId
from smartmail.ports.store_filters import FilterStore, MemoryKind

_SCRIPT = Shape(ScriptRow)
_STATE = "version, active, sealed_vacation, has_vacation, sealed_problem, problem_at"
_SCRIPTS = f"select {_SCRIPT} from filter_script where account_id = $1 order by id"
_FIND_STATE = f"select {_STATE} from filter_state where account_id = $1"
_ACTIVE = """select account_id, version, active, has_vacation, changed_at from filter_state where changed_at >= $1"""
_OPEN = """insert into filter_state (account_id, version, next_script, has_vacation, problem_at, changed_at)
    values ($1, 0, 1, 0, 0, 0) on conflict (account_id) do nothing"""
# A change also clears the problem: it told of filters that are no more.
_RAISE = """update filter_state set version = version + 1, changed_at = $2, modseq = $3, sealed_problem = null
    where account_id = $1"""
_ADD = f"""insert into filter_script (account_id, {_SCRIPT}) values ($1, $2, $3, $4, $5, $6, $7, $7, $8)
    returning {_SCRIPT}"""
_SET = f"""update filter_script set sealed_name = $3, name_hash = $4, sealed = $5, size = $6, updated_at = $7,
    version = $8 where account_id = $1 and id = $2 returning {_SCRIPT}"""
_HOLDER = "select id from filter_script where account_id = $1 and name_hash = $2"
_HAS = "select 1 from filter_script where account_id = $1 and id = $2"
_DROP = "delete from filter_script where account_id = $1 and id = $2 returning id"
_VACATION = "update filter_state set sealed_vacation = $2, has_vacation = $3 where account_id = $1"
_PROBLEM = "update filter_state set sealed_problem = $2, problem_at = $3 where account_id = $1"
_REMEMBER = """insert into filter_memory (account_id, kind, key, expires_at) values ($1, $2, $3, $4)
    on conflict (account_id, kind, key) do update set expires_at = excluded.expires_at
    where filter_memory.expires_at <= $5 returning 1"""
_AGAIN = """insert into filter_memory (account_id, kind, key, expires_at) values ($1, $2, $3, $4)
    on conflict (account_id, kind, key) do update set expires_at = excluded.expires_at"""
_KNOWN = """select key from filter_memory where account_id = $1 and kind = $2 and key = any($3) and expires_at > $4"""
_ALL_KNOWN = """select key from filter_memory where account_id = $1 and kind = $2 and expires_at > $3
    order by expires_at desc limit $4"""
_EXPIRED = "select account_id, kind, key from filter_memory where expires_at <= $1 order by expires_at limit $2"
_FORGET = "delete from filter_memory where account_id = $1 and kind = $2 and key = $3 and expires_at <= $4"


def _state(row: Row | None) -> FilterState:
    if row is None:
        return FilterState()
    version, active, vacation, has_vacation, problem, problem_at = row
    return FilterState(
        version, None if active is None else ScriptId(active), _octets(vacation), bool(has_vacation), _octets(problem),
        problem_at,
    )  # fmt: skip


def _octets(value: bytes | None) -> bytes | None:
    return None if value is None else bytes(value)


class SqlFilters(OnDatabase):
    """ports.store_filters.FilterStore."""

    scripts = every(FilterStore.scripts, _SCRIPT, _SCRIPTS)

    async def filter_state(self, account_id: AccountId) -> FilterState:
        return _state(await self._db.row(_FIND_STATE, account_id))

    async def active_filters(self, since: int) -> list[ActiveFilter]:
        rows = await self._db.rows(_ACTIVE, since)
        return [
            ActiveFilter(AccountId(account), version, active is not None or bool(has_vacation), changed_at)
            for account, version, active, has_vacation, changed_at in rows
        ]

    async def remembered(self, account_id: AccountId, kind: MemoryKind, keys: Sequence[bytes], now: int) -> set[bytes]:
        return {bytes(row[0]) for row in await self._db.rows(_KNOWN, account_id, kind, list(keys), now)}

    async def all_remembered(self, account_id: AccountId, kind: MemoryKind, now: int, limit: int) -> set[bytes]:
        return {bytes(row[0]) for row in await self._db.rows(_ALL_KNOWN, account_id, kind, now, limit)}

    async def forget_expired(self, now: int, limit: int) -> int:
        rows = await self._db.rows(_EXPIRED, now, limit)
        if rows:
            sets = [(row[0], row[1], bytes(row[2]), now) for row in rows]
            await self._db.change(0, lambda session: session.many(_FORGET, sets))
        return len(rows)


class TxFilters(TxBase):
    """ports.store_filters.FilterTx. The account is locked, so versions and ids are counted by reading and writing."""

    async def scripts(self) -> list[ScriptRow]:
        return [_SCRIPT.of(row) for row in await self._session.rows(_SCRIPTS, self._id)]

    async def filter_state(self) -> FilterState:
        return _state(await self._session.row(_FIND_STATE, self._id))

    async def put_script(
        self, script_id: ScriptId | None, sealed_name: bytes, name_hash: bytes, sealed: bytes, size: int, now: int
    ) -> ScriptRow:
        holder = await self._session.row(_HOLDER, self._id, name_hash)
        if holder is not None and holder[0] != script_id:
            raise AlreadyExists
        if script_id is not None and await self._session.row(_HAS, self._id, script_id) is None:
            raise NotFound
        version = await self._raise(now)
        number = await self._take_id() if script_id is None else script_id
        values = (self._id, number, sealed_name, name_hash, sealed, size, now, version)
        row = await row_of(self._session, _ADD if script_id is None else _SET, *values)
        return _SCRIPT.of(row)

    async def destroy_script(self, script_id: ScriptId) -> None:
        await row_of(self._session, _DROP, self._id, script_id)
        await self._raise(self._now)

    async def activate_script(self, script_id: ScriptId | None, now: int) -> FilterState:
        if script_id is not None and await self._session.row(_HAS, self._id, script_id) is None:
            raise NotFound
        await self._raise(now)
        await self._session.run("update filter_state set active = $2 where account_id = $1", self._id, script_id)
        return await self.filter_state()

    async def put_vacation(self, sealed: bytes, now: int, *, enabled: bool) -> FilterState:
        await self._raise(now)
        await self._session.run(_VACATION, self._id, sealed, int(enabled))
        return await self.filter_state()

    async def put_problem(self, sealed: bytes | None, now: int) -> None:
        await self._session.run(_PROBLEM, self._id, sealed, now)

    async def remember(self, kind: MemoryKind, key: bytes, *, now: int, expires_at: int) -> bool:
        return await self._session.row(_REMEMBER, self._id, kind, key, expires_at, now) is not None

    async def remember_again(self, kind: MemoryKind, key: bytes, *, expires_at: int) -> None:
        await self._session.run(_AGAIN, self._id, kind, key, expires_at)

    async def _raise(self, now: int) -> int:
        """Count a change; return the new version."""
        # Whoever watches the account looks at its states only when its modseq has moved.
        modseq = self._state.touch()
        await self._session.run(_OPEN, self._id)
        await self._session.run(_RAISE, self._id, now, modseq)
        row = await row_of(self._session, _FIND_STATE, self._id)
        return int(row[0])

    async def _take_id(self) -> ScriptId:
        row = await row_of(self._session, "select next_script from filter_state where account_id = $1", self._id)
        await self._session.run("update filter_state set next_script = next_script + 1 where account_id = $1", self._id)
        return ScriptId(row[0])
