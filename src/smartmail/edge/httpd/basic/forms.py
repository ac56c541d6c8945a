"""Forms of /basic: reading them, and that they come from our own page.

SECURITY  A form counts only with the token of the page that it was on: a keyed hash that nobody can make without the
          session's cookie (before the sign-in: without a cookie of its own). A browser that says where a form comes from must say: here.
LIMITS    MAX_FORM octets of plain forms, MAX_LETTER of those with files; LETTERS of the latter at once in a process.
"""

import asyncio
import hashlib
import hmac
import secrets
from typing import Final

from smartmail.domain.errors import Forbidden, TooLarge
from smartmail.edge.httpd import security
from smartmail.edge.httpd.wire import Request
from smartmail.formats.form_data import Form, parse_form

PROOF: Final = "proof"
MAX_FORM: Final = 65_536
MAX_LETTER: Final = 32 << 20
MAX_TEXT: Final = 2 << 20
"""Characters of all text fields of a form: files count apart."""
MAX_ENCODED: Final = 1 << 20
"""Octets of a form that is no multipart: undoing its escapes costs 50 ms of everybody's time per MiB."""
LETTERS: Final = 4
_VISIT: Final = "__Host-smartmail-basic"
_COOKIE: Final = "{}={}; Path=/; Secure; HttpOnly; SameSite=Strict"


def token_of(request: Request) -> str:
    """Return the token for the forms of a signed-in page."""
    return _token(request.cookie(security.COOKIE))


def begin_visit(request: Request) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return (token, headers) for the forms of a page before the sign-in."""
    held = request.cookie(_VISIT)
    if len(held) >= 20:
        return _token(held), ()
    made = secrets.token_urlsafe(18)
    return _token(made), (("set-cookie", _COOKIE.format(_VISIT, made)),)


async def form_of(request: Request, limit: int = MAX_FORM, *, visit: bool = False) -> Form:
    """Return a form of a page of ours. Raises Forbidden, TooLarge."""
    origin = request.header("origin")
    if (origin and origin != request.base) or request.header("sec-fetch-site") not in {"", "same-origin"}:
        raise Forbidden("this form did not come from our own page")
    content_type = request.header("content-type")
    if not content_type.lower().startswith("multipart/"):
        limit = min(limit, MAX_ENCODED)
    form = parse_form(content_type, await request.body(limit))
    if sum(map(len, form.fields.values())) > MAX_TEXT:
        raise TooLarge("too much text in one form: attach it as a file")
    secret = request.cookie(_VISIT if visit else security.COOKIE)
    if not secret or not hmac.compare_digest(form.text(PROOF).encode(), _token(secret).encode()):
        raise Forbidden("this form did not come from our own page")
    return form


class Letters:
    """Reads forms with files, a few at once: they are held in memory."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(LETTERS)

    async def __aenter__(self) -> None:
        await self._room.acquire()

    async def __aexit__(self, *_error: object) -> None:
        self._room.release()


def _token(secret: str) -> str:
    return hmac.new(secret.encode(), b"smartmail basic form", hashlib.sha256).hexdigest()
