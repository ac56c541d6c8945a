"""What the parts of the auth service share: its ports, and the judgement whether a credential opens a door."""

import hashlib
import ipaddress
from collections.abc import Sequence
from typing import Final

from smartmail.domain.account import Account, Credential, LoginAttempt, LoginResult
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import AccountPolicy
from smartmail.domain.principal import Actor, Origin
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.auth.journal import LoginJournal
from smartmail.service.auth.passwords import Passwords
from smartmail.service.defence.logins import LoginGuard
from smartmail.service.keyring import Keyring
from smartmail.service.policy import CLIENT_DOORS, GATED_DOORS, PolicyService

TOPIC: Final = "auth"
WRONG: Final = frozenset({"nobody", "wrong_secret"})
"""Results that are guesses."""
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
        guard: LoginGuard | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._keyring = keyring
        self._policy = policy
        self._guard = guard
        self._passwords = Passwords(clock)
        self._journal = LoginJournal(store)

    def changed(self, account: Account) -> None:
        """Tell every process that what opens an account has changed: live connections ask anew at once."""
        self._bus.publish(TOPIC, f"{account.id} {account.auth_epoch}")

    async def settle(self) -> None:
        """Return when the record of logins is written; before the store closes."""
        await self._journal.settle()
        if self._guard is not None:
            await self._guard.settle()

    async def _refusal(self, account: Account, credential: Credential, origin: Origin) -> LoginResult | None:
        """Say why a credential, though right, does not open a door; None when it does. The one place that judges."""
        if account.state != "active":
            return "account_closed"
        if credential.expires_at is not None and credential.expires_at <= self._clock.now():
            return "expired"
        if not await self._is_open(account, origin.door):
            return "door_closed"
        policy = await self._policy.of(account)
        if credential.kind == "password":
            return "app_password_needed" if policy.app_password_required and origin.door in CLIENT_DOORS else None
        if not _is_allowed(credential, policy):
            return "door_closed"
        if not _opens(credential, origin.door):
            return "wrong_door"
        return None if _is_near(credential.networks, origin.address) else "wrong_network"

    async def _is_open(self, account: Account, door: str) -> bool:
        return door not in GATED_DOORS or door in (await self._policy.of(account)).open_doors

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
            )
        )  # fmt: skip
        if self._guard is not None and result in WRONG:
            self._guard.failed(login, origin)
        elif self._guard is not None and result == "ok" and account is not None:
            self._guard.succeeded(login, account.id, origin)

    async def _subject(self, actor: Actor, account_id: AccountId | None) -> Account:
        """Return the account whose credentials an actor may manage: its own, or as administrator one of its company.

        What a lesser credential opened cannot make others: who steals a phone must not be able to stay.
        Raises Forbidden, NotFound.
        """
        if actor.by in {"app", "token", "certificate"}:
            raise Forbidden("sign in with the main password to manage credentials")
        account = await self._store.account(actor.account_id if account_id is None else account_id)
        if account.id == actor.account_id or actor.origin.door == "cli":
            return account
        if not actor.is_admin or account.organization_id != actor.organization_id:
            raise NotFound
        return account


def _is_allowed(credential: Credential, policy: AccountPolicy) -> bool:
    kinds = {"app": policy.app_passwords, "token": policy.access_tokens, "certificate": policy.client_certificates}
    return kinds[credential.kind]


def _opens(credential: Credential, door: str) -> bool:
    if door not in CLIENT_DOORS:
        return False
    if credential.kind == "token":
        return ALL_MAIL in credential.scopes or door in credential.scopes
    return not credential.doors or door in credential.doors


def _is_near(networks: Sequence[str], address: str) -> bool:
    """Say whether an address lies in one of the networks; none given means everywhere."""
    if not networks:
        return True
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(place, "ipv4_mapped", None)
    return any((mapped or place) in ipaddress.ip_network(network, strict=False) for network in networks)


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
        valid_until=None if credential is None else credential.expires_at,
    )  # fmt: skip
