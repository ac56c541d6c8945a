"""Web sessions: signed-in browsers as a list of devices that a person can end one by one.

LIMITS      Lifetime, automatic log-out and how many at once are policy's. When a session was used is written at most
            once a minute, so an automatic log-out may come a minute late.
"""

from dataclasses import dataclass, replace
from typing import Final

from smartmail.domain.account import Account, Session
from smartmail.domain.errors import AuthFailed, NotFound, PolicyRejected, ProofNeeded
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import Kind, SealError
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.service.identity.auth.base import AuthBase, actor_of, token_hash
from smartmail.service.kernel.clock import HOUR, MINUTE

SEEN_MS: Final = MINUTE
AT_IT_MS: Final = 30 * MINUTE
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

    async def open_session(self, actor: Actor, device: str = "", *, factor: str = "") -> str:
        """Start a web session and return its token; only a hash of it is kept. `device` is what the browser calls
        itself, `factor` the kind of second factor that was shown. Raises PolicyRejected (signed in elsewhere).
        """
        token = self._clock.random(32).hex()
        account = await self._store.account(actor.account_id)
        policy = await self._policy.of(account)
        if not await self._waits(account, policy, factor, actor.origin):
            await self._make_room(account, policy)
        now, hashed = self._clock.now(), token_hash(token)
        sealed = await self._sealed_device(account, hashed, device)
        expires_at = now + policy[knobs.SESSION_HOURS] * HOUR
        row = Session(
            hashed, actor.account_id, now, expires_at, actor.auth_epoch, now, actor.origin.address, sealed, factor, now,
        )  # fmt: skip
        await self._store.put_session(row)
        return token

    async def session(self, token: str, origin: Origin, *, active: bool = True, owing: bool = False) -> Actor:
        """Return the actor of a live session. `active`: somebody is at it, which puts its automatic log-out off.
        `owing`: it may still owe something, because what is asked for pays it.

        Raises AuthFailed: unknown, expired, unused for too long, account closed or its epoch raised, web closed.
        ProofNeeded: it owes a second factor, its enrolment, a new password or a consent.
        """
        row = await self._store.session(token_hash(token))
        now = self._clock.now()
        if row is None or row.expires_at <= now:
            raise AuthFailed
        account = await self._store.account(row.account_id)
        policy = await self._policy.of(account)
        if not account.may("login", now) or has_ended(row, account, policy, origin.door, now):
            raise AuthFailed
        if await self._is_kept_out(account, origin, row.factor):
            raise AuthFailed
        demands = await self.standings.demands(account, policy, origin, row.factor)
        if demands and not owing:
            raise ProofNeeded(*demands)
        if active and now - row.last_seen_at >= SEEN_MS:
            self._journal.saw(row.token_hash, now)
        actor = actor_of(account, origin)
        return Actor(
            actor.account_id, actor.organization_id, actor.login, actor.is_admin, origin, actor.auth_epoch,
            by="session", session_id=row.token_hash.hex(), valid_until=actor.valid_until,
        )  # fmt: skip

    async def prove_session(self, actor: Actor, factor: str = "") -> None:
        """Note that a session has proved itself now, by a kind of second factor or ("") as it did before.

        Raises AuthFailed: it has ended; PolicyRejected (signed in elsewhere).
        """
        row = await self._store.session(bytes.fromhex(actor.session_id))
        if row is None:
            raise AuthFailed
        if factor and not row.factor:
            account = await self._store.account(row.account_id)
            policy = await self._policy.of(account)
            if await self._waits(account, policy, "", actor.origin):
                await self._make_room(account, policy, but=row.token_hash)
        await self._store.put_session(replace(row, factor=factor or row.factor, proved_at=self._clock.now()))

    async def _is_kept_out(self, account: Account, origin: Origin, factor: str) -> bool:
        """Say whether rules of place and time keep a session out from where it is now; recorded once in a while."""
        reason = await self._kept_out(account, origin, "session", factor)
        if reason is not None and self._gate.kept_out(account, origin, "session", reason):
            self._note(reason, origin, account)
        return reason is not None

    async def close_session(self, token: str) -> None:
        """End a session, with what its other pages hold open; unknown ones are ignored."""
        row = await self._store.session(token_hash(token))
        if row is not None:
            await self._store.delete_session(row.token_hash)
            self.changed(await self._store.account(row.account_id))

    async def sessions(self, actor: Actor, account_id: AccountId | None = None) -> list[SessionInfo]:
        """Return the live sessions of the actor's account, or of another that it administers. Raises NotFound."""
        account = await self._subject(actor, account_id, "account.sessions")
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
        account = await self._subject(actor, account_id, "account.sessions")
        for row in await self._store.sessions(account.id):
            if row.token_hash.hex() == session_id:
                record = self._record(actor, "session.end", f"account:{account.id}")
                await self._store.delete_session(row.token_hash, audit=record)
                self.changed(account)
                return
        raise NotFound

    async def end_all_sessions(self, actor: Actor, account_id: AccountId | None = None) -> int:
        """End every session and every live connection of an account, whatever opened it: browsers, mail programs,
        event streams. Return how many sessions that were. Passwords and tokens stay: programs may log in again.

        Raises NotFound, Forbidden.
        """
        account = await self._subject(actor, account_id, "account.sessions")
        ended = len(await self.sessions(actor, account.id))
        # Connections are judged by the epoch that they logged in under (`still_valid`), sessions by the one they keep.
        record = self._record(actor, "session.end-all", f"account:{account.id} sessions:{ended}")
        self.changed(await self._store.update_account(account.id, raise_epoch=True, audit=record))
        return ended

    async def _waits(self, account: Account, policy: PolicyView, factor: str, origin: Origin) -> bool:
        """Say whether a session has shown a password alone where more is asked: it keeps nobody out and ends nobody's, or
        who stole a password could.
        """
        return not factor and await self.standings.need(account, policy, origin) == "asked"

    async def _make_room(self, account: Account, policy: PolicyView, but: bytes = b"") -> None:
        """Obey how many may be signed in. Raises PolicyRejected."""
        if policy[knobs.SESSION_CONCURRENT] == "replace" and account.kind == "person":
            await self._end_all(account, but)
        if policy[knobs.SESSION_CONCURRENT] == "deny" and await self._is_elsewhere(account, policy, but):
            raise PolicyRejected("signed in elsewhere: sign out there first", reason="session.elsewhere")

    async def _is_elsewhere(self, account: Account, policy: PolicyView, but: bytes) -> bool:
        """Say whether somebody is at another session. An account of several people is exempt (BR-24), and a
        browser that was lost keeps nobody out for longer than its automatic log-out, or `AT_IT_MS` where there is none.
        """
        if account.kind != "person":
            return False
        now, idle = self._clock.now(), policy[knobs.SESSION_IDLE_MINUTES] * MINUTE or AT_IT_MS
        live = [
            row
            for row in await self._store.sessions(account.id)
            if row.expires_at > now and row.auth_epoch == account.auth_epoch and now - row.last_seen_at < idle + SEEN_MS
        ]
        for row in live:
            place = Origin("web", row.address)
            if row.token_hash != but and not await self._waits(account, policy, row.factor, place):
                return True
        return False

    async def _end_all(self, account: Account, but: bytes) -> None:
        rows = [row for row in await self._store.sessions(account.id) if row.token_hash != but]
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


def has_ended(row: Session, account: Account, policy: PolicyView, door: str, now: int) -> bool:
    """Say whether a session is over: expired, unused for too long, its account's epoch raised, the web closed."""
    if row.expires_at <= now or row.auth_epoch != account.auth_epoch:
        return True
    if not policy.is_open("web") or now - row.created_at >= policy[knobs.SESSION_HOURS] * HOUR:
        return True
    idle_minutes = _idle_minutes(policy, door)
    return bool(idle_minutes) and now - row.last_seen_at >= idle_minutes * MINUTE + SEEN_MS


def _idle_minutes(policy: PolicyView, door: str) -> int:
    """Return after how many minutes without use a session is logged out, 0 for never: on the console the shorter."""
    own = policy[knobs.SESSION_ADMIN_IDLE_MINUTES] if door == "admin" else 0
    return min(filter(None, (own, policy[knobs.SESSION_IDLE_MINUTES])), default=0)
