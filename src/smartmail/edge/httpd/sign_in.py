"""Signing in and out, and the one-time link that sets a first password: /auth/*."""

import json

from smartmail.base import log
from smartmail.domain.errors import Invalid, MailError
from smartmail.domain.principal import Actor
from smartmail.edge.httpd import security
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.auth import SESSION_MS
from smartmail.service.catalogue import Services

MAX_BODY = 16_384
_COOKIE = f"{security.COOKIE}={{}}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={{}}"


class SignIn:
    """Handlers of /auth/."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def login(self, request: Request, answer: Answer) -> None:
        """POST {address, password} → 204 with the session cookie."""
        security.require_own_page(request)
        body = await _fields(request, "address", "password")
        auth = self._services.auth
        try:
            actor = await auth.login(body["address"], body["password"], security.origin_of(request))
        except MailError as error:
            log.event("auth.failed", door="web", login=body["address"][:320], peer=request.client[0], code=error.code)
            raise
        log.event("auth.ok", door="web", account=actor.account_id, peer=request.client[0])
        await self._begin(actor, request, answer)

    async def _begin(self, actor: Actor, request: Request, answer: Answer) -> None:
        token = await self._services.auth.open_session(actor, request.header("user-agent"))
        await answer.whole(204, headers=[("set-cookie", _COOKIE.format(token, SESSION_MS // 1000))])

    async def password(self, request: Request, answer: Answer) -> None:
        """POST {current, password} → 204 with a new session cookie; every other session and login has ended."""
        security.require_own_page(request)
        body = await _fields(request, "current", "password")
        auth = self._services.auth
        actor = await security.authenticate(auth, request)
        await self._begin(await auth.change_password(actor, body["current"], body["password"]), request, answer)

    async def logout(self, request: Request, answer: Answer) -> None:
        """POST → 204; the session is over on every process and node."""
        security.require_own_page(request)
        token = request.cookie(security.COOKIE)
        if token:
            await self._services.auth.close_session(token)
        # What the browser kept of somebody's mail goes with the session.
        headers = [("set-cookie", _COOKIE.format("", 0)), ("clear-site-data", '"cache"')]
        await answer.whole(204, headers=headers)

    async def me(self, request: Request, answer: Answer) -> None:
        """GET → who is signed in."""
        actor = await security.authenticate(self._services.auth, request)
        account = await self._services.directory.account(actor.account_id)
        document = {
            "accountId": f"a{account.id}",
            "address": account.login,
            "name": account.name,
            "department": account.department,
            "title": account.title,
            "language": account.language,
            "admin": account.is_admin,
        }
        await answer.whole(200, json.dumps(document, ensure_ascii=False).encode(), "application/json")

    async def setup(self, request: Request, answer: Answer) -> None:
        """POST {token, password} → {address}: the first administrator has a password now."""
        security.require_own_page(request)
        body = await _fields(request, "token", "password")
        account_id = await self._services.auth.use_setup_link(body["token"], body["password"])
        account = await self._services.directory.account(account_id)
        document = json.dumps({"address": account.login}).encode()
        await answer.whole(200, document, "application/json")


async def _fields(request: Request, *names: str) -> dict[str, str]:
    """Return the named text fields of a JSON body. Raises Invalid."""
    try:
        document = json.loads(await request.body(MAX_BODY))
    except (ValueError, RecursionError):
        raise Invalid("the body is not JSON") from None
    if not isinstance(document, dict) or not all(isinstance(document.get(name), str) for name in names):
        raise Invalid(f"these text fields are needed: {', '.join(names)}")
    return {name: document[name] for name in names}
