"""The authorization server's pages and endpoints: /oauth/*, and its metadata.

PURPOSE   A program sends its person's browser to /oauth/authorize; who is signed in there agrees or not; the program gets a
          code at its redirect and fetches tokens from /oauth/token.
SECURITY  The consent page needs no script, cannot be framed, and its form leads nowhere but here and to the redirect. A
          POST counts only with the ticket that this session's page carries, and from our own origin. A request whose
          client or redirect is not known is answered here, never at the redirect (RFC 6749 §4.1.2.1). The session cookie
          is SameSite=Strict: a browser that comes from elsewhere is asked to come again, then it brings the cookie.
STANDARDS RFC 6749 §4.1, §5; RFC 7591 §3; RFC 7009; RFC 8414 §3; RFC 9207 (iss).
"""

import json
from html import escape
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from smartmail.base.i18n import translate
from smartmail.domain.errors import AuthFailed
from smartmail.domain.oauth import OauthRefusedError
from smartmail.domain.principal import Actor
from smartmail.edge.httpd import security
from smartmail.edge.httpd.plain_pages import HTML, language_of, page
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.formats import oauth
from smartmail.service.catalogue import Services
from smartmail.service.identity.oauth import SCOPES, Client, Tokens, Wish
from smartmail.service.identity.oauth.consents import Asked

_JSON = "application/json"
_MAX_BODY = 32_768
_COME_AGAIN = "again"
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {target}"
)


class OauthDoor:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [
            ("GET", "/.well-known/oauth-authorization-server", self.metadata),
            ("POST", "/oauth/register", self.register),
            ("GET", "/oauth/authorize", self.ask),
            ("POST", "/oauth/authorize", self.decide),
            ("POST", "/oauth/token", self.token),
            ("POST", "/oauth/revoke", self.revoke),
        ]

    async def metadata(self, request: Request, answer: Answer) -> None:
        """GET → where everything is."""
        await _json(answer, 200, oauth.metadata(request.base, SCOPES))

    async def register(self, request: Request, answer: Answer) -> None:
        """POST {client_name, redirect_uris} → 201 {client_id, …}."""
        try:
            client = self._services.oauth.clients.register(*_described(await request.body(_MAX_BODY)))
        except OauthRefusedError as error:
            await _refused(answer, error)
            return
        document: dict[str, object] = {
            "client_id": client.id, "client_name": client.name, "redirect_uris": list(client.redirects),
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        }  # fmt: skip
        await _json(answer, 201, document)

    # --- the person ---

    async def ask(self, request: Request, answer: Answer) -> None:
        """GET → the page that asks, the sign-in page, or the program's error at its redirect."""
        language = language_of(request.header("accept-language"))
        try:
            client, redirect = self._client(request)
        except OauthRefusedError:
            await answer.whole(400, _page(language, [translate(language, "oauth.invalid")]), HTML)
            return
        try:
            wish = self._services.oauth.consents.wish(client, redirect, _asked(request))
        except OauthRefusedError as error:
            if redirect.startswith("https:"):
                # Anybody may have registered it: nobody is led to a foreign page who has not agreed to anything.
                await answer.whole(400, _page(language, [translate(language, "oauth.invalid")]), HTML)
                return
            state = request.query("state")
            await _back(
                answer, request, redirect, {"error": error.fault, "error_description": error.text, "state": state}
            )
            return
        try:
            actor = await security.authenticate(self._services.auth, request)
        except AuthFailed:
            await _sign_in(request, answer, language)
            return
        await self._show(answer, language, actor, client, wish)

    async def decide(self, request: Request, answer: Answer) -> None:
        """POST the form → the redirect, with a code or with access_denied."""
        security.require_own_origin(request)
        language = language_of(request.header("accept-language"))
        form = _form(await request.body(_MAX_BODY))
        actor = await self._services.auth.session(request.cookie(security.COOKIE), security.origin_of(request))
        wish = self._services.oauth.consents.open(actor, form.get("ticket", ""))
        if wish is None:
            await answer.whole(400, _page(language, [translate(language, "oauth.late")]), HTML)
            return
        if form.get("answer") != "allow":
            await _back(answer, request, wish.redirect, {"error": "access_denied", "state": wish.state})
            return
        try:
            code = await self._services.oauth.agree(actor, wish)
        except OauthRefusedError as error:
            await _back(answer, request, wish.redirect, {"error": error.fault, "state": wish.state})
            return
        await _back(answer, request, wish.redirect, {"code": code, "state": wish.state})

    async def _show(self, answer: Answer, language: str, actor: Actor, client: Client, wish: Wish) -> None:
        lines = [
            translate(language, "oauth.asks", program=client.name, address=actor.login),
            *(translate(language, f"oauth.scope.{one}") for one in wish.scopes),
            translate(language, "oauth.claimed", place=_place(wish.redirect)),
        ]
        form = (
            f'<form method="post" action="/oauth/authorize">'
            f'<input type="hidden" name="ticket" value="{escape(self._services.oauth.consents.ticket(actor, wish))}">'
            f'<button name="answer" value="allow">{escape(translate(language, "oauth.allow"))}</button> '
            f'<button name="answer" value="deny">{escape(translate(language, "oauth.deny"))}</button></form>'
        )
        policy = _PAGE_POLICY.format(target=oauth.form_source(wish.redirect))
        # Without a referrer a browser sends "Origin: null" with the form (Fetch §3.2), which could be anybody's.
        headers = [("content-security-policy", policy), ("referrer-policy", "same-origin")]
        await answer.whole(200, _page(language, lines, form), HTML, headers)

    def _client(self, request: Request) -> tuple[Client, str]:
        client = self._services.oauth.clients.read(request.query("client_id"))
        redirect = request.query("redirect_uri")
        if not client.may_answer(redirect):
            raise OauthRefusedError("invalid_request", "the redirect is not registered")
        return client, redirect

    # --- the program ---

    async def token(self, request: Request, answer: Answer) -> None:
        """POST a code or a refresh token → tokens."""
        form = _form(await request.body(_MAX_BODY))
        try:
            tokens = await self._tokens(form, request)
        except OauthRefusedError as error:
            await _refused(answer, error)
            return
        await _json(answer, 200, _told(tokens))

    async def _tokens(self, form: dict[str, str], request: Request) -> Tokens:
        service, client_id = self._services.oauth, form.get("client_id", "")
        if form.get("grant_type") == "refresh_token":
            return await service.refresh(client_id, form.get("refresh_token", ""))
        if form.get("grant_type") != "authorization_code":
            raise OauthRefusedError("unsupported_grant_type", "grant_type is authorization_code or refresh_token")
        return await service.exchange(
            client_id, form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", ""),
            security.origin_of(request),
        )  # fmt: skip

    async def revoke(self, request: Request, answer: Answer) -> None:
        """POST a token → 200; what belonged to it is over."""
        form = _form(await request.body(_MAX_BODY))
        try:
            await self._services.oauth.revoke(form.get("client_id", ""), form.get("token", ""))
        except OauthRefusedError as error:
            await _refused(answer, error)
            return
        await answer.whole(200)


