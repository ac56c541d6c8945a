"""The landing page of a secure letter (보안메일), for browsers without scripts.

STATES     GET and HEAD say who wrote and how to open, and change nothing, however often: neither a view nor a code is used up
           by a scanner. POST, by a button, mails a code, or proves what is asked, counts one view and leads to the letter
           (secure_letters).
FAILURE    What has ended says why, with 410; a token that nobody has is 404, whatever it looks like.
SECURITY   Nothing of the letter is told before it is opened, its subject neither.
"""

from html import escape
from typing import Final
from urllib.parse import parse_qs

from smartmail.base.i18n import translate
from smartmail.domain.errors import AuthFailed, MailError
from smartmail.edge.httpd.plain_pages import HTML, language_of, page
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.secure_letters import READ_PATH, SecureLetterPages
from smartmail.edge.httpd.secure_refusals import refuse
from smartmail.edge.httpd.secure_replies import REPLY_PATH, SecureReplies
from smartmail.edge.httpd.security import origin_of
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.formats.seal import SealError
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.big_files.letters import date_text
from smartmail.service.mailbox.secure_mail import Invitation, Opening
from smartmail.service.mailbox.secure_mail.making import PATH

_MAX_BODY: Final = 4096


class SecurePages:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._opening: Opening = services.secure_mail.opening
        self._letters = SecureLetterPages(services)
        self._replies = SecureReplies(services)

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler); the more special paths first."""
        return [
            ("GET", f"{READ_PATH}*", self._letters.show), ("GET", f"{REPLY_PATH}*", self._replies.ask),
            ("POST", f"{REPLY_PATH}*", self._replies.send), ("GET", f"{PATH}*", self.show), ("POST", f"{PATH}*", self.act),
        ]  # fmt: skip

    async def show(self, request: Request, answer: Answer) -> None:
        """Say how to open a letter."""
        language = language_of(request.header("accept-language"))
        found = await self._found(request, answer, language)
        if found is not None:
            await answer.whole(200, _page(language, found), HTML)

    async def act(self, request: Request, answer: Answer) -> None:
        """Mail a code, or open."""
        form = parse_qs((await request.body(_MAX_BODY)).decode("utf-8", "replace"))
        language = language_of(request.header("accept-language"))
        found = await self._found(request, answer, language)
        if found is None:
            return
        try:
            if "send" in form:
                await self._opening.send_code(found)
                await answer.whole(200, _page(language, found, "file.code.sent"), HTML)
                return
            await self._opening.prove(found, form.get("proof", [""])[0])
            secret = await self._opening.open(found, origin_of(request, "links"), request.header("user-agent"))
        except AuthFailed:
            await answer.whole(403, _page(language, found, "file.wrong"), HTML)
        except (MailError, SealError) as error:
            await refuse(answer, language, error)
        else:
            await answer.whole(303, headers=[("location", f"{READ_PATH}{secret}")])

    async def _found(self, request: Request, answer: Answer, language: str) -> Invitation | None:
        """Return what a request is about; one that is about nothing is answered."""
        try:
            return await self._opening.find(request.path.removeprefix(PATH), origin_of(request, "links"))
        except (MailError, SealError) as error:
            await refuse(answer, language, error)
            return None


def _page(language: str, found: Invitation, also: str = "") -> bytes:
    """Return the landing page. `also` is the key of one line more."""
    letter, ticket = found.letter, found.ticket
    lines = [
        translate(language, "secure.from", sender=letter.text.named),
        translate(language, "secure.until", date=date_text(letter.row.expires_at)),
    ]
    left = [most - taken for most, taken in ((letter.row.most, letter.row.taken), (ticket.most, ticket.taken)) if most]
    if left:
        lines.append(translate(language, "secure.left", count=str(max(0, min(left)))))
    if also:
        lines.append(translate(language, also))
    return page(language, translate(language, "secure.title"), lines, _form(language, found))


def _form(language: str, found: Invitation) -> str:
    """Return what there is to fill in and to press."""
    button = f"<button>{escape(translate(language, 'secure.open'))}</button>"
    proof = found.letter.text.proof
    if proof == "link":
        return f'<form method="post">{button}</form>'
    kind, mode = ("password", "") if proof == "password" else ("text", ' inputmode="numeric"')
    label = escape(translate(language, f"file.{proof}"))
    entry = (
        f'<form method="post"><label>{label} <input name="proof" type="{kind}"{mode} required autocomplete="off"></label>'
        f"{button}</form>"
    )
    if proof == "password":
        return entry
    local, _, domain = found.text.recipient.rpartition("@")
    asked = escape(translate(language, "file.code.ask", address=f"{local[:2]}***@{domain}"))
    send = escape(translate(language, "file.code.send"))
    return f'{entry}<p>{asked}</p><form method="post"><button name="send" value="1">{send}</button></form>'
