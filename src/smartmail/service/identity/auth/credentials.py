"""Credentials as their owner manages them: the main password, app passwords, access tokens, client certificates.

SECURITY    A generated secret is shown once, by the call that makes it; the store keeps verifiers. Labels are sealed.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from smartmail.base.i18n import translate
from smartmail.base.text import is_unicode
from smartmail.domain.account import Account, Credential, CredentialKind, LoginAttempt
from smartmail.domain.errors import AuthFailed, Forbidden, Invalid, NotFound, WeakPassword
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats import scram
from smartmail.formats.seal import Kind, SealError
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.policy.passwords import Whose, weaknesses
from smartmail.service.identity.auth.base import ALL_MAIL, is_country, lookup_of, token_hash
from smartmail.service.identity.auth.imported import read_hash
from smartmail.service.identity.auth.logins import Logins
from smartmail.service.identity.auth.passwords import APP_PASSWORD_OCTETS, MAX_SECRET_OCTETS, app_password
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.kernel.policy import CLIENT_DOORS

MIN_PASSWORD: Final = 10
"""Characters of a first password, set before anybody has asked for the account's policy."""
LATER_MS: Final = 90 * DAY
"""How long a password that is due may be put off (KA-15)."""
MAX_CREDENTIALS: Final = 50
MAX_LABEL: Final = 100
MAX_NETWORKS: Final = 20
MAX_ATTEMPTS: Final = 500
TOKEN_PREFIX: Final = "smt_"  # noqa: S105 -- a prefix, not a secret
"""Access tokens begin with it, so that a leaked one is found by whoever searches for such strings."""


