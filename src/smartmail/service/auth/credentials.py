"""Credentials as their owner manages them: the main password, app passwords, access tokens, client certificates.

SECURITY    A generated secret is shown once, by the call that makes it; the store keeps verifiers. Labels are sealed.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from smartmail.base.text import is_unicode
from smartmail.domain.account import Account, Credential, CredentialKind, LoginAttempt
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AuthFailed, Forbidden, Invalid, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats import scram
from smartmail.formats.seal import Kind, SealError
from smartmail.service.auth.base import ALL_MAIL, lookup_of, token_hash
from smartmail.service.auth.logins import Logins
from smartmail.service.auth.passwords import APP_PASSWORD_OCTETS, MAX_SECRET_OCTETS, app_password
from smartmail.service.clock import DAY
from smartmail.service.policy import CLIENT_DOORS

MIN_PASSWORD: Final = 10
"""Characters of a first password, set before anybody has asked for the account's policy."""
MAX_CREDENTIALS: Final = 50
MAX_LABEL: Final = 100
MAX_NETWORKS: Final = 20
MAX_ATTEMPTS: Final = 500
TOKEN_PREFIX: Final = "smt_"  # noqa: S105 -- a prefix, not a secret
"""Access tokens begin with it, so that a leaked one is found by whoever searches for such strings."""


@dataclass(frozen=True, slots=True)
class CredentialInfo:
    """A credential as its owner sees it. Empty `doors`: every mail program's; empty `networks`: everywhere."""

    id: int
    kind: CredentialKind
    label: str
    created_at: int
    expires_at: int | None
    doors: tuple[str, ...]
    networks: tuple[str, ...]
    scopes: tuple[str, ...]
    last_used_at: int | None
    last_used_door: str
    last_used_address: str


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A credential just made, and its secret: shown this once."""

    info: CredentialInfo
    secret: str = field(repr=False)


class Credentials(Logins):
    """Makes, lists and removes credentials."""

    async def set_password(self, account_id: AccountId, secret: str, *, minimum: int | None = None) -> None:
        """Replace the main password; every remembered login and session of the account dies. Raises Invalid."""
        account = await self._store.account(account_id)
        least = (await self._policy.of(account)).password_min_length if minimum is None else minimum
        _check_password(secret, least)
        verifier = await self._passwords.hash(secret)
        await self._store.put_credential(Credential(0, account_id, "password", verifier, self._clock.now()))
        self.changed(await self._store.update_account(account_id, raise_epoch=True))

    async def change_password(self, actor: Actor, current: str, secret: str) -> Actor:
        """Replace the actor's own main password, which it must know; return the actor that it is from now on.

        All sessions end, its own too. Raises Forbidden (not its password, or a lesser credential), Invalid.
        """
        account = await self._subject(actor, None)
        try:
            await self.login(account.login, current, actor.origin)
        except AuthFailed:
            raise Forbidden("the current password is not right") from None
        await self.set_password(account.id, secret)
        await self._audit(actor, "credential.password", account, 0)
        return await self.login(account.login, secret, actor.origin)

    async def credentials(self, actor: Actor, account_id: AccountId | None = None) -> list[CredentialInfo]:
        """Return the credentials of the actor's account, or of another that it administers. Raises NotFound."""
        account = await self._subject(actor, account_id)
        return [await self._info(account, row) for row in await self._store.credentials(account.id)]

    async def new_app_password(
        self,
        actor: Actor,
        label: str,
        *,
        doors: Sequence[str] = (),
        networks: Sequence[str] = (),
        expires_at: int | None = None,
        account_id: AccountId | None = None,
    ) -> NewSecret:
        """Generate a password for one program. Raises Invalid, Forbidden (policy, or too many), NotFound."""
        account = await self._subject(actor, account_id)
        if not (await self._policy.of(account)).app_passwords:
            raise Forbidden("policy allows no app passwords")
        rows = await self._room(account)
        secret = app_password(self._clock.random(APP_PASSWORD_OCTETS))
        known = {row.id: found for row in rows if (found := scram.from_text(row.verifier)) and row.kind == "app"}
        verifier = await self._passwords.derive(secret, self._account_salt(account, known))
        row = Credential(
            0, account.id, "app", verifier.to_text(), self._clock.now(), self._later(expires_at),
            doors=_doors(doors), networks=_networks(networks),
        )  # fmt: skip
        return NewSecret(await self._keep(actor, account, row, label), secret)

    async def new_token(
        self,
        actor: Actor,
        label: str,
        *,
        scopes: Sequence[str] = (ALL_MAIL,),
        networks: Sequence[str] = (),
        expires_at: int | None = None,
        account_id: AccountId | None = None,
    ) -> NewSecret:
        """Make an access token for OAUTHBEARER, XOAUTH2 and HTTP Bearer. `scopes`: "mail" or names of doors.

        Raises Invalid, Forbidden, NotFound.
        """
        account = await self._subject(actor, account_id)
        if not (await self._policy.of(account)).access_tokens:
            raise Forbidden("policy allows no access tokens")
        await self._room(account)
        secret = TOKEN_PREFIX + self._clock.random(32).hex()
        row = Credential(
            0, account.id, "token", "", self._clock.now(), self._later(expires_at),
            lookup=lookup_of("token", secret.encode()), scopes=_scopes(scopes), networks=_networks(networks),
        )  # fmt: skip
        return NewSecret(await self._keep(actor, account, row, label), secret)

    async def add_certificate(
        self, actor: Actor, label: str, certificate: bytes, *, account_id: AccountId | None = None
    ) -> CredentialInfo:
        """Let a TLS client certificate (DER) stand for the account. Raises Invalid, AlreadyExists, NotFound."""
        account = await self._subject(actor, account_id)
        if not certificate:
            raise Invalid("there is no certificate")
        await self._room(account)
        row = Credential(
            0, account.id, "certificate", "", self._clock.now(), lookup=lookup_of("certificate", certificate)
        )
        return await self._keep(actor, account, row, label)

    async def delete_credential(self, actor: Actor, credential_id: int, account_id: AccountId | None = None) -> None:
        """Remove an app password, a token or a certificate; its live connections end. Raises NotFound, Forbidden."""
        account = await self._subject(actor, account_id)
        row = await self._credential(account.id, credential_id)
        if row is None:
            raise NotFound
        if row.kind == "password":
            raise Forbidden("the main password is replaced, not removed")
        await self._store.delete_credential(account.id, credential_id)
        await self._audit(actor, "credential.delete", account, credential_id)
        self.changed(account)

    async def login_attempts(
        self, actor: Actor, account_id: AccountId | None = None, *, before: int | None = None, limit: int = 100
    ) -> list[LoginAttempt]:
        """Return who knocked on the account, newest first; page with the last one's id. Raises NotFound."""
        account = await self._subject(actor, account_id)
        return await self._store.login_attempts(account.id, before=before, limit=max(1, min(limit, MAX_ATTEMPTS)))

    async def new_setup_link(self, account_id: AccountId) -> str:
        """Return a one-time token (24 h) that sets the account's first password."""
        token = self._clock.random(24).hex()
        await self._store.put_once(token_hash(token), f"setup:{account_id}", self._clock.now() + DAY)
        return token

    async def use_setup_link(self, token: str, secret: str) -> AccountId:
        """Set the password of the account that the link names. Raises AuthFailed, Invalid (the link stays good)."""
        # Before the link is used up; who holds no link learns nothing of an account's own rule.
        _check_password(secret, max(MIN_PASSWORD, (await self._policy.at_large()).password_min_length))
        purpose = await self._store.use_once(token_hash(token))
        if purpose is None or not purpose.startswith("setup:"):
            raise AuthFailed
        account_id = AccountId(int(purpose.removeprefix("setup:")))
        await self.set_password(account_id, secret, minimum=MIN_PASSWORD)
        return account_id

    async def _room(self, account: Account) -> list[Credential]:
        rows = await self._store.credentials(account.id)
        if len(rows) >= MAX_CREDENTIALS:
            raise Forbidden(f"an account has at most {MAX_CREDENTIALS} credentials")
        return rows

    async def _keep(self, actor: Actor, account: Account, row: Credential, label: str) -> CredentialInfo:
        text = " ".join(label.split())
        if not text or len(text) > MAX_LABEL:
            raise Invalid(f"the label needs 1 to {MAX_LABEL} characters")
        sealed = (await self._keyring.account(account)).seal_text(Kind.CREDENTIAL_LABEL, text, row.created_at)
        kept = await self._store.put_credential(_labelled(row, sealed))
        await self._audit(actor, f"credential.new.{row.kind}", account, kept.id)
        return await self._info(account, kept)

    async def _info(self, account: Account, row: Credential) -> CredentialInfo:
        return CredentialInfo(
            row.id, row.kind, await self._label(account, row), row.created_at, row.expires_at, row.doors, row.networks,
            row.scopes, row.last_used_at, row.last_used_door, row.last_used_address,
        )  # fmt: skip

    async def _label(self, account: Account, row: Credential) -> str:
        if row.sealed_label is None:
            return ""
        try:
            sealer = await self._keyring.account(account)
            return sealer.open_text(Kind.CREDENTIAL_LABEL, row.sealed_label, row.created_at)
        except SealError:
            return ""

    async def _audit(self, actor: Actor, action: str, account: Account, number: int) -> None:
        who = actor.named
        place = f"account:{account.id} credential:{number}"
        await self._store.audit(AuditRecord(self._clock.now(), who, action, place, actor.origin.address))

    def _later(self, expires_at: int | None) -> int | None:
        if expires_at is not None and expires_at <= self._clock.now():
            raise Invalid("the end lies in the past")
        return expires_at


