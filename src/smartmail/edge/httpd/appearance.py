"""How a company shows itself, for pages before and after the sign-in: /appearance, /appearance.css, /appearance.png.

SECURITY  Of whoever is signed in; else of the domain that is asked for (`for`), or of the only company. A domain that is not
          ours answers as one without an appearance. The logo is a picture that was written anew here.
"""

import msgspec

from smartmail.domain.appearance import OURS, Appearance
from smartmail.domain.errors import MailError
from smartmail.edge.httpd import security
from smartmail.edge.httpd.admin import proving
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.formats.address import split_address
from smartmail.formats.colour import stylesheet
from smartmail.service.catalogue import Services

_FOR_A_WHILE = ("cache-control", "private, max-age=60")
_VARY = ("vary", "cookie")


class AppearanceDoor:
    """The handlers. `admin`: sessions are those of the admin host."""

    def __init__(self, services: Services, *, admin: bool = False) -> None:
        self._services = services
        self._admin = admin

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [
            ("GET", "/appearance", self.told),
            ("GET", "/appearance.css", self.colours),
            ("GET", "/appearance.png", self.logo),
        ]

    async def told(self, request: Request, answer: Answer) -> None:
        """GET → the name, and versions of colour and logo ("" for none)."""
        appearance = await self._of(request)
        version = f"{appearance.domain or appearance.organization_id}-{appearance.changed_at}"
        body = {
            "name": appearance.name, "colours": version if appearance.hue != OURS else "", "logo": version if appearance.logo else "",
        }  # fmt: skip
        await answer.whole(200, msgspec.json.encode(body), "application/json", [("cache-control", "no-store"), _VARY])

    async def colours(self, request: Request, answer: Answer) -> None:
        """GET → CSS; empty where the colour is ours."""
        appearance = await self._of(request)
        text = "" if appearance.hue == OURS else stylesheet(appearance.hue)
        await answer.whole(200, text.encode(), "text/css; charset=utf-8", [_FOR_A_WHILE, _VARY])

    async def logo(self, request: Request, answer: Answer) -> None:
        """GET → the picture, 404 where there is none."""
        appearance = await self._of(request)
        if not appearance.logo:
            await answer.whole(404, b"no logo\n", "text/plain; charset=utf-8")
            return
        await answer.whole(200, appearance.logo, "image/png", [_FOR_A_WHILE, _VARY])

    async def _of(self, request: Request) -> Appearance:
        asked = request.query("for") or ""
        try:
            if self._admin:
                actor = await proving.authenticate(self._services, request, owing=True)
            else:
                actor = await security.authenticate(self._services.auth, request, owing=True)
        except MailError:
            return await self._services.appearance.of_domain(asked[:253])
        return await self._services.appearance.of(actor.organization_id, split_address(actor.login)[1])
