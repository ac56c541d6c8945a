"""Secrets that people type: hashing and checking them off the loop, and the form of generated app passwords.

STRATEGIES
  A main password costs 19 ms of argon2id (2 passes, 19 MiB), at most two at a time, so that logins cannot become the
  flood. App passwords are 120 random bits: their SCRAM keys under the account's one salt are verifier enough, and one
  derivation finds the right one among many.
SECURITY
  For a name without a verifier, or with another system's hash, the same work is done on a decoy. Whether the derivation
  is done depends on what was typed alone. Where such hashes are in the house no check takes less than `floor` seconds of
  work (service.identity.auth.imported): the rest is waited for, in nobody's slot.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, ParamSpec, TypeVar

import argon2

from smartmail.formats import scram
from smartmail.formats.scram import ScramVerifier
from smartmail.ports.clock import Clock
from smartmail.service.identity.auth.imported import Main

P = ParamSpec("P")
R = TypeVar("R")

CONCURRENT_HASHES: Final = 2
MAX_SECRET_OCTETS: Final = 1024

APP_PASSWORD_OCTETS: Final = 15
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 signs that are told apart in every font and need no shift on a phone: no l and o, no 0 and 1."""
_GROUP: Final = 4
_LENGTH: Final = APP_PASSWORD_OCTETS * 8 // 5

_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def app_password(octets: bytes) -> str:
    """Return fifteen random octets as six groups of four letters: abcd-efgh-…"""
    number = int.from_bytes(octets)
    signs = "".join(_ALPHABET[number >> shift & 31] for shift in range(0, _LENGTH * 5, 5))
    return _grouped(signs)


def as_app_password(text: str) -> str | None:
    """Return what was typed in the form in which it was generated, None when it cannot be an app password.

    People copy it without its hyphens or with spaces, and phones capitalise the first letter.
    """
    signs = text.replace("-", "").replace(" ", "").lower()
    if len(signs) != _LENGTH or not set(signs) <= set(_ALPHABET):
        return None
    return _grouped(signs)


def _grouped(signs: str) -> str:
    return "-".join(signs[start : start + _GROUP] for start in range(0, len(signs), _GROUP))


class Passwords:
    """Hashes and checks."""

    def __init__(
        self,
        clock: Clock,
        floor: Callable[[], Awaitable[float]] | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`floor`: says how many seconds a check takes at least."""
        self._clock = clock
        self._floor = floor
        self._pause = pause
        self._slots = asyncio.Semaphore(CONCURRENT_HASHES)
        self._strangers = asyncio.Semaphore(CONCURRENT_HASHES - 1)
        self._decoy: str | None = None
        self.waiting = 0
        """Hashes that are being made or stand in line."""

    async def hash(self, secret: str) -> str:
        """Return the verifier of a main password."""
        return await self._off_loop(_HASHER.hash, secret)

    async def derive(self, secret: str, salt: bytes) -> ScramVerifier:
        """Return the verifier of a generated password."""
        return ScramVerifier(salt, scram.ITERATIONS, await self._off_loop(scram.derive, secret, salt))

    async def check(
        self, secret: str, main: Main | None, generated: Mapping[int, ScramVerifier], salt: bytes
    ) -> int | None:
        """Return the number of the verifier that the secret fits, None for none. Always the same work."""
        decoy, floor = await self._decoy_verifier(), 0.0 if self._floor is None else await self._floor()
        number, took = await self._timed(_check, secret, main or Main(0, decoy), generated, salt, decoy)
        if took < floor:
            await self._pause(floor - took)
        return number

    async def check_behind(
        self, secret: str, main: Main | None, generated: Mapping[int, ScramVerifier], salt: bytes
    ) -> int | None:
        """The same for strangers: all of them share one slot, so that nobody else waits behind them."""
        self.waiting += 1
        try:
            async with self._strangers:
                return await self.check(secret, main, generated, salt)
        finally:
            self.waiting -= 1

    async def fits_one(self, verifiers: Sequence[str], secret: str) -> bool:
        """Say whether a secret is one of some old main passwords."""
        for verifier in verifiers:
            if await self._off_loop(_matches, verifier, secret):
                return True
        return False

    async def waste(self, secret: str) -> None:
        """Take the time of a check."""
        await self.check(secret, None, {}, bytes(scram.SALT_OCTETS))

    async def _decoy_verifier(self) -> str:
        if self._decoy is None:
            self._decoy = await self._off_loop(_HASHER.hash, self._clock.random(16).hex())
        return self._decoy

    async def _off_loop(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return (await self._timed(work, *args, **kwargs))[0]

    async def _timed(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> tuple[R, float]:
        """Return what a piece of work gives, and how many seconds it took, standing in line left out."""
        self.waiting += 1
        try:
            async with self._slots:
                clock = asyncio.get_running_loop().time
                began = clock()
                return await asyncio.to_thread(work, *args, **kwargs), clock() - began
        finally:
            self.waiting -= 1


def _check(secret: str, main: Main, generated: Mapping[int, ScramVerifier], salt: bytes, decoy: str) -> int | None:
    typed = as_app_password(secret)
    if typed is not None:
        keys = scram.derive(typed, salt)
        for number, verifier in generated.items():
            if verifier.salt == salt and hmac.compare_digest(verifier.keys.stored_key, keys.stored_key):
                return number
    if main.foreign is not None:
        _matches(decoy, secret)
        return main.id if main.foreign.fits(secret) else None
    return main.id if _matches(main.verifier, secret) and main.id else None


def _matches(verifier: str, secret: str) -> bool:
    try:
        return _HASHER.verify(verifier, secret)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
