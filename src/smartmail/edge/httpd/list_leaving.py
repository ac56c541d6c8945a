"""The page that a member outside leaves a list by: GET asks, POST does (RFC 8058: a program posts without asking).

SECURITY  The token in the path is the whole right: it takes one member off one list. GET changes nothing, so that whoever
          looks into links beforehand takes nobody off. The page needs no script and shows nothing but list and member.
"""

from html import escape

from smartmail.base.i18n import FALLBACK, LANGUAGES, translate
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.security import origin_of
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services

PATH = "/lists/leave/"
_HTML = "text/html; charset=utf-8"
_MAX_BODY = 4096


class ListLeaving:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._lists = services.addressing.lists

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [("GET", f"{PATH}*", self.ask), ("POST", f"{PATH}*", self.leave)]

    async def ask(self, request: Request, answer: Answer) -> None:
        """Show who would leave what."""
        found = self._lists.read_token(request.path.removeprefix(PATH))
        language = language_of(request.header("accept-language"))
        if found is None:
            await answer.whole(404, _page(language, translate(language, "list.leave.invalid")), _HTML)
            return
        text = translate(language, "list.leave.text", list=found[0], member=found[1])
        await answer.whole(200, _page(language, text, button=translate(language, "list.leave.button")), _HTML)

    async def leave(self, request: Request, answer: Answer) -> None:
        """Do it; twice is once."""
        await request.body(_MAX_BODY)
        language = language_of(request.header("accept-language"))
        actor = Actor(AccountId(0), OrganizationId(0), "", is_admin=False, origin=origin_of(request, "links"))
        try:
            name = await self._lists.leave(actor, request.path.removeprefix(PATH))
        except NotFound:
            await answer.whole(404, _page(language, translate(language, "list.leave.invalid")), _HTML)
            return
        await answer.whole(200, _page(language, translate(language, "list.leave.done", list=name)), _HTML)


def language_of(accepted: str) -> str:
    """Return the first of our languages that a browser names (RFC 9110 §12.5.4, in its order), else English."""
    for part in accepted[:500].split(","):
        tag = part.partition(";")[0].strip().lower()
        if tag in {"zh-tw", "zh-hk", "zh-mo"} or tag.startswith("zh-hant"):
            return "zh-Hant"
        if tag.startswith("zh"):
            return "zh-Hans"
        for language in LANGUAGES:
            if tag.partition("-")[0] == language:
                return language
    return FALLBACK


def _page(language: str, text: str, button: str = "") -> bytes:
    form = f'<form method="post"><button>{escape(button)}</button></form>' if button else ""
    title = escape(translate(language, "list.leave.title"))
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><main><h1>{title}</h1><p>{escape(text)}</p>{form}</main></html>"
    ).encode()
