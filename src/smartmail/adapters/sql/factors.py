"""Second factors and logins on their way (ports.store_factors.FactorStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import changed, every, executed, integer, optional
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import in_account_change, in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.factors import Challenge, FactorRow, ProofState
from smartmail.domain.ids import AccountId
from smartmail.ports.store_factors import FactorStore

_FACTOR = Shape(FactorRow)
_BY_LOOKUP = f"select {_FACTOR} from factor where kind = $1 and lookup = $2 order by id"
_ADD = f"""insert into factor (account_id, kind, sealed, sealed_label, created_at, lookup, counter)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning {_FACTOR}"""
# Of two that bring the same counter the second finds it kept already.
_USE = """update factor set last_used_at = $3, counter = case when $4 > counter then $4 else counter end,
    sealed = coalesce($5, sealed), lookup = coalesce($6, lookup)
    where id = $1 and account_id = $2 and ($4 < 0 or counter < $4) returning id"""
_DROP = "delete from factor where account_id = $1 and id = $2 returning id"
_DROP_CODES = "delete from recovery_code where account_id = $1"
_ADD_CODE = "insert into recovery_code (account_id, hash) values ($1, $2) on conflict do nothing"
_USE_CODE = "delete from recovery_code where account_id = $1 and hash = $2 returning hash"

_CHALLENGE = Shape(Challenge)
_PUT_CHALLENGE = f"insert into challenge ({_CHALLENGE}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
_GET_CHALLENGE = f"select {_CHALLENGE} from challenge where token_hash = $1 and expires_at > $2"
_ASK = """update challenge set nonce = $3, asked_at = $2, sealed = coalesce($4, sealed)
    where token_hash = $1 and expires_at > $2 returning token_hash"""
_LOCK_CHALLENGE = f"{_GET_CHALLENGE} for update"
_END = "delete from challenge where token_hash = $1 returning token_hash"
_OLD = "select token_hash from challenge where expires_at <= $1 limit $2"

_STATE = "account_id, grace_from, must_change, change_later_until, sealed_recovery, recovery_verified_at"
_GET_STATE = f"select {_STATE} from account_proof where account_id = $1"
_PUT_STATE = f"""insert into account_proof ({_STATE}) values ($1, $2, $3, $4, $5, $6)
    on conflict (account_id) do update set grace_from = excluded.grace_from, must_change = excluded.must_change,
    change_later_until = excluded.change_later_until, sealed_recovery = excluded.sealed_recovery,
    recovery_verified_at = excluded.recovery_verified_at"""
_STRIKES = "select failures, last_at from factor_strike where account_id = $1 and place = $2"
_STRIKE = """insert into factor_strike (account_id, place, failures, last_at) values ($1, $2, 1, $3)
    on conflict (account_id, place) do update set last_at = excluded.last_at,
    failures = case when factor_strike.last_at < $4 then 1 else factor_strike.failures + 1 end returning failures"""
_CLEAR = "delete from factor_strike where account_id = $1 and place = $2"


def _octets(value: object) -> bytes | None:
    return None if value is None else bytes(value)  # type: ignore[call-overload]


class SqlFactors(OnDatabase):
    """ports.store_factors.FactorStore, without devices, passwords and consents."""

    factors = every(FactorStore.factors, _FACTOR, f"select {_FACTOR} from factor where account_id = $1 order by id")
    factors_by = every(FactorStore.factors_by, _FACTOR, _BY_LOOKUP)

    async def add_factor(self, row: FactorRow, audit: AuditRecord) -> FactorRow:
        values = (row.account_id, row.kind, row.sealed, row.sealed_label, row.created_at, row.lookup, row.counter)

        async def work(session: Session) -> FactorRow:
            found = await session.row(_ADD, *values)
            if found is None:
                raise AlreadyExists
            await add_audit(session, audit, row.account_id)
            return _FACTOR.of(found)

        return await self._db.change(row.account_id, work)

    async def use_factor(
        self,
        row: FactorRow,
        at: int,
        *,
        counter: int | None = None,
        sealed: bytes | None = None,
        lookup: bytes | None = None,
    ) -> bool:
        values = (row.id, row.account_id, at, -1 if counter is None else counter, sealed, lookup)
        return await self._db.change(row.account_id, lambda s: s.row(_USE, *values)) is not None

    @in_account_change
    async def drop_factors(
        self, session: Session, account_id: AccountId, ids: Sequence[int], audit: AuditRecord
    ) -> int:
        gone = sum([await session.row(_DROP, account_id, number) is not None for number in ids])
        if gone and await session.row("select 1 from factor where account_id = $1 limit 1", account_id) is None:
            await session.run(_DROP_CODES, account_id)
        if gone:
            await add_audit(session, audit, account_id)
        return gone

    @in_account_change
    async def put_recovery_codes(
        self, session: Session, account_id: AccountId, hashes: Sequence[bytes], audit: AuditRecord
    ) -> None:
        await session.run(_DROP_CODES, account_id)
        await session.many(_ADD_CODE, [(account_id, code) for code in hashes])
        await add_audit(session, audit, account_id)

    recovery_codes = integer(FactorStore.recovery_codes, "select count(*) from recovery_code where account_id = $1")
    use_recovery_code = changed(FactorStore.use_recovery_code, _USE_CODE, by_account=True)
    put_challenge = executed(FactorStore.put_challenge, _PUT_CHALLENGE, row=_CHALLENGE.dump, by_account=True)
    challenge = optional(FactorStore.challenge, _CHALLENGE, _GET_CHALLENGE)

    async def ask_challenge(self, token_hash: bytes, nonce: bytes, now: int, sealed: bytes | None = None) -> bool:
        return await self._db.change(0, lambda s: s.row(_ASK, token_hash, now, nonce, sealed)) is not None

    @in_change
    async def try_challenge(self, session: Session, token_hash: bytes, now: int, most: int) -> Challenge | None:
        row = await session.row(_LOCK_CHALLENGE, token_hash, now)
        if row is None or row[10] >= most:
            return None
        await session.run("update challenge set tries = tries + 1, nonce = null where token_hash = $1", token_hash)
        return _CHALLENGE.of(row)

    end_challenge = changed(FactorStore.end_challenge, _END)

    async def forget_challenges(self, now: int, limit: int) -> int:
        hashes = [(bytes(row[0]),) for row in await self._db.rows(_OLD, now, limit)]
        if hashes:
            await self._db.change(0, lambda s: s.many("delete from challenge where token_hash = $1", hashes))
        return len(hashes)

    async def proof_state(self, account_id: AccountId) -> ProofState:
        row = await self._db.row(_GET_STATE, account_id)
        if row is None:
            return ProofState(account_id)
        return ProofState(AccountId(row[0]), row[1], bool(row[2]), row[3], _octets(row[4]), row[5])

    async def put_proof_state(self, state: ProofState) -> None:
        values = (
            state.account_id, state.grace_from, int(state.must_change), state.change_later_until, state.sealed_recovery,
            state.recovery_verified_at,
        )  # fmt: skip
        await self._db.change(state.account_id, lambda s: s.run(_PUT_STATE, *values))

    async def factor_strikes(self, account_id: AccountId, place: str) -> tuple[int, int]:
        row = await self._db.row(_STRIKES, account_id, place)
        return (0, 0) if row is None else (int(row[0]), int(row[1]))

    async def strike_factor(self, account_id: AccountId, place: str, now: int, fresh_since: int) -> int:
        row = await self._db.change(account_id, lambda s: s.row(_STRIKE, account_id, place, now, fresh_since))
        return 0 if row is None else int(row[0])

    clear_strikes = executed(FactorStore.clear_strikes, _CLEAR, by_account=True)