@dataclass(frozen=True, slots=True)
class CredentialInfo:
    """A credential as its owner sees it. Empty `doors`: every mail program's; empty `networks`: everywhere. Countries
    (two letters) stand among the networks; an address in any of them will do.
    """

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
    last_used_country: str = ""


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A credential just made, and its secret: shown this once."""

    info: CredentialInfo
    secret: str = field(repr=False)


class Credentials(Logins):
    """Makes, lists and removes credentials."""

    async def set_password(
        self,
        account_id: AccountId,
        secret: str,
        *,
        minimum: int | None = None,
        chosen: bool = False,
        keep_programs: bool = False,
    ) -> None:
        """Replace the main password; every remembered login and session of the account dies, and unless `keep_programs`
        every app password, access token, client certificate and consent of a program: whoever knew the old password could
        have made one to stay.

        `chosen`: by its owner, who may not take one of the last again and need not change it at once. `minimum`: nothing but
        so many characters is asked (load tools). Raises WeakPassword.
        """
        account = await self._store.account(account_id)
        policy = await self._policy.of(account)
        rows = await self._store.credentials(account_id)
        # Another system's hash is none of ours to compare with later.
        old = next((row.verifier for row in rows if row.kind == "password" and row.sealed_hash is None), None)
        if minimum is not None:
            _check_password(secret, minimum)
        else:
            await self._judge(account, policy, secret, old if chosen else None)
        verifier, now = await self._passwords.hash(secret), self._clock.now()
        # Killed between: programs have ended and the old password stands, never the other way round.
        for row in () if keep_programs else rows:
            if row.kind != "password":
                await self._store.delete_credential(account_id, row.id)
        await self._store.put_credential(Credential(0, account_id, "password", verifier, now))
        if old is not None and policy[knobs.PASSWORD_HISTORY] > 1:
            await self._store.keep_old_password(account_id, old, now, policy[knobs.PASSWORD_HISTORY] - 1)
        await self._settle_state(account_id, must_change=policy[knobs.PASSWORD_CHANGE_INITIAL] and not chosen)
        self.changed(await self._store.update_account(account_id, raise_epoch=True))

    async def import_password(self, account_id: AccountId, text: str) -> None:
        """Take another system's hash over as the main password of an account that has none; its owner's first login makes
        it ours. What is no hash (where policy takes that) is hashed at once.

        Raises Invalid (no hash, or a weak one that policy does not take), AlreadyExists (there is a password).
        """
        account = await self._store.account(account_id)
        policy = await self._policy.of(account)
        found = read_hash(text, weak_too=policy[knobs.PASSWORD_IMPORT_WEAK])
        if found.plain:
            verifier, now = await self._passwords.hash(found.plain), self._clock.now()
            await self._store.put_credential(Credential(0, account_id, "password", verifier, now))
        else:
            await self._imported.keep(account, found)
        await self._settle_state(account_id, must_change=found.weak)
        self.changed(await self._store.update_account(account_id, raise_epoch=True))

    async def least_password(self, actor: Actor) -> int:
        """Return the characters that policy wants a main password to have at least."""
        return await self._policy.value_of_id(actor.account_id, knobs.PASSWORD_MIN_LENGTH)

    async def change_later(self, actor: Actor) -> None:
        """Put a password that is due off for LATER_MS, once. Raises Forbidden (policy, a first password, put off before)."""
        account = await self._subject(actor, None)
        policy, state = await self._policy.of(account), await self._store.proof_state(account.id)
        if not policy[knobs.PASSWORD_CHANGE_LATER] or state.must_change or state.change_later_until is not None:
            raise Forbidden("the password has to be changed now", reason="password.change")
        await self._store.put_proof_state(replace(state, change_later_until=self._clock.now() + LATER_MS))
        await self._audit(actor, "credential.password.later", account, 0)
        self.changed(account)

    async def _judge(self, account: Account, policy: PolicyView, secret: str, old: str | None) -> None:
        phones, birthdays = await self._numbers_of(account)
        company = (await self._store.organization(account.organization_id)).name
        whose = Whose(account.login, account.name, phones, birthdays, company)
        reasons: list[str] = [*weaknesses(secret, policy, whose)]
        if not reasons and old is not None and policy[knobs.PASSWORD_HISTORY]:
            before = await self._store.old_passwords(account.id, policy[knobs.PASSWORD_HISTORY] - 1)
            if await self._passwords.fits_one([old, *before], secret):
                reasons.append("used")
        if reasons:
            least = policy[knobs.PASSWORD_MIN_LENGTH]
            texts = [translate("en", f"password.reason.{one}", least=least) for one in reasons]
            raise WeakPassword(" ".join(texts), tuple(reasons), least=least)

    async def _settle_state(self, account_id: AccountId, *, must_change: bool) -> None:
        state = await self._store.proof_state(account_id)
        if must_change != state.must_change or state.change_later_until is not None:
            await self._store.put_proof_state(replace(state, must_change=must_change, change_later_until=None))
        self.standings.forget(account_id)

    async def change_password(self, actor: Actor, current: str, secret: str, *, keep_programs: bool = False) -> Actor:
        """Replace the actor's own main password, which it must know; return the actor that it is from now on.

        All sessions end, its own too; programs as `set_password` says. Raises Forbidden (not its password, or a lesser
        credential), Invalid.
        """
        account = await self._subject(actor, None)
        try:
            await self.login(account.login, current, actor.origin)
        except AuthFailed:
            raise Forbidden("the current password is not right", reason="password.current") from None
        await self.set_password(account.id, secret, chosen=True, keep_programs=keep_programs)
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
        if not await self._policy.value(account, knobs.APP_PASSWORDS):
            raise Forbidden("policy allows no app passwords", reason="credential.noapp")
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
        if not await self._policy.value(account, knobs.ACCESS_TOKENS):
            raise Forbidden("policy allows no access tokens", reason="credential.notoken")
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
            raise Invalid("there is no certificate", reason="certificate.none")
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
            raise Forbidden("the main password is replaced, not removed", reason="credential.stays")
        await self._store.delete_credential(account.id, credential_id)
        await self._audit(actor, "credential.delete", account, credential_id)
        self.changed(account)

    async def login_attempts(
        self, actor: Actor, account_id: AccountId | None = None, *, before: int | None = None, limit: int = 100
    ) -> list[LoginAttempt]:
        """Return who knocked on the account, newest first; page with the last one's id. Raises NotFound."""
        account = await self._subject(actor, account_id)
        return await self._store.login_attempts(account.id, before=before, limit=max(1, min(limit, MAX_ATTEMPTS)))

    async def new_setup_link(self, account_id: AccountId, lifetime: int = DAY) -> str:
        """Return a one-time token that sets the account's first password: an invitation. `lifetime` in milliseconds.

        It dies with the next password: of several links one is used, and none that got lost undoes what was set since.
        """
        token, account = self._clock.random(24).hex(), await self._store.account(account_id)
        purpose = link_purpose("setup", account)
        await self._store.put_once(token_hash(token), purpose, self._clock.now() + lifetime)
        return token

    async def use_setup_link(self, token: str, secret: str, *kinds: str) -> AccountId:
        """Set the password of the account that the link names, an invitation's or ("reset") a recovery's.

        Raises AuthFailed (no such link, or the password was set since), WeakPassword (the link stays good).
        """
        # Before the link is used up; who holds no link learns nothing of an account's own rule.
        _check_password(secret, max(MIN_PASSWORD, await self._policy.value_at_large(knobs.PASSWORD_MIN_LENGTH)))
        purpose = await self._store.use_once(token_hash(token))
        kind, _, number = (purpose or "").partition(":")
        if purpose is None or kind not in (kinds or ("setup",)):
            if purpose is not None:
                await self._store.put_once(token_hash(token), purpose, self._clock.now() + HOUR)
            raise AuthFailed
        number, _, epoch = number.partition(":")
        account_id = AccountId(int(number))
        if epoch and int(epoch) != (await self._store.account(account_id)).auth_epoch:
            raise AuthFailed
        try:
            await self.set_password(account_id, secret, chosen=True)
        except WeakPassword:
            # The link stays good for another try.
            await self._store.put_once(token_hash(token), purpose, self._clock.now() + HOUR)
            raise
        return account_id

    async def _room(self, account: Account) -> list[Credential]:
        rows = await self._store.credentials(account.id)
        if len(rows) >= MAX_CREDENTIALS:
            raise Forbidden(
                f"an account has at most {MAX_CREDENTIALS} credentials", reason="count.most", most=MAX_CREDENTIALS
            )
        return rows

    async def _keep(self, actor: Actor, account: Account, row: Credential, label: str) -> CredentialInfo:
        text = " ".join(label.split())
        if not text or len(text) > MAX_LABEL:
            raise Invalid(f"the label needs 1 to {MAX_LABEL} characters", reason="label.length", most=MAX_LABEL)
        sealed = (await self._keyring.account(account)).seal_text(Kind.CREDENTIAL_LABEL, text, row.created_at)
        kept = await self._store.put_credential(_labelled(row, sealed))
        await self._audit(actor, f"credential.new.{row.kind}", account, kept.id)
        return await self._info(account, kept)

    async def _info(self, account: Account, row: Credential) -> CredentialInfo:
        return CredentialInfo(
            row.id, row.kind, await self._label(account, row), row.created_at, row.expires_at, row.doors, row.networks,
            row.scopes, row.last_used_at, row.last_used_door, row.last_used_address,
            self._country(row.last_used_address),
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
        await self._store.audit(self._record(actor, action, f"account:{account.id} credential:{number}"))

    def _later(self, expires_at: int | None) -> int | None:
        if expires_at is not None and expires_at <= self._clock.now():
            raise Invalid("the end lies in the past", reason="end.past")
        return expires_at


def link_purpose(kind: str, account: Account) -> str:
    """Return what a link that sets a password is kept for: good until anything sets one."""
    return f"{kind}:{account.id}:{account.auth_epoch}"


def _check_password(secret: str, least: int) -> None:
    if len(secret) < least or not is_unicode(secret) or len(secret.encode()) > MAX_SECRET_OCTETS:
        raise WeakPassword(f"the password needs at least {least} characters", ("short",), least=least)


def _labelled(row: Credential, sealed: bytes) -> Credential:
    return Credential(
        row.id, row.account_id, row.kind, row.verifier, row.created_at, row.expires_at, sealed, row.lookup, row.doors,
        row.networks, row.scopes,
    )  # fmt: skip


def _doors(names: Sequence[str]) -> tuple[str, ...]:
    if unknown := sorted(set(names) - set(CLIENT_DOORS)):
        raise Invalid(f"no such door for programs: {', '.join(unknown)}", reason="credential.door")
    return tuple(door for door in CLIENT_DOORS if door in names)


def _scopes(names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        raise Invalid("a token needs a scope", reason="credential.scope")
    return (ALL_MAIL,) if ALL_MAIL in names and len(set(names)) == 1 else _doors(names)


def _networks(texts: Sequence[str]) -> tuple[str, ...]:
    if len(texts) > MAX_NETWORKS:
        raise Invalid(f"at most {MAX_NETWORKS} networks", reason="count.most", most=MAX_NETWORKS)
    try:
        return tuple(
            text.strip().upper() if is_country(text.strip()) else str(ipaddress.ip_network(text.strip(), strict=False))
            for text in texts
        )
    except ValueError:
        raise Invalid(
            "a network is an address, a range such as 192.0.2.0/24, or a country such as KR", reason="network.orcountry"
        ) from None
