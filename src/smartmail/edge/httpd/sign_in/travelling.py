"""Leave to come in from a country for some days, as its asker sees it: asked for, looked at, taken back.

Who decides does so in the administrators' API. Times as ISO 8601 in UTC.
"""

from datetime import UTC, datetime

from smartmail.domain.errors import Invalid, NotFound
from smartmail.edge.httpd import security
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.sign_in.fields import texts_of, told
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services
from smartmail.service.identity.access import ShownPass


class TravelDoor:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [
            ("GET", "/auth/travel-passes", self.list),
            ("POST", "/auth/travel-pass", self.ask),
            ("POST", "/auth/travel-pass/withdraw", self.withdraw),
        ]

    async def list(self, request: Request, answer: Answer) -> None:
        """GET → {passes}, the newest first."""
        actor = await security.authenticate(self._services.auth, request)
        await told(answer, {"passes": [_shown(one) for one in await self._services.access.passes.own(actor)]})

    async def ask(self, request: Request, answer: Answer) -> None:
        """POST {country, from, until, reason} → {id, state}."""
        security.require_own_page(request)
        body = await texts_of(request, "country", "from", "until", "reason")
        actor = await security.authenticate(self._services.auth, request)
        since, until = _milliseconds(body["from"]), _milliseconds(body["until"])
        made = await self._services.access.passes.ask(actor, body["country"], since, until, body["reason"])
        await told(answer, {"id": str(made.id), "state": made.state})

    async def withdraw(self, request: Request, answer: Answer) -> None:
        """POST {id} → 204. 404: not one's own."""
        security.require_own_page(request)
        body = await texts_of(request, "id")
        actor = await security.authenticate(self._services.auth, request)
        mine = {str(one.row.id) for one in await self._services.access.passes.own(actor)}
        if body["id"] not in mine:
            raise NotFound
        await self._services.access.passes.withdraw(actor, int(body["id"]))
        await answer.whole(204)


def _shown(one: ShownPass) -> dict[str, str]:
    row = one.row
    return {
        "id": str(row.id), "country": row.country, "from": _text(row.valid_from),
        "until": _text(row.valid_until), "state": row.state, "reason": one.reason,
    }  # fmt: skip


def _milliseconds(text: str) -> int:
    """Raises Invalid."""
    try:
        when = datetime.fromisoformat(text)
        found = round(when.timestamp() * 1000)
    except (ValueError, OverflowError):
        when, found = None, 0
    if when is None or when.tzinfo is None:
        raise Invalid("times are written 2026-12-01T00:00:00Z")
    return found


def _text(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
