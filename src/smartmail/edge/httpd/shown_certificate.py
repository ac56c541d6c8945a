"""The port where a browser proves a second factor by a certificate of the handshake (KA-7): GET asks, POST answers.

NAME      proof by TLS certificate; an application of its own on the listener `https-certificate`
PURPOSE   For keys that no page can hold: security tokens, smart cards, the system's own store. The password page leads here
          with its challenge and is returned to with a session, for cookies of a host count on all of its ports.
STATES    none; the challenge is kept by service.identity.factors.
LIMITS    Whoever shows no certificate gets a page that says so. One that no authority of ours stands behind, or that has
          ended, fails in the handshake already (RFC 8446 §4.4.2.4): TLS has no better word for it.
SECURITY  The challenge in the path came from a right password, serves once, and is worth nothing without the certificate's
          key. Nothing else is served on this port.
"""

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.errors import AuthFailed, Forbidden, MailError
from smartmail.edge.httpd import security
from smartmail.edge.httpd.plain_pages import HTML, button_form, language_of, page
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.sign_in.fields import page_of, sign_in_cookies
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services
from smartmail.service.identity.identity_certificates.method import SHOWN

LOGIN, ENROL = "/certificate/login/", "/certificate/enrol/"
_KIND = "certificate"
_MAX_BODY = 4096
# Reasons of which the reader can do something; the others are told as "not accepted".
_TOLD = frozenset(
    {"expired", "not_yet_valid", "revoked", "revocation_unknown", "not_bound", "key_usage", "policy", "identity"}
)


class ShownCertificate:
    """Handlers. `site`: where people go on, with a session."""

    def __init__(self, services: Services, site: str) -> None:
        self._services = services
        self._site = site

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [
            ("GET", f"{LOGIN}*", self.ask), ("POST", f"{LOGIN}*", self.log_in),
            ("GET", f"{ENROL}*", self.ask), ("POST", f"{ENROL}*", self.enrol),
        ]  # fmt: skip

    async def ask(self, request: Request, answer: Answer) -> None:
        """Show a button, where a certificate was shown to us."""
        language = language_of(request.header("accept-language"))
        if not request.certificate:
            await self._say(answer, language, 400, "shown-certificate.none")
            return
        word = "enrol" if request.path.startswith(ENROL) else "login"
        text, button = (translate(language, f"shown-certificate.{word}{end}") for end in ("", ".button"))
        await answer.whole(200, self._page(language, text, button_form(button)), HTML)

    async def log_in(self, request: Request, answer: Answer) -> None:
        """Answer the challenge of a login; lead on with the session, or say why not."""
        await request.body(_MAX_BODY)
        try:
            found = await self._services.factors.answer(
                request.path.removeprefix(LOGIN), _KIND, self._shown(request), page_of(request)
            )
        except MailError as error:
            await self._refuse(request, answer, error)
            return
        log.event(
            "auth.ok", door="web", account=found.actor.account_id, peer=request.client[0], factor="certificate.tls"
        )
        await answer.whole(303, headers=[("location", f"{self._site}/"), *sign_in_cookies(found)])

    async def enrol(self, request: Request, answer: Answer) -> None:
        """Make the certificate a second factor of who is signed in; show recovery codes with the first one."""
        await request.body(_MAX_BODY)
        language = language_of(request.header("accept-language"))
        try:
            if request.header("origin") not in {"", request.base}:
                raise Forbidden("this request did not come from our own page")
            # A form of this page cannot set the header that scripts prove themselves by; the challenge in the path does.
            token = request.cookie(security.COOKIE)
            actor = await self._services.auth.session(token, security.origin_of(request), owing=True)
            made = await self._services.enrolment.finish(
                actor, request.path.removeprefix(ENROL), _KIND, "", self._shown(request), page_of(request)
            )
        except MailError as error:
            await self._refuse(request, answer, error)
            return
        codes = [translate(language, "shown-certificate.codes"), *made.recovery] if made.recovery else []
        lines = [translate(language, "shown-certificate.done"), *codes]
        await answer.whole(200, self._page(language, *lines), HTML, [("cache-control", "no-store")])

    def _shown(self, request: Request) -> dict[str, object]:
        if not request.certificate:
            raise AuthFailed("no certificate was shown", reason="certificate.none")
        return {SHOWN: request.certificate}

    async def _refuse(self, request: Request, answer: Answer, error: MailError) -> None:
        reason = error.reason.removeprefix("certificate.") if isinstance(error, AuthFailed) else error.code
        language = language_of(request.header("accept-language"))
        log.event("auth.failed", door="web", login="", peer=request.client[0], code=f"certificate.{reason}"[:100])
        name = "none" if reason == "none" else reason if reason in _TOLD else "refused"
        await self._say(answer, language, 403, f"shown-certificate.{name}")

    async def _say(self, answer: Answer, language: str, status: int, key: str) -> None:
        await answer.whole(status, self._page(language, translate(language, key)), HTML)

    def _page(self, language: str, text: str, form: str = "", *more: str) -> bytes:
        back = translate(language, "shown-certificate.back", site=self._site)
        return page(language, translate(language, "shown-certificate.title"), [text, *more, back], form)
