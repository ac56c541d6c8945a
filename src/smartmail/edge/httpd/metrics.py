"""Metrics for Prometheus at /metrics: for this machine and the networks of administrators; for all others there is none.

SECURITY  Who comes through a proxy that speaks of another client is not near, wherever the proxy is.
STANDARDS Prometheus text exposition format 0.0.4.
"""

from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services

_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class MetricsDoor:
    """Handler of /metrics."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> tuple[tuple[str, str, Handler], ...]:
        """Return method, path and handler."""
        return (("GET", "/metrics", self.show),)

    async def show(self, request: Request, answer: Answer) -> None:
        """GET → the metrics."""
        host, _port = request.client
        if any(request.header(name) for name in _FORWARDED) or not await self._services.alarms.metrics.may_ask(host):
            await answer.whole(404, b"not found\n", "text/plain; charset=utf-8")
            return
        await answer.whole(200, (await self._services.alarms.metrics.page()).encode(), _TYPE)
