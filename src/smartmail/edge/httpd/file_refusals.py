"""What pages of big files say where nothing is given or shown."""

from smartmail.base.i18n import translate
from smartmail.domain.errors import Forbidden, MailError, RateLimited
from smartmail.edge.httpd.plain_pages import page
from smartmail.service.mailbox.big_files import Ended, NotYet


def refusal(error: Exception) -> tuple[int, str]:
    """Return status and the key of the words for an error."""
    if isinstance(error, Ended):
        return 410, f"file.{error.end}"
    if isinstance(error, NotYet):
        return 503, "file.checking"
    if isinstance(error, RateLimited):
        return 429, "file.many"
    if isinstance(error, Forbidden):
        return 403, "file.elsewhere"
    if isinstance(error, MailError) and error.temporary:
        return 503, "quarantine.later"
    return 404, "file.invalid"


def told(language: str, key: str) -> bytes:
    """Return a page that says one thing."""
    return page(language, translate(language, "file.title"), [translate(language, key)])
