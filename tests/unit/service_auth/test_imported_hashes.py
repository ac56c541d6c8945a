"""Passwords that came as hashes: they open, become ours at the first login, end by themselves, and show nothing."""

import asyncio

import pytest
from tests.unit.formats.test_password_hash import SECRET, STRONG, WEAK
from tests.unit.service_auth.test_logins import CLI, IMAP, WEB, set_knob
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.errors import AlreadyExists, AuthFailed, Invalid
from smartmail.service.identity.auth import passwords
from smartmail.service.identity.auth.imported import FLOOR_S, WINDOW_MS
from smartmail.service.kernel.clock import MINUTE

LOGIN = "lee@a.example"


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        await opened.person(LOGIN)
        yield opened
        await opened.services.auth.settle()


def parts(house):
    return house.services.auth, house.accounts[LOGIN].id


async def actions(house):
    return [row.record.action for row in await house.store.unchained_records("audit", 0, 1000)]


async def main_of(house):
    auth, account = parts(house)
    [row] = [one for one in await house.store.credentials(account) if one.kind == "password"]
    return row


@pytest.mark.parametrize("name", ["ssha", "sha512-crypt", "pbkdf2", "argon2"])
async def test_a_hash_opens_and_becomes_ours_at_the_first_login(house, name):
    auth, account = parts(house)
    await house.services.administration.import_password(CLI, account, STRONG[name])
    before = await main_of(house)
    assert (before.verifier, before.expires_at) == ("", before.created_at + WINDOW_MS)
    assert STRONG[name].encode() not in before.sealed_hash and SECRET.encode() not in before.sealed_hash
    with pytest.raises(AuthFailed):
        await auth.login(LOGIN, SECRET + "x", IMAP)
    assert (await main_of(house)).sealed_hash is not None, "a wrong secret changes nothing"
    actor = await auth.login(LOGIN, SECRET, IMAP)
    after = await main_of(house)
    assert (after.id, after.sealed_hash, after.expires_at) == (before.id, None, None)
    assert after.verifier.startswith("$argon2id$")
    assert await auth.still_valid(actor)
    house.clock.ahead += WINDOW_MS + MINUTE
    await auth.login(LOGIN, SECRET, WEB)
    with pytest.raises(AuthFailed):
        await auth.login(LOGIN, SECRET + "x", IMAP)
    found = await actions(house)
    assert "account.password_hash" in found and "credential.password.renewed" in found
    assert "account.password" in found, "as when a password is set: what ties two administrators is read from it"


async def test_two_first_logins_at_once_are_both_let_in_and_stay_in(house):
    auth, account = parts(house)
    await house.services.administration.import_password(CLI, account, STRONG["ssha"])
    actors = await asyncio.gather(*(auth.login(LOGIN, SECRET, IMAP) for _ in range(4)))
    assert all([await auth.still_valid(actor) for actor in actors])
    assert (await actions(house)).count("credential.password.renewed") == 1


async def test_a_hash_ends_by_itself_and_is_not_renewed_then(house):
    auth, account = parts(house)
    await house.services.administration.import_password(CLI, account, STRONG["ssha"])
    house.clock.ahead += WINDOW_MS
    with pytest.raises(AuthFailed):
        await auth.login(LOGIN, SECRET, IMAP)
    assert (await main_of(house)).sealed_hash is not None
    await auth.set_password(account, "another good secret")
    await auth.login(LOGIN, "another good secret", IMAP)
    assert (await main_of(house)).sealed_hash is None


async def test_weak_hashes_are_taken_only_where_policy_says_so_and_must_be_changed(house):
    auth, account = parts(house)
    for text in WEAK.values():
        with pytest.raises(Invalid):
            await auth.import_password(account, text)
    assert await house.store.credentials(account) == []
    await set_knob(house, "password.import-weak-hashes", value=True)
    await auth.import_password(account, WEAK["md5"])
    assert (await house.store.proof_state(account)).must_change
    await auth.login(LOGIN, SECRET, WEB)
    assert (await main_of(house)).verifier.startswith("$argon2id$")


async def test_a_password_as_it_is_is_hashed_at_once(house):
    auth, account = parts(house)
    await set_knob(house, "password.import-weak-hashes", value=True)
    await auth.import_password(account, WEAK["plain"])
    row = await main_of(house)
    assert row.verifier.startswith("$argon2id$") and row.sealed_hash is None
    assert (await house.store.proof_state(account)).must_change
    await auth.login(LOGIN, SECRET, WEB)


async def test_who_has_a_password_keeps_it(house):
    auth, account = parts(house)
    await auth.set_password(account, "a very good secret")
    with pytest.raises(AlreadyExists):
        await auth.import_password(account, STRONG["ssha"])
    await auth.login(LOGIN, "a very good secret", IMAP)


async def test_nobody_learns_from_the_time_who_has_a_hash_of_which_kind(house, monkeypatch):
    """Every check does our own work once, whatever is tried; what is left of the floor is waited for by all alike."""
    auth, account = parts(house)
    waited: list[float] = []
    own: list[str] = []
    real = passwords._matches

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    def counted(verifier: str, secret: str) -> bool:
        own.append(verifier)
        return real(verifier, secret)

    monkeypatch.setattr(auth._passwords, "_pause", pause)
    monkeypatch.setattr(passwords, "_matches", counted)
    with pytest.raises(AuthFailed):
        await auth.login(LOGIN, "wrong", IMAP)
    assert (waited, len(own)) == ([], 1), "where there are no hashes nothing is waited for"
    await house.person("old@a.example")
    await auth.set_password(house.accounts["old@a.example"].id, "a very good secret")
    for text in (STRONG["ssha"], STRONG["argon2"]):
        await house.store.delete_credential(account, next(
            (one.id for one in await house.store.credentials(account)), 0
        ))  # fmt: skip
        await auth.import_password(account, text)
        for login in (LOGIN, "old@a.example", "nobody@a.example"):
            own.clear(), waited.clear()
            with pytest.raises(AuthFailed):
                await auth.login(login, "wrong", IMAP)
            assert len(own) == 1, login
            assert len(waited) == 1 and 0 < waited[0] < FLOOR_S, login
    house.clock.ahead += WINDOW_MS + 1
    waited.clear()
    with pytest.raises(AuthFailed):
        await auth.login("nobody@a.example", "wrong", IMAP)
    assert waited == [], "once the last has ended"
