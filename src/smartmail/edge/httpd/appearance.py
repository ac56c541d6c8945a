"""How a company shows itself, for pages before and after the sign-in, and what it says to everybody before it: /appearance,
/appearance.css, /appearance.png.

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
from smartmail.formats.audit_chain import timestamp
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
        """GET → the name, versions of colour and logo ("" for none), and before the sign-in the bulletins for it."""
        appearance, visitor = await self._of(request)
        version = f"{appearance.domain or appearance.organization_id}-{appearance.changed_at}"
        body = {
            "name": appearance.name, "colours": version if appearance.hue != OURS else "", "logo": version if appearance.logo else "",
            "news": await self._news(request, appearance) if visitor and not self._admin else [],
        }  # fmt: skip
        await answer.whole(200, msgspec.json.encode(body), "application/json", [("cache-control", "no-store"), _VARY])

    async def colours(self, request: Request, answer: Answer) -> None:
        """GET → CSS; empty where the colour is ours."""
        appearance, _ = await self._of(request)
        text = "" if appearance.hue == OURS else stylesheet(appearance.hue)
        await answer.whole(200, text.encode(), "text/css; charset=utf-8", [_FOR_A_WHILE, _VARY])

    async def logo(self, request: Request, answer: Answer) -> None:
        """GET → the picture, 404 where there is none."""
        appearance, _ = await self._of(request)
        if not appearance.logo:
            await answer.whole(404, b"no logo\n", "text/plain; charset=utf-8")
            return
        await answer.whole(200, appearance.logo, "image/png", [_FOR_A_WHILE, _VARY])

    async def _news(self, request: Request, appearance: Appearance) -> list[dict[str, str]]:
        try:
            found = await self._services.bulletins.board.before_sign_in(appearance.organization_id, _asked(request))
        except MailError:
            # The page then still has the company's face, which is kept here while the store is away.
            return []
        return [{"title": text.title, "body": text.body, "from": timestamp(since)} for text, since in found]

    async def _of(self, request: Request) -> tuple[Appearance, bool]:
        """Return the appearance, and whether no account is signed in."""
        try:
            if self._admin:
                actor = await proving.authenticate(self._services, request, owing=True)
            else:
                actor = await security.authenticate(self._services.auth, request, owing=True)
        except MailError:
            return await self._services.appearance.of_domain(_asked(request)), True
        return await self._services.appearance.of(actor.organization_id, split_address(actor.login)[1]), False


def _asked(request: Request) -> str:
    return (request.query("for") or "")[:253]
