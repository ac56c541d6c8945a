"""Contract of the store: second factors, challenges, devices, old passwords, consents, on both drivers."""

import asyncio

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.account import Credential, Session
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.factors import Challenge, Consent, ConsentText, FactorRow, KnownDevice, ProofState
from smartmail.domain.ids import AccountId

NOW = 1_700_000_000_000
MINUTE = 60_000


def record(action: str) -> AuditRecord:
    return AuditRecord(NOW, "system", action, "account:1")


def factor(account_id: int, kind="totp", lookup: bytes | None = None, counter: int = 0) -> FactorRow:
    return FactorRow(0, AccountId(account_id), kind, b"sealed", b"label", NOW, lookup, counter)


def challenge(token: bytes, account_id: int = 7, **more) -> Challenge:
    return Challenge(token, AccountId(account_id), "login", 3, NOW, NOW + 10 * MINUTE, **more)


async def test_factors_are_kept_found_and_removed(bench: Bench):
    store = bench.store
    totp = await store.add_factor(factor(7), record("factor.new.totp"))
    key = await store.add_factor(factor(7, "passkey", b"k" * 16), record("factor.new.passkey"))
    shared = await store.add_factor(factor(8, "passkey", b"k" * 16), record("factor.new.passkey"))
    assert totp.id < key.id and await store.factors(AccountId(7)) == [totp, key]
    assert await store.factors_by("passkey", b"k" * 16) == [key, shared]
    assert await store.factors_by("certificate", b"k" * 16) == []
    with pytest.raises(AlreadyExists):
        await store.add_factor(factor(7, "passkey", b"k" * 16), record("factor.new.passkey"))
    assert await store.drop_factors(AccountId(8), [totp.id], record("factor.remove")) == 0
    assert await store.drop_factors(AccountId(7), [totp.id, key.id, 99], record("factor.remove")) == 2
    assert await store.factors(AccountId(7)) == []


async def test_two_factors_without_a_name_stand_side_by_side(bench: Bench):
    for _ in range(2):
        await bench.store.add_factor(factor(7), record("factor.new.totp"))
    assert len(await bench.store.factors(AccountId(7))) == 2


async def test_a_counter_only_rises(bench: Bench):
    store = bench.store
    row = await store.add_factor(factor(7, counter=5), record("factor.new.totp"))
    assert not await store.use_factor(row, NOW, counter=5)
    found = await asyncio.gather(*(store.use_factor(row, NOW + 1, counter=6) for _ in range(8)))
    assert sorted(found) == [False] * 7 + [True]
    assert await store.use_factor(row, NOW + 2)
    [kept] = await store.factors(AccountId(7))
    assert (kept.counter, kept.last_used_at, kept.sealed, kept.lookup) == (6, NOW + 2, b"sealed", None)
    assert await store.use_factor(row, NOW + 3, counter=9, sealed=b"new", lookup=b"l" * 32)
    [kept] = await store.factors(AccountId(7))
    assert (kept.counter, kept.sealed, kept.lookup) == (9, b"new", b"l" * 32)
    await store.drop_factors(AccountId(7), [row.id], record("factor.remove"))
    assert not await store.use_factor(row, NOW + 4, counter=10)


async def test_a_recovery_code_is_used_by_one_and_goes_with_the_last_factor(bench: Bench):
    store, kim = bench.store, AccountId(7)
    row = await store.add_factor(factor(7), record("factor.new.totp"))
    await store.put_recovery_codes(kim, [b"a" * 32, b"b" * 32], record("factor.codes"))
    found = await asyncio.gather(*(store.use_recovery_code(kim, b"a" * 32) for _ in range(5)))
    assert sorted(found) == [False] * 4 + [True]
    assert not await store.use_recovery_code(AccountId(8), b"b" * 32)
    await store.put_recovery_codes(kim, [b"c" * 32], record("factor.codes"))
    assert not await store.use_recovery_code(kim, b"b" * 32) and await store.recovery_codes(kim) == 1
    await store.drop_factors(kim, [row.id], record("factor.remove"))
    assert await store.recovery_codes(kim) == 0


async def test_a_nonce_goes_to_one_answer_and_tries_are_bounded(bench: Bench):
    store = bench.store
    token = b"t" * 32
    await store.put_challenge(challenge(token, session_hash=b"s" * 32))
    assert await store.ask_challenge(token, b"n" * 32, NOW + 1, b"begun")
    tries = await asyncio.gather(*(store.try_challenge(token, NOW + 2, 3) for _ in range(5)))
    taken = [one for one in tries if one is not None]
    assert len(taken) == 3 and sorted(one.tries for one in taken) == [0, 1, 2]
    assert [one.nonce for one in taken if one.nonce] == [b"n" * 32]
    assert {one.sealed for one in taken} == {b"begun"} and taken[0].session_hash == b"s" * 32
    found = await store.challenge(token, NOW + 3)
    assert found is not None and (found.nonce, found.tries, found.asked_at) == (None, 3, NOW + 1)
    ended = await asyncio.gather(*(store.end_challenge(token) for _ in range(3)))
    assert sorted(ended) == [False, False, True]


async def test_challenges_end_by_the_clock(bench: Bench):
    store = bench.store
    for number in range(3):
        await store.put_challenge(challenge(b"%d" % number * 32))
    late = NOW + 10 * MINUTE
    assert await store.challenge(b"0" * 32, late - 1) is not None
    assert await store.challenge(b"0" * 32, late) is None
    assert await store.try_challenge(b"0" * 32, late, 5) is None
    assert not await store.ask_challenge(b"0" * 32, b"n", late)
    assert await store.forget_challenges(late, 2) == 2
    assert await store.forget_challenges(late, 10) == 1


