"""What the parts of the auth service share: its ports, and the judgement whether a credential opens a door."""

import hashlib
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, get_args

from smartmail.domain.access import Reason
from smartmail.domain.account import Account, Credential, LoginAttempt, LoginResult
from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import Permission
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.factors import Demand
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin, Proof
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.policy.proofs import is_within
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.service.identity.access.gate import AccessGate
from smartmail.service.identity.auth.imported import ImportedHashes
from smartmail.service.identity.auth.journal import LoginJournal
from smartmail.service.identity.auth.lockout import Lockout
from smartmail.service.identity.auth.owed import Standings
from smartmail.service.identity.auth.passwords import Passwords
from smartmail.service.identity.auth.store import Store
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import CLIENT_DOORS, GATED_DOORS, PolicyService
from smartmail.service.protection.defence.logins import LoginGuard

TOPIC: Final = "auth"
NumbersOf = Callable[[Account], Awaitable[tuple[Sequence[str], Sequence[str]]]]
"""Phone numbers and birthdays (YYYY-MM-DD) of whose account it is: no part of a password."""
WRONG: Final = frozenset({"nobody", "wrong_secret", "wrong_factor"})
"""Results that are guesses."""
KEPT_OUT: Final = frozenset(get_args(Reason))
"""Results that look like guesses from outside, in what they cost too: else a stranger could tell a right secret by the
guesses that are not counted.
"""
COUNTRY_LETTERS: Final = 2
ALL_MAIL: Final = "mail"
"""Scope of a token that opens every client door."""


class AuthBase:
    """State that the parts share."""

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
        """`gate`: rules of place and time, asked wherever a login is judged; `heard` is told of every attempt."""
        self._store = store
        self._clock = clock
        self._bus = bus
        self._keyring = keyring
        self._policy = policy
        self._authority = authority
        self._guard = guard
        self._imported = ImportedHashes(store, clock, keyring)
        self._passwords = Passwords(clock, self._imported.floor)
        self._lockout = Lockout(store, clock)
        self.standings = Standings(store, clock, bus, gate.asks_factor)
        """What accounts owe beyond a name and a secret: asked at every door."""
        self._journal = LoginJournal(store, heard)
        self._gate = gate
        self._numbers_of = numbers_of

    def changed(self, account: Account) -> None:
        """Tell every process that what opens an account has changed: live connections ask anew at once."""
        self._bus.publish(TOPIC, f"{account.id} {account.auth_epoch}")

    def tell_all(self) -> None:
        """Tell every process that what opens accounts has changed for anybody."""
        self._bus.publish(TOPIC, "")

    async def settle(self) -> None:
        """Return when the record of logins is written; before the store closes."""
        await self._journal.settle()
        await self._guard.settle()
        await self._gate.settle()

    async def _refusal(self, account: Account, credential: Credential, origin: Origin) -> LoginResult | None:
        """Say why a credential, though right, does not open a door; None when it does. The one place that judges."""
        if not account.may("login", self._clock.now()) and not _may_wake(account, credential, origin):
            return "account_closed"
        if credential.expires_at is not None and credential.expires_at <= self._clock.now():
            return "expired"
        if not await self._is_open(account, origin.door):
            return "door_closed"
        kept_out = await self._kept_out(account, origin, credential.kind)
        if kept_out is not None:
            return kept_out
        policy = await self._policy.of(account)
        if credential.kind == "password":
            needed = policy[knobs.APP_PASSWORD_REQUIRED] and origin.door in CLIENT_DOORS
            return "app_password_needed" if needed else await self._owed(account, policy, origin)
        if not _is_allowed(credential, policy):
            return "door_closed"
        if not _opens(credential, origin.door):
            return "wrong_door"
        if not _is_near(credential.networks, origin.address, self._country(origin.address)):
            return "wrong_network"
        return await self._owed(account, policy, origin, by=credential.kind)

    async def _owed(self, account: Account, policy: PolicyView, origin: Origin, *, by: str = "") -> LoginResult | None:
        """Say what a program's login still owes, None for nothing. The web asks for it after the password, so nothing
        is refused there. `by`: a credential that stands for a second factor and outlives the main password.
        """
        if origin.door not in CLIENT_DOORS:
            return None
        demands = await self.standings.demands(account, policy, origin, by)
        return next((_OWED[one] for one in demands if not by or one == "consent"), None)

    async def _kept_out(self, account: Account, origin: Origin, proof: Proof, factor: str = "") -> Reason | None:
        """Say why rules of place and time keep a proved login out. Before anything that tells that the secret was right."""
        if origin.door == "admin":
            # BR-25: the console has networks of its own.
            networks = await self._policy.value(account, knobs.ADMIN_NETWORKS)
            if networks and not is_within(networks, origin.address):
                return "network_denied"
        return await self._gate.refusal(account, origin, proof, factor=factor)

    def _country(self, address: str) -> str:
        return self._gate.place(address).country if address else ""

    async def _is_open(self, account: Account, door: str) -> bool:
        return door not in GATED_DOORS or (await self._policy.of(account)).is_open(door)

    def _note(
        self,
        result: LoginResult,
        origin: Origin,
        account: Account | None = None,
        credential: Credential | None = None,
        login: str = "",
    ) -> None:
        """Record how a login went, and tell the guard; `login` is the name that was claimed, where one was."""
        self._journal.note(
            LoginAttempt(
                self._clock.now(), None if account is None else account.id,
                None if credential is None else credential.id, origin.door, origin.address, result,
                country=self._country(origin.address),
            )
        )  # fmt: skip
        if account is not None and result == "ok":
            self._gate.came_in(account, origin, "password" if credential is None else credential.kind)
        elif account is not None and result in KEPT_OUT:
            self._gate.kept_out(account, origin, "password" if credential is None else credential.kind, result)
        if result in WRONG or result in KEPT_OUT:
            self._guard.failed(login, origin)
        elif result == "ok" and account is not None:
            self._guard.succeeded(login, account.id, origin)

    async def _subject(
        self, actor: Actor, account_id: AccountId | None, permission: Permission = "account.secrets"
    ) -> Account:
        """Return the account whose credentials an actor may manage: its own, or one over which it has the permission.

        What a lesser credential opened cannot make others: who steals a phone must not be able to stay.
        Raises Forbidden, NotFound.
        """
        if actor.by in {"app", "token", "certificate"}:
            raise Forbidden("sign in with the main password to manage credentials", reason="signin.main")
        wanted = actor.account_id if account_id is None else account_id
        if wanted != actor.account_id and actor.origin.door != "cli":
            await self._require(actor, permission, wanted)
        return await self._store.account(wanted)

    def _record(self, actor: Actor, action: str, place: str) -> AuditRecord:
        return AuditRecord(self._clock.now(), actor.named, action, place, actor.origin.address, door=actor.origin.door)

    async def _require(self, actor: Actor, permission: Permission, account_id: AccountId) -> None:
        """Raises NotFound also for who administers nothing: that there is an account is nobody's business."""
        try:
            await self._authority.require(actor, permission, Scope("account", str(int(account_id))))
        except Forbidden as error:
            if not error.public:
                raise NotFound from None
            raise


