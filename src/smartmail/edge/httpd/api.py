"""The JMAP endpoint and the Session object (RFC 8620 §2, §3)."""

import asyncio
import gzip
from collections import OrderedDict
from functools import partial
from typing import Any

import msgspec

from smartmail.base import log
from smartmail.domain.errors import TooLarge
from smartmail.domain.principal import Actor
from smartmail.edge.httpd import security
from smartmail.edge.httpd.errors import PROBLEM_TYPE
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.capabilities import own_account, server_capabilities, shared_account
from smartmail.edge.httpd.jmap.context import Context
from smartmail.edge.httpd.jmap.methods import CAPABILITIES, METHODS
from smartmail.edge.httpd.places_per_account import PlacesPerAccount
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.proto.jmap.dispatch import process
from smartmail.proto.jmap.envelope import Request as Calls
from smartmail.proto.jmap.envelope import encode_response, parse_request
from smartmail.proto.jmap.errors import RequestError
from smartmail.proto.jmap.limits import Limits
from smartmail.proto.jmap.session import PRINCIPALS_OWNER, build_session, urls
from smartmail.service.catalogue import Services

JSON = "application/json"
_KEPT_SESSIONS = 1_000
FRESH_S = 1.5
"""Seconds for which the state of a Session object is kept: accounts may be shared, or no longer, at any time."""
_WORTH_PACKING = 2_000
_LONG = 256 << 10


class Api:
    """Session and method calls."""

    capabilities = CAPABILITIES

    def __init__(self, services: Services, limits: Limits) -> None:
        self._services = services
        self._limits = limits
        self.at_once = PlacesPerAccount(limits.max_concurrent_requests)
        # (when made, the news of rights until then and whether sending is stopped, Session object) by (account, login, address under which we were asked): told in every answer.
        self._sessions: OrderedDict[tuple[int, str, str], tuple[float, tuple[int, bool], dict[str, Any]]] = (
            OrderedDict()
        )

    async def session(self, request: Request, answer: Answer) -> None:
        """GET → the Session object. A page on which nobody has signed in yet hears 204: its browser would write a 401 as an
        error of the page. Clients hear 401 as RFC 8620 §2 has it.
        """
        if security.is_page_of_nobody(request):
            await answer.whole(204)
            return
        actor = await security.authenticate(self._services.auth, request)
        await answer.whole(200, msgspec.json.encode(await self._session(actor, request.base, fresh=True)), JSON)

    async def call(self, request: Request, answer: Answer) -> None:
        """POST a Request object → the Response object."""
        actor = await security.authenticate(self._services.auth, request)
        try:
            body = await self._called(actor, request)
        except RequestError as error:
            problem = msgspec.json.encode(error.problem())
            await answer.whole(error.status, problem, PROBLEM_TYPE)
            return
        body, how = await _packed(request, body)
        await answer.whole(200, body, JSON, how)

    async def _called(self, actor: Actor, request: Request) -> bytes:
        if request.header("content-type").partition(";")[0].strip().lower() != JSON:
            raise RequestError("notJSON", "The request is not application/json.")
        if self.at_once.is_full(actor.account_id):
            raise RequestError("limit", "Too many requests at once.", limit="maxConcurrentRequests", status=429)
        await self.at_once.enter(actor.account_id)
        try:
            parsed = parse_request(await self._body(request), self._limits, self.capabilities)
            return await self.answer(actor, parsed, request.base)
        finally:
            self.at_once.leave(actor.account_id)

    async def answer(self, actor: Actor, calls: Calls, base: str, head: dict[str, Any] | None = None) -> bytes:
        """Carry out the calls of a request; return the Response object. `base` is the address we were asked under.

        Raises AccountBusy.
        """
        use = self._services.defence.accounts.use(actor)
        await use.command(len(calls.calls))
        context = Context(actor, self._services, self._limits)
        responses, created = await process(
            calls, METHODS, context, on_failure=_log_failure, limits=self._limits, take_turn=partial(asyncio.sleep, 0)
        )
        session = await self._session(actor, base)
        body = encode_response(responses, session["state"], created, head)
        await use.note(read=len(body))
        return body

    async def _body(self, request: Request) -> bytes:
        try:
            return await request.body(self._limits.max_size_request)
        except TooLarge:
            raise RequestError("limit", "The request is too large.", limit="maxSizeRequest") from None

    async def _session(self, actor: Actor, base: str, *, fresh: bool = False) -> dict[str, Any]:
        """Return the Session object. Who fetches it was told, maybe by another process, that it has changed: `fresh` takes
        nothing that was kept.
        """
        key, now = (actor.account_id, actor.login, base), asyncio.get_running_loop().time()
        marks = (self._services.rights.drops, self._services.defence.parts.bans.is_stopped(actor.account_id))
        known = self._sessions.get(key)
        if fresh or known is None or known[0] < now - FRESH_S or known[1] != marks:
            known = self._sessions[key] = (now, marks, await self._build(actor, base, fresh=fresh))
            self._sessions.move_to_end(key)
            while len(self._sessions) > _KEPT_SESSIONS:
                self._sessions.popitem(last=False)
        return known[2]

    async def _build(self, actor: Actor, base: str, *, fresh: bool) -> dict[str, Any]:
        services, where = self._services, urls(base)
        vapid = await services.push_subscriptions.application_key(actor.organization_id)
        allowance = await services.addressing.allowances.of(actor.account_id)
        contacts = await services.contacts.gate.offered(actor)
        saving = await services.saving.told(actor)
        told = {**saving, "inboxId": await _inbox(services, actor)}
        await services.defence.ready()
        if services.defence.parts.bans.is_stopped(actor.account_id):
            told["sendingStopped"] = True
        own = own_account(actor, services.filters, allowance.told(), told, contacts=contacts)
        shared = await services.sharing.accounts_for(actor, fresh=fresh)
        others = [shared_account(one, actor, contacts=contacts) for one in shared]
        return build_session(
            username=actor.login,
            accounts=[own, *others],
            primary={name: own.id for name in own.capabilities if name != PRINCIPALS_OWNER},
            limits=self._limits,
            where=where,
            server_capabilities=server_capabilities(where, vapid),
        )


async def _packed(request: Request, body: bytes) -> tuple[bytes, list[tuple[str, str]]]:
    """Return a body as it goes out, with the fields that say so: fifty rows of a list take a fifth of their room.

    SECURITY  Lengths of what is packed tell of secrets beside what others may choose (BREACH): no page of others can have
              a request sent here, for it has a body of JSON and a field of our own.
    """
    told = [("vary", "accept-encoding")]
    if len(body) < _WORTH_PACKING or "gzip" not in request.header("accept-encoding"):
        return body, told
    work = partial(gzip.compress, body, 1, mtime=0)
    packed = await asyncio.to_thread(work) if len(body) > _LONG else work()
    return packed, [*told, ("content-encoding", "gzip")]


async def _inbox(services: Services, actor: Actor) -> str | None:
    """Return the id of the mailbox that a page opens with: it asks for its rows together with all mailboxes."""
    number = await services.mailboxes.own_inbox(actor)
    return None if number is None else ids.show(ids.MAILBOX, number)


def _log_failure(method: str, error: Exception) -> None:
    log.event("connection.failed", door="jmap", method=method, error=repr(error)[:300])
