"""The password, the end of a session, a new password, and the one-time link that sets the first one."""

import json

from smartmail.base import log
from smartmail.domain.errors import AuthFailed, MailError, ProofNeeded
from smartmail.edge.httpd import security
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.sign_in.fields import begun, body_of, page_of, session_cookie, texts, texts_of, told
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services
from smartmail.service.identity.factors.service import SignedIn


class SignIn:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [
            ("POST", "/auth/login", self.login),
            ("POST", "/auth/logout", self.logout),
            ("POST", "/auth/password", self.password),
            ("GET", "/auth/me", self.me),
            ("POST", "/auth/setup", self.setup),
        ]

    async def login(self, request: Request, answer: Answer) -> None:
        """POST {address, password} → 204 with the session cookie, 200 {owes} with it, or 200 {challenge, kinds, expiresAt}:
        a second factor is asked for.
        """
        security.require_own_page(request)
        body = await texts_of(request, "address", "password")
        try:
            found = await self._services.factors.sign_in(body["address"], body["password"], page_of(request))
        except MailError as error:
            log.event("auth.failed", door="web", login=body["address"][:320], peer=request.client[0], code=error.code)
            raise
        if isinstance(found, SignedIn):
            log.event("auth.ok", door="web", account=found.actor.account_id, peer=request.client[0])
            await begun(answer, found)
        else:
            document = {"challenge": found.token, "kinds": list(found.kinds), "expiresAt": found.expires_at}
            await told(answer, document)

    async def password(self, request: Request, answer: Answer) -> None:
        """POST {current, password, keepPrograms?} → 204 with a new session cookie; every other session and login has ended,
        and unless `keepPrograms` app passwords, tokens and programs that were let in.
        """
        security.require_own_page(request)
        document = await body_of(request)
        body, keeps = texts(document, "current", "password"), document.get("keepPrograms") is True
        services = self._services
        actor = await security.authenticate(services.auth, request, owing=True)
        shown = await services.factors.shown(actor)
        if "factor" in await services.factors.owes(actor):
            raise ProofNeeded("factor")
        changed = await services.auth.change_password(actor, body["current"], body["password"], keep_programs=keeps)
        await begun(answer, await services.factors.resume(changed, page_of(request), shown))

    async def logout(self, request: Request, answer: Answer) -> None:
        """POST → 204; the session is over on every process and node."""
        security.require_own_page(request)
        token = request.cookie(security.COOKIE)
        if token:
            await self._services.auth.close_session(token)
        # What the browser kept of somebody's mail goes with the session.
        await answer.whole(204, headers=[session_cookie(""), ("clear-site-data", '"cache"')])

    async def me(self, request: Request, answer: Answer) -> None:
        """GET → who is signed in, and what the session owes."""
        actor = await security.authenticate(self._services.auth, request, owing=True)
        account = await self._services.directory.account(actor.account_id)
        document = {
            "accountId": f"a{account.id}",
            "address": account.login,
            "name": account.name,
            "department": account.department,
            "title": account.title,
            "language": account.language,
            "admin": account.is_admin,
            "owes": list(await self._services.factors.owes(actor)),
        }
        await told(answer, document)

    async def setup(self, request: Request, answer: Answer) -> None:
        """POST {token, password} → {address}: whoever was invited, or forgot it, has a password now."""
        security.require_own_page(request)
        body = await texts_of(request, "token", "password")
        try:
            account_id = await self._services.auth.use_setup_link(body["token"], body["password"])
            account = await self._services.directory.account(account_id)
        except AuthFailed:
            account = await self._services.recovering.finish(body["token"], body["password"], page_of(request))
        await answer.whole(200, json.dumps({"address": account.login}).encode(), "application/json")
