"""The page that a member outside leaves a list by: GET asks, POST does (RFC 8058: a program posts without asking).

SECURITY  The token in the path is the whole right: it takes one member off one list. GET changes nothing, so that whoever
          looks into links beforehand takes nobody off. The page needs no script and shows nothing but list and member.
"""

from smartmail.base.i18n import translate
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor
from smartmail.edge.httpd.plain_pages import HTML, button_form, language_of, page
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.security import origin_of
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services

PATH = "/lists/leave/"
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
            await answer.whole(404, _page(language, translate(language, "list.leave.invalid")), HTML)
            return
        text = translate(language, "list.leave.text", list=found[0], member=found[1])
        await answer.whole(200, _page(language, text, button=translate(language, "list.leave.button")), HTML)

    async def leave(self, request: Request, answer: Answer) -> None:
        """Do it; twice is once."""
        await request.body(_MAX_BODY)
        language = language_of(request.header("accept-language"))
        actor = Actor(AccountId(0), OrganizationId(0), "", is_admin=False, origin=origin_of(request, "links"))
        try:
            name = await self._lists.leave(actor, request.path.removeprefix(PATH))
        except NotFound:
            await answer.whole(404, _page(language, translate(language, "list.leave.invalid")), HTML)
            return
        await answer.whole(200, _page(language, translate(language, "list.leave.done", list=name)), HTML)


def _page(language: str, text: str, button: str = "") -> bytes:
    return page(language, translate(language, "list.leave.title"), [text], button_form(button))
