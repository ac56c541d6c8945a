"""Logins of every door: names and secrets, SCRAM, access tokens, client certificates; and whether they still stand."""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from smartmail.base.i18n import translate
from smartmail.base.text import is_unicode
from smartmail.domain.account import Account, Credential, LoginAttempt, Session
from smartmail.domain.errors import AuthFailed, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor, Door, Origin
from smartmail.formats import scram
from smartmail.formats.address import normalize
from smartmail.formats.scram import ScramVerifier
from smartmail.formats.seal import Purpose
from smartmail.policy import knobs
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.service.identity.access.gate import AccessGate
from smartmail.service.identity.auth.base import TOPIC, AuthBase, NumbersOf, actor_of, lookup_of
from smartmail.service.identity.auth.passwords import MAX_SECRET_OCTETS
from smartmail.service.identity.auth.sessions import has_ended
from smartmail.service.identity.auth.standing import Key, LoginWatch, key_of
from smartmail.service.identity.auth.store import Store
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import CLIENT_DOORS, PolicyService, WireFacts
from smartmail.service.kernel.policy import TOPIC as POLICY_TOPIC
from smartmail.service.protection.defence.logins import LoginGuard

REMEMBER_MS: Final = 10 * MINUTE
REMEMBER_MAX: Final = 10_000
DEVICE_MS: Final = 180 * DAY
"""How long a browser is known after its last login."""
STANDING_MS: Final = 1_000
"""How long a live connection's login is taken to stand without asking the store; a hint ends it at once."""
_TOLD: Final = {
    "app_password_needed": "auth.app_password_needed", "second_factor_needed": "auth.app_password_needed",
    "password_expired": "auth.password_expired", "consent_needed": "auth.consent_needed",
}  # fmt: skip
"""Why a right secret was refused, where its owner has to act and may hear it."""
_PER_REQUEST: Final = frozenset({"jmap", "dav"})
"""Doors whose programs log in with every request: a remembered login from the same address is not recorded again."""
_FURTHER: Final = frozenset({"push", "links"})
"""Doors behind another one: who stands there has come in already, and is watched there."""
GRANTED_PREFIX: Final = "smt_o"
"""Tokens that programs got by a person's consent (service.identity.oauth): they lead to the credential that stands for it."""
_PLACES_MAX: Final = 100


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
    recorded: set[tuple[str, str]] = field(default_factory=set)
    """Door and address of logins that the record has."""


