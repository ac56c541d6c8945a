"""What a main password costs in the product: argon2id, 2 passes over 19 MiB in one lane. Other tests hash cheaply."""

import argon2
import pytest
from tests.house import hashing

from smartmail.adapters.clock import SystemClock
from smartmail.service.identity.auth import passwords
from smartmail.service.identity.auth.imported import Main
from smartmail.service.identity.auth.passwords import Passwords


@pytest.fixture(autouse=True)
def _shipped(shipped_passwords: None) -> None:
    """All tests of this file pay the real price."""


async def test_the_shipped_parameters_are_in_every_verifier():
    verifier = await Passwords(SystemClock()).hash("correct horse")
    assert verifier.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    facts = argon2.extract_parameters(verifier)
    assert facts.type is argon2.Type.ID
    assert (facts.time_cost, facts.memory_cost, facts.parallelism) == (2, 19 * 1024, 1)
    assert (facts.salt_len, facts.hash_len) == (16, 32)


async def test_a_right_password_fits_and_a_wrong_one_does_not():
    checks = Passwords(SystemClock())
    main = Main(7, await checks.hash("correct horse"))
    assert await checks.check("correct horse", main, {}, bytes(16)) == 7
    assert await checks.check("correct house", main, {}, bytes(16)) is None
    assert await checks.check("correct horse", None, {}, bytes(16)) is None


async def test_a_name_without_a_verifier_costs_the_same_parameters(monkeypatch: pytest.MonkeyPatch):
    """A decoy made with cheaper parameters would tell by its time who has an account."""
    tried: list[str] = []
    matches = passwords._matches
    monkeypatch.setattr(
        passwords, "_matches", lambda verifier, secret: tried.append(verifier) or matches(verifier, secret)
    )
    await Passwords(SystemClock()).waste("anything")
    assert [argon2.extract_parameters(one).memory_cost for one in tried] == [19 * 1024]
    assert argon2.extract_parameters(tried[0]) == argon2.extract_parameters(hashing.SHIPPED.hash("x"))


def test_every_other_test_hashes_cheaply_with_the_same_algorithm():
    assert passwords._HASHER is hashing.SHIPPED
    cheap = argon2.extract_parameters(hashing.CHEAP.hash("x"))
    assert (cheap.type, cheap.time_cost, cheap.memory_cost) == (argon2.Type.ID, 1, 8)
