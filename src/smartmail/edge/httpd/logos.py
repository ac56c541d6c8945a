"""GET /jmap/logo/{SHA-256}: the proved logo of a sender's domain, from our own host.

SECURITY  For who logged in, and whose company has had mail with it: a hash of a known picture asks for nothing. The picture was checked (formats.svg_tiny); should the check have missed something, nothing of
          it runs, loads or is a page: no source is allowed but its own colours, and it lies in a sandbox.
"""

import re
from typing import Final

from smartmail.domain.errors import NotFound
from smartmail.edge.httpd import security
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services

_NAME: Final = re.compile(r"[0-9a-f]{64}")
_POLICY: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


class LogoDoor:
    """The handler."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [("GET", "/jmap/logo/*", self.logo)]

    async def logo(self, request: Request, answer: Answer) -> None:
        """GET → the picture, 404 where there is none of that name."""
        actor = await security.authenticate(self._services.auth, request)
        name = request.path.removeprefix("/jmap/logo/")
        if not _NAME.fullmatch(name):
            raise NotFound
        svg = await self._services.brands.picture(actor, bytes.fromhex(name))
        if svg is None:
            raise NotFound
        headers = [
            ("content-security-policy", _POLICY), ("cache-control", "private, max-age=86400"), ("etag", f'"{name}"'),
        ]  # fmt: skip
        if request.header("if-none-match") == f'"{name}"':
            await answer.whole(304, headers=headers)
            return
        await answer.whole(200, svg, "image/svg+xml", headers)