async def test_how_an_account_stands(bench: Bench):
    store, kim = bench.store, AccountId(7)
    assert await store.proof_state(kim) == ProofState(kim)
    full = ProofState(
        kim, NOW, must_change=True, change_later_until=NOW + 1, sealed_recovery=b"x", recovery_verified_at=2
    )
    await store.put_proof_state(full)
    assert await store.proof_state(kim) == full
    await store.put_proof_state(ProofState(kim))
    assert await store.proof_state(kim) == ProofState(kim)


async def test_strikes_are_counted_by_place_and_begin_again_after_a_while(bench: Bench):
    store, kim = bench.store, AccountId(7)
    assert await store.factor_strikes(kim, "") == (0, 0)
    counts = await asyncio.gather(*(store.strike_factor(kim, "", NOW, NOW - MINUTE) for _ in range(4)))
    assert sorted(counts) == [1, 2, 3, 4]
    assert await store.strike_factor(kim, "192.0.2.0/24", NOW, NOW - MINUTE) == 1
    assert await store.factor_strikes(kim, "") == (4, NOW)
    assert await store.strike_factor(kim, "", NOW + 2 * MINUTE, NOW + MINUTE) == 1
    await store.clear_strikes(kim, "")
    assert await store.factor_strikes(kim, "") == (0, 0)
    assert await store.factor_strikes(kim, "192.0.2.0/24") == (1, NOW)


async def test_devices_are_known_and_the_longest_unused_go(bench: Bench):
    store, kim = bench.store, AccountId(7)
    for number in range(4):
        device = KnownDevice(b"%d" % number * 32, kim, NOW, NOW + number, "192.0.2.7", b"name")
        await store.put_known_device(device, 3)
    assert [one.token_hash[:1] for one in await store.known_devices(kim)] == [b"3", b"2", b"1"]
    again = KnownDevice(b"1" * 32, kim, NOW + 9, NOW + 9, "192.0.2.9", b"other")
    await store.put_known_device(again, 3)
    kept = await store.known_device(b"1" * 32)
    assert kept == KnownDevice(b"1" * 32, kim, NOW, NOW + 9, "192.0.2.9", b"other")
    assert await store.drop_known_devices(AccountId(8), [b"1" * 32]) == 0
    assert await store.drop_known_devices(kim, [b"1" * 32]) == 1
    assert await store.drop_known_devices(kim, None) == 2
    assert await store.known_device(b"2" * 32) is None


async def test_old_passwords_are_few_and_newest_first(bench: Bench):
    store, kim = bench.store, AccountId(7)
    for number in range(5):
        await store.keep_old_password(kim, f"v{number}", NOW + number, 3)
    assert await store.old_passwords(kim, 2) == ["v4", "v3"]
    assert await store.old_passwords(kim, 10) == ["v4", "v3", "v2"]


async def test_consents(bench: Bench):
    store, account = bench.store, bench.account
    home = account.organization_id
    for version in (1, 2):
        for language in ("en", "ko"):
            text = ConsentText(home, "privacy", version, language, b"sealed", NOW)
            await store.put_consent_text(text, record("consent.publish"))
    with pytest.raises(AlreadyExists):
        await store.put_consent_text(ConsentText(home, "privacy", 2, "ko", b"other", NOW), record("consent.publish"))
    found = [(one.version, one.language) for one in await store.consent_texts(home)]
    assert found == [(2, "en"), (2, "ko"), (1, "en"), (1, "ko")]
    given = [Consent(account.id, "privacy", number, NOW + number, "192.0.2.7") for number in (1, 2)]
    for one in (*given, Consent(account.id, "privacy", 1, NOW + 99, "")):
        await store.give_consent(one, record("consent.give"))
    assert await store.consents(account.id) == given
    assert await store.consents_of(home, (0, "", 0), 10) == given
    assert await store.consents_of(home, (account.id, "privacy", 1), 10) == given[1:]


async def test_a_session_tells_how_it_was_proved(bench: Bench):
    store, account = bench.store, bench.account
    first = Session(b"s" * 32, account.id, NOW, NOW + MINUTE, 0, NOW, "192.0.2.7", None, "totp", NOW)
    await store.put_session(first)
    assert await store.session(b"s" * 32) == first
    again = Session(b"s" * 32, account.id, NOW, NOW + MINUTE, 0, NOW, "192.0.2.7", None, "passkey", NOW + 5)
    await store.put_session(again)
    assert await store.session(b"s" * 32) == again


async def test_a_hash_from_elsewhere_is_renewed_once(bench: Bench):
    store, account = bench.store, bench.account.id
    row = await store.put_credential(
        Credential(0, account, "password", "", NOW, NOW + MINUTE, sealed_hash=b"\0sealed\xff")
    )
    [kept] = await store.credentials(account)
    assert (kept.sealed_hash, kept.expires_at, kept.verifier) == (b"\0sealed\xff", NOW + MINUTE, "")
    assert not await store.renew_imported(account, row.id + 1, "ours", record("credential.password.renewed"))
    found = await asyncio.gather(
        *(store.renew_imported(account, row.id, "ours", record("credential.password.renewed")) for _ in range(4))
    )
    assert sorted(found) == [False, False, False, True]
    [kept] = await store.credentials(account)
    assert (kept.id, kept.verifier, kept.sealed_hash, kept.expires_at) == (row.id, "ours", None, None)