_OWED: Final[dict[Demand, LoginResult]] = {
    "factor": "second_factor_needed", "enrol": "second_factor_needed", "password": "password_expired",
    "consent": "consent_needed",
}  # fmt: skip


def _may_wake(account: Account, credential: Credential, origin: Origin) -> bool:
    """Say whether a login proves who a dormant account's person is: at the page, which asks for the second factor too."""
    return (
        account.state == "dormant" and account.ends_at is None and (origin.door, credential.kind) == ("web", "password")
    )


def _is_allowed(credential: Credential, policy: PolicyView) -> bool:
    kinds = {
        "app": policy[knobs.APP_PASSWORDS],
        "token": policy[knobs.ACCESS_TOKENS],
        "certificate": policy[knobs.CLIENT_CERTIFICATES],
    }
    return kinds[credential.kind]


def _opens(credential: Credential, door: str) -> bool:
    if door not in CLIENT_DOORS:
        return False
    if credential.kind == "token":
        return ALL_MAIL in credential.scopes or door in credential.scopes
    return not credential.doors or door in credential.doors


def _is_near(places: Sequence[str], address: str, country: str) -> bool:
    """Say whether an address lies in one of the networks or countries (two letters); none given means everywhere."""
    if not places or country in places:
        return True
    networks = [one for one in places if not is_country(one)]
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(place, "ipv4_mapped", None)
    return any((mapped or place) in ipaddress.ip_network(network, strict=False) for network in networks)


def is_country(text: str) -> bool:
    """Say whether a place is a country (ISO 3166-1 alpha-2) and no network."""
    return len(text) == COUNTRY_LETTERS and text.isascii() and text.isalpha()


def token_hash(token: str) -> bytes:
    """Return what a session token or one-time token is found by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def lookup_of(kind: str, octets: bytes) -> bytes:
    """Return what an access token or a certificate is found by; the kind is part of it, so that none stands for
    another.
    """
    return hashlib.sha256(kind.encode() + b"\0" + octets).digest()


def actor_of(account: Account, origin: Origin, credential: Credential | None = None) -> Actor:
    """Return who acts after a login."""
    return Actor(
        account.id, account.organization_id, account.login, account.is_admin, origin, account.auth_epoch,
        credential_id=0 if credential is None else credential.id, by="" if credential is None else credential.kind,
        valid_until=min((end for end in (credential and credential.expires_at, account.ends_at) if end), default=None),
    )  # fmt: skip
