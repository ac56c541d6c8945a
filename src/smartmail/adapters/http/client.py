"""ports.http.HttpClient over httpcore, which follows no redirect and knows no proxy, cookie or credential.

SECURITY  The name is looked up here, and the connection goes to an address that was checked: between check and use no
          second look-up can lead into our own network. Only https, but for a client of signed things (revocation lists).
LIMITS    Octets of an answer and seconds in all by the caller; CONNECTIONS at once.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import httpcore

from smartmail.formats.open_internet import may_be_asked
from smartmail.ports.http import HttpAnswer, HttpFailed

USER_AGENT = "SmartMail"
CONNECTIONS = 64
KEPT = 8
KEPT_S = 30.0
CONNECT_S = 10.0
READ_S = 15.0
MAX_URL = 4_096
_FAILURES = (
    httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
)  # fmt: skip


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


Lookup = Callable[[str], Awaitable[list[str]]]


async def _system_addresses(host: str) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, *, allow_private: bool, networks: Sequence[str], lookup: Lookup | None) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._allow_private = allow_private
        self._networks = [ipaddress.ip_network(one, strict=False) for one in networks]
        self._lookup = lookup or _system_addresses

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- the shape of the library
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = httpcore.ConnectError("no address that may be asked")
        for address in await self._addresses(host, port):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _addresses(self, host: str, port: int) -> list[str]:
        del port
        try:
            addresses = [host] if _is_address(host) else list(dict.fromkeys(await self._lookup(host)))
        except Exception as error:
            raise httpcore.ConnectError(f"{type(error).__name__}: {error}") from error
        if not self._allow_private and not all(may_be_asked(one, self._networks) for one in addresses):
            # One bad address of several is a trick, not a mistake.
            raise httpcore.ConnectError("an address of our own network")
        return addresses

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 -- the shape of the library
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("no sockets of this machine")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class OutgoingClient:
    """ports.http.HttpClient. `tls` trusts the public authorities unless given; `allow_private` is for tests.

    `networks` of our own that may be asked all the same, `authorities` (a PEM file) trusted beside the public ones: for
    closed networks. `lookup` resolves names instead of the system. `plain`: http will do, for what is signed.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        allow_private: bool = False,
        networks: Sequence[str] = (),
        authorities: str = "",
        lookup: Lookup | None = None,
        plain: bool = False,
    ) -> None:
        self._schemes = ("https://", "http://") if plain else ("https://",)
        self._tls = tls
        self._authorities = authorities
        self._backend = _CheckedBackend(allow_private=allow_private, networks=networks, lookup=lookup)
        self._made: httpcore.AsyncConnectionPool | None = None

    def _pool(self) -> httpcore.AsyncConnectionPool:
        """Return the pool, made at first use: reading the public authorities takes time that most processes can save."""
        if self._made is None:
            self._made = httpcore.AsyncConnectionPool(
                ssl_context=self._tls or self._trust(),
                max_connections=CONNECTIONS,
                max_keepalive_connections=KEPT,
                keepalive_expiry=KEPT_S,
                network_backend=self._backend,
            )
        return self._made

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._authorities:
            context.load_verify_locations(self._authorities)
        return context

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        max_octets: int = 65_536,
        seconds: float = 20.0,
    ) -> HttpAnswer:
        if not url.startswith(self._schemes) or len(url) > MAX_URL:
            raise HttpFailed("only https")
        fields: list[tuple[bytes | str, bytes | str]] = [("user-agent", USER_AGENT), *(headers or {}).items()]
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(method, url, fields, body, max_octets)
        except TimeoutError:
            raise HttpFailed("too slow") from None
        except (*_FAILURES, ssl.SSLError, OSError, ValueError) as error:
            raise HttpFailed(f"{type(error).__name__}: {error}"[:300]) from error

    async def _exchange(
        self, method: str, url: str, headers: list[tuple[bytes | str, bytes | str]], body: bytes, max_octets: int
    ) -> HttpAnswer:
        limits = {"timeout": {"connect": CONNECT_S, "read": READ_S, "write": READ_S, "pool": READ_S}}
        async with self._pool().stream(method, url, headers=headers, content=body, extensions=limits) as answer:
            pieces, came = [], 0
            async for piece in answer.aiter_stream():
                pieces.append(piece)
                came += len(piece)
                if came > max_octets:
                    raise HttpFailed(f"more than {max_octets} octets")
            found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            return HttpAnswer(answer.status, found, b"".join(pieces))

    async def close(self) -> None:
        """Close what is kept open."""
        if self._made is not None:
            await self._made.aclose()
