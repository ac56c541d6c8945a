"""Who asks, and may a page of ours have asked: cookie, Basic, Bearer; Origin and headers.

Web pages of ours use a `__Host-` cookie; every request of theirs that changes something must carry our header and,
where the browser sends it, our own Origin. Other clients use Basic or Bearer and no cookie.
"""

import base64
import binascii

from smartmail.domain.errors import AuthFailed, Forbidden
from smartmail.domain.principal import Actor, Door, Origin
from smartmail.edge.httpd.wire import Request
from smartmail.service.identity.auth import TOKEN_PREFIX, AuthService

COOKIE = "__Host-smartmail"
PAGE_HEADER = "x-smartmail"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "frame-src 'self' blob:; font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types svelte-trusted-html dompurify ProseMirrorClipboard smartmail-inert smartmail-programs"
)
"""No string becomes markup or a program's address but by one of the named policies, each made in one place: the templates
of Svelte, the sanitiser of mail, the editor's clipboard, body/inert.ts and app/programs.ts. None is made a second time."""

_OWN = ("clipboard-write", "publickey-credentials-create", "publickey-credentials-get")
_NOBODY = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "display-capture",
    "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "keyboard-map", "local-fonts",
    "magnetometer", "microphone", "midi", "otp-credentials", "payment", "picture-in-picture", "screen-wake-lock", "serial",
    "storage-access", "sync-xhr", "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS = ", ".join([f"{name}=(self)" for name in _OWN] + [f"{name}=()" for name in _NOBODY])
"""What the pages use of the device: copying, and passkeys. The rest is for nobody."""

_ALWAYS = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("content-security-policy", POLICY),
    ("permissions-policy", PERMISSIONS),
    ("cache-control", "no-store"),
)


_STRICT = ("strict-transport-security", "max-age=31536000")


def always(host: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of every answer under a host name. On localhost other programs live too, without TLS."""
    return _ALWAYS if host == "localhost" or host.endswith(".localhost") else (*_ALWAYS, _STRICT)


def origin_of(request: Request, door: Door = "web") -> Origin:
    """Return where a request comes from: our own pages (web), or a program that brings its own proof (jmap)."""
    host, port = request.client
    return Origin(door, host, port, tls=True)


async def authenticate(auth: AuthService, request: Request, *, owing: bool = False) -> Actor:
    """Return who asks. `owing`: a session that owes something may ask, because this pays it.

    Raises AuthFailed, ProofNeeded, Forbidden (a foreign page).
    """
    actor = await _proved(auth, request, owing=owing)
    if actor.account_id:
        request.proved(actor.account_id)
    return actor


async def _proved(auth: AuthService, request: Request, *, owing: bool) -> Actor:
    authorization = request.header("authorization")
    if authorization:
        return await _by_header(auth, request, authorization)
    token = request.cookie(COOKIE)
    if not token:
        raise AuthFailed
    if request.method not in _SAFE:
        require_own_page(request)
    return await auth.session(token, origin_of(request), owing=owing)


def is_page_of_nobody(request: Request) -> bool:
    """Say whether a page of our own asks who is signed in, in a browser that holds no session."""
    own = request.header("sec-fetch-site") == "same-origin"
    return own and not request.header("authorization") and not request.cookie(COOKIE)


async def still_stands(auth: AuthService, request: Request, actor: Actor) -> bool:
    """Say whether the login of a long request still stands. Raises AuthFailed when its session has ended."""
    scheme, _, value = request.header("authorization").partition(" ")
    token = value.strip() if scheme.lower() == "bearer" else "" if scheme else request.cookie(COOKIE)
    if actor.by == "session" and token:
        # An open page alone does not put its automatic log-out off.
        await auth.session(token, actor.origin, active=False)
        return True
    return await auth.still_valid(actor)


def require_own_page(request: Request) -> None:
    """Raise Forbidden unless a page of this very host made the request: no form of a foreign page can set our header.

    Our own origin is what the browser put into Host, so that any name under which the server is reached works.
    """
    origin = request.header("origin")
    if not request.header(PAGE_HEADER) or (origin and origin != request.base):
        raise Forbidden("this request did not come from our own page", reason="request.foreign")


def require_own_origin(request: Request) -> None:
    """Raise Forbidden unless the browser says that a page of this very host asks (RFC 6455 §10.2)."""
    if request.header("origin") != request.base:
        raise Forbidden("this request did not come from our own page", reason="request.foreign")


async def _by_header(auth: AuthService, request: Request, authorization: str) -> Actor:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        token = value.strip()
        if token.startswith(TOKEN_PREFIX):
            return await auth.login_token(token, origin_of(request, "jmap"))
        return await auth.session(token, origin_of(request))
    if scheme.lower() != "basic":
        raise AuthFailed
    try:
        login, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise AuthFailed from None
    return await auth.login(login, secret, origin_of(request, "jmap"))
