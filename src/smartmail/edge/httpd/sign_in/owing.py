"""What a session owes and pays here: consents, a password that is due; and the second channel: of who forgot the
password, and of a witness who objects to an act of an administrator.
"""

from smartmail.domain.errors import Invalid
from smartmail.edge.httpd import security
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.sign_in.fields import body_of, page_of, texts, texts_of, told
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services


class OwingDoor:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [
            ("GET", "/auth/consents", self.consents),
            ("POST", "/auth/consent", self.consent),
            ("POST", "/auth/password/later", self.later),
            ("POST", "/auth/recover", self.recover),
            ("GET", "/auth/recovery-address", self.recovery_address),
            ("POST", "/auth/recovery-address", self.set_recovery_address),
            ("POST", "/auth/recovery-address/verify", self.verify),
            ("POST", "/auth/objection", self.object),
        ]

    async def consents(self, request: Request, answer: Answer) -> None:
        """GET → {texts}: what waits for the reader's consent."""
        actor = await security.authenticate(self._services.auth, request, owing=True)
        found = await self._services.consents.pending(actor)
        rows = [
            {"name": one.name, "version": one.version, "language": one.language, "text": one.text} for one in found
        ]  # fmt: skip
        await told(answer, {"texts": rows})

    async def consent(self, request: Request, answer: Answer) -> None:
        """POST {name, version} → 204."""
        security.require_own_page(request)
        document = await body_of(request)
        version = document.get("version")
        if not isinstance(version, int) or isinstance(version, bool):
            raise Invalid("a number `version` is needed")
        actor = await security.authenticate(self._services.auth, request, owing=True)
        await self._services.consents.give(actor, texts(document, "name")["name"], version)
        await answer.whole(204)

    async def later(self, request: Request, answer: Answer) -> None:
        """POST → 204: a password that is due is put off, once."""
        security.require_own_page(request)
        actor = await security.authenticate(self._services.auth, request, owing=True)
        await self._services.auth.change_later(actor)
        await answer.whole(204)

    async def recover(self, request: Request, answer: Answer) -> None:
        """POST {address} → 204, whoever it is."""
        security.require_own_page(request)
        body = await texts_of(request, "address")
        self._services.recovering.forgot(body["address"])
        await answer.whole(204)

    async def recovery_address(self, request: Request, answer: Answer) -> None:
        """GET → {address, verified}."""
        actor = await security.authenticate(self._services.auth, request)
        address, verified = await self._services.recovering.shown(actor)
        await told(answer, {"address": address, "verified": verified})

    async def set_recovery_address(self, request: Request, answer: Answer) -> None:
        """POST {address} → 204: a link is on its way to it."""
        security.require_own_page(request)
        body = await texts_of(request, "address")
        actor = await security.authenticate(self._services.auth, request)
        await self._services.recovering.set_address(actor, body["address"], page_of(request))
        await answer.whole(204)

    async def verify(self, request: Request, answer: Answer) -> None:
        """POST {token} → 204: the recovery address counts now."""
        security.require_own_page(request)
        await self._services.recovering.verify((await texts_of(request, "token"))["token"])
        await answer.whole(204)

    async def object(self, request: Request, answer: Answer) -> None:
        """POST {token} → 204: what the link was about does not happen. 401: used, unknown or too late; 409: decided."""
        security.require_own_page(request)
        await self._services.proposals.witnesses.object((await texts_of(request, "token"))["token"])
        await answer.whole(204)
