"""Serves SCIM: finds the resource, proves who calls, reads and tells JSON, ETags, errors of RFC 7644 §3.12.

LIMITS    The budget of an account and the octets of a body are the admin API's (`AdminLimits`); at most MAX_COUNT in a page.
SECURITY  A key of the admin API only: no session, so no page of a browser can do anything here. What a key may not, or is
          another company's, answers as the admin API does.
FAILURE   An error of ours is told without a word of its text. The ETag is compared just before the act.
"""

import hashlib
import json
from typing import Any, Final
from urllib.parse import parse_qs

from smartmail.base import log
from smartmail.domain.errors import AlreadyExists, AuthFailed, Internal, Invalid, MailError, NotFound, StateMismatch
from smartmail.domain.principal import Actor
from smartmail.edge.httpd.admin import proving
from smartmail.edge.httpd.admin.limits import AdminLimits, Budgets
from smartmail.edge.httpd.errors import STATUS
from smartmail.edge.httpd.scim import discovery
from smartmail.edge.httpd.scim.groups import Groups
from smartmail.edge.httpd.scim.people import People
from smartmail.edge.httpd.wire import Answer, Disconnected, Request
from smartmail.formats.scim import ERROR, LIST, ScimError, comparison, patched
from smartmail.service.catalogue import Services

ROOT: Final = "/scim/v2"
JSON: Final = "application/scim+json"
TAKEN: Final = frozenset({JSON, "application/json"})
MAX_COUNT: Final = 200


class ScimServer:
    """The handler of everything below /scim/v2."""

    def __init__(self, services: Services, limits: AdminLimits) -> None:
        self._services = services
        self._limits = limits
        self._budgets = Budgets(limits)
        self._resources: dict[str, People | Groups] = {"Users": People(services), "Groups": Groups(services)}

    async def serve(self, request: Request, answer: Answer) -> None:
        """Answer one request."""
        try:
            await self._serve(request, answer)
        except Disconnected:
            return
        except ScimError as error:
            await _tell_error(answer, error.status, error.kind, error.detail)
        except MailError as error:
            await _tell_error(
                answer, STATUS[error.code], _kind(error), "" if error.code == "internal" else error.public
            )
        except Exception as error:
            log.event("connection.failed", door="admin", method=request.method, error=repr(error)[:300])
            if answer.started:
                raise
            await _tell_error(answer, STATUS[Internal.code], "", "")

    async def _serve(self, request: Request, answer: Answer) -> None:
        actor = await proving.authenticate(self._services, request)
        if actor.by != "key":
            raise AuthFailed
        self._budgets.take(actor.account_id)
        words = request.path.removeprefix(ROOT).strip("/").split("/")
        document = discovery.document(words, request.base + ROOT) if request.method in {"GET", "HEAD"} else None
        if document is not None:
            await _tell(answer, request, 200, document)
            return
        resource = self._resources.get(words[0])
        if resource is None or len(words) > 2:
            raise NotFound
        if len(words) == 1:
            await self._many(request, answer, actor, resource)
        else:
            if not (words[1].isascii() and words[1].isdigit() and len(words[1]) < 19):
                raise NotFound
            await self._one(request, answer, actor, resource, int(words[1]))

    async def _many(self, request: Request, answer: Answer, actor: Actor, resource: People | Groups) -> None:
        if request.method in {"GET", "HEAD"}:
            await _tell(answer, request, 200, await self._page(request, actor, resource))
        elif request.method == "POST":
            made = await resource.create(actor, await self._body(request))
            await _tell(answer, request, 201, _placed(request, made))
        else:
            raise ScimError("", "a list takes GET and POST", 405)

    async def _page(self, request: Request, actor: Actor, resource: People | Groups) -> dict[str, Any]:
        """Return a page (RFC 7644 §3.4.2.4): from `startIndex` (1 the first), at most `count`."""
        said = parse_qs(request.scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        query = {name.lower(): values[0] for name, values in said.items()}
        wanted = comparison(query["filter"]) if "filter" in query else None
        start, count = max(_number(query, "startindex", 1), 1), min(max(_number(query, "count", 100), 0), MAX_COUNT)
        total, found = await resource.page(actor, wanted, start - 1, count)
        shown = [_placed(request, one) for one in found]
        return {
            "schemas": [LIST], "totalResults": total, "startIndex": start, "itemsPerPage": len(shown), "Resources": shown,
        }  # fmt: skip

    async def _one(
        self, request: Request, answer: Answer, actor: Actor, resource: People | Groups, number: int
    ) -> None:
        present = _placed(request, await resource.get(actor, number))
        if request.method in {"GET", "HEAD"}:
            if present["meta"]["version"] in _tags(request.header("if-none-match")):
                await answer.whole(304, headers=[("etag", present["meta"]["version"])])
                return
            await _tell(answer, request, 200, present)
            return
        wanted = _tags(request.header("if-match"))
        if wanted and "*" not in wanted and present["meta"]["version"] not in wanted:
            raise StateMismatch("it has changed since then")
        if request.method == "DELETE":
            await resource.delete(actor, number)
            await answer.whole(204)
            return
        body = await self._body(request)
        if request.method == "PATCH":
            body = patched(present, body)
        await _tell(answer, request, 200, _placed(request, await resource.replace(actor, number, body)))

    async def _body(self, request: Request) -> dict[str, Any]:
        kind = request.header("content-type").partition(";")[0].strip().lower()
        octets = await request.body(self._limits.body_octets)
        if kind not in TAKEN:
            raise ScimError("invalidSyntax", f"the body is {JSON}", 415)
        try:
            body = json.loads(octets)
        except (ValueError, RecursionError):
            raise ScimError("invalidSyntax", "the body is no JSON") from None
        if not isinstance(body, dict):
            raise ScimError("invalidSyntax", "the body is an object")
        return body


def _number(query: dict[str, str], name: str, otherwise: int) -> int:
    text = query.get(name, str(otherwise))
    if not (text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) < 10):
        raise ScimError("invalidValue", f"{name} is a number")
    return int(text)


def _placed(request: Request, resource: dict[str, Any]) -> dict[str, Any]:
    """Return a resource with where it is and its version, a weak ETag over what it says."""
    digest = hashlib.sha256(json.dumps(resource, sort_keys=True).encode()).hexdigest()[:24]
    kind = resource["meta"]["resourceType"]
    place = f"{request.base}{ROOT}/{kind}s/{resource['id']}"
    return {**resource, "meta": {"resourceType": kind, "location": place, "version": f'W/"{digest}"'}}


def _tags(header: str) -> set[str]:
    return {one.strip() for one in header.split(",") if one.strip()}


async def _tell(answer: Answer, request: Request, status: int, document: dict[str, Any]) -> None:
    headers: list[tuple[str, str]] = []
    meta = document.get("meta", {})
    if "version" in meta:
        headers.append(("etag", meta["version"]))
    if status == 201:
        headers.append(("location", meta["location"]))
    body = b"" if request.method == "HEAD" else json.dumps(document, ensure_ascii=False).encode()
    await answer.whole(status, body, JSON, headers)


def _kind(error: MailError) -> str:
    if isinstance(error, AlreadyExists):
        return "uniqueness"
    return "invalidValue" if isinstance(error, Invalid) else ""


async def _tell_error(answer: Answer, status: int, kind: str, detail: str) -> None:
    document = {"schemas": [ERROR], "status": str(status), "detail": detail} | ({"scimType": kind} if kind else {})
    headers = [("www-authenticate", 'Bearer realm="SmartMail"')] if status == 401 else []
    await answer.whole(status, json.dumps(document, ensure_ascii=False).encode(), JSON, headers)
