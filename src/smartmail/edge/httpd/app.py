"""The web application: three host names, the routes of each, errors as problem+json.

NAME      web application (ASGI), served by `edge.net.http`
PURPOSE   JMAP (RFC 8620, 8621), sign-in, the webmail's files, health. Must not know how sockets are served.
STATES    none; sessions lie in the store, so that any process or node answers.
LIMITS    bodies by each handler; concurrent requests and uploads by account (`proto.jmap.limits`).
FAILURE   An error of a service becomes its HTTP status; any other is logged and told as 500 without a word of its text.
SECURITY  Every answer carries the headers of `security.always`; pages of the content host never see a session.
STANDARDS RFC 9110, RFC 9457, RFC 8620 §2.2.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from smartmail.base import log
from smartmail.domain.errors import AuthFailed, Internal, MailError
from smartmail.domain.host_names import EVERYWHERE
from smartmail.edge.httpd import plain_pages, security
from smartmail.edge.httpd.admin.door import AdminDoor
from smartmail.edge.httpd.admin.limits import AdminLimits
from smartmail.edge.httpd.api import Api
from smartmail.edge.httpd.appearance import AppearanceDoor
from smartmail.edge.httpd.assets import Assets
from smartmail.edge.httpd.basic import BasicDoor
from smartmail.edge.httpd.blobs import BlobDoor
from smartmail.edge.httpd.client_setup import ClientSetup
from smartmail.edge.httpd.events import Events
from smartmail.edge.httpd.file_links import FileLinks
from smartmail.edge.httpd.files_together import FilesDoor
from smartmail.edge.httpd.health import HealthDoor
from smartmail.edge.httpd.list_leaving import ListLeaving
from smartmail.edge.httpd.logos import LogoDoor
from smartmail.edge.httpd.mail_bundles import BundleDoor
from smartmail.edge.httpd.metrics import MetricsDoor
from smartmail.edge.httpd.mta_sts import StsDoor
from smartmail.edge.httpd.oauth import OauthDoor
from smartmail.edge.httpd.parcels import ParcelDoor
from smartmail.edge.httpd.photographs import PhotographDoor
from smartmail.edge.httpd.previewing import PreviewDoor
from smartmail.edge.httpd.quarantine_links import QuarantineLinks
from smartmail.edge.httpd.remote_pictures import RemotePictureDoor
from smartmail.edge.httpd.rendering import Rendering
from smartmail.edge.httpd.routes import Handler, Routes, only_get
from smartmail.edge.httpd.scim import ScimDoor
from smartmail.edge.httpd.secure_pages import SecurePages
from smartmail.edge.httpd.shown_certificate import ShownCertificate
from smartmail.edge.httpd.sign_in import FactorDoor, OwingDoor, ProofDoor, SendingDoor, SignIn, TravelDoor
from smartmail.edge.httpd.sockets import NoSockets, Sockets
from smartmail.edge.httpd.tus import TusDoor
from smartmail.edge.httpd.wire import Answer, Disconnected, Receive, Request, Scope, Send
from smartmail.formats.client_setup import MailServer
from smartmail.proto.jmap.limits import Limits
from smartmail.service.catalogue import Services
from smartmail.service.kernel.push import POLL_SECONDS

_BUILT = Path(__file__).resolve().parents[4] / "web" / "dist"
WEBMAIL, ADMIN = _BUILT / "webmail", _BUILT / "admin"
"""Where the build of this checkout puts the two apps."""
_PLAIN = "text/plain; charset=utf-8"
_NOT_HERE = "Nothing is served under this name yet.\n이 주소에서는 아직 제공하는 것이 없습니다.\n".encode()


@dataclass(frozen=True, slots=True)
class WebConfig:
    """Host names of the three sites, the port that clients see, where the built webmail lies, and the servers that mail
    programs are told of.
    """

    app_host: str
    admin_host: str
    content_host: str
    https_port: int = 443
    webmail: Path = WEBMAIL
    admin: Path = ADMIN
    limits: Limits = field(default_factory=Limits)
    admin_limits: AdminLimits = field(default_factory=AdminLimits)
    poll_s: float = POLL_SECONDS
    servers: tuple[MailServer, ...] = ()
    certificate_port: int | None = None
    """Port where a browser shows a certificate in the handshake (KA-7); None: there is none."""

    @property
    def certificate_site(self) -> str:
        """Return where that is, as people see it; "" for nowhere."""
        return f"https://{self.app_host}:{self.certificate_port}" if self.certificate_port else ""

    @property
    def site(self) -> str:
        """Return where the webmail is, as people see it."""
        return f"https://{self.app_host}" + ("" if self.https_port == 443 else f":{self.https_port}")


class SocketDoor(Protocol):
    """Serves WebSocket connections."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one from its handshake to its end."""
        ...


