"""How mail programs and people find the servers: autoconfig, Autodiscover, Apple profiles, and a list for our own page.

NAME      client set-up
PURPOSE   GET and POST handlers under /mail/, /.well-known/autoconfig/, /autodiscover/ and /connect/.
LIMITS    Requests of 16 KiB (formats.client_setup).
FAILURE   What a program asks wrongly is answered in its own format's terms.
SECURITY  Says which domains are ours (their MX says so too), never whether an address exists. The profile that carries a
          password is made only for the person signed in, with an app password of its own.
STANDARDS Those of formats.client_setup.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import unquote

from smartmail.domain.errors import Invalid, MailError, NotFound
from smartmail.edge.httpd import security
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.formats.address import split_address
from smartmail.formats.client_setup import (
    MAX_REQUEST,
    MailServer,
    apple_profile,
    autodiscover,
    autodiscover_error,
    autodiscover_request,
    thunderbird,
)
from smartmail.service.catalogue import Services

XML = "application/xml; charset=utf-8"
JSON = "application/json"
PROFILE = "application/x-apple-aspen-config"
_MAX_ADDRESS = 320


class ClientSetup:
    """Handlers; `servers` are those that this node offers, the better way of each kind first."""

    def __init__(self, services: Services, servers: Sequence[MailServer]) -> None:
        self._services = services
        self._servers = servers

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [
            ("GET", "/mail/config-v1.1.xml", self.thunderbird),
            ("GET", "/.well-known/autoconfig/mail/config-v1.1.xml", self.thunderbird),
            ("POST", "/autodiscover/autodiscover.xml", self.autodiscover),
            ("POST", "/Autodiscover/Autodiscover.xml", self.autodiscover),
            ("GET", "/autodiscover/autodiscover.json", self.autodiscover_json),
            ("GET", "/autodiscover/autodiscover.json/*", self.autodiscover_json),
            ("GET", "/connect/servers", self.servers),
            ("GET", "/connect/apple.mobileconfig", self.profile),
            ("POST", "/connect/apple.mobileconfig", self.profile_with_password),
        ]

    async def thunderbird(self, request: Request, answer: Answer) -> None:
        """GET ?emailaddress= → the configuration file; without an address, of the domain in the host name."""
        address = request.query("emailaddress")
        domain = await self._domain(address or f"postmaster@{_named(request)}")
        await answer.whole(200, thunderbird(domain, domain, self._servers), XML)

    async def autodiscover(self, request: Request, answer: Answer) -> None:
        """POST a request of Outlook → settings, or an error in its own form."""
        asked = autodiscover_request(await request.body(MAX_REQUEST))
        if asked is None:
            body = self._error(600, "That is no Autodiscover request.")
        elif not asked.for_outlook:
            body = self._error(601, "Only the schema of Outlook is answered.")
        else:
            try:
                await self._domain(asked.address)
                body = autodiscover(asked.address, asked.address, self._servers)
            except MailError:
                body = self._error(500, "The address belongs to no domain here.")
        await answer.whole(200, body, XML)

    def _error(self, code: int, message: str) -> bytes:
        time = datetime.now(UTC).strftime("%H:%M:%S")
        return autodiscover_error(code, message, time, _number(message))

    async def autodiscover_json(self, request: Request, answer: Answer) -> None:
        """GET → where the XML form is; the other protocols of that form are not spoken."""
        protocol = request.query("Protocol")
        if protocol.lower() != "autodiscoverv1":
            error = {"ErrorCode": "InvalidProtocol", "ErrorMessage": "Only AutodiscoverV1 is served."}
            await answer.whole(400, json.dumps(error).encode(), JSON)
            return
        address = request.query("Email") or unquote(request.path.rpartition("/")[2])
        await self._domain(address)
        found = {"Protocol": "AutodiscoverV1", "Url": f"{request.base}/autodiscover/autodiscover.xml"}
        await answer.whole(200, json.dumps(found).encode(), JSON)

    async def servers(self, _request: Request, answer: Answer) -> None:
        """GET → the servers, for our own page."""
        found = [
            {"kind": one.kind, "host": one.host, "port": one.port, "security": one.security} for one in self._servers
        ]
        await answer.whole(200, json.dumps({"servers": found}).encode(), JSON)

    async def profile(self, request: Request, answer: Answer) -> None:
        """GET ?address= → a profile for iOS and macOS; the device asks for the password."""
        address = request.query("address")
        await self._domain(address)
        await self._send_profile(answer, address, address, None)

    async def profile_with_password(self, request: Request, answer: Answer) -> None:
        """POST by the person signed in → a profile with an app password made for it."""
        actor = await security.authenticate(self._services.auth, request)
        account = await self._services.directory.account(actor.account_id)
        made = await self._services.auth.new_app_password(actor, "iPhone · iPad · Mac", doors=("imap", "smtp"))
        await self._send_profile(answer, account.login, account.name, made.secret)

    async def _send_profile(self, answer: Answer, address: str, name: str, password: str | None) -> None:
        if not {"imap", "smtp"} <= {one.kind for one in self._servers}:
            raise NotFound
        identifiers = _identifier(f"profile {address}"), _identifier(f"account {address}")
        octets = apple_profile(address, name, "", self._servers, identifiers, password)
        headers = [("content-disposition", 'attachment; filename="smartmail.mobileconfig"')]
        await answer.whole(200, octets, PROFILE, headers)

    async def _domain(self, address: str) -> str:
        """Return the domain of an address, which is one of ours. Raises Invalid, NotFound."""
        if len(address) > _MAX_ADDRESS or not address.isprintable():
            raise Invalid("that is no address")
        local, domain = split_address(address)
        if not local or not domain:
            raise Invalid("that is no address")
        resolution = await self._services.directory.resolve(f"postmaster@{domain}")
        if not resolution.ours:
            raise NotFound
        return domain.lower()


def _named(request: Request) -> str:
    """Return the domain that a name such as autoconfig.example.com was made of."""
    host = request.host.partition(":")[0]
    return host.removeprefix("autoconfig.")


def _identifier(text: str) -> str:
    """Return the same UUID each time for the same text."""
    return str(uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4)).upper()


def _number(message: str) -> int:
    """Return a number for an error, as the format wants one."""
    return int.from_bytes(hashlib.sha256(message.encode()).digest()[:4])
