"""Proving oneself again (step-up), and the devices that an account knows."""

from smartmail.edge.httpd import security
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.sign_in.fields import MAX_RESPONSE, body_of, page_of, response_of, texts, texts_of, told
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services


class ProofDoor:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [
            ("POST", "/auth/prove", self.begin),
            ("POST", "/auth/prove/ask", self.ask),
            ("POST", "/auth/prove/answer", self.answer),
            ("GET", "/auth/devices", self.devices),
            ("POST", "/auth/device/forget", self.forget),
        ]

    async def begin(self, request: Request, answer: Answer) -> None:
        """POST → {challenge, kinds, expiresAt}; no kinds: the password does."""
        security.require_own_page(request)
        actor = await security.authenticate(self._services.auth, request, owing=True)
        found = await self._services.factors.begin_step_up(actor)
        kinds: list[str] = [*found.kinds] or ["password"]
        await told(answer, {"challenge": found.token, "kinds": kinds, "expiresAt": found.expires_at})

    async def ask(self, request: Request, answer: Answer) -> None:
        """POST {challenge, kind} → what the page needs for an answer."""
        security.require_own_page(request)
        body = await texts_of(request, "challenge", "kind")
        actor = await security.authenticate(self._services.auth, request, owing=True)
        shown = await self._services.factors.ask_step_up(actor, body["challenge"], body["kind"], page_of(request))
        await told(answer, shown)

    async def answer(self, request: Request, answer: Answer) -> None:
        """POST {challenge, kind, response} → 204: what was refused for want of a proof can be tried again."""
        security.require_own_page(request)
        document = await body_of(request, MAX_RESPONSE)
        body = texts(document, "challenge", "kind")
        actor = await security.authenticate(self._services.auth, request, owing=True)
        await self._services.factors.step_up(
            actor, body["challenge"], body["kind"], response_of(document), page_of(request)
        )
        await answer.whole(204)

    async def devices(self, request: Request, answer: Answer) -> None:
        """GET → {devices}: browsers that the account is known by."""
        actor = await security.authenticate(self._services.auth, request)
        found = await self._services.devices.list(actor)
        rows = [
            {
                "id": one.id, "name": one.name, "address": one.address, "firstAt": one.first_at, "lastAt": one.last_at,
            }
            for one in found
        ]  # fmt: skip
        await told(answer, {"devices": rows})

    async def forget(self, request: Request, answer: Answer) -> None:
        """POST {id} → 204; `all` forgets every one."""
        security.require_own_page(request)
        body = await texts_of(request, "id")
        actor = await security.authenticate(self._services.auth, request)
        await self._services.devices.forget(actor, body["id"])
        await answer.whole(204)
