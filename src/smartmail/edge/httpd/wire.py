"""The little of ASGI that the hot paths use directly: request facts, body, answers."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from smartmail.domain.errors import MailError, TooLarge
from smartmail.edge.httpd.errors import PROBLEM_TYPE, problem, retry_after
from smartmail.edge.net.peer import CERTIFICATE, TRUST

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = Iterable[tuple[str, str]]


# RFC 9110 §7.2, as names and addresses really look; it goes into URLs of ours.
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_.-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")


class Disconnected(Exception):
    """The client went away before its request was whole."""


class Request:
    """One HTTP request."""

    __slots__ = ("_headers", "_receive", "own_site", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self._receive = receive
        self.own_site = ""
        """Set by the application where the request came under a name that is none of ours."""
        self._headers: dict[str, str] = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        return str(self.scope["path"])

    def header(self, name: str) -> str:
        """Return a header's value, "" when absent."""
        return self._headers.get(name, "")

    def query(self, name: str) -> str:
        """Return the first value of a query parameter, "" when absent."""
        values: dict[str, list[str]] = parse_qs(
            self.scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True
        )
        return values.get(name, [""])[0]

    def cookie(self, name: str) -> str:
        """Return a cookie's value, "" when absent."""
        # By hand: one odd cookie of another program on this host must not hide ours.
        for pair in self.header("cookie").split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                return value
        return ""

    def proved(self, account_id: int) -> None:
        """Tell the connection whose it is: its request proved to be an account's."""
        trust = self.scope.get("state", {}).get(TRUST)
        if trust is not None:
            trust(account_id)

    @property
    def certificate(self) -> tuple[bytes, ...]:
        """Return the certificate that the client showed in the handshake and those that came along (DER); none: empty."""
        shown = (self.scope.get("state") or {}).get(CERTIFICATE, ())
        return tuple(shown)

    @property
    def host(self) -> str:
        """Return the name under which we were asked, with port; "" when there is none or it is no host."""
        host = self.header("host").lower()
        return host if _HOST.fullmatch(host) else ""

    @property
    def base(self) -> str:
        """Return our own origin as the client sees it: `https://host:port`."""
        return f"{self.scope.get('scheme', 'https')}://{self.host}"

    @property
    def site(self) -> str:
        """Return the origin that proofs are bound to: as the client sees it under a name of ours, else the webmail's own.

        Host is the client's word alone: what a passkey or a certificate signs must not be.
        """
        return self.own_site or self.base

    @property
    def client(self) -> tuple[str, int]:
        """Return the peer's address and port, after PROXY."""
        host, port = self.scope.get("client") or ("", 0)
        return str(host), int(port)

    @property
    def length(self) -> int:
        """Return the announced length of the body, 0 when none is."""
        text = self.header("content-length")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0

    async def chunks(self, limit: int) -> AsyncIterator[bytes]:
        """Yield the body as it comes. Raises TooLarge beyond `limit` octets, Disconnected."""
        if self.length > limit:
            raise TooLarge(f"at most {limit} octets", reason="file.octets", most=limit)
        size = 0
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            body = message.get("body", b"")
            size += len(body)
            if size > limit:
                raise TooLarge(f"at most {limit} octets", reason="file.octets", most=limit)
            if body:
                yield body
            more = message.get("more_body", False)

    async def body(self, limit: int) -> bytes:
        """Return the whole body. Raises TooLarge, Disconnected."""
        return b"".join([chunk async for chunk in self.chunks(limit)])

    async def gone(self) -> None:
        """Wait until the client has gone away (for answers that never end)."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


class Answer:
    """Sends one answer; adds the headers that every answer carries."""

    __slots__ = ("_always", "_send", "started")

    def __init__(self, send: Send, always: Headers) -> None:
        self._send = send
        self._always = list(always)
        self.started = False

    def add(self, *fields: tuple[str, str]) -> None:
        """Let the answer carry these too, whatever it will be."""
        self._always += fields

    async def whole(self, status: int, body: bytes = b"", content_type: str = "", headers: Headers = ()) -> None:
        """Send an answer at once."""
        fields = list(headers)
        # RFC 9110 §8.6: an answer that never has a body tells no length.
        if status not in {204, 304}:
            fields.append(("content-length", str(len(body))))
        if content_type:
            fields.append(("content-type", content_type))
        await self.start(status, fields)
        await self._send({"type": "http.response.body", "body": body})

    async def start(self, status: int, headers: Headers) -> None:
        """Send status and headers; `piece` follows."""
        self.started = True
        own = list(headers)
        named = {name for name, _value in own}
        fields = own + [pair for pair in self._always if pair[0] not in named]
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        await self._send({"type": "http.response.start", "status": status, "headers": encoded})

    async def piece(self, body: bytes, *, last: bool = False) -> None:
        """Send a piece of the body."""
        await self._send({"type": "http.response.body", "body": body, "more_body": not last})

    async def problem(self, error: MailError, headers: Headers = ()) -> None:
        """Send an error as problem+json."""
        status, body = problem(error)
        await self.whole(status, body, PROBLEM_TYPE, (*headers, *retry_after(error)))