@dataclass(frozen=True, slots=True)
class Unnamed:
    """What an address gets that stands for no name; `until` says whether it still does."""

    routes: Routes
    until: Callable[[], Awaitable[bool]]


class WebApp:
    """The ASGI application."""

    def __init__(
        self,
        sites: dict[str, Routes],
        app: Routes,
        sockets: SocketDoor,
        config: WebConfig,
        unnamed: Unnamed | None = None,
    ) -> None:
        self._sites = sites
        self._names = {config.app_host.lower(), *sites}
        self._own = config.site
        self._app = app
        self._sockets = sockets
        self._unnamed = unnamed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._sockets.serve(scope, receive, send)
        elif scope["type"] == "http":
            request = Request(scope, receive)
            if _name(request) not in self._names:
                request.own_site = self._own
            await self._serve(request, Answer(send, security.always(_name(request))))

    async def _serve(self, request: Request, answer: Answer) -> None:
        try:
            await (await self._site(request)).serve(request, answer)
        except Disconnected:
            return
        except MailError as error:
            if answer.started:
                raise
            await answer.problem(error, _challenge(request) if isinstance(error, AuthFailed) else ())
        except Exception as error:
            log.event("connection.failed", door="web", method=request.method, error=repr(error)[:300])
            if answer.started:
                raise
            await answer.problem(Internal())

    async def _site(self, request: Request) -> Routes:
        """Names that we do not know get the webmail: behind a proxy, or in a test, the name may be any.

        A server that has no name yet is set up by its address, which gets the administration until that is done.
        """
        name = _name(request)
        found = self._sites.get(name)
        if found is None and self._unnamed is not None and _is_address(name) and await self._unnamed.until():
            return self._unnamed.routes
        return found or self._app


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _name(request: Request) -> str:
    """Return the host name under which we were asked, without the port."""
    host, colon, port = request.host.rpartition(":")
    return host if colon and port.isdigit() else request.host


def make_app(services: Services, config: WebConfig) -> WebApp:
    """Return the application."""
    api = Api(services, config.limits)
    health = HealthDoor(services)
    app = _webmail(services, config, api, health)
    nothing = Routes(_not_here)
    for method, path, handler in health.routes():
        nothing.add(method, path, handler)
    admin = Routes(_pages(Assets(config.admin)))
    for method, path, handler in (
        *health.routes(), ("GET", "/jmap/*", _not_here), ("GET", "/auth/*", _not_here),
        *AdminDoor(services, config.admin_limits, config.site).routes(),
        *ScimDoor(services, config.admin_limits).routes(),
        *MetricsDoor(services).routes(),
        *AppearanceDoor(services, admin=True).routes(),
    ):  # fmt: skip
        admin.add(method, path, handler)
    # The loopback names lead to this machine alone, and serve where a name leads nowhere.
    sites = {
        EVERYWHERE.admin: admin, EVERYWHERE.content: nothing,
        config.admin_host.lower(): admin, config.content_host.lower(): nothing,
    }  # fmt: skip
    sockets = Sockets(services, api, config.limits, config.poll_s)
    return WebApp(sites, app, sockets, config, Unnamed(admin, services.founding.is_unfinished))


