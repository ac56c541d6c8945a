"""Errors of the admin API as problem+json (RFC 9457): the codes of the house, titles in the reader's language.

SECURITY  not_found never says more than its code: what is another organisation's and what is not there answer alike.
"""

import msgspec

from smartmail.base.i18n import translate
from smartmail.domain.errors import AuthFailed, MailError, ProofNeeded
from smartmail.edge.httpd.admin.shapes import Problem
from smartmail.edge.httpd.errors import PROBLEM_TYPE, STATUS
from smartmail.edge.httpd.wire import Answer, Headers

OWN: dict[str, int] = {
    "method_not_allowed": 405,
    "media_type": 415,
    "idempotency_mismatch": 422,
    "in_progress": 409,
}
"""Codes that only HTTP has."""

_CODE_ALONE = frozenset({"not_found", "internal"})


class Refused(Exception):
    """A request that the API itself does not take; `code` is one of OWN."""

    def __init__(self, code: str, detail: str = "", headers: Headers = ()) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.headers = list(headers)


async def tell(answer: Answer, error: MailError | Refused, request_id: str, language: str) -> None:
    """Send an error."""
    document = document_of(error, request_id, language)
    headers: list[tuple[str, str]] = [("content-language", language)]
    if isinstance(error, Refused):
        headers += error.headers
    if document.status == 429:
        headers.append(("retry-after", "1"))
    if document.status == 401:
        headers.append(("www-authenticate", 'Bearer realm="SmartMail"'))
    await answer.whole(document.status, msgspec.json.encode(document), PROBLEM_TYPE, headers)


def document_of(error: MailError | Refused, request_id: str, language: str) -> Problem:
    """Return what is said of an error."""
    name = title(error.code, language)
    if isinstance(error, Refused):
        return Problem("about:blank", name, OWN[error.code], error.code, request_id, error.detail)
    status = STATUS[error.code]
    if error.code in _CODE_ALONE:
        return Problem("about:blank", name, status, error.code, request_id)
    wants = list(error.wants) if isinstance(error, ProofNeeded) else []
    return Problem(
        "about:blank", name, status, error.code, request_id, error.public, wants, _reasons(error), dict(error.facts)
    )


def _reasons(error: MailError) -> list[str]:
    # Why a proof failed is for the page where one signs in alone.
    return [] if isinstance(error, AuthFailed) else list(error.all_reasons)


def title(code: str, language: str) -> str:
    """Return the title of a code; a code without a text of its own stands for itself."""
    try:
        return translate(language, f"problem.{code}")
    except KeyError:
        return code.replace("_", " ")
