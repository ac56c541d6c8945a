"""The MTA-STS policy of a domain of ours: GET /.well-known/mta-sts.txt under the name mta-sts.<domain> (RFC 8461 §3.3)."""

from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.formats.mta_sts import write_policy
from smartmail.service.catalogue import Services

_PREFIX = "mta-sts."


class StsDoor:
    """The handler."""

    def __init__(self, services: Services) -> None:
        self._rules = services.transport.rules

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [("GET", "/.well-known/mta-sts.txt", self.policy)]

    async def policy(self, request: Request, answer: Answer) -> None:
        """GET → the policy of the domain in the host name, 404 under any other name."""
        host = request.host.lower()
        name, colon, port = host.rpartition(":")
        host = name if colon and port.isdigit() else host
        own = await self._rules.own_policy(host.removeprefix(_PREFIX)) if host.startswith(_PREFIX) else None
        if own is None:
            await answer.whole(404, b"no policy\n", "text/plain")
            return
        await answer.whole(200, write_policy(own.policy), "text/plain")
