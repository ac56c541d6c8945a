"""The door of /basic: its table of paths, signing in with a second factor and out, what a sign-in still owes.

SECURITY  Sessions are the webmail's: the same cookie, the same rules for where, when and how long. Passkeys and
          certificates need a script: who has no app and no recovery code is sent to the webmail.
FAILURE   An error of a service is a page with its sentence; a session that has ended leads to the sign-in page.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from html import escape
from typing import Any, Final

from smartmail.base import log
from smartmail.base.i18n import LANGUAGES, translate
from smartmail.domain.errors import AuthFailed, MailError, ProofNeeded, WeakPassword
from smartmail.domain.principal import Actor
from smartmail.edge.httpd import security
from smartmail.edge.httpd.api import Api
from smartmail.edge.httpd.basic.asking import Reader, sentence
from smartmail.edge.httpd.basic.clock_page import ClockPages
from smartmail.edge.httpd.basic.clocks import PageClock
from smartmail.edge.httpd.basic.forms import PROOF, begin_visit, form_of, token_of
from smartmail.edge.httpd.basic.looks import STYLE, STYLE_PATH, Words, button, field, go, hidden, shell, show
from smartmail.edge.httpd.basic.mail import MailPages
from smartmail.edge.httpd.basic.writing import WritingPages
from smartmail.edge.httpd.errors import STATUS
from smartmail.edge.httpd.plain_pages import language_of
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.sign_in.fields import page_of, session_cookie, sign_in_cookies
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services
from smartmail.service.identity.factors.service import SignedIn, Waiting

HOME: Final = "/basic"
SIGN_IN: Final = "/basic/sign-in"
_CODES: Final = ("totp", "recovery")
Page = Callable[[Reader, Answer], Awaitable[None]]


class BasicDoor:
    """Handlers."""

    def __init__(self, services: Services, api: Api) -> None:
        self._services = services
        self._api = api

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        mail, writing, clock = MailPages(), WritingPages(), ClockPages()
        return [
            ("GET", STYLE_PATH, _style),
            ("GET", SIGN_IN, self.ask),
            ("POST", SIGN_IN, self._told(self.sign_in)),
            ("POST", "/basic/code", self._told(self.code)),
            ("POST", "/basic/sign-out", self._told(self.sign_out)),
            ("GET", "/basic/owed", self._told(self.owed)),
            ("POST", "/basic/owed", self._told(self.pay)),
            ("GET", HOME, self._page(mail.list)),
            ("GET", "/basic/mail", self._page(mail.read)),
            ("POST", "/basic/mail", self._page(mail.act)),
            ("GET", "/basic/write", self._page(writing.begin)),
            ("POST", "/basic/write", self._page(writing.send)),
            ("GET", "/basic/clock", self._page(clock.ask)),
            ("POST", "/basic/clock", self._page(clock.choose)),
        ]

    def _page(self, page: Page) -> Handler:
        """Return the handler of a page for who is signed in."""

        async def handler(request: Request, answer: Answer) -> None:
            # By the cookie alone: a form cannot carry our header, its token stands for it.
            actor = await self._services.auth.session(request.cookie(security.COOKIE), security.origin_of(request))
            chosen = await self._services.preferences.all(actor)
            words = await self._words_of(request, actor, chosen)
            clock = PageClock.chosen(chosen)
            await page(Reader(self._services, self._api, request, actor, words, clock), answer)

        return self._told(handler)

    def _told(self, handler: Handler) -> Handler:
        """Return a handler whose errors are pages."""

        async def told(request: Request, answer: Answer) -> None:
            try:
                await handler(request, answer)
            except ProofNeeded:
                await go(answer, "/basic/owed")
            except MailError as error:
                if answer.started:
                    raise
                if isinstance(error, AuthFailed) and request.path != SIGN_IN:
                    await go(answer, SIGN_IN)
                    return
                words = _words(request)
                text = escape(sentence(error, words.language))
                back = f'<p><a href="{HOME}">{words("back")}</a></p>'
                page = shell(words, words.raw("failed"), f"<h1>{words('failed')}</h1><p>{text}</p>{back}", small=True)
                await show(answer, page, STATUS[error.code])

        return told

    async def _words_of(self, request: Request, actor: Actor, chosen: Mapping[str, Any]) -> Words:
        """As the webmail does: the language that the person chose, else their browser's, else their account's."""
        if (language := chosen.get("language")) in LANGUAGES:
            return Words(str(language))
        if request.header("accept-language"):
            return _words(request)
        return Words((await self._services.directory.account(actor.account_id)).language)

    # --- in ---

    async def ask(self, request: Request, answer: Answer) -> None:
        """GET → the form for address and password."""
        await self._form(request, answer)

    async def _form(
        self, request: Request, answer: Answer, note: str = "", address: str = "", status: int = 200
    ) -> None:
        words = _words(request)
        token, headers = begin_visit(request)
        body = (
            f"<h1>{words('sign-in')}</h1>{_note(note)}"
            f'<form method="post" action="{SIGN_IN}" class="whole">{hidden(**{PROOF: token})}'
            f"{field(words('address'), 'address', address, ' autocomplete=username autofocus')}"
            f"{field(words('password'), 'password', '', ' type=password autocomplete=current-password')}"
            f'<p class="acts">{button(words("sign-in"), chief=True)}</p></form>'
            f'<p class="soft">{words("about")}</p>'
        )
        await show(answer, shell(words, words.raw("sign-in"), body, small=True), status, headers)

    async def sign_in(self, request: Request, answer: Answer) -> None:
        """POST address and password → the mail, or the form for a code."""
        form = await form_of(request, visit=True)
        address, words = form.text("address").strip(), _words(request)
        try:
            found = await self._services.factors.sign_in(address, form.text("password"), page_of(request))
        except MailError as error:
            log.event("auth.failed", door="web", login=address[:320], peer=request.client[0], code=error.code)
            wrong = isinstance(error, AuthFailed) and not error.public
            note = words.raw("wrong") if wrong else sentence(error, words.language)
            await self._form(request, answer, note, address, STATUS[error.code])
            return
        if isinstance(found, SignedIn):
            await _enter(request, answer, found)
        else:
            await self._ask_code(request, answer, found)

    async def _ask_code(self, request: Request, answer: Answer, waiting: Waiting) -> None:
        kinds = [kind for kind in waiting.kinds if kind in _CODES]
        await self._code_form(request, answer, waiting.token, kinds)

    async def _code_form(
        self, request: Request, answer: Answer, challenge: str, kinds: Sequence[str], note: str = "", status: int = 200
    ) -> None:
        words = _words(request)
        token, headers = begin_visit(request)
        forms = "".join(
            f'<form method="post" action="/basic/code" class="whole">'
            f"{hidden(**{PROOF: token, 'challenge': challenge, 'kind': kind, 'kinds': ','.join(kinds)})}"
            f'<label>{words(f"code.{kind}")}<input name="code" autocomplete="one-time-code"></label>'
            f'<p class="acts">{button(words("confirm"), chief=at == 0)}</p></form>'
            for at, kind in enumerate(kinds)
        )
        empty = f'<p>{words("code.none")}</p><p><a href="/">{words("webmail")}</a></p>'
        body = f"<h1>{words('code')}</h1>{_note(note)}{forms or empty}"
        await show(answer, shell(words, words.raw("code"), body, small=True), status, headers)

    async def code(self, request: Request, answer: Answer) -> None:
        """POST a code of an app, or a recovery code → the mail."""
        form = await form_of(request, visit=True)
        kind = form.text("kind") if form.text("kind") in _CODES else ""
        kinds = [one for one in form.text("kinds").split(",") if one in _CODES]
        given = {"code": form.text("code").strip()}
        try:
            found = await self._services.factors.answer(form.text("challenge"), kind, given, page_of(request))
        except AuthFailed as error:
            words = _words(request)
            if error.reason in {"", "ended"}:
                await self._form(request, answer, words.raw("code.ended"), status=401)
            else:
                await self._code_form(request, answer, form.text("challenge"), kinds, words.raw("code.wrong"), 401)
            return
        await _enter(request, answer, found)

    async def sign_out(self, request: Request, answer: Answer) -> None:
        """POST → the session is over on every process and node."""
        await form_of(request)
        await self._services.auth.close_session(request.cookie(security.COOKIE))
        await go(answer, SIGN_IN, session_cookie(""), ("clear-site-data", '"cache"'))

    # --- what is owed ---

    async def owed(self, request: Request, answer: Answer) -> None:
        """GET → the page that pays what the session owes first."""
        await self._owing(request, answer)

    async def _owing(self, request: Request, answer: Answer, note: str = "", status: int = 200) -> None:
        services = self._services
        actor = await services.auth.session(
            request.cookie(security.COOKIE), security.origin_of(request), owing=True
        )  # fmt: skip
        words = await self._words_of(request, actor, await self._services.preferences.all(actor))
        owes = await services.factors.owes(actor)
        begin = f'<form method="post" action="/basic/owed" class="whole">{hidden(**{PROOF: token_of(request)})}'
        if not owes:
            await go(answer, HOME)
            return
        if owes[0] == "consent":
            texts = await services.consents.pending(actor)
            body = "".join(
                f"<h1>{escape(one.name)}</h1><pre>{escape(one.text)}</pre>"
                f"{begin}{hidden(pays='consent', name=one.name, version=str(one.version))}"
                f'<p class="acts">{button(words("agree"), chief=True)}</p></form>'
                for one in texts[:1]
            )
        elif owes[0] == "password":
            more = " type=password autocomplete="
            body = (
                f"<h1>{words('new-password')}</h1>{_note(note)}{begin}{hidden(pays='password')}"
                f"{field(words('password'), 'current', '', f'{more}current-password')}"
                f"{field(words('new-password'), 'password', '', f'{more}new-password')}"
                f'<p><label><input type="checkbox" name="keep" value="1"> {words("keep-programs")}</label></p>'
                f'<p class="acts">{button(words("confirm"), chief=True)}</p></form>'
            )
        else:
            body = (
                f"<h1>{words('owed')}</h1><p>{words('owed.script')}</p><p><a href=\"/\">{words('webmail')}</a></p>"
            )  # fmt: skip
        await show(answer, shell(words, words.raw("owed"), body, small=True), status)

    async def pay(self, request: Request, answer: Answer) -> None:
        """POST a consent or a new password → on to the mail."""
        form = await form_of(request)
        services = self._services
        actor = await services.auth.session(request.cookie(security.COOKIE), security.origin_of(request), owing=True)
        if form.text("pays") == "consent":
            version = form.text("version")
            await services.consents.give(actor, form.text("name"), int(version) if version.isdecimal() else 0)
            await go(answer, HOME)
            return
        if "factor" in await services.factors.owes(actor):
            raise ProofNeeded("factor")
        shown = await services.factors.shown(actor)
        try:
            changed = await services.auth.change_password(
                actor, form.text("current"), form.text("password"), keep_programs=bool(form.text("keep"))
            )
        except MailError as error:
            words = await self._words_of(request, actor, await self._services.preferences.all(actor))
            note = (
                await self._weak(words, actor, error)
                if isinstance(error, WeakPassword)
                else words.raw("wrong-password")
            )
            await self._owing(request, answer, note, STATUS[error.code])
            return
        await _enter(request, answer, await services.factors.resume(changed, page_of(request), shown))

    async def _weak(self, words: Words, actor: Actor, error: WeakPassword) -> str:
        """Return every reason why policy does not take a password."""
        least = await self._services.auth.least_password(actor)
        return " ".join(translate(words.language, f"password.reason.{one}", least=least) for one in error.reasons)


async def _enter(request: Request, answer: Answer, found: SignedIn) -> None:
    log.event("auth.ok", door="web", account=found.actor.account_id, peer=request.client[0])
    await go(answer, HOME, *sign_in_cookies(found))


def _words(request: Request) -> Words:
    return Words(language_of(request.header("accept-language")))


def _note(text: str) -> str:
    return f'<p class="note" role="alert">{escape(text)}</p>' if text else ""


async def _style(_request: Request, answer: Answer) -> None:
    await answer.whole(200, STYLE, "text/css", [("cache-control", "public, max-age=86400")])
