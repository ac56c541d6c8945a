"""Watching the states of a person's accounts for one client: what EventSource and WebSocket share (RFC 8620 §7.1).

Their own account and those that others share with them. Hints wake a watcher; because hints may be lost each also looks
every few seconds. One look reads a row for each account: only when its modseq has moved are the states read.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from smartmail.domain.errors import AuthFailed, Forbidden, MailError, NotFound, ProofNeeded
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.edge.httpd import security
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.wire import Request
from smartmail.proto.jmap import push
from smartmail.service.catalogue import Services

States = dict[str, str]
PRESENCE, SESSION, BULLETIN = "Presence", "Session", "Bulletin"
"""Types of our own; Session tells that the Session object is another one: an account was shared, or is no longer."""
LISTED_S = 2.0
"""Seconds after which a watcher looks anew which accounts there are."""


@dataclass(slots=True)
class _Watched:
    """One account: what was told of it, and how to stop listening."""

    modseq: int
    told: States
    ends: list[Callable[[], None]]
    session: str = ""


class Watcher:
    """Says what has changed since it last said so. A context manager: it listens until the exit."""

    def __init__(self, services: Services, actor: Actor, request: Request, types: frozenset[str] | None) -> None:
        self._services = services
        self._actor = actor
        self._request = request
        self._woken = asyncio.Event()
        self._accounts: dict[AccountId, _Watched] = {}
        self._listed = 0.0
        self._drops = 0
        self._bulletins = services.bulletins.board.watch(actor, self._woken.set)
        self._board = ""
        self._ends: list[Callable[[], None]] = []
        self.types = types

    def __enter__(self) -> Self:
        self._accounts[self._actor.account_id] = self._listen(self._actor.account_id)
        # A login that has ended wakes the watcher, so that it looks whether it still stands.
        pushed = replace(self._actor, origin=replace(self._actor.origin, door="push"))
        self._ends = [self._services.auth.watch(one, self._woken.set) for one in (self._actor, pushed)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for account_id in list(self._accounts):
            self._forget(account_id)
        for end in (*self._ends, self._bulletins.end):
            end()

    @property
    def state(self) -> str:
        """Return what a client may hand back to learn what it missed: the modseq of each account."""
        return "-".join(f"{account}.{one.modseq}" for account, one in sorted(self._accounts.items()))

    async def begin(self) -> None:
        """Take the accounts as they are now as told."""
        await self._list()
        self._board = await self._bulletins.state()
        for account_id in list(self._accounts):
            await self._look_at(account_id)

    def missed(self, seen: str) -> dict[str, Any] | None:
        """Return the whole of the states of accounts that the client has not seen so, as a StateChange."""
        known = set(seen.split("-"))
        return self._change(
            {account: one.told for account, one in self._accounts.items() if f"{account}.{one.modseq}" not in known}
        )

    async def look(self) -> dict[str, Any] | None:
        """Return the StateChange of what changed since the last look; None when nothing did that is wanted."""
        news: States = {}
        if asyncio.get_running_loop().time() >= self._listed + LISTED_S or self._drops != self._services.rights.drops:
            news = await self._list()
        board = await self._bulletins.state()
        if board != self._board:
            self._board = news[BULLETIN] = board
        changed = {account_id: await self._look_at(account_id) for account_id in list(self._accounts)}
        changed[self._actor.account_id].update(news)
        return self._change(changed)

    async def wait(self, gone: "asyncio.Future[Any]", seconds: float) -> None:
        """Wait for a hint, for the client to go, or so long."""
        woken = asyncio.ensure_future(self._woken.wait())
        waiting: list[asyncio.Future[Any]] = [woken, gone]
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        self._woken.clear()

    async def still_stands(self) -> bool:
        """Say whether the login still stands, and may be told of changes: a session that was closed ends what it opened."""
        return await stands(self._stands())

    async def _stands(self) -> bool:
        await self._services.auth.pass_on(self._actor, "push")
        return await security.still_stands(self._services.auth, self._request, self._actor)

    async def _list(self) -> States:
        """Watch the accounts that there are now, and no others; return a new state of our own type Session when they, or
        what the person may do there, are not as they were told, or whether their own account may send.
        """
        self._listed, self._drops = asyncio.get_running_loop().time(), self._services.rights.drops
        every = await self._services.sharing.accounts_for(self._actor)
        await self._services.defence.ready()
        stopped = self._services.defence.parts.bans.is_stopped(self._actor.account_id)
        shared = {one.id for one in every}
        for account_id in self._accounts.keys() - shared - {self._actor.account_id}:
            self._forget(account_id)
        for account_id in shared - self._accounts.keys():
            self._accounts[account_id] = self._listen(account_id)
        seen = hashlib.sha256(repr([stopped, *((one.id, one.access.since) for one in every)]).encode()).hexdigest()[:16]
        own = self._accounts[self._actor.account_id]
        if own.session == seen:
            return {}
        own.session = seen
        return {SESSION: seen}

    def _listen(self, account_id: AccountId) -> _Watched:
        wake = self._woken.set
        ends = [self._services.hints.watch(account_id, wake), self._services.rights.watch(account_id, wake)]
        ends.append(self._services.presence.watch(account_id, wake))
        return _Watched(-1, {}, ends)

    def _forget(self, account_id: AccountId) -> None:
        for end in self._accounts.pop(account_id).ends:
            end()

    async def _look_at(self, account_id: AccountId) -> States:
        """Return the states of an account that are not as they were told; from now on they are."""
        held, states = self._accounts[account_id], self._services.states
        try:
            present = await self._present(account_id)
            if await states.modseq(self._actor, account_id) == held.modseq and held.told.items() >= present.items():
                return {}
            shown, held.modseq = await states.of_account(self._actor, account_id)
            shown |= present
        except NotFound:
            if account_id == self._actor.account_id:
                raise
            # No longer shared.
            self._forget(account_id)
            return {}
        changed = {name: state for name, state in shown.items() if held.told.get(name) != state}
        held.told = shown
        return changed

    async def _present(self, account_id: AccountId) -> States:
        """Return the state of who is replying, which is in no log; nothing for who may not know."""
        try:
            return {PRESENCE: await self._services.presence.state(self._actor, account_id)}
        except Forbidden:
            return {}

    def _change(self, states: dict[AccountId, States]) -> dict[str, Any] | None:
        return push.state_change({ids.show(ids.ACCOUNT, one): shown for one, shown in states.items()}, self.types)


async def stands(asked: Awaitable[bool]) -> bool:
    """Return the answer; no while the login is refused, yes while the store is away: that ends no session."""
    try:
        return await asked
    except (AuthFailed, ProofNeeded):
        return False
    except MailError:
        return True
