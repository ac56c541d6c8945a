"""JMAP over WebSocket (RFC 8887): requests, their answers in any order, and state changes on one connection.

LIMITS    SOCKETS at once for one account; requests at once as everywhere, counted over all connections of the account
          (maxConcurrentRequests): while that many run, no further message is taken apart. Message size is bounded by the driver.
FAILURE   A message that cannot be read is answered with a RequestError; the connection goes on.
SECURITY  Browsers send no header of ours on a WebSocket: who comes with a cookie must come from our own origin.
          Each request, and each look for changes, asks whether the login still stands.
"""

import asyncio
import contextlib
from collections import Counter
from typing import Any, Final, Protocol

from smartmail.domain.errors import MailError, RateLimited
from smartmail.domain.principal import Actor
from smartmail.edge.httpd import security
from smartmail.edge.httpd.errors import STATUS
from smartmail.edge.httpd.places_per_account import PlacesPerAccount
from smartmail.edge.httpd.watching import Watcher, stands
from smartmail.edge.httpd.wire import Receive, Request, Scope, Send
from smartmail.proto.jmap.envelope import Request as Calls
from smartmail.proto.jmap.errors import RequestError
from smartmail.proto.jmap.limits import Limits
from smartmail.proto.jmap.socket import (
    SUBPROTOCOL,
    Asked,
    PushDisable,
    PushEnable,
    SocketError,
    change_message,
    error_message,
    read_message,
    response_head,
)
from smartmail.service.catalogue import Services
from smartmail.service.kernel.push import POLL_SECONDS
from smartmail.service.protection.defence.accounts import AccountBusy, TooManyConnections

PATH: Final = "/jmap/ws/"
SOCKETS: Final = 32
# RFC 6455 §7.4.1: going away for good; the client comes back with a fresh login or not at all.
_POLICY: Final = 1008


class Caller(Protocol):
    """Carries out the calls of a request (`api.Api`)."""

    capabilities: frozenset[str]
    at_once: PlacesPerAccount

    async def answer(self, actor: Actor, calls: Calls, base: str, head: dict[str, Any]) -> bytes:
        """Return the Response object."""
        ...


class Sockets:
    """Handler of WebSocket connections."""

    def __init__(self, services: Services, api: Caller, limits: Limits, poll_s: float = POLL_SECONDS) -> None:
        self._services = services
        self._api = api
        self._limits = limits
        self._poll_s = poll_s
        self._open: Counter[int] = Counter()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection from its handshake to its end."""
        await receive()
        request = Request({**scope, "method": "GET", "scheme": "https"}, receive)
        try:
            actor = await self._admitted(request, scope)
        except MailError as error:
            await _refused(send, STATUS[error.code])
            return
        if actor is None:
            await _refused(send, 404 if request.path.rstrip("/") != PATH.rstrip("/") else 400)
            return
        try:
            use = await self._services.defence.accounts.enter(actor)
        except TooManyConnections as error:
            await _refused(send, STATUS[error.code])
            return
        self._open[actor.account_id] += 1
        try:
            await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL, "headers": []})
            await _Socket(self._services, self._api, self._limits, actor, request, receive, send).run(self._poll_s)
        finally:
            use.leave()
            self._open[actor.account_id] -= 1
            if not self._open[actor.account_id]:
                del self._open[actor.account_id]

    async def _admitted(self, request: Request, scope: Scope) -> Actor | None:
        """Return who connects; None for another path or without the subprotocol (RFC 8887 §3.1). Raises MailError."""
        if request.path.rstrip("/") != PATH.rstrip("/") or SUBPROTOCOL not in scope.get("subprotocols", ()):
            return None
        if not request.header("authorization"):
            security.require_own_origin(request)
        actor = await security.authenticate(self._services.auth, request)
        if self._open[actor.account_id] >= SOCKETS:
            raise RateLimited("too many sockets of this account")
        return actor


async def _refused(send: Send, status: int) -> None:
    await send({"type": "websocket.http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "websocket.http.response.body", "body": b""})


class NoSockets:
    """Where nothing is served by WebSocket."""

    async def serve(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the handshake."""
        await receive()
        await _refused(send, 404)


class _Socket:
    """One open connection."""

    def __init__(
        self, services: Services, api: Caller, limits: Limits, actor: Actor, request: Request, receive: Receive, send: Send
    ) -> None:  # fmt: skip
        self._services = services
        self._api = api
        self._limits = limits
        self._actor = actor
        self._request = request
        self._receive = receive
        self._send = send
        self._running: set[asyncio.Task[None]] = set()
        self._push: asyncio.Task[None] | None = None
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self, poll_s: float) -> None:
        """Read messages until one side ends the connection, or the login has ended."""
        unwatch = self._services.auth.watch(self._actor, self._ended)
        try:
            while (message := await self._receive())["type"] == "websocket.receive":
                await self._take(message, poll_s)
        finally:
            unwatch()
            self._gone.cancel()
            tasks = [*self._running, *([self._push] if self._push is not None else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self) -> None:
        task = asyncio.create_task(self._close())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _take(self, message: Any, poll_s: float) -> None:
        # RFC 8887 §4.1: only text; octets are no JSON.
        text = message.get("text") or ""
        # Before it is taken apart: a message takes many times its octets then.
        await self._api.at_once.enter(self._actor.account_id)
        task = None
        try:
            task = await self._taken(text, poll_s)
        finally:
            if task is None:
                self._leave()
            else:
                self._running.add(task)
                task.add_done_callback(self._done)

    async def _taken(self, text: str, poll_s: float) -> "asyncio.Task[None] | None":
        """Carry out a message; return the task that answers it when it is a request."""
        try:
            wish = read_message(text.encode("utf-8", "surrogatepass"), self._limits, self._api.capabilities)
        except SocketError as problem:
            await self._text(error_message(problem.error, problem.request_id))
            return None
        if isinstance(wish, Asked):
            return asyncio.create_task(self._answer(wish))
        await self._stop_push()
        if isinstance(wish, PushEnable):
            self._push = asyncio.create_task(self._pushing(wish, poll_s))
        else:
            assert isinstance(wish, PushDisable)
        return None

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        self._leave()

    def _leave(self) -> None:
        self._api.at_once.leave(self._actor.account_id)

    async def _answer(self, asked: Asked) -> None:
        if not await stands(security.still_stands(self._services.auth, self._request, self._actor)):
            await self._close()
            return
        head = response_head(asked.request_id)
        try:
            body = await self._api.answer(self._actor, asked.request, self._request.base, head)
        except AccountBusy as busy:
            refused = RequestError("limit", busy.public, limit="commandsPerMinute", status=429)
            body = error_message(refused, asked.request_id)
        await self._text(body)

    async def _stop_push(self) -> None:
        if self._push is not None:
            self._push.cancel()
            await asyncio.gather(self._push, return_exceptions=True)
            self._push = None

    async def _pushing(self, wish: PushEnable, poll_s: float) -> None:
        with Watcher(self._services, self._actor, self._request, wish.types) as watcher:
            await watcher.begin()
            change = None if wish.push_state is None else watcher.missed(wish.push_state)
            while True:
                if change is not None:
                    await self._text(change_message(change, watcher.state))
                await watcher.wait(self._gone, poll_s)
                if not await watcher.still_stands():
                    await self._close()
                    return
                change = await watcher.look()

    async def _text(self, body: bytes) -> None:
        await self._send({"type": "websocket.send", "text": body.decode()})

    async def _close(self) -> None:
        with contextlib.suppress(RuntimeError):
            await self._send({"type": "websocket.close", "code": _POLICY, "reason": "the login has ended"})
