"""Logins of every door: names and secrets, SCRAM, access tokens, client certificates; and whether they still stand."""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from smartmail.base.i18n import translate
from smartmail.base.text import is_unicode
from smartmail.domain.account import Account, Credential
from smartmail.domain.errors import AuthFailed, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor, Origin
from smartmail.formats import scram
from smartmail.formats.address import normalize
from smartmail.formats.scram import ScramVerifier
from smartmail.formats.seal import Purpose
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.auth.base import TOPIC, AuthBase, actor_of, lookup_of
from smartmail.service.auth.passwords import MAX_SECRET_OCTETS
from smartmail.service.auth.standing import Key, LoginWatch, key_of
from smartmail.service.clock import MINUTE
from smartmail.service.defence.logins import LoginGuard
from smartmail.service.keyring import Keyring
from smartmail.service.policy import TOPIC as POLICY_TOPIC
from smartmail.service.policy import PolicyService, WireFacts

REMEMBER_MS: Final = 10 * MINUTE
REMEMBER_MAX: Final = 10_000
STANDING_MS: Final = 1_000
"""How long a live connection's login is taken to stand without asking the store; a hint ends it at once."""
_PER_REQUEST: Final = frozenset({"jmap", "web", "dav"})
"""Doors whose programs log in with every request: a remembered login is not recorded again."""


@dataclass(frozen=True, slots=True)
class ScramOffer:
    """What a SCRAM exchange starts from: the name's salt, and the keys of its app passwords by number.

    A name that cannot log in has a salt too, the same at every try, and no keys.
    """

    salt: bytes
    iterations: int
    keys: Mapping[int, scram.ScramKeys] = field(repr=False)


class _Found(NamedTuple):
    account: Account
    credential: Credential


@dataclass(frozen=True, slots=True)
class _Remembered:
    account_id: AccountId
    auth_epoch: int
    credential_id: int
    until: int


