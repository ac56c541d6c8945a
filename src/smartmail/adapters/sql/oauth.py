"""Programs that people let in (ports.store_oauth)."""

from collections.abc import Sequence
from dataclasses import replace

from smartmail.adapters.sql.declared import changed, executed
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import WORDS, Shape
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.oauth import OauthCode, OauthToken
from smartmail.ports.store_oauth import MOST_CODES, MOST_TOKENS, OauthStore

_GIVEN = "code_hash, account_id, auth_epoch, client, redirect, challenge, scopes, sealed_label, expires_at"
_CODE = Shape(OauthCode, f"{_GIVEN}, used_at, grant_lookup", scopes=WORDS)
_OAUTH_CODE_VALUES = _CODE.values(
    "code_hash, account_id, auth_epoch, client, redirect, challenge, scopes, sealed_label, expires_at"
)
_PUT_CODE = f"insert into oauth_code ({_GIVEN}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"  # names of columns
_TRIM_CODES = """delete from oauth_code where account_id = $1 and code_hash not in
    (select code_hash from oauth_code where account_id = $1 order by expires_at desc, code_hash limit $2)"""
_TAKE_CODE = f"update oauth_code set used_at = $2 where code_hash = $1 and used_at = 0 returning {_CODE}"
_FIND_CODE = f"select {_CODE} from oauth_code where code_hash = $1"  # names of columns
_BIND_CODE = "update oauth_code set grant_lookup = $2 where code_hash = $1 and used_at > 0 returning code_hash"
_TOKEN = "token_hash, grant_lookup, refresh, client, expires_at, used_at"  # noqa: S105 -- columns
_PUT_TOKEN = f"insert into oauth_token ({_TOKEN}) values ($1, $2, $3, $4, $5, $6)"  # names of columns
_TRIM_TOKENS = """delete from oauth_token where grant_lookup = $1 and refresh = $2 and token_hash not in
    (select token_hash from oauth_token where grant_lookup = $1 and refresh = $2
    order by expires_at desc, token_hash limit $3)"""
_FIND_TOKEN = f"select {_TOKEN} from oauth_token where token_hash = $1"  # names of columns
_USE = "update oauth_token set used_at = $2 where token_hash = $1 and used_at = 0 returning token_hash"
_OLD_TOKENS = "delete from oauth_token where expires_at < $1 returning token_hash"


class SqlOauth(OnDatabase):
    """ports.store_oauth.OauthStore."""

    async def put_oauth_code(self, code: OauthCode) -> None:
        values = _OAUTH_CODE_VALUES(code)

        async def work(session: Session) -> None:
            await session.run(_PUT_CODE, *values)
            await session.run(_TRIM_CODES, code.account_id, MOST_CODES)

        await self._db.change(0, work)

    @in_change
    async def take_oauth_code(self, session: Session, code_hash: bytes, now: int) -> OauthCode | None:
        row = await session.row(_TAKE_CODE, code_hash, now)
        if row is not None:
            return replace(_CODE.of(row), used_at=0)
        await session.run("update oauth_code set used_at = -1 where code_hash = $1 and grant_lookup is null", code_hash)
        row = await session.row(_FIND_CODE, code_hash)
        return None if row is None else _CODE.of(row)

    bind_oauth_code = changed(OauthStore.bind_oauth_code, _BIND_CODE)

    async def put_oauth_tokens(self, tokens: Sequence[OauthToken]) -> None:
        rows = [
            (one.token_hash, one.grant, int(one.refresh), one.client, one.expires_at, one.used_at) for one in tokens
        ]

        async def work(session: Session) -> None:
            for row in rows:
                await session.run(_PUT_TOKEN, *row)
            for grant, refresh in {(one.grant, int(one.refresh)) for one in tokens}:
                await session.run(_TRIM_TOKENS, grant, refresh, MOST_TOKENS)

        await self._db.change(0, work)

    async def oauth_token(self, token_hash: bytes) -> OauthToken | None:
        row = await self._db.row(_FIND_TOKEN, token_hash)
        if row is None:
            return None
        return OauthToken(bytes(row[0]), bytes(row[1]), bool(row[2]), bytes(row[3]), row[4], row[5])

    use_oauth_refresh = changed(OauthStore.use_oauth_refresh, _USE)
    drop_oauth_tokens = executed(OauthStore.drop_oauth_tokens, "delete from oauth_token where grant_lookup = $1")

    @in_change
    async def forget_oauth(self, session: Session, expired_before: int) -> int:
        codes = await session.rows("delete from oauth_code where expires_at < $1 returning code_hash", expired_before)
        return len(codes) + len(await session.rows(_OLD_TOKENS, expired_before))
