"""Codes and tokens of programs that people let in.

NAME        oauth
PURPOSE     From a person's consent to a credential of kind "token" (it stands in the list of credentials, and removing it
            ends everything), and to the short-lived tokens under it. Must not know HTTP, nor what a door does.
STATES      code (one minute, once) → grant with an access token (1 h) and a refresh token (90 days, changed at each use).
FAILURE     OauthRefusedError in the words of the standard.
SECURITY    Tokens are opaque rows kept as hashes (ADR 8), so that they die at once. A code that comes a second time ends what
            it gave (RFC 6749 §4.1.2): somebody else has seen it. A refresh token that comes a second
            time was stolen, or its answer got lost: within a minute it is answered again, later the whole grant ends
            (RFC 9700 §4.14.2). Consent is given in a web session alone, which has passed the second factor.
STANDARDS   RFC 6749, RFC 7636, RFC 7009, RFC 9700.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from smartmail.base import log
from smartmail.domain.account import Account, Credential
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, MailError, NotFound
from smartmail.domain.oauth import OauthCode, OauthRefusedError, OauthToken
from smartmail.domain.principal import Actor, Origin
from smartmail.formats import oauth
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_directory import CredentialStore
from smartmail.ports.store_oauth import OauthStore
from smartmail.service.identity.auth import ALL_MAIL, AuthService
from smartmail.service.identity.auth.base import actor_of, lookup_of, token_hash
from smartmail.service.identity.auth.logins import GRANTED_PREFIX
from smartmail.service.identity.oauth.clients import Client, Clients
from smartmail.service.identity.oauth.consents import SCOPES, Consents, Wish
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE
from smartmail.service.kernel.keyring import Keyring


class _Store(AccountStore, AuditLog, CredentialStore, OauthStore, Protocol): ...


__all__ = ["SCOPES", "OauthService", "Tokens"]

CODE_MS: Final = MINUTE
ACCESS_MS: Final = HOUR
REFRESH_MS: Final = 90 * DAY
AGAIN_MS: Final = MINUTE
REFRESH_PREFIX: Final = "smr_"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a program gets; `lasts_s` is the life of the access token in seconds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    lasts_s: int
    scopes: tuple[str, ...]


class OauthService:
    """Gives out and takes back."""

    def __init__(self, store: _Store, auth: AuthService, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._auth = auth
        self._keyring = keyring
        self._clock = clock
        self.clients = Clients(keyring)
        self.consents = Consents(keyring, clock)

    async def agree(self, actor: Actor, wish: Wish) -> str:
        """Return the code of a consent that a person has given in a web session. Raises Forbidden, OauthRefusedError."""
        if actor.by != "session":
            raise Forbidden("programs are let in on the web page alone", reason="oauth.web")
        client = self.clients.read(wish.client_id)
        account = await self._store.account(actor.account_id)
        code = self._clock.random(32).hex()
        hashed = token_hash(code)
        label = (await self._keyring.account(account)).seal_text(Kind.OAUTH_LABEL, client.name, hashed[:16])
        await self._store.put_oauth_code(
            OauthCode(
                hashed, account.id, account.auth_epoch, client.hash, wish.redirect, wish.challenge, wish.scopes, label,
                self._clock.now() + CODE_MS,
            )
        )  # fmt: skip
        await self._audit(actor.named, "oauth.consent", account, actor.origin)
        return code

    async def exchange(self, client_id: str, code: str, redirect: str, verifier: str, origin: Origin) -> Tokens:
        """Return the tokens of a consent. Raises OauthRefusedError."""
        client = self.clients.read(client_id)
        row = await self._store.take_oauth_code(token_hash(code), self._clock.now())
        if row is not None and row.used_at:
            await self._end_of_code(row)
        if row is None or row.used_at or row.expires_at <= self._clock.now():
            raise OauthRefusedError("invalid_grant", "the code is used, unknown or older than a minute")
        if row.client != client.hash or row.redirect != redirect or not oauth.proves(verifier, row.challenge):
            raise OauthRefusedError("invalid_grant", "the code was given to another program")
        try:
            account = await self._store.account(row.account_id)
            if not account.may("login", self._clock.now()) or account.auth_epoch != row.auth_epoch:
                raise OauthRefusedError("invalid_grant", "the account has changed since")
            label = (await self._keyring.account(account)).open_text(
                Kind.OAUTH_LABEL, row.sealed_label, row.code_hash[:16]
            )
            made = await self._auth.new_token(actor_of(account, origin), label, scopes=row.scopes)
        except MailError as error:
            raise OauthRefusedError("unauthorized_client", error.public) from error
        grant = lookup_of("token", made.secret.encode())
        if not await self._store.bind_oauth_code(row.code_hash, grant):
            await self._end_of_code(replace(row, grant=grant))
            raise OauthRefusedError("invalid_grant", "the code was used twice")
        return await self._issue(grant, client, row.scopes)

    async def _end_of_code(self, row: OauthCode) -> None:
        """End what a code gave that has come a second time."""
        credential = None if row.grant is None else await self._store.credential_of(row.grant)
        if row.grant is not None and credential is not None:
            log.event("auth.code_reused", account=credential.account_id, credential=credential.id)
            await self._end(credential, row.grant, "oauth.code-reused")

    async def refresh(self, client_id: str, token: str) -> Tokens:
        """Return new tokens in place of a refresh token. Raises OauthRefusedError."""
        client, now = self.clients.read(client_id), self._clock.now()
        row = await self._store.oauth_token(token_hash(token))
        if row is None or not row.refresh or row.client != client.hash or row.expires_at <= now:
            raise OauthRefusedError(
                "invalid_grant", "the refresh token is unknown or has run out: ask for consent anew"
            )
        credential = await self._store.credential_of(row.grant)
        if credential is None:
            raise OauthRefusedError("invalid_grant", "the consent was taken back")
        if not await self._auth.may_renew(credential):
            # The grant stays: it works again when the account does.
            raise OauthRefusedError("invalid_grant", "the account is suspended or closed, or policy allows no tokens")
        first = await self._store.use_oauth_refresh(row.token_hash, now)
        if not first and await self._used_long_ago(row, now):
            log.event("auth.token_stolen", account=credential.account_id, credential=credential.id)
            await self._end(credential, row.grant, "oauth.reused")
            raise OauthRefusedError("invalid_grant", "the refresh token was used before: the consent has ended")
        return await self._issue(row.grant, client, credential.scopes or (ALL_MAIL,))

    async def revoke(self, client_id: str, token: str) -> None:
        """End the grant of a token; unknown ones are ignored (RFC 7009 §2.2). Raises OauthRefusedError."""
        client = self.clients.read(client_id)
        for hashed in (token_hash(token), lookup_of("token", token.encode())):
            row = await self._store.oauth_token(hashed)
            credential = None if row is None else await self._store.credential_of(row.grant)
            if row is not None and credential is not None and row.client == client.hash:
                await self._end(credential, row.grant, "oauth.revoke")

    async def forget(self) -> int:
        """Forget codes and tokens that have run out; return how many. A job's work."""
        return await self._store.forget_oauth(self._clock.now() - DAY)

    async def _used_long_ago(self, row: OauthToken, now: int) -> bool:
        known = await self._store.oauth_token(row.token_hash)
        return known is None or now - known.used_at > AGAIN_MS

    async def _issue(self, grant: bytes, client: Client, scopes: tuple[str, ...]) -> Tokens:
        now = self._clock.now()
        access = GRANTED_PREFIX + self._clock.random(32).hex()
        refresh = REFRESH_PREFIX + self._clock.random(32).hex()
        await self._store.put_oauth_tokens(
            [
                OauthToken(lookup_of("token", access.encode()), grant, False, client.hash, now + ACCESS_MS),
                OauthToken(token_hash(refresh), grant, True, client.hash, now + REFRESH_MS),
            ]
        )
        return Tokens(access, refresh, ACCESS_MS // 1000, scopes)

    async def _end(self, credential: Credential, grant: bytes, action: str) -> None:
        await self._store.delete_credential(credential.account_id, credential.id)
        await self._store.drop_oauth_tokens(grant)
        try:
            account = await self._store.account(credential.account_id)
        except NotFound:
            return
        self._auth.changed(account)
        await self._audit("system", action, account, None)

    async def _audit(self, who: str, action: str, account: Account, origin: Origin | None) -> None:
        address, door = ("", "") if origin is None else (origin.address, origin.door)
        about = f"account:{account.id}"
        await self._store.audit(AuditRecord(self._clock.now(), who, action, about, address, door=door))
