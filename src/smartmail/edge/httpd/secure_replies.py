"""Answering a secure letter from its page: words and files, without a script.

LIMITS     MAX_OCTETS of a reply.
SECURITY   Under the secret of a session that was opened; what is sent goes to the sender of the letter and nobody else.
"""

from html import escape
from typing import Final
from urllib.parse import quote

from smartmail.base.i18n import translate
from smartmail.domain.errors import Invalid, MailError, PolicyRejected, TooLarge
from smartmail.edge.httpd.plain_pages import HTML, language_of, page
from smartmail.edge.httpd.secure_letters import READ_PATH
from smartmail.edge.httpd.secure_refusals import one_line, refuse
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.formats.form_data import parse_form
from smartmail.formats.seal import SealError
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.secure_mail import Opening, Reading
from smartmail.service.mailbox.secure_mail.making import PATH
from smartmail.service.mailbox.secure_mail.replying import MAX_OCTETS, SecureReplying

REPLY_PATH: Final = f"{PATH}reply/"
_MORE: Final = 1 << 20
"""Bytes of a form apart from its files."""


class SecureReplies:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._opening: Opening = services.secure_mail.opening
        self._replying: SecureReplying = services.secure_mail.replying

    async def ask(self, request: Request, answer: Answer) -> None:
        """GET /secure/reply/{secret} → the form."""
        language = language_of(request.header("accept-language"))
        reading = await self._reading(request, answer, language)
        if reading is not None:
            await answer.whole(200, _page(language, reading), HTML)

    async def send(self, request: Request, answer: Answer) -> None:
        """POST words and files → the letter with its sender."""
        language = language_of(request.header("accept-language"))
        reading = await self._reading(request, answer, language)
        if reading is None:
            return
        try:
            form = parse_form(request.header("content-type"), await request.body(MAX_OCTETS + _MORE))
            await self._replying.reply(reading, form.text("words"), [(one.name, one.octets) for one in form.files])
        except TooLarge:
            await answer.whole(413, _page(language, reading, "secure.reply.large"), HTML)
        except PolicyRejected:
            await answer.whole(422, _page(language, reading, "secure.reply.unsafe"), HTML)
        except Invalid:
            await answer.whole(422, _page(language, reading, "secure.reply.empty"), HTML)
        except (MailError, SealError) as error:
            await refuse(answer, language, error)
        else:
            await answer.whole(200, _sent(language, _secret(request)), HTML)

    async def _reading(self, request: Request, answer: Answer, language: str) -> Reading | None:
        """Return the letter that is answered; one that is not there, or takes no answers, is told."""
        try:
            reading = await self._opening.reading(_secret(request))
        except (MailError, SealError) as error:
            await refuse(answer, language, error)
            return None
        if reading.invitation.letter.text.replies:
            return reading
        await answer.whole(403, one_line(language, "secure.reply.not"), HTML)
        return None


def _secret(request: Request) -> str:
    return request.path.removeprefix(REPLY_PATH)


def _page(language: str, reading: Reading, also: str = "") -> bytes:
    """Return the form. `also` is the key of one line more."""

    def words(key: str) -> str:
        return escape(translate(language, key))

    text = reading.invitation.letter.text
    lines = [text.named, text.subject, *([translate(language, also)] if also else [])]
    form = (
        '<form class="long" method="post" enctype="multipart/form-data">'
        f'<label>{words("secure.reply.words")}<textarea name="words" rows="10"></textarea></label>'
        f'<label>{words("secure.reply.files")}<input name="files" type="file" multiple></label>'
        f"<button>{words('secure.reply.send')}</button></form>"
    )
    return page(language, translate(language, "secure.reply"), lines, form)


def _sent(language: str, secret: str) -> bytes:
    back = f'<p><a href="{READ_PATH}{quote(secret)}">{escape(translate(language, "secure.title"))}</a></p>'
    return page(language, translate(language, "secure.reply"), [translate(language, "secure.reply.sent")], back)
