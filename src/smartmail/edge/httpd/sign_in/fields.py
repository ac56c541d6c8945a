"""What the handlers of /auth/ share: JSON bodies, cookies, where a page asks from."""

import json
from typing import Final

from smartmail.domain.errors import Invalid
from smartmail.domain.principal import Door
from smartmail.edge.httpd import security
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.identity.auth import SESSION_MS
from smartmail.service.identity.auth.logins import DEVICE_MS
from smartmail.service.identity.factors.challenges import Page
from smartmail.service.identity.factors.service import SignedIn

MAX_BODY: Final = 16_384
MAX_RESPONSE: Final = 65_536
"""Certificates and attestations come in it."""
DEVICE_COOKIE: Final = "__Host-smartmail-device"
JSON: Final = "application/json"
_COOKIE: Final = "{}={}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={}"

Fields = dict[str, object]


def page_of(request: Request, door: Door = "web") -> Page:
    """Return where a page asks from."""
    return Page(
        security.origin_of(request, door),
        request.site,
        request.header("user-agent"),
        request.cookie(DEVICE_COOKIE)[:200],
    )


def session_cookie(token: str) -> tuple[str, str]:
    """Return the header that keeps a session in the browser; "" removes it."""
    return "set-cookie", _COOKIE.format(security.COOKIE, token, SESSION_MS // 1000 if token else 0)


def sign_in_cookies(signed_in: SignedIn) -> list[tuple[str, str]]:
    """Return the headers that keep a session, and that this browser is known, in the browser."""
    return [
        ("set-cookie", _COOKIE.format(DEVICE_COOKIE, signed_in.device, DEVICE_MS // 1000)),
        session_cookie(signed_in.token),
    ]


async def begun(answer: Answer, signed_in: SignedIn) -> None:
    """Answer with the session: 204, or 200 with what it owes before anything else."""
    cookies = sign_in_cookies(signed_in)
    if signed_in.owes:
        await told(answer, {"owes": list(signed_in.owes)}, cookies)
    else:
        await answer.whole(204, headers=cookies)


async def told(answer: Answer, document: object, headers: list[tuple[str, str]] | None = None) -> None:
    """Answer 200 with JSON."""
    await answer.whole(200, json.dumps(document, ensure_ascii=False).encode(), JSON, headers or [])


async def body_of(request: Request, limit: int = MAX_BODY) -> Fields:
    """Return the object of a JSON body. Raises Invalid."""
    try:
        document = json.loads(await request.body(limit))
    except (ValueError, RecursionError):
        raise Invalid("the body is not JSON") from None
    if not isinstance(document, dict):
        raise Invalid("the body is no JSON object")
    return document


async def texts_of(request: Request, *names: str) -> dict[str, str]:
    """Return the named text fields of a JSON body. Raises Invalid."""
    return texts(await body_of(request), *names)


def texts(document: Fields, *names: str) -> dict[str, str]:
    """Return named text fields. Raises Invalid."""
    found = {name: value for name in names if isinstance(value := document.get(name), str)}
    if len(found) != len(names):
        raise Invalid(f"these text fields are needed: {', '.join(names)}")
    return found


def response_of(document: Fields) -> Fields:
    """Return the answer to a second factor. Raises Invalid."""
    response = document.get("response")
    if not isinstance(response, dict):
        raise Invalid("an object `response` is needed")
    return response
