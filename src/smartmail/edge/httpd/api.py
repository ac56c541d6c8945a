"""The JMAP endpoint and the Session object (RFC 8620 §2, §3)."""

from collections import Counter, OrderedDict
from typing import Any

import msgspec

from smartmail.base import log
from smartmail.domain.errors import TooLarge
from smartmail.domain.mailbox import MAX_DEPTH, MAX_NAME_OCTETS
from smartmail.domain.principal import Actor
from smartmail.edge.httpd import security
from smartmail.edge.httpd.errors import PROBLEM_TYPE
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.composing import MAX_ATTACHMENTS
from smartmail.edge.httpd.jmap.context import Context
from smartmail.edge.httpd.jmap.delays import MAX_DELAY_S
from smartmail.edge.httpd.jmap.methods import CAPABILITIES, METHODS
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.proto.jmap.dispatch import process
from smartmail.proto.jmap.emails import EMAIL_SORTS
from smartmail.proto.jmap.envelope import encode_response, parse_request
from smartmail.proto.jmap.errors import RequestError
from smartmail.proto.jmap.limits import Limits
from smartmail.proto.jmap.session import (
    MAIL,
    SUBMISSION,
    AccountInfo,
    build_session,
    mail_capability,
    submission_capability,
    urls,
)
from smartmail.service.catalogue import Services
from smartmail.service.mailstore.query import QueryService

JSON = "application/json"
_KEPT_SESSIONS = 1_000
_MAIL = mail_capability(max_attachments=MAX_ATTACHMENTS, may_create_top_level=True, sorts=sorted(EMAIL_SORTS)) | {
    "maxMailboxDepth": MAX_DEPTH,
    "maxSizeMailboxName": MAX_NAME_OCTETS,
}
_SUBMISSION = submission_capability(max_delayed_send_s=MAX_DELAY_S, extensions={"FUTURERELEASE": []})


class Api:
    """Session and method calls."""

    def __init__(self, services: Services, queries: QueryService, limits: Limits) -> None:
        self._services = services
        self._queries = queries
        self._limits = limits
        self._running: Counter[int] = Counter()
        # Session objects by (account, login, address under which we were asked): made once, told in every answer.
        self._sessions: OrderedDict[tuple[int, str, str], dict[str, Any]] = OrderedDict()

    async def session(self, request: Request, answer: Answer) -> None:
        """GET → the Session object."""
        actor = await security.authenticate(self._services.auth, request)
        await answer.whole(200, msgspec.json.encode(self._session(actor, request.base)), JSON)

    async def call(self, request: Request, answer: Answer) -> None:
        """POST a Request object → the Response object."""
        actor = await security.authenticate(self._services.auth, request)
        try:
            body = await self._called(actor, request)
        except RequestError as error:
            problem = msgspec.json.encode(error.problem())
            await answer.whole(error.status, problem, PROBLEM_TYPE)
            return
        await answer.whole(200, body, JSON)

    async def _called(self, actor: Actor, request: Request) -> bytes:
        if request.header("content-type").partition(";")[0].strip().lower() != JSON:
            raise RequestError("notJSON", "The request is not application/json.")
        if self._running[actor.account_id] >= self._limits.max_concurrent_requests:
            raise RequestError("limit", "Too many requests at once.", limit="maxConcurrentRequests", status=429)
        self._running[actor.account_id] += 1
        try:
            parsed = parse_request(await self._body(request), self._limits, CAPABILITIES)
            context = Context(actor, self._services, self._queries, self._limits)
            responses, created = await process(parsed, METHODS, context, on_failure=_log_failure)
        finally:
            self._running[actor.account_id] -= 1
            if not self._running[actor.account_id]:
                del self._running[actor.account_id]
        return encode_response(responses, self._session(actor, request.base)["state"], created)

    async def _body(self, request: Request) -> bytes:
        try:
            return await request.body(self._limits.max_size_request)
        except TooLarge:
            raise RequestError("limit", "The request is too large.", limit="maxSizeRequest") from None

    def _session(self, actor: Actor, base: str) -> dict[str, Any]:
        key = (actor.account_id, actor.login, base)
        known = self._sessions.get(key)
        if known is None:
            known = self._sessions[key] = _build(actor, base, self._limits)
            while len(self._sessions) > _KEPT_SESSIONS:
                self._sessions.popitem(last=False)
        return known


def _build(actor: Actor, base: str, limits: Limits) -> dict[str, Any]:
    account = ids.show(ids.ACCOUNT, actor.account_id)
    own = AccountInfo(account, actor.login, True, False, {MAIL: _MAIL, SUBMISSION: _SUBMISSION})
    return build_session(
        username=actor.login,
        accounts=[own],
        primary={MAIL: account, SUBMISSION: account},
        limits=limits,
        where=urls(base),
        server_capabilities={MAIL: {}, SUBMISSION: {}},
    )


def _log_failure(method: str, error: Exception) -> None:
    log.event("connection.failed", door="jmap", method=method, error=repr(error)[:300])