class Logins(AuthBase):
    """Lets actors in, and tells connections when their login has ended."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        keyring: Keyring,
        policy: PolicyService,
        authority: Authority,
        guard: LoginGuard,
        gate: AccessGate,
        heard: Callable[[LoginAttempt], None],
        numbers_of: NumbersOf,
    ) -> None:
        super().__init__(store, clock, bus, keyring, policy, authority, guard, gate, heard, numbers_of)
        self._key = clock.random(32)
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._standing: OrderedDict[Key, int] = OrderedDict()
        self._changes = 0
        self._watch = LoginWatch(policy, clock, self.still_valid, gate, self._forget_standing)
        bus.subscribe(TOPIC, self._heard)
        bus.subscribe(POLICY_TOPIC, self._heard_policy)

    async def login(self, address: str, secret: str, origin: Origin, *, device: bytes | None = None) -> Actor:
        """Return the actor for a right name and secret. `device`: hash of the cookie of a known device, which is not
        shut out by what strangers do.

        Raises RateLimited (too many guesses, nothing was hashed), AuthFailed; with a public text when the secret is the main password and policy wants an app password.
        """
        self._guard.open_to(origin)
        login = normalize(address)
        if not is_unicode(secret) or len(secret.encode()) > MAX_SECRET_OCTETS:
            raise await self._denied(origin)
        proof = self._proof(login, secret)
        known = await self._recall(proof)
        if known is not None and await self._kept_out(known.account, origin, known.credential.kind) is not None:
            # It goes the whole way of a guess (KA-21): the same limits, the same time.
            known = None
        if known is not None and await self._is_locked(known, login, origin, device):
            await self._passwords.waste(secret)
            self._note("locked", origin, known.account, known.credential, login)
            raise await self._denied(origin)
        found = known or await self._verify(login, secret, origin, device)
        try:
            quietly = known is not None and self._is_recorded(proof, origin)
            actor = await self._admit(found, origin, quietly=quietly, login=login)
        except AuthFailed:
            # A right secret at a closed door takes as long as a wrong one.
            if known is not None:
                await self._passwords.waste(secret)
            raise
        if known is None:
            self._remember(proof, found)
        self._note_place(proof, origin)
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
        lookup = lookup_of("token", token.encode("utf-8", "surrogatepass"))
        if token.startswith(GRANTED_PREFIX):
            row = await self._store.oauth_token(lookup)
            is_good = row is not None and not row.refresh and row.expires_at > self._clock.now()
            lookup = row.grant if row is not None and is_good else lookup
        return await self._by_lookup(lookup, origin, claimed)

    async def login_certificate(self, certificate: bytes, origin: Origin, *, claimed: str = "") -> Actor:
        """Return the actor that a client certificate (DER, proved by TLS) is mapped to. Raises AuthFailed."""
        return await self._by_lookup(lookup_of("certificate", certificate), origin, claimed)

    async def admit_proved(self, account: Account, origin: Origin) -> Actor:
        """Return the actor of an account whose password and second factor were proved at a page. Raises AuthFailed."""
        rows = await self._store.credentials(account.id)
        main = next((row for row in rows if row.kind == "password"), None)
        if main is None:
            raise await self._denied(origin)
        return await self._admit(_Found(account, main), origin, login=account.login, proved=True)

    def note_wrong_factor(self, account: Account, origin: Origin) -> None:
        """Record that a right password came with a wrong second factor; it counts as a guess."""
        self._note("wrong_factor", origin, account, login=account.login)

    async def mechanisms(self, door: str, wire: WireFacts) -> tuple[str, ...]:
        """Return the SASL mechanisms to offer at a door before login, best first."""
        return await self._policy.mechanisms(door, wire)

    async def may_renew(self, credential: Credential) -> bool:
        """Say whether a program may get new tokens under a credential: the account may log in, and policy has tokens."""
        try:
            account = await self._store.account(credential.account_id)
        except NotFound:
            return False
        if credential.expires_at is not None and credential.expires_at <= self._clock.now():
            return False
        return account.may("login", self._clock.now()) and await self._policy.value(account, knobs.ACCESS_TOKENS)

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
        if not account.may("login", self._clock.now()) or account.auth_epoch != actor.auth_epoch:
            return False
        if not actor.credential_id or actor.origin.door in _FURTHER:
            row = await self._session_of(actor)
            if actor.session_id and (row is None or await self._is_over(row, account, actor)):
                return False
            factor = "" if row is None else row.factor
            is_open = await self._is_open(account, actor.origin.door)
            return is_open and await self._kept_out(account, actor.origin, actor.by, factor) is None
        credential = await self._credential(account.id, actor.credential_id)
        return credential is not None and await self._refusal(account, credential, actor.origin) is None

    async def _session_of(self, actor: Actor) -> Session | None:
        return await self._store.session(bytes.fromhex(actor.session_id)) if actor.session_id else None

    async def _is_over(self, row: Session, account: Account, actor: Actor) -> bool:
        """Say whether the session that a live connection was opened under is over: nothing may outlive it."""
        return has_ended(row, account, await self._policy.of(account), actor.origin.door, self._clock.now())

    async def _factor(self, actor: Actor) -> str:
        """Return the kind of second factor that an actor's session was opened with."""
        row = await self._session_of(actor)
        return "" if row is None else row.factor

    async def pass_on(self, actor: Actor, door: Door) -> None:
        """Let somebody who is in go through a further door (push, links, admin). Raises AuthFailed when rules of place
        and time do not.
        """
        account = await self._store.account(actor.account_id)
        origin = replace(actor.origin, door=door)
        kept_out = await self._kept_out(account, origin, actor.by, await self._factor(actor))
        if kept_out is not None:
            if self._gate.kept_out(account, origin, actor.by, kept_out):
                self._note(kept_out, origin, account)
            raise AuthFailed

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

    async def _verify(self, login: str, secret: str, origin: Origin, device: bytes | None = None) -> _Found:
        spared = device is not None and await self._knows_device(login, device)
        first = await self._guard.before(
            login, origin, self._passwords.waiting, lambda: self._account_of(login), spared=spared
        )
        account = await self._account_of(login)
        rows = {} if account is None else {row.id: row for row in await self._store.credentials(account.id)}
        generated = _generated(rows.values())
        own = next((row for row in rows.values() if row.kind == "password"), None)
        main = await self._imported.main(account, own)
        salt = self._account_salt(account, generated) if account is not None else self._salt(b"", b"")
        check = self._passwords.check if first else self._passwords.check_behind
        policy = None if account is None else await self._policy.of(account)
        locked = (
            account is not None
            and policy is not None
            and not spared
            and await self._lockout.holds(account, policy, origin)
        )
        number = await check(secret, main, generated, salt)
        if account is None or policy is None or number is None:
            self._note("nobody" if account is None else "wrong_secret", origin, account, login=login)
            if account is not None and policy is not None:
                await self._lockout.failed(account, policy)
            raise await self._denied(origin)
        if rows[number].kind == "password":
            if locked:
                self._note("locked", origin, account, rows[number], login)
                raise await self._denied(origin)
            await self._lockout.succeeded(account, policy)
        return _Found(account, await self._own(account, rows[number], secret))

    async def _own(self, account: Account, row: Credential, secret: str) -> Credential:
        """Return a proved credential, another system's hash replaced by a verifier of ours; not once it has ended."""
        if row.sealed_hash is None or (row.expires_at is not None and row.expires_at <= self._clock.now()):
            return row
        return await self._imported.renew(account, row, await self._passwords.hash(secret))

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

    async def _admit(
        self, found: _Found, origin: Origin, *, quietly: bool = False, login: str = "", proved: bool = False
    ) -> Actor:
        """Let a proved credential in, or not; record it. `proved`: with its second factor. Raises AuthFailed."""
        refusal = await self._refusal(found.account, found.credential, origin)
        if refusal is not None:
            self._note(refusal, origin, found.account, found.credential, login)
            if refusal in _TOLD:
                # Whoever has proved the main password may hear it.
                raise AuthFailed(translate("en", _TOLD[refusal]))
            raise await self._denied(origin)
        waits = (
            found.credential.kind == "password" and not proved and await self.waits_for_factor(found.account, origin)
        )
        if not quietly or waits:
            self._note("second_factor_needed" if waits else "ok", origin, found.account, found.credential, login)
        return actor_of(found.account, origin, found.credential)

    async def waits_for_factor(self, account: Account, origin: Origin) -> bool:
        """Say whether the main password is not the whole proof here: the page asks for a second factor."""
        if origin.door in CLIENT_DOORS:
            return False
        return await self.standings.need(account, await self._policy.of(account), origin) == "asked"

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

    def _is_recorded(self, proof: bytes, origin: Origin) -> bool:
        known = self._remembered.get(proof)
        return known is not None and (origin.door, origin.address) in known.recorded

    def _note_place(self, proof: bytes, origin: Origin) -> None:
        """Remember that the record has a login of a program which logs in with every request."""
        known = self._remembered.get(proof)
        if known is None or origin.door not in _PER_REQUEST:
            return
        if len(known.recorded) >= _PLACES_MAX:
            known.recorded.clear()  # recorded once more is better than once too little
        known.recorded.add((origin.door, origin.address))

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
        is_in = account.may("login", self._clock.now())
        if not is_in or account.auth_epoch != known.auth_epoch or credential is None:
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

    async def _is_locked(self, found: _Found, login: str, origin: Origin, device: bytes | None) -> bool:
        if found.credential.kind != "password":
            return False
        policy = await self._policy.of(found.account)
        if not policy[knobs.LOCKOUT_TRIES] or (device is not None and await self._knows_device(login, device)):
            return False
        return await self._lockout.holds(found.account, policy, origin)

    async def _knows_device(self, login: str, device: bytes) -> bool:
        row = await self._store.known_device(device)
        if row is None or self._clock.now() - row.last_at > DEVICE_MS:
            return False
        return (await self._store.resolve([login])).get(login) == row.account_id

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