def _described(body: bytes) -> tuple[str, list[str]]:
    """Return what a program says of itself. Raises OauthRefusedError."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise OauthRefusedError("invalid_client_metadata", "the body is no JSON object")
    name, redirects = document.get("client_name"), document.get("redirect_uris")
    if not isinstance(redirects, list) or not all(isinstance(one, str) for one in redirects):
        raise OauthRefusedError("invalid_redirect_uri", "redirect_uris is a list of URIs")
    return name if isinstance(name, str) else "", redirects


def _asked(request: Request) -> Asked:
    names = ("response_type", "scope", "state", "code_challenge", "code_challenge_method")
    return Asked(*(request.query(name) for name in names))


def _form(body: bytes) -> dict[str, str]:
    """Return the fields of a form; RFC 6749 §3.2: one that comes twice makes the request invalid, so none of it counts."""
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items() if len(values) == 1}


def _told(tokens: Tokens) -> dict[str, object]:
    return {
        "access_token": tokens.access, "token_type": "Bearer", "expires_in": tokens.lasts_s,
        "refresh_token": tokens.refresh, "scope": " ".join(tokens.scopes),
    }  # fmt: skip


async def _back(answer: Answer, request: Request, redirect: str, fields: dict[str, str]) -> None:
    """Send the browser to the program (RFC 6749 §4.1.2), with our name (RFC 9207)."""
    told = urlencode({name: value for name, value in {**fields, "iss": request.base}.items() if value})
    await answer.whole(303, headers=[("location", f"{redirect}{'&' if '?' in redirect else '?'}{told}")])


async def _sign_in(request: Request, answer: Answer, language: str) -> None:
    query = request.scope.get("query_string", b"").decode("latin-1")
    here = f"/oauth/authorize?{quote(query, safe='=&%+/:,;~@!$*()')}"
    if not request.query(_COME_AGAIN):
        refresh = f'<meta http-equiv="refresh" content="0;url={escape(here)}&amp;{_COME_AGAIN}=1">'
        await answer.whole(200, _page(language, [translate(language, "oauth.title")], head=refresh), HTML)
        return
    await answer.whole(303, headers=[("location", f"/?return={quote(here, safe='')}")])


def _place(redirect: str) -> str:
    parts = urlsplit(redirect)
    return parts.hostname or parts.scheme


def _page(language: str, lines: list[str], form: str = "", *, head: str = "") -> bytes:
    return page(language, translate(language, "oauth.title"), lines, form, head=head)


async def _json(answer: Answer, status: int, document: dict[str, object]) -> None:
    await answer.whole(status, json.dumps(document, ensure_ascii=False).encode(), _JSON)


async def _refused(answer: Answer, error: OauthRefusedError) -> None:
    await _json(answer, 400, {"error": error.fault, "error_description": error.text})
