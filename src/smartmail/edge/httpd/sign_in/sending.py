"""A stop of one's own account's sending: why, and its release by the owner, who proves themselves anew."""

from smartmail.base.i18n import translate
from smartmail.edge.httpd import security
from smartmail.edge.httpd.plain_pages import language_of
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.sign_in.fields import told
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services


class SendingDoor:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [("GET", "/auth/sending", self.state), ("POST", "/auth/sending/release", self.release)]

    async def state(self, request: Request, answer: Answer) -> None:
        """GET → {stop}: null, or {since, signs, obstacle}, the signs in the language asked for (Accept-Language)."""
        actor = await security.authenticate(self._services.auth, request)
        found = await self._services.own_sending.state(actor)
        if found is None:
            await told(answer, {"stop": None})
            return
        language = language_of(request.header("accept-language"))
        signs = [
            translate(language, f"defence.sign.{name}", count=str(count)) for name, count in found.evidence.items()
        ]
        await told(answer, {"stop": {"since": found.since, "signs": signs, "obstacle": found.obstacle}})

    async def release(self, request: Request, answer: Answer) -> None:
        """POST → {freed}: recipients whose mail goes now. 403 proof_needed with `step-up`: prove yourself, then again."""
        security.require_own_page(request)
        actor = await security.authenticate(self._services.auth, request)
        await told(answer, {"freed": await self._services.own_sending.release(actor)})
