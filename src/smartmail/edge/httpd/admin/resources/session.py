"""/session: signing in to and out of the admin host, and the current session."""

from typing import Annotated, Any

from msgspec import Meta

from smartmail.domain.authority import PERMISSIONS
from smartmail.domain.errors import Forbidden
from smartmail.edge.httpd.admin import proving
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.proving import COOKIE, COOKIE_TEXT
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.installation import SYSTEM
from smartmail.edge.httpd.admin.shapes import Address, Id, Input, Output, Time, Word, time_of
from smartmail.edge.httpd.sign_in.fields import page_of
from smartmail.service.identity.auth import SESSION_MS


class SignInRequest(Input, frozen=True):
    """Address and password of an administrator."""

    address: Address
    password: Annotated[str, Meta(min_length=1, max_length=1024)]


class ScopedPermissions(Output, frozen=True):
    """Permissions over a scope."""

    scope: str
    permissions: list[str]


class CurrentSession(Output, frozen=True):
    """The administrator who is signed in, with their permissions. `owes`: required steps that are not done yet."""

    account_id: Id
    organization_id: Id
    address: str
    owes: list[str]
    holdings: list[ScopedPermissions]


class Challenge(Output, frozen=True):
    """A question that must be answered by one of `kinds` before it expires."""

    challenge: str
    kinds: list[str]
    expires_at: Time


class ChallengeRequest(Input, frozen=True):
    """A challenge and the kind by which it is to be answered."""

    challenge: Word
    kind: Word


class ChallengePrompt(Output, frozen=True):
    """Data that a page needs to answer a challenge; the content depends on the kind."""

    shown: dict[str, Any]


class ChallengeResponse(Input, frozen=True):
    """The answer to a challenge. `response` depends on the kind: {"password": …}, {"code": …}."""

    challenge: Word
    kind: Word
    response: dict[str, Any]


api = Resource()


@api.post("/session", "Sign in.", body=SignInRequest, public=True)
async def _sign_in(call: Call) -> None:
    _actor, token = await proving.sign_in(call.services, call.request, call.body.address, call.body.password)
    call.answer.add(("set-cookie", COOKIE_TEXT.format(token, SESSION_MS // 1000)))


@api.get("/session", "The current session.", owing=True)
async def _me(call: Call) -> CurrentSession:
    call.open_to_all()
    actor = call.actor
    held = await call.services.authority.holdings(actor)
    # Over one company among several it opens nothing: it is not told as held, so that the page is not offered.
    opens = await call.services.authority.may(actor, "company.change", SYSTEM)
    told = [p for p in PERMISSIONS if opens or p != "company.change"]
    shown = [
        ScopedPermissions(
            f"{one.scope.level}:{one.scope.subject}".rstrip(":"), [p for p in told if p in one.permissions]
        )
        for one in held
    ]
    owes: list[str] = [] if actor.by == "key" else list(await call.services.factors.owes(actor))
    return CurrentSession(str(actor.account_id), str(actor.organization_id), actor.login, owes, shown)


@api.delete("/session", "Sign out.", owing=True)
async def _sign_out(call: Call) -> None:
    call.open_to_all()
    given = call.request.cookie(COOKIE)
    if given:
        await call.services.auth.close_session(call.services.admin_api.keys.web_token(given))
    call.answer.add(("set-cookie", COOKIE_TEXT.format("", 0)), ("clear-site-data", '"cache"'))


@api.post("/session/proof", "Request re-authentication.", owing=True)
async def _challenge(call: Call) -> Challenge:
    """A session that owes a second factor pays here, and who is asked to prove themselves again does so."""
    _refuse_keys(call)
    found = await call.services.factors.begin_step_up(call.actor)
    return Challenge(found.token, [*found.kinds] or ["password"], time_of(found.expires_at))


@api.post("/session/proof/choose", "Choose a kind of proof.", body=ChallengeRequest, owing=True)
async def _ask(call: Call) -> ChallengePrompt:
    _refuse_keys(call)
    body, page = call.body, page_of(call.request, "admin")
    return ChallengePrompt(dict(await call.services.factors.ask_step_up(call.actor, body.challenge, body.kind, page)))


@api.post("/session/proof/answer", "Answer a challenge.", body=ChallengeResponse, owing=True)
async def _prove(call: Call) -> None:
    _refuse_keys(call)
    body, page = call.body, page_of(call.request, "admin")
    await call.services.factors.step_up(call.actor, body.challenge, body.kind, body.response, page)


def _refuse_keys(call: Call) -> None:
    call.open_to_all()
    if call.actor.by == "key":
        raise Forbidden("a key proves nothing more than it has", reason="consent.person")