def _check_password(secret: str, least: int) -> None:
    if len(secret) < least or not is_unicode(secret) or len(secret.encode()) > MAX_SECRET_OCTETS:
        raise Invalid(f"the password needs at least {least} characters")


def _labelled(row: Credential, sealed: bytes) -> Credential:
    return Credential(
        row.id, row.account_id, row.kind, row.verifier, row.created_at, row.expires_at, sealed, row.lookup, row.doors,
        row.networks, row.scopes,
    )  # fmt: skip


def _doors(names: Sequence[str]) -> tuple[str, ...]:
    if unknown := sorted(set(names) - set(CLIENT_DOORS)):
        raise Invalid(f"no such door for programs: {', '.join(unknown)}")
    return tuple(door for door in CLIENT_DOORS if door in names)


def _scopes(names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        raise Invalid("a token needs a scope")
    return (ALL_MAIL,) if ALL_MAIL in names and len(set(names)) == 1 else _doors(names)


def _networks(texts: Sequence[str]) -> tuple[str, ...]:
    if len(texts) > MAX_NETWORKS:
        raise Invalid(f"at most {MAX_NETWORKS} networks")
    try:
        return tuple(str(ipaddress.ip_network(text.strip(), strict=False)) for text in texts)
    except ValueError:
        raise Invalid("a network is an address or a range such as 192.0.2.0/24") from None
