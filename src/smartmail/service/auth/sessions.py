"""Web sessions: signed-in browsers as a list of devices that a person can end one by one.

LIMITS      Lifetime, automatic log-out and how many at once are policy's. When a session was used is written at most
            once a minute, so an automatic log-out may come a minute late.
"""

from dataclasses import dataclass
from typing import Final

from smartmail.domain.account import Account, Session
from smartmail.domain.errors import AuthFailed, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import Kind, SealError
from smartmail.service.auth.base import AuthBase, actor_of, token_hash
from smartmail.service.clock import HOUR, MINUTE

SEEN_MS: Final = MINUTE
ID_OCTETS: Final = 16
"""Octets of a session's token hash that its sealed device name is bound to: what `seal` takes as an id."""
MAX_DEVICE: Final = 300
"""Characters of a User-Agent that are kept; the longest known ones have some 250."""


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session as its owner sees it. `id` is no secret: it ends a session, it does not open one. Milliseconds."""

    id: str
    created_at: int
    last_seen_at: int
    expires_at: int
    address: str
    device: str
    current: bool


class Sessions(AuthBase):
    """Opens, finds, lists and ends sessions."""

    async def open_session(self, actor: Actor, device: str = "") -> str:
        """Start a web session and return its token; only a hash of it is kept. `device` is what the browser calls
        itself.
        """
        token = self._clock.random(32).hex()
        account = await self._store.account(actor.account_id)
        policy = await self._policy.of(account)
        if policy.session_concurrent == "replace":
            await self._end_all(account)
        now, hashed = self._clock.now(), token_hash(token)
        sealed = await self._sealed_device(account, hashed, device)
        expires_at = now + policy.session_hours * HOUR
        row = Session(
            hashed, actor.account_id, now, expires_at, actor.auth_epoch, now, actor.origin.address, sealed,
        )  # fmt: skip
        await self._store.put_session(row)
        return token

    async def session(self, token: str, origin: Origin, *, active: bool = True) -> Actor:
        """Return the actor of a live session. `active`: somebody is at it, which puts its automatic log-out off.

        Raises AuthFailed: unknown, expired, unused for too long, account closed or its epoch raised, web closed.
        """
        row = await self._store.session(token_hash(token))
        now = self._clock.now()
        if row is None or row.expires_at <= now:
            raise AuthFailed
        account = await self._store.account(row.account_id)
        if account.state != "active" or account.auth_epoch != row.auth_epoch:
            raise AuthFailed
        policy = await self._policy.of(account)
        idle = now - row.last_seen_at
        if "web" not in policy.open_doors or now - row.created_at >= policy.session_hours * HOUR:
            raise AuthFailed
        if policy.session_idle_minutes and idle >= policy.session_idle_minutes * MINUTE + SEEN_MS:
            raise AuthFailed
        if active and idle >= SEEN_MS:
            self._journal.saw(row.token_hash, now)
        actor = actor_of(account, origin)
        return Actor(
            actor.account_id, actor.organization_id, actor.login, actor.is_admin, origin, actor.auth_epoch,
            by="session", session_id=row.token_hash.hex(),
        )  # fmt: skip

    async def close_session(self, token: str) -> None:
        """End a session, with what its other pages hold open; unknown ones are ignored."""
        row = await self._store.session(token_hash(token))
        if row is not None:
            await self._store.delete_session(row.token_hash)
            self.changed(await self._store.account(row.account_id))

    async def sessions(self, actor: Actor, account_id: AccountId | None = None) -> list[SessionInfo]:
        """Return the live sessions of the actor's account, or of another that it administers. Raises NotFound."""
        account = await self._subject(actor, account_id)
        now = self._clock.now()
        rows = await self._store.sessions(account.id)
        live = [row for row in rows if row.expires_at > now and row.auth_epoch == account.auth_epoch]
        return [
            SessionInfo(
                row.token_hash.hex(), row.created_at, row.last_seen_at, row.expires_at, row.address,
                await self._device(account, row), row.token_hash.hex() == actor.session_id,
            )
            for row in live
        ]  # fmt: skip

    async def end_session(self, actor: Actor, session_id: str, account_id: AccountId | None = None) -> None:
        """End one session by its id. Raises NotFound."""
        account = await self._subject(actor, account_id)
        for row in await self._store.sessions(account.id):
            if row.token_hash.hex() == session_id:
                await self._store.delete_session(row.token_hash)
                self.changed(account)
                return
        raise NotFound

    async def _end_all(self, account: Account) -> None:
        rows = await self._store.sessions(account.id)
        for row in rows:
            await self._store.delete_session(row.token_hash)
        if rows:
            self.changed(account)

    async def _sealed_device(self, account: Account, hashed: bytes, device: str) -> bytes | None:
        if not device:
            return None
        text = device.encode("utf-8", "replace").decode()[:MAX_DEVICE]
        return (await self._keyring.account(account)).seal_text(Kind.DEVICE, text, hashed[:ID_OCTETS])

    async def _device(self, account: Account, row: Session) -> str:
        if row.sealed_device is None:
            return ""
        try:
            return (await self._keyring.account(account)).open_text(
                Kind.DEVICE, row.sealed_device, row.token_hash[:ID_OCTETS]
            )
        except SealError:
            return ""
