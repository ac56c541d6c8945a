"""Serves the admin API: one way for every call, whatever the operation.

ORDER     find the operation · prove who calls · budget · a fresh proof for what is dangerous · read the query · where much
          may come, ask for the right · read the body · Idempotency-Key · If-Match · handler · reason · answer with ETag. What fails on the way is told as problem+json with the request's id.
LIMITS    `AdminLimits`. A key of idempotency is kept for a day.
FAILURE   An error of a service becomes its code; any other is logged and told as `internal` without a word of its text.
          The ETag is compared just before the act, not in its transaction: two who change the same within that moment are
          not told of each other.
SECURITY  A handler that returns without having asked the authority is an error of ours: nothing is answered.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from smartmail.base import log
from smartmail.domain.errors import Forbidden, Internal, MailError, NotFound, StateMismatch
from smartmail.domain.principal import Actor
from smartmail.edge.httpd.admin import problems, proving, reading
from smartmail.edge.httpd.admin.limits import AdminLimits, Budgets
from smartmail.edge.httpd.admin.matching import Matcher
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.problems import Refused
from smartmail.edge.httpd.plain_pages import language_of
from smartmail.edge.httpd.wire import Answer, Disconnected, Request
from smartmail.service.catalogue import Services

JSON = "application/json"
NOBODY: Any = None


class AdminApi:
    """The handler of everything below /admin/v1."""

    def __init__(
        self, services: Services, operations: Sequence[Operation], limits: AdminLimits, site: str = ""
    ) -> None:
        self._services = services
        self._matcher = Matcher(operations)
        self._limits = limits
        self._site = site
        self._budgets = Budgets(limits)

    async def serve(self, request: Request, answer: Answer) -> None:
        """Answer one request."""
        request_id = reading.request_id_of(request) or secrets.token_hex(8)
        language = language_of(request.header("accept-language"))
        answer.add(("x-request-id", request_id), ("vary", "Accept-Language, Authorization, Cookie"))
        try:
            await self._serve(request, answer, language)
        except Disconnected:
            return
        except (MailError, Refused) as error:
            if answer.started:
                raise
            await problems.tell(answer, error, request_id, language)
        except Exception as error:
            log.event("connection.failed", door="admin", method=request.method, error=repr(error)[:300])
            if answer.started:
                raise
            await problems.tell(answer, Internal(), request_id, language)

    async def _serve(self, request: Request, answer: Answer, language: str) -> None:
        found = self._matcher.find(request.path)
        if found is None:
            raise NotFound
        operations, places = found
        operation = operations.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            allowed = ", ".join(sorted(operations))
            raise Refused("method_not_allowed", f"this path takes {allowed}", [("allow", allowed)])
        actor = NOBODY
        if not operation.public:
            actor = await proving.authenticate(self._services, request, owing=operation.owing)
            self._budgets.take(actor.account_id)
            if operation.is_dangerous and actor.by == "session":
                # A key was made by who had proved themselves, for its permissions alone; it has no page to prove anything.
                await self._services.step_up.require(actor)
        path = dict(zip(operation.places, places, strict=True))
        await self._perform(actor, operations, operation, path, request, answer, language)

    async def perform(
        self,
        actor: Actor,
        operation: Operation,
        path: Mapping[str, str],
        request: Request,
        answer: Answer,
        language: str,
    ) -> None:
        """Answer a request whose actor needs no proof: the command line of this host. Raises MailError, Refused."""
        await self._perform(actor, {operation.method: operation}, operation, path, request, answer, language)

    async def _perform(
        self, actor: Actor, operations: dict[str, Operation], operation: Operation, path: Mapping[str, str],
        request: Request, answer: Answer, language: str,
    ) -> None:  # fmt: skip
        query, page = reading.query_of(request, operation)
        call = Call(
            actor, self._services, operation, request, answer, path, query, page=page, language=language, limits=self._limits,
            reason=reading.reason_of(request) if operation.changes else "", site=self._site,
        )  # fmt: skip
        if operation.first is not None:
            # Tens of megabytes of whoever may nothing with them would lie in memory until the handler refuses them.
            await operation.first(call)
        octets = await request.body(max(self._limits.body_octets, operation.body_octets)) if operation.changes else b""
        call.body = reading.body_of(request, operation, octets) if operation.changes else None
        if operation.stream:
            await operation.handler(call)
            return
        key = reading.idempotency_of(request) if operation.changes and actor is not None else ""
        if key:
            await self._once(call, operations, key, octets)
        else:
            status, body = await self._act(call, operations)
            await self._tell(call, status, body)

    async def _once(self, call: Call, operations: dict[str, Operation], key: str, octets: bytes) -> None:
        """Do what a key asks for once; answer the same again (Idempotency-Key)."""
        answers = self._services.admin_api.answers
        # Another key of the same account has other permissions: it shall not get what this one was told.
        key = f"{call.actor.by}:{call.actor.credential_id}:{key}"
        said = "\n".join((call.request.method, call.request.path, str(call.request.scope.get("query_string", b""))))
        earlier = await answers.begin(call.actor, key, said.encode() + b"\n" + octets)
        if earlier is not None:
            if earlier.kind == "other":
                raise Refused("idempotency_mismatch", "this Idempotency-Key came with another request")
            if earlier.kind == "running":
                raise Refused("in_progress", "the first request with this Idempotency-Key is not finished")
            permission = call.operation.permission
            if permission and not await self._services.authority.reach(call.actor, permission):
                raise Forbidden
            await self._tell(call, earlier.status, earlier.body)
            return
        try:
            status, body = await self._act(call, operations)
        except BaseException:
            await answers.drop(call.actor, key)
            raise
        await answers.keep(call.actor, key, status, body)
        await self._tell(call, status, body)

    async def _act(self, call: Call, operations: dict[str, Operation]) -> tuple[int, bytes]:
        operation = call.operation
        wanted, current = reading.wanted_tags(call.request), operations.get("GET")
        if wanted and operation.changes and current is not None and current.whole:
            _, present = await self._run(replace(call, operation=current, query=None, body=None, touched=False))
            if etag_of(present) not in wanted:
                raise StateMismatch("it has changed since then", reason="object.changed")
        status, body = await self._run(call)
        if call.reason and call.actor is not None:
            note = self._services.admin_api.events.note_reason
            await note(call.actor, operation.name, call.request.path, call.reason)
        return status, body

    async def _run(self, call: Call) -> tuple[int, bytes]:
        told = await call.operation.handler(call)
        if not call.touched and not call.operation.public:
            raise Internal(detail=f"{call.operation.name} asked nobody")
        if call.operation.answer is None:
            return 204, b""
        return call.operation.status, msgspec.json.encode(told)

    async def _tell(self, call: Call, status: int, body: bytes) -> None:
        headers: list[tuple[str, str]] = []
        if call.operation.whole and status == 200:
            tag = etag_of(body)
            headers.append(("etag", tag))
            if tag in {one.strip().removeprefix("W/") for one in call.request.header("if-none-match").split(",")}:
                await call.answer.whole(304, headers=headers)
                return
        content = b"" if call.request.method == "HEAD" else body
        await call.answer.whole(status, content, JSON if body else "", headers)


def etag_of(body: bytes) -> str:
    """Return the strong ETag of what is answered (RFC 9110 §8.8.3)."""
    return f'"{hashlib.sha256(body).hexdigest()[:24]}"'
