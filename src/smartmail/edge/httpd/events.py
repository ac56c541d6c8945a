"""EventSource: states of an account's types as they change (RFC 8620 §7.3).

SECURITY    Every look asks whether the login still stands: a session that was closed ends its streams.
LIMITS      STREAMS at once for one account.
"""

import asyncio
from collections import Counter
from typing import Any, Final

from smartmail.domain.errors import Invalid, RateLimited
from smartmail.edge.httpd import security
from smartmail.edge.httpd.watching import Watcher
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.proto.jmap import push
from smartmail.service.catalogue import Services
from smartmail.service.kernel.push import POLL_SECONDS

STREAMS: Final = 32
"""A person has a few tabs and devices."""


class Events:
    """Handler of /jmap/events."""

    def __init__(self, services: Services, poll_s: float = POLL_SECONDS) -> None:
        self._services = services
        self._poll_s = poll_s
        self._open: Counter[int] = Counter()

    async def stream(self, request: Request, answer: Answer) -> None:
        """GET ?types=…&closeafter=state|no&ping=seconds → text/event-stream, until one side ends it."""
        actor = await security.authenticate(self._services.auth, request)
        await self._services.auth.pass_on(actor, "push")
        wish = push.parse_subscription(
            request.query("types") or "*", request.query("closeafter") or "no", request.query("ping") or "0"
        )
        if wish is None:
            raise Invalid("types, closeafter or ping is not as RFC 8620 §7.3 has it")
        if self._open[actor.account_id] >= STREAMS:
            raise RateLimited("too many event streams of this account")
        use = await self._services.defence.accounts.enter(actor)
        self._open[actor.account_id] += 1
        try:
            with Watcher(self._services, actor, request, wish.types) as watcher:
                await _Stream(watcher, wish, request, answer).run(self._poll_s)
        finally:
            use.leave()
            self._open[actor.account_id] -= 1
            if not self._open[actor.account_id]:
                del self._open[actor.account_id]


class _Stream:
    """One open stream."""

    def __init__(self, watcher: Watcher, wish: push.Subscription, request: Request, answer: Answer) -> None:
        self._watcher = watcher
        self._wish = wish
        self._request = request
        self._answer = answer

    async def run(self, poll_s: float) -> None:
        """Tell changes until the client goes, the session ends, or one change was told and that was all."""
        gone = asyncio.ensure_future(self._request.gone())
        try:
            await self._begin()
            await self._follow(gone, poll_s)
        finally:
            gone.cancel()

    async def _begin(self) -> None:
        await self._watcher.begin()
        await self._answer.start(
            200, [("content-type", "text/event-stream; charset=utf-8"), ("x-accel-buffering", "no")]
        )
        # The first octets open the stream in the browser; the id lets it say what it has seen when it comes back.
        await self._answer.piece(b": open\n\n")
        seen = self._request.header("last-event-id")
        if seen:
            await self._tell(self._watcher.missed(seen))

    async def _follow(self, gone: "asyncio.Future[None]", poll_s: float) -> None:
        loop, ping_s = asyncio.get_running_loop(), self._wish.ping_s
        last_event = loop.time()
        while not gone.done():
            if not await self._watcher.still_stands():
                break
            if await self._tell(await self._watcher.look()):
                last_event = loop.time()
                if self._wish.close_after_state:
                    break
            # RFC 8620 §7.3: a ping follows whenever the interval has passed since the event before it.
            if ping_s and loop.time() >= last_event + ping_s:
                last_event = loop.time()
                await self._answer.piece(push.ping_event(ping_s))
            await self._watcher.wait(gone, min(poll_s, last_event + ping_s - loop.time()) if ping_s else poll_s)
        if not gone.done():
            await self._answer.piece(b"", last=True)

    async def _tell(self, change: dict[str, Any] | None) -> bool:
        if change is None:
            return False
        await self._answer.piece(push.state_event(change, self._watcher.state))
        return True