def _webmail(services: Services, config: WebConfig, api: Api, health: HealthDoor) -> Routes:
    assets = Assets(config.webmail, session="/jmap/session")
    blobs = BlobDoor(services, config.limits)
    events = Events(services, config.poll_s)
    rendering = Rendering(services)

    routes = Routes(_pages(assets))
    for method, path, handler in (
        *health.routes(),
        ("GET", "/.well-known/jmap", _well_known),
        ("GET", "/jmap/session", api.session),
        ("POST", "/jmap/api/", api.call),
        ("POST", "/jmap/api", api.call),
        ("POST", "/jmap/upload/*", blobs.upload),
        ("GET", "/jmap/download/*", blobs.download),
        ("GET", "/jmap/events/", events.stream),
        ("GET", "/jmap/events", events.stream),
        ("GET", "/jmap/render/*", rendering.render),
        ("GET", "/jmap/preview/*", PreviewDoor(services).show),
        *FilesDoor(services).routes(),
        *LogoDoor(services).routes(),
        *PhotographDoor(services).routes(),
        *RemotePictureDoor(services).routes(),
        *SignIn(services).routes(),
        *FactorDoor(services, config.certificate_site).routes(),
        *ProofDoor(services).routes(),
        *SendingDoor(services).routes(),
        *OwingDoor(services).routes(),
        *TravelDoor(services).routes(),
        ("GET", "/jmap/*", _not_found),
        ("GET", "/auth/*", _not_found),
        *ClientSetup(services, config.servers).routes(),
        *StsDoor(services).routes(),
        *ListLeaving(services).routes(),
        *QuarantineLinks(services).routes(),
        *TusDoor(services, config.limits).routes(),
        *ParcelDoor(services, config.limits).routes(),
        *BundleDoor(services).routes(),
        *FileLinks(services).routes(),
        *SecurePages(services).routes(),
        *OauthDoor(services).routes(),
        *MetricsDoor(services).routes(),
        *AppearanceDoor(services).routes(),
        *plain_pages.routes(),
        *BasicDoor(services, api).routes(),
    ):
        routes.add(method, path, handler)
    return routes


def _pages(assets: Assets) -> Handler:
    """Return the handler of all that is no route of its own: files of an app, and its page."""

    async def page(request: Request, answer: Answer) -> None:
        if await only_get(request, answer):
            await assets.serve(request, answer)

    return page


async def _well_known(_request: Request, answer: Answer) -> None:
    """RFC 8620 §2.2: autodiscovery leads to the session."""
    await answer.whole(307, headers=[("location", "/jmap/session")])


async def _not_found(_request: Request, answer: Answer) -> None:
    await answer.whole(404, b"not found\n", _PLAIN)


async def _not_here(_request: Request, answer: Answer) -> None:
    await answer.whole(404, _NOT_HERE, _PLAIN)


def _challenge(request: Request) -> list[tuple[str, str]]:
    """RFC 9110 §11.6.1; but a browser would open a box of its own over our sign-in page."""
    if request.header("sec-fetch-mode") or request.header(security.PAGE_HEADER):
        return []
    return [("www-authenticate", 'Basic realm="SmartMail", charset="UTF-8"')]


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def make_certificate_app(services: Services, config: WebConfig) -> WebApp:
    """Return the application of the port where a browser shows a certificate (KA-7)."""
    routes = Routes(_not_found)
    for method, path, handler in (*ShownCertificate(services, config.site).routes(), *plain_pages.routes()):
        routes.add(method, path, handler)
    return WebApp({}, routes, NoSockets(), config)


def make_redirect(services: Services, config: WebConfig) -> WebApp:
    """Return the application of the plain port: proofs for authorities (RFC 8555 §8.3), all else is at https."""

    async def redirect(request: Request, answer: Answer) -> None:
        name = _name(request) or config.app_host
        port = "" if config.https_port == 443 else f":{config.https_port}"
        query = request.scope.get("query_string", b"").decode("latin-1")
        # The decoded path is written anew: nothing of the request goes into a header as it came.
        target = (
            f"https://{name}{port}{quote(request.path)}{'?' + quote(query, safe='=&%+/:,;~@!$*()') if query else ''}"
        )
        await answer.whole(308, headers=[("location", target)])

    async def proof(request: Request, answer: Answer) -> None:
        said = await services.acme.answer(request.path.rpartition("/")[2])
        if said is None:
            await answer.whole(404, b"not found\n", _PLAIN)
        else:
            await answer.whole(200, said.encode(), "application/octet-stream")

    routes = Routes(redirect)
    routes.add("GET", "/.well-known/acme-challenge/*", proof)
    for method, path, handler in (*MetricsDoor(services).routes(), *HealthDoor(services).routes()):
        routes.add(method, path, handler)
    return WebApp({}, routes, NoSockets(), config)
