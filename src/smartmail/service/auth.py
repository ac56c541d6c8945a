"""Proof of identity: passwords, the cache of verified ones, web sessions, one-time links.

STRATEGIES
  A password costs 19 ms of argon2id (2 passes, 19 MiB), off the loop, at most two at a time, so that logins cannot
  become the flood. A verified one is remembered for ten minutes as an HMAC under a key of the process, and forgotten
  when the account's authentication epoch rises (docs/architecture.md 1.20).
SECURITY
  Unknown name, wrong secret and closed account take the same time and give the same error.
Must not know protocols: SASL and cookies belong to the edge.
"""

import asyncio
import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import argon2

from smartmail.domain.account import Account, Credential, Session
from smartmail.domain.errors import AuthFailed, Invalid
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.address import normalize
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.clock import DAY, MINUTE

P = ParamSpec("P")
R = TypeVar("R")

REMEMBER_MS = 10 * MINUTE
REMEMBER_MAX = 10_000
STANDING_MS = 1_000
"""How long a live connection's login is taken to stand without asking the store; a hint ends it at once."""
SESSION_MS = 14 * DAY
MIN_PASSWORD = 10
"""Characters; the password policy of the organisation issue replaces it."""
MAX_SECRET_OCTETS = 1024
CONCURRENT_HASHES = 2

_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@dataclass(frozen=True, slots=True)
class _Remembered:
    account_id: AccountId
    auth_epoch: int
    until: int


class AuthService:
    """Logins of every door."""

    def __init__(self, store: Store, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._key = clock.random(32)
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._slots = asyncio.Semaphore(CONCURRENT_HASHES)
        self._decoy: str | None = None
        self._standing: OrderedDict[tuple[AccountId, int], int] = OrderedDict()
        bus.subscribe("auth", self._heard)

    async def login(self, address: str, secret: str, origin: Origin) -> Actor:
        """Return the actor for a right name and secret. Raises AuthFailed."""
        login = normalize(address)
        if len(secret.encode("utf-8", "surrogatepass")) > MAX_SECRET_OCTETS:
            raise AuthFailed
        proof = self._proof(login, secret)
        account = await self._recall(proof) or await self._verify(login, secret, proof)
        return _actor(account, origin)

    async def set_password(self, account_id: AccountId, secret: str, *, minimum: int = MIN_PASSWORD) -> None:
        """Replace the main password; every remembered login and session of the account dies. Raises Invalid."""
        if len(secret) < minimum or len(secret.encode()) > MAX_SECRET_OCTETS:
            raise Invalid(f"the password needs at least {minimum} characters")
        verifier = await self._off_loop(_HASHER.hash, secret)
        credential = Credential(0, account_id, "password", verifier, "", self._clock.now(), None)
        await self._store.put_credential(credential)
        account = await self._store.update_account(account_id, raise_epoch=True)
        self._bus.publish("auth", f"{account.id} {account.auth_epoch}")

    async def open_session(self, actor: Actor) -> str:
        """Start a web session and return its token; only a hash of it is kept."""
        token = self._clock.random(32).hex()
        now = self._clock.now()
        row = Session(_token_hash(token), actor.account_id, now, now + SESSION_MS, actor.auth_epoch)
        await self._store.put_session(row)
        return token

    async def session(self, token: str, origin: Origin) -> Actor:
        """Return the actor of a live session. Raises AuthFailed."""
        row = await self._store.session(_token_hash(token))
        if row is None or row.expires_at <= self._clock.now():
            raise AuthFailed
        account = await self._store.account(row.account_id)
        if account.state != "active" or account.auth_epoch != row.auth_epoch:
            raise AuthFailed
        return _actor(account, origin)

    async def close_session(self, token: str) -> None:
        """End a session; unknown ones are ignored."""
        await self._store.delete_session(_token_hash(token))

    async def still_valid(self, actor: Actor) -> bool:
        """Say whether a live connection's login still stands: account active, epoch unchanged, as of a second ago."""
        key, now = (actor.account_id, actor.auth_epoch), self._clock.now()
        if now < self._standing.get(key, 0):
            return True
        account = await self._store.account(actor.account_id)
        stands = account.state == "active" and account.auth_epoch == actor.auth_epoch
        if stands:
            self._standing[key] = now + STANDING_MS
            self._standing.move_to_end(key)
            while len(self._standing) > REMEMBER_MAX:
                self._standing.popitem(last=False)
        return stands

    def _heard(self, _payload: str) -> None:
        """Somebody's password, lock or policy changed: ask the store anew for everybody."""
        self._standing.clear()

    async def new_setup_link(self, account_id: AccountId) -> str:
        """Return a one-time token (24 h) that sets the account's first password."""
        token = self._clock.random(24).hex()
        await self._store.put_once(_token_hash(token), f"setup:{account_id}", self._clock.now() + DAY)
        return token

    async def use_setup_link(self, token: str, secret: str) -> AccountId:
        """Set the password of the account that the link names. Raises AuthFailed, Invalid (the link stays good)."""
        if len(secret) < MIN_PASSWORD:
            raise Invalid(f"the password needs at least {MIN_PASSWORD} characters")
        purpose = await self._store.use_once(_token_hash(token))
        if purpose is None or not purpose.startswith("setup:"):
            raise AuthFailed
        account_id = AccountId(int(purpose.removeprefix("setup:")))
        await self.set_password(account_id, secret)
        return account_id

    def _proof(self, login: str, secret: str) -> bytes:
        text = f"{login}\0{secret}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).digest()

    async def _recall(self, proof: bytes) -> Account | None:
        known = self._remembered.get(proof)
        if known is None or known.until <= self._clock.now():
            self._remembered.pop(proof, None)
            return None
        account = await self._store.account(known.account_id)
        if account.state != "active" or account.auth_epoch != known.auth_epoch:
            del self._remembered[proof]
            return None
        return account

    async def _verify(self, login: str, secret: str, proof: bytes) -> Account:
        found = (await self._store.resolve([login])).get(login)
        account = await self._store.account(found) if found is not None else None
        verifiers = await self._verifiers(account)
        good = False
        for verifier in verifiers or [await self._decoy_verifier()]:
            good = await self._off_loop(_matches, verifier, secret) or good
        if account is None or not verifiers or not good or account.state != "active":
            raise AuthFailed
        self._remember(proof, account)
        return account

    async def _verifiers(self, account: Account | None) -> list[str]:
        if account is None:
            return []
        now = self._clock.now()
        rows = await self._store.credentials(account.id)
        return [row.verifier for row in rows if row.expires_at is None or row.expires_at > now]

    async def _decoy_verifier(self) -> str:
        """A verifier of nobody, so that an unknown name costs as much time as a wrong secret."""
        if self._decoy is None:
            self._decoy = await self._off_loop(_HASHER.hash, self._clock.random(16).hex())
        return self._decoy

    def _remember(self, proof: bytes, account: Account) -> None:
        self._remembered[proof] = _Remembered(account.id, account.auth_epoch, self._clock.now() + REMEMBER_MS)
        while len(self._remembered) > REMEMBER_MAX:
            self._remembered.popitem(last=False)

    async def _off_loop(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        async with self._slots:
            return await asyncio.to_thread(work, *args, **kwargs)


def _matches(verifier: str, secret: str) -> bool:
    try:
        return _HASHER.verify(verifier, secret)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def _actor(account: Account, origin: Origin) -> Actor:
    return Actor(account.id, account.organization_id, account.login, account.is_admin, origin, account.auth_epoch)


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
