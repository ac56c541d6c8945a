"""What pages of secure mail say where nothing is opened."""

from smartmail.base.i18n import translate
from smartmail.domain.errors import Forbidden, MailError, RateLimited
from smartmail.edge.httpd.plain_pages import HTML, page
from smartmail.edge.httpd.wire import Answer
from smartmail.service.mailbox.big_files.letters import date_text
from smartmail.service.mailbox.secure_mail import Over, TooEarly


def refusal(error: Exception) -> tuple[int, str, dict[str, str]]:
    """Return status, the key of the words for an error, and what they name."""
    if isinstance(error, Over):
        return 410, f"secure.{error.end}", {}
    if isinstance(error, TooEarly):
        return 403, "secure.early", {"date": date_text(error.at)}
    if isinstance(error, RateLimited):
        return 429, "file.many", {}
    if isinstance(error, Forbidden):
        return 403, "secure.elsewhere", {}
    if isinstance(error, MailError) and error.temporary:
        return 503, "quarantine.later", {}
    return 404, "file.invalid", {}


def one_line(language: str, key: str, **values: str) -> bytes:
    """Return a page that says one thing."""
    return page(language, translate(language, "secure.title"), [translate(language, key, **values)])


async def refuse(answer: Answer, language: str, error: Exception) -> None:
    """Answer with the page for an error."""
    status, key, values = refusal(error)
    await answer.whole(status, one_line(language, key, **values), HTML)
