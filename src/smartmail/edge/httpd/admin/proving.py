"""Who calls the admin API: a session of the admin host's own cookie, or a key of a program. Nothing else.

SECURITY  The cookie is the admin host's own and its token carries a mark of this host, so that a session of the webmail
          opens nothing here. A page must show our header and its own origin for whatever changes something. Passwords, app
          passwords and tokens of mail programs are no proof here.
"""

from typing import Final

from smartmail.base import log
from smartmail.domain.errors import AuthFailed, Forbidden, MailError
from smartmail.domain.principal import Actor
from smartmail.edge.httpd import security
from smartmail.edge.httpd.wire import Request
from smartmail.service.catalogue import Services
from smartmail.service.operations.admin_jobs import KEY_PREFIX

COOKIE: Final = "__Host-smartmail-admin"
COOKIE_TEXT: Final = f"{COOKIE}={{}}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={{}}"
_SAFE = frozenset({"GET", "HEAD"})


async def authenticate(services: Services, request: Request, *, owing: bool = False) -> Actor:
    """Return who calls. `owing`: the session may still owe a proof, because what is asked for pays it. Raises AuthFailed, Forbidden (a foreign page), ProofNeeded."""
    origin = security.origin_of(request, "admin")
    authorization = request.header("authorization")
    if authorization:
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() != "bearer" or not secret.strip().startswith(KEY_PREFIX):
            raise AuthFailed
        actor = await services.admin_api.keys.actor(secret.strip(), origin)
        await services.auth.pass_on(actor, "admin")
        return actor
    given = request.cookie(COOKIE)
    if not given:
        raise AuthFailed
    if request.method not in _SAFE:
        security.require_own_page(request)
    return await services.auth.session(services.admin_api.keys.web_token(given), origin, owing=owing)


async def still_stands(services: Services, request: Request) -> bool:
    """Say whether the proof of a long request still stands; an open page alone does not put its log-out off."""
    try:
        given = request.cookie(COOKIE)
        if request.header("authorization") or not given:
            await authenticate(services, request)
        else:
            token = services.admin_api.keys.web_token(given)
            await services.auth.session(token, security.origin_of(request, "admin"), active=False)
    except MailError:
        return False
    return True


async def sign_in(services: Services, request: Request, address: str, password: str) -> tuple[Actor, str]:
    """Return who has signed in, and the value of the cookie. Raises AuthFailed, Forbidden (administers nothing)."""
    security.require_own_page(request)
    try:
        actor = await services.auth.login(address, password, security.origin_of(request, "admin"))
    except MailError as error:
        log.event("auth.failed", door="admin", login=address[:320], peer=request.client[0], code=error.code)
        raise
    if not await services.authority.holdings(actor):
        raise Forbidden("this account administers nothing", reason="admin.nothing")
    log.event("auth.ok", door="admin", account=actor.account_id, peer=request.client[0])
    token = await services.auth.open_session(actor, request.header("user-agent"))
    return actor, services.admin_api.keys.session_token(token)
