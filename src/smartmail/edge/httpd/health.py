"""Health at /health, /health/live and /health/ready, for balancers: without a sign-in, under every host name and on the
plain port too.

LIMITS    A budget of questions for each address (service.operations.health); over it 429.
SECURITY  Names of checks and yes or no: nothing of versions, addresses, names or reasons.
STANDARDS RFC 9110 §15.6.4 (503).
"""

import json
from typing import Final

from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services
from smartmail.service.operations.health import Health

_JSON: Final = "application/json"


class HealthDoor:
    """Handlers of /health and what lies below."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> tuple[tuple[str, str, Handler], ...]:
        """Return method, path and handler."""
        return (("GET", "/health", self.ok), ("GET", "/health/live", self.live), ("GET", "/health/ready", self.ready))

    async def ok(self, _request: Request, answer: Answer) -> None:
        """GET → ok: somebody answers here."""
        await answer.whole(200, b"ok\n", "text/plain; charset=utf-8")

    async def live(self, request: Request, answer: Answer) -> None:
        """GET → whether this process should go on: where not, it is to be started anew."""
        self._services.health.spend(request.client[0])
        await _told(answer, "live", self._services.health.live())

    async def ready(self, request: Request, answer: Answer) -> None:
        """GET → whether this node should get connections now."""
        self._services.health.spend(request.client[0])
        await _told(answer, "ready", await self._services.health.ready())


async def _told(answer: Answer, state: str, health: Health) -> None:
    document = {"status": state if health.good else f"not {state}", "checks": dict(health.checks)}
    await answer.whole(
        200 if health.good else 503, json.dumps(document).encode() + b"\n", _JSON, [("cache-control", "no-store")]
    )
