"""Contract of the store: codes and tokens of programs that people let in, on both drivers."""

from dataclasses import replace

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.ids import AccountId
from smartmail.domain.oauth import OauthCode, OauthToken
from smartmail.ports.store_oauth import MOST_CODES, MOST_TOKENS

CODE = OauthCode(
    b"c" * 32, AccountId(7), 3, b"p" * 32, "http://127.0.0.1/", "x" * 43, ("imap", "smtp"), b"sealed", 1000
)
TOKEN = OauthToken(b"t" * 32, b"g" * 32, True, b"p" * 32, 2000)


async def test_a_code_is_taken_once(bench: Bench):
    store = bench.store
    await store.put_oauth_code(CODE)
    assert await store.take_oauth_code(b"d" * 32, 50) is None
    assert await store.take_oauth_code(CODE.code_hash, 50) == CODE
    assert await store.bind_oauth_code(CODE.code_hash, b"g" * 32)
    again = await store.take_oauth_code(CODE.code_hash, 60)
    assert again == replace(CODE, used_at=50, grant=b"g" * 32)


async def test_a_code_that_came_twice_before_it_gave_anything_gives_nothing(bench: Bench):
    store = bench.store
    await store.put_oauth_code(CODE)
    assert (await store.take_oauth_code(CODE.code_hash, 50)).used_at == 0
    assert (await store.take_oauth_code(CODE.code_hash, 51)).used_at != 0
    assert not await store.bind_oauth_code(CODE.code_hash, b"g" * 32)
    assert (await store.take_oauth_code(CODE.code_hash, 52)).grant is None


async def test_rows_of_one_account_and_one_grant_are_bounded(bench: Bench):
    store = bench.store
    codes = [replace(CODE, code_hash=bytes([number]) * 32, expires_at=number) for number in range(MOST_CODES + 3)]
    other = replace(CODE, account_id=AccountId(8), expires_at=0)
    for one in (other, *codes):
        await store.put_oauth_code(one)
    kept = [await store.take_oauth_code(one.code_hash, 1) is not None for one in (other, *codes)]
    assert kept == [True, *[False] * 3, *[True] * MOST_CODES]
    for number in range(MOST_TOKENS + 2):
        pair = [
            replace(TOKEN, token_hash=bytes([number, kind]) * 16, refresh=bool(kind), expires_at=number)
            for kind in (0, 1)
        ]  # fmt: skip
        await store.put_oauth_tokens(pair)
    for kind in (0, 1):
        found = [await store.oauth_token(bytes([number, kind]) * 16) for number in range(MOST_TOKENS + 2)]
        assert [one is None for one in found] == [True] * 2 + [False] * MOST_TOKENS


async def test_a_refresh_token_is_used_once(bench: Bench):
    store = bench.store
    other = replace(TOKEN, token_hash=b"u" * 32, refresh=False, expires_at=500)
    await store.put_oauth_tokens([TOKEN, other])
    assert await store.oauth_token(TOKEN.token_hash) == TOKEN
    assert await store.oauth_token(other.token_hash) == other
    assert await store.use_oauth_refresh(TOKEN.token_hash, 77)
    assert not await store.use_oauth_refresh(TOKEN.token_hash, 99)
    assert await store.oauth_token(TOKEN.token_hash) == replace(TOKEN, used_at=77)
    assert not await store.use_oauth_refresh(b"n" * 32, 99)


async def test_a_grant_ends_with_all_its_tokens(bench: Bench):
    store = bench.store
    stays = replace(TOKEN, token_hash=b"v" * 32, grant=b"h" * 32)
    await store.put_oauth_tokens([TOKEN, replace(TOKEN, token_hash=b"u" * 32), stays])
    await store.drop_oauth_tokens(TOKEN.grant)
    assert await store.oauth_token(TOKEN.token_hash) is None
    assert await store.oauth_token(b"u" * 32) is None
    assert await store.oauth_token(stays.token_hash) == stays


async def test_what_has_run_out_is_forgotten(bench: Bench):
    store = bench.store
    await store.put_oauth_code(CODE)
    await store.put_oauth_tokens([TOKEN])
    assert await store.forget_oauth(1000) == 0
    assert await store.forget_oauth(1001) == 1
    assert await store.forget_oauth(2001) == 1
    assert await store.oauth_token(TOKEN.token_hash) is None