class Logins(AuthBase):
    """Lets actors in, and tells connections when their login has ended."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        keyring: Keyring,
        policy: PolicyService,
        guard: LoginGuard | None = None,
    ) -> None:
        super().__init__(store, clock, bus, keyring, policy, guard)
        self._key = clock.random(32)
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._standing: OrderedDict[Key, int] = OrderedDict()
        self._changes = 0
        self._watch = LoginWatch(policy, clock, self.still_valid)
        bus.subscribe(TOPIC, self._heard)
        bus.subscribe(POLICY_TOPIC, self._heard_policy)

    async def login(self, address: str, secret: str, origin: Origin) -> Actor:
        """Return the actor for a right name and secret.

        Raises RateLimited (too many guesses, nothing was hashed), AuthFailed; with a public text when the secret is the main password and policy wants an app password.
        """
        if self._guard is not None:
            self._guard.open_to(origin)
        login = normalize(address)
        if not is_unicode(secret) or len(secret.encode()) > MAX_SECRET_OCTETS:
            raise await self._denied(origin)
        proof = self._proof(login, secret)
        known = await self._recall(proof)
        found = known or await self._verify(login, secret, origin)
        try:
            quietly = known is not None and origin.door in _PER_REQUEST
            actor = await self._admit(found, origin, quietly=quietly, login=login)
        except AuthFailed:
            # A right secret at a closed door takes as long as a wrong one.
            if known is not None:
                await self._passwords.waste(secret)
            raise
        if known is None:
            self._remember(proof, found)
        return actor

    async def scram_offer(self, address: str) -> ScramOffer:
        """Return what a SCRAM exchange for a name starts from (architecture 1.20)."""
        login = normalize(address)
        account = await self._account_of(login)
        if account is None:
            return ScramOffer(self._salt(b"name", login.encode("utf-8", "surrogatepass")), scram.ITERATIONS, {})
        known = _generated(await self._store.credentials(account.id))
        salt = self._account_salt(account, known)
        return ScramOffer(salt, scram.ITERATIONS, {n: one.keys for n, one in known.items() if one.salt == salt})

    async def login_scram(self, address: str, credential_id: int | None, origin: Origin) -> Actor:
        """Return the actor of a name that has proved to have the app password with this number (None: proved nothing).

        Raises AuthFailed.
        """
        account = await self._account_of(normalize(address))
        credential = None if account is None else await self._credential(account.id, credential_id)
        if account is None or credential is None or credential.kind != "app":
            self._note("nobody" if account is None else "wrong_secret", origin, account, login=normalize(address))
            raise await self._denied(origin)
        return await self._admit(_Found(account, credential), origin)

    async def login_token(self, token: str, origin: Origin, *, claimed: str = "") -> Actor:
        """Return the actor of an access token; `claimed` is the name that the client gives with it. Raises AuthFailed."""
        return await self._by_lookup(lookup_of("token", token.encode("utf-8", "surrogatepass")), origin, claimed)

    async def login_certificate(self, certificate: bytes, origin: Origin, *, claimed: str = "") -> Actor:
        """Return the actor that a client certificate (DER, proved by TLS) is mapped to. Raises AuthFailed."""
        return await self._by_lookup(lookup_of("certificate", certificate), origin, claimed)

    async def mechanisms(self, door: str, wire: WireFacts) -> tuple[str, ...]:
        """Return the SASL mechanisms to offer at a door before login, best first."""
        return await self._policy.mechanisms(door, wire)

    def watch(self, actor: Actor, ended: Callable[[], None]) -> Callable[[], None]:
        """Call `ended` once a live connection's login stands no more; return a function that ends the watch."""
        return self._watch.add(actor, ended)

    async def still_valid(self, actor: Actor) -> bool:
        """Say whether a live connection's login still stands, as of a second ago: account active, epoch unchanged,
        credential still there, door still open by policy.
        """
        now = self._clock.now()
        key = key_of(actor)
        if now < self._standing.get(key, 0):
            return True
        changes = self._changes
        if not await self._stands(actor):
            return False
        if changes != self._changes:
            # What was read may be older than the hint that came meanwhile: not remembered.
            return True
        self._standing[key] = now + STANDING_MS
        self._standing.move_to_end(key)
        while len(self._standing) > REMEMBER_MAX:
            self._standing.popitem(last=False)
        return True

    async def _stands(self, actor: Actor) -> bool:
        try:
            account = await self._store.account(actor.account_id)
        except NotFound:
            return False
        if account.state != "active" or account.auth_epoch != actor.auth_epoch:
            return False
        if not actor.credential_id:
            return await self._is_open(account, actor.origin.door)
        credential = await self._credential(account.id, actor.credential_id)
        return credential is not None and await self._refusal(account, credential, actor.origin) is None

    def _heard(self, payload: str) -> None:
        """Somebody's password, lock or credentials changed: ask the store anew."""
        self._forget_standing()
        number = payload.partition(" ")[0]
        self._watch.heard(AccountId(int(number)) if number.isdecimal() else None)

    def _heard_policy(self, _payload: str) -> None:
        self._forget_standing()
        self._watch.heard(None)

    def _forget_standing(self) -> None:
        self._changes += 1
        self._standing.clear()

    # From a claim to a credential

    async def _verify(self, login: str, secret: str, origin: Origin) -> _Found:
        first = self._guard is None or await self._guard.before(
            login, origin, self._passwords.waiting, lambda: self._account_of(login)
        )
        account = await self._account_of(login)
        rows = {} if account is None else {row.id: row for row in await self._store.credentials(account.id)}
        generated = _generated(rows.values())
        main = next(((row.id, row.verifier) for row in rows.values() if row.kind == "password"), None)
        salt = self._account_salt(account, generated) if account is not None else self._salt(b"", b"")
        check = self._passwords.check if first else self._passwords.check_behind
        number = await check(secret, main, generated, salt)
        if account is None or number is None:
            self._note("nobody" if account is None else "wrong_secret", origin, account, login=login)
            raise await self._denied(origin)
        return _Found(account, rows[number])

    async def _by_lookup(self, lookup: bytes, origin: Origin, claimed: str) -> Actor:
        credential = await self._store.credential_of(lookup)
        if credential is None:
            self._note("nobody", origin)
            raise await self._denied(origin)
        account = await self._store.account(credential.account_id)
        if claimed and normalize(claimed) not in await self._store.addresses(account.id):
            self._note("wrong_secret", origin, account, credential)
            raise await self._denied(origin)
        known = await self._recall(lookup)
        actor = await self._admit(
            _Found(account, credential), origin, quietly=known is not None and origin.door in _PER_REQUEST
        )
        if known is None:
            self._remember(lookup, _Found(account, credential))
        return actor

    async def _admit(self, found: _Found, origin: Origin, *, quietly: bool = False, login: str = "") -> Actor:
        """Let a proved credential in, or not; record it. Raises AuthFailed."""
        refusal = await self._refusal(found.account, found.credential, origin)
        if refusal is not None:
            self._note(refusal, origin, found.account, found.credential)
            if refusal == "app_password_needed":
                # Whoever has proved the main password may hear it.
                raise AuthFailed(translate("en", "auth.app_password_needed"))
            raise await self._denied(origin)
        if not quietly:
            self._note("ok", origin, found.account, found.credential, login)
        return actor_of(found.account, origin, found.credential)

    async def _denied(self, origin: Origin) -> AuthFailed:
        """Return the failure to raise: the same at one door whatever was wrong, so that it tells nothing about the name;
        where policy closes the door for some, it says that this may be the reason.
        """
        closed = await self._policy.is_closed_for_some(origin.door)
        return AuthFailed(translate("en", "auth.door_may_be_closed") if closed else "")

    # What this process remembers

    def _proof(self, login: str, secret: str) -> bytes:
        text = f"{login}\0{secret}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).digest()

    async def _recall(self, proof: bytes) -> _Found | None:
        known = self._remembered.get(proof)
        if known is None:
            return None
        found = await self._remembered_found(known)
        if found is None:
            self._remembered.pop(proof, None)
        return found

    async def _remembered_found(self, known: _Remembered) -> _Found | None:
        if known.until <= self._clock.now():
            return None
        try:
            account = await self._store.account(known.account_id)
        except NotFound:
            return None
        credential = await self._credential(known.account_id, known.credential_id)
        if account.state != "active" or account.auth_epoch != known.auth_epoch or credential is None:
            return None
        return _Found(account, credential)

    def _remember(self, proof: bytes, found: _Found) -> None:
        account, credential = found
        until = self._clock.now() + REMEMBER_MS
        self._remembered[proof] = _Remembered(account.id, account.auth_epoch, credential.id, until)
        while len(self._remembered) > REMEMBER_MAX:
            self._remembered.popitem(last=False)

    # Look-ups

    async def _account_of(self, login: str) -> Account | None:
        if not is_unicode(login):
            return None
        found = (await self._store.resolve([login])).get(login)
        return None if found is None else await self._store.account(found)

    async def _credential(self, account_id: AccountId, number: int | None) -> Credential | None:
        return next((row for row in await self._store.credentials(account_id) if row.id == number), None)

    def _account_salt(self, account: Account, generated: Mapping[int, ScramVerifier]) -> bytes:
        """Return the one salt of an account's app passwords: that of the ones it has, else the one of its id."""
        return next((one.salt for one in generated.values()), None) or self._salt(b"account", b"%d" % account.id)

    def _salt(self, *fields: bytes) -> bytes:
        return self._keyring.installation_mac(Purpose.SCRAM_SALT, *fields)[: scram.SALT_OCTETS]


def _generated(rows: Iterable[Credential]) -> dict[int, ScramVerifier]:
    found = {}
    for row in rows:
        verifier = scram.from_text(row.verifier) if row.kind == "app" else None
        if verifier is not None:
            found[row.id] = verifier
    return found
