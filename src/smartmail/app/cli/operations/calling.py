"""The admin API without a socket: a command becomes the request that a client would send."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from smartmail.domain.principal import Actor
from smartmail.edge.httpd.admin.operation import MAX_PAGE, ROOT, Operation
from smartmail.edge.httpd.admin.serving import AdminApi
from smartmail.edge.httpd.wire import Answer, Request

_JSON: Final = b"application/json"


class Local:
    """Calls operations as one actor."""

    def __init__(self, api: AdminApi, actor: Actor, language: str) -> None:
        self._api = api
        self._actor = actor
        self._language = language

    async def call(
        self,
        operation: Operation,
        path: Mapping[str, str],
        query: Mapping[str, Any],
        body: Any = None,
        reason: str = "",
    ) -> bytes:
        """Return what is answered, b"" for nothing. Raises MailError, Refused."""
        sent: list[bytes] = []

        async def take(event: Any) -> None:
            sent.append(event.get("body", b""))

        octets = b"" if operation.body is None else msgspec.json.encode({} if body is None else body)
        request = _request(operation, path, query, octets, reason)
        await self._api.perform(self._actor, operation, path, request, Answer(take, []), self._language)
        return b"".join(sent)

    async def whole(self, operation: Operation, path: Mapping[str, str], query: Mapping[str, Any], limit: int) -> bytes:
        """Return a list with all of its pages in one, or its first `limit` things (0: all)."""
        items: list[Any] = []
        after = ""
        while True:
            wanted = min(MAX_PAGE, limit - len(items)) if limit else MAX_PAGE
            page = msgspec.json.decode(
                await self.call(operation, path, {**query, "limit": wanted, **({"after": after} if after else {})})
            )
            # Where times part pages, what is of the very time of the border is in both.
            items += [one for one in page["items"] if one not in items[-MAX_PAGE:]]
            before, after = after, page["next"] or ""
            if after in {"", before} or (limit and len(items) >= limit):
                return msgspec.json.encode({"items": items, "next": page["next"]})


def _request(
    operation: Operation, path: Mapping[str, str], query: Mapping[str, Any], octets: bytes, reason: str
) -> Request:
    place = operation.path
    for name, value in path.items():
        place = place.replace(f"{{{name}}}", quote(value, safe="@"))
    headers = [(b"content-type", _JSON)] if octets else []
    if reason:
        headers.append((b"x-reason", quote(reason).encode()))
    values = {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()}
    scope = {
        "type": "http", "method": operation.method, "path": f"{ROOT}{place}", "headers": headers,
        "query_string": urlencode(values).encode(), "client": None, "scheme": "https",
    }  # fmt: skip

    async def receive() -> Any:
        return {"type": "http.request", "body": octets, "more_body": False}

    return Request(scope, receive)
