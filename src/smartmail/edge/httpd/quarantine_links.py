"""The page behind a link of a digest: GET asks, POST does.

SECURITY  The token in the path is the whole right: one act on one held message. GET changes nothing, so that whoever looks
          into links beforehand (a scanner, a preview) lets nothing out, however often. What the token is good for is used
          up by the act. The page needs no script and shows sender and subject alone, escaped.
"""

from smartmail.base.i18n import translate
from smartmail.domain.errors import Forbidden, MailError, NotFound, PolicyRejected
from smartmail.domain.principal import Actor
from smartmail.edge.httpd.plain_pages import HTML, button_form, language_of, page
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.security import origin_of
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.formats.seal import SealError
from smartmail.service.catalogue import Services
from smartmail.service.flow.quarantine import Deed, HeldItem
from smartmail.service.flow.quarantine.links import PATH, Link

_MAX_BODY = 4096


class QuarantineLinks:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [("GET", f"{PATH}*", self.ask), ("POST", f"{PATH}*", self.act)]

    async def ask(self, request: Request, answer: Answer) -> None:
        """Show what would be done to what."""
        found = await self._found(request, answer)
        if found is None:
            return
        link, item, language = found
        lines = [
            translate(language, "quarantine.from", sender=item.author),
            translate(language, "quarantine.subject", subject=item.summary.subject),
            translate(language, f"quarantine.ask.{link.act}"),
        ]
        await answer.whole(200, _page(language, lines, translate(language, f"digest.{link.act}")), HTML)

    async def act(self, request: Request, answer: Answer) -> None:
        """Do it, once."""
        await request.body(_MAX_BODY)
        found = await self._found(request, answer)
        if found is None:
            return
        link, item, language = found
        try:
            await self._do(request, link, item)
        except MailError as error:
            status, key = _refusal(error)
            await answer.whole(status, _page(language, [translate(language, key)]), HTML)
            return
        await answer.whole(200, _page(language, [translate(language, f"quarantine.done.{link.act}")]), HTML)

    async def _do(self, request: Request, link: Link, item: HeldItem) -> None:
        services = self._services
        assert item.row.account_id is not None
        account = await services.directory.account(item.row.account_id)
        actor = Actor(
            account.id, account.organization_id, account.login, is_admin=False, origin=origin_of(request, "links")
        )
        if link.act == "delete":
            await services.quarantine.delete_own(actor, link.item_id)
            return
        both = link.act == "allow"
        await services.quarantine.release_own(actor, link.item_id, Deed(learn=both, allow=both))

    async def _found(self, request: Request, answer: Answer) -> tuple[Link, HeldItem, str] | None:
        """Return what a request is about; one that is about nothing is answered."""
        language = language_of(request.header("accept-language"))
        link = await self._services.quarantine_links.read(request.path.removeprefix(PATH))
        try:
            if link is None:
                raise NotFound
            return link, await self._services.quarantine.linked(link.item_id), language
        except (MailError, SealError) as error:
            status, key = _refusal(error)
            await answer.whole(status, _page(language, [translate(language, key)]), HTML)
            return None


def _refusal(error: Exception) -> tuple[int, str]:
    if isinstance(error, Forbidden | PolicyRejected):
        return 403, "quarantine.refused"
    if isinstance(error, MailError) and error.temporary:
        return 503, "quarantine.later"
    return 404, "quarantine.invalid"


def _page(language: str, lines: list[str], button: str = "") -> bytes:
    return page(language, translate(language, "quarantine.title"), lines, button_form(button))
