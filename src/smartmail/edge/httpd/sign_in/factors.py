"""Second factors at sign-in, and as their owner manages them."""

from collections.abc import Mapping

from smartmail.base import log
from smartmail.domain.errors import Invalid
from smartmail.edge.httpd import security
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.sign_in.fields import (
    MAX_RESPONSE,
    begun,
    body_of,
    page_of,
    response_of,
    texts,
    texts_of,
    told,
)
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services
from smartmail.service.identity.factors.enrolment import FactorInfo


class FactorDoor:
    """Handlers."""

    def __init__(self, services: Services, certificate_site: str = "") -> None:
        """`certificate_site`: where a browser can show a certificate in the handshake (KA-7); "": nowhere."""
        self._services = services
        self._certificate_site = certificate_site

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [
            ("POST", "/auth/factor/ask", self.ask),
            ("POST", "/auth/factor/answer", self.answer),
            ("GET", "/auth/factors", self.list),
            ("POST", "/auth/factor/begin", self.begin),
            ("POST", "/auth/factor/finish", self.finish),
            ("POST", "/auth/factor/remove", self.remove),
            ("POST", "/auth/factor/codes", self.codes),
        ]

    async def ask(self, request: Request, answer: Answer) -> None:
        """POST {challenge, kind} → what the page needs for an answer. An empty challenge begins a login by passkey alone."""
        security.require_own_page(request)
        body = await texts_of(request, "challenge", "kind")
        shown = await self._services.factors.ask(body["challenge"], body["kind"], page_of(request))
        await told(answer, self._with_place(body["kind"], shown))

    async def answer(self, request: Request, answer: Answer) -> None:
        """POST {challenge, kind, response} → as a login; 401 with `reason` when the answer is wrong."""
        security.require_own_page(request)
        document = await body_of(request, MAX_RESPONSE)
        body = texts(document, "challenge", "kind")
        found = await self._services.factors.answer(
            body["challenge"], body["kind"], response_of(document), page_of(request)
        )
        log.event("auth.ok", door="web", account=found.actor.account_id, peer=request.client[0], factor=body["kind"])
        await begun(answer, found)

    async def list(self, request: Request, answer: Answer) -> None:
        """GET → {factors, recoveryCodes (how many are left)}."""
        actor = await security.authenticate(self._services.auth, request, owing=True)
        factors, left = await self._services.enrolment.list(actor)
        await told(answer, {"factors": [_shown(one) for one in factors], "recoveryCodes": left})

    async def begin(self, request: Request, answer: Answer) -> None:
        """POST {kind, password} → {challenge, …what the kind shows}."""
        security.require_own_page(request)
        body = await texts_of(request, "kind", "password")
        actor = await security.authenticate(self._services.auth, request, owing=True)
        token, shown = await self._services.enrolment.begin(actor, body["kind"], body["password"], page_of(request))
        await told(answer, {**self._with_place(body["kind"], shown), "challenge": token})

    def _with_place(self, kind: str, shown: Mapping[str, object]) -> Mapping[str, object]:
        return {**shown, "shownAt": self._certificate_site} if kind == "certificate" else shown

    async def finish(self, request: Request, answer: Answer) -> None:
        """POST {challenge, kind, label, response} → {factor, recovery: codes with the first factor}."""
        security.require_own_page(request)
        document = await body_of(request, MAX_RESPONSE)
        body = texts(document, "challenge", "kind", "label")
        actor = await security.authenticate(self._services.auth, request, owing=True)
        made = await self._services.enrolment.finish(
            actor, body["challenge"], body["kind"], body["label"], response_of(document), page_of(request)
        )
        await told(answer, {"factor": _shown(made.info), "recovery": list(made.recovery)})

    async def remove(self, request: Request, answer: Answer) -> None:
        """POST {id} → 204."""
        security.require_own_page(request)
        number = (await body_of(request)).get("id")
        if not isinstance(number, int) or isinstance(number, bool):
            raise Invalid("a number `id` is needed")
        actor = await security.authenticate(self._services.auth, request)
        await self._services.enrolment.remove(actor, number, page_of(request))
        await answer.whole(204)

    async def codes(self, request: Request, answer: Answer) -> None:
        """POST → {recovery}: ten new codes in place of all others."""
        security.require_own_page(request)
        actor = await security.authenticate(self._services.auth, request)
        await told(answer, {"recovery": list(await self._services.enrolment.new_codes(actor, page_of(request)))})


def _shown(info: FactorInfo) -> dict[str, object]:
    return {
        "id": info.id, "kind": info.kind, "label": info.label, "createdAt": info.created_at, "usedAt": info.last_used_at,
    }  # fmt: skip
