"""EventSource: states of an account's types as they change (RFC 8620 §7.3).

STRATEGIES  Hints wake a stream; because hints may be lost each stream also looks every few seconds. One look reads
            the account's row: only when its modseq has moved are the states of the types read.
SECURITY    Every look asks whether the login still stands: a session that was closed ends its streams.
LIMITS      STREAMS at once for one account.
"""

import asyncio
from collections import Counter
from typing import Any, Final

from smartmail.domain.changes import ChangeType
from smartmail.domain.errors import AuthFailed, Invalid, MailError, RateLimited
from smartmail.domain.principal import Actor
from smartmail.edge.httpd import security
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.proto.jmap import push
from smartmail.service.catalogue import Services
from smartmail.service.push import POLL_SECONDS

TYPES: Final[dict[str, ChangeType]] = {
    "Mailbox": "mailbox", "Email": "message", "Thread": "thread", "Identity": "identity",
    "EmailSubmission": "submission",
}  # fmt: skip
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
        wish = push.parse_subscription(
            request.query("types") or "*", request.query("closeafter") or "no", request.query("ping") or "0"
        )
        if wish is None:
            raise Invalid("types, closeafter or ping is not as RFC 8620 §7.3 has it")
        if self._open[actor.account_id] >= STREAMS:
            raise RateLimited("too many event streams of this account")
        self._open[actor.account_id] += 1
        try:
            await _Stream(self._services, actor, wish, request, answer).run(self._poll_s)
        finally:
            self._open[actor.account_id] -= 1
            if not self._open[actor.account_id]:
                del self._open[actor.account_id]


class _Stream:
    """One open stream."""

    def __init__(
        self, services: Services, actor: Actor, wish: push.Subscription, request: Request, answer: Answer
    ) -> None:
        self._services = services
        self._actor = actor
        self._wish = wish
        self._request = request
        self._answer = answer
        self._woken = asyncio.Event()
        self._told: dict[str, str] = {}
        self._modseq = -1

    async def run(self, poll_s: float) -> None:
        """Tell changes until the client goes, the session ends, or one change was told and that was all."""
        end = self._services.hints.watch(self._actor.account_id, self._woken.set)
        gone = asyncio.ensure_future(self._request.gone())
        try:
            await self._begin()
            await self._follow(gone, poll_s)
        finally:
            end()
            gone.cancel()

    async def _begin(self) -> None:
        account = await self._services.directory.account(self._actor.account_id)
        self._modseq, self._told = account.modseq, await self._states()
        await self._answer.start(
            200, [("content-type", "text/event-stream; charset=utf-8"), ("x-accel-buffering", "no")]
        )
        # The first octets open the stream in the browser; the id lets it say what it has seen when it comes back.
        await self._answer.piece(b": open\n\n")
        seen = self._request.header("last-event-id")
        if seen and seen != str(self._modseq):
            await self._tell(self._told)

    async def _follow(self, gone: "asyncio.Future[None]", poll_s: float) -> None:
        loop = asyncio.get_running_loop()
        next_ping = loop.time() + self._wish.ping_s
        while not gone.done():
            if not await self._still_stands():
                break
            if await self._look() and self._wish.close_after_state:
                break
            if self._wish.ping_s and loop.time() >= next_ping:
                next_ping = loop.time() + self._wish.ping_s
                await self._answer.piece(push.ping_event(self._wish.ping_s))
            await self._wait(gone, poll_s)
        if not gone.done():
            await self._answer.piece(b"", last=True)

    async def _wait(self, gone: "asyncio.Future[None]", poll_s: float) -> None:
        woken = asyncio.ensure_future(self._woken.wait())
        waiting: list[asyncio.Future[Any]] = [woken, gone]
        await asyncio.wait(waiting, timeout=poll_s, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        self._woken.clear()

    async def _look(self) -> bool:
        """Tell what changed since the last look; say whether anything was told."""
        account = await self._services.directory.account(self._actor.account_id)
        if account.modseq == self._modseq:
            return False
        self._modseq = account.modseq
        states = await self._states()
        changed = {name: state for name, state in states.items() if self._told.get(name) != state}
        self._told = states
        return await self._tell(changed)

    async def _tell(self, states: dict[str, str]) -> bool:
        account = ids.show(ids.ACCOUNT, self._actor.account_id)
        change = push.state_change({account: states}, self._wish.types)
        if change is None:
            return False
        await self._answer.piece(push.state_event(change, str(self._modseq)))
        return True

    async def _states(self) -> dict[str, str]:
        reading, actor = self._services.reading, self._actor
        return {name: str(await reading.state(actor, actor.account_id, kind)) for name, kind in TYPES.items()}

    async def _still_stands(self) -> bool:
        try:
            return await security.still_stands(self._services.auth, self._request, self._actor)
        except AuthFailed:
            return False
        except MailError:
            # The store is away for a moment: that ends no session.
            return True
