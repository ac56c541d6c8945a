"""Connections to other providers: only to addresses that were looked at, and sealed as the place demands.

SECURITY  A person names the host, so the name is looked up here, every address of it must be of the open Internet, and the
          connection goes to one that was looked at: no second look-up leads into our own network, and one bad address of
          several is a trick. An address of this very machine is none of the open Internet, whatever it looks like. Ports are
          those of mail. Networks that the node file names (outgoing.networks) may be reached all the same, at any port.
          The certificate must be of an authority that is trusted, and for the name that the person gave.
LIMITS    `CONNECT_S` for a connection and its handshake.
FAILURE   PullFailed with a reason; what the other side said goes to its person alone.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

from smartmail.domain.pulls import PORTS, PullFailed, PullPlace
from smartmail.formats.open_internet import Networks, may_be_asked

CONNECT_S: Final = 20.0
MAX_ADDRESSES: Final = 4
READ_OCTETS: Final = 65_536
_MAIL_PORTS: Final = frozenset(PORTS.values())

Lookup = Callable[[str], Awaitable[list[str]]]


async def _system_addresses(host: str) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


def _within(address: str, networks: Networks) -> bool:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return any(ip in network for network in networks)


class Reach:
    """Who may be connected to, and who is trusted. `networks` of our own, `authorities` a PEM file beside the system's."""

    def __init__(self, networks: Sequence[str] = (), authorities: str = "", lookup: Lookup | None = None) -> None:
        self._networks = [ipaddress.ip_network(one, strict=False) for one in networks]
        self._authorities = authorities
        self._lookup = lookup or _system_addresses
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext:
        """Return how certificates are judged; made at first use, for reading the authorities takes time."""
        if self._context is None:
            context = ssl.create_default_context()
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self._authorities:
                context.load_verify_locations(self._authorities)
            self._context = context
        return self._context

    async def addresses(self, place: PullPlace) -> list[str]:
        """Return where a place may be reached. Raises PullFailed (unreachable, inside, port)."""
        found = await self._looked_up(place.host)
        if not all(may_be_asked(one, self._networks) for one in found):
            raise PullFailed("inside")
        if place.port not in _MAIL_PORTS and not all(_within(one, self._networks) for one in found):
            raise PullFailed("port")
        return found[:MAX_ADDRESSES]

    async def _looked_up(self, host: str) -> list[str]:
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            pass
        try:
            async with asyncio.timeout(CONNECT_S):
                found = list(dict.fromkeys(await self._lookup(host)))
        except Exception as error:
            raise PullFailed("unreachable") from error
        if not found:
            raise PullFailed("unreachable")
        return found

    async def connect(self, place: PullPlace) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, str]:
        """Return a connection, sealed where the place wants it from the start, and its address. Raises PullFailed."""
        failure = PullFailed("unreachable")
        for address in await self.addresses(place):
            try:
                return (*await self._connect(place, address), address)
            except PullFailed as error:
                failure = error
                if error.reason != "unreachable":
                    break
        raise failure

    async def _connect(self, place: PullPlace, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(address, place.port)
        except (OSError, TimeoutError) as error:
            raise PullFailed("unreachable") from error
        if self._is_ours(writer, address):
            writer.close()
            raise PullFailed("inside")
        if place.security == "tls":
            await self.secure(place, reader, writer)
        return reader, writer

    def _is_ours(self, writer: asyncio.StreamWriter, address: str) -> bool:
        """Whether the other end is this machine: then both ends have the same address."""
        ends = [writer.get_extra_info(name) for name in ("peername", "sockname")]
        same = all(ends) and ends[0][0] == ends[1][0]
        return bool(same) and not _within(address, self._networks)

    async def secure(self, place: PullPlace, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Make the handshake. Raises PullFailed (tls, certificate)."""
        # What came before the handshake would be handed out as if it had come through it.
        if getattr(reader, "_buffer", b""):
            writer.close()
            raise PullFailed("tls", "octets came before TLS")
        try:
            async with asyncio.timeout(CONNECT_S):
                await writer.start_tls(self.context(), server_hostname=place.host)
        except ssl.SSLCertVerificationError as error:
            writer.close()
            raise PullFailed("certificate", error.verify_message) from error
        except (OSError, TimeoutError, ValueError) as error:
            writer.close()
            raise PullFailed("tls", getattr(error, "reason", "") or type(error).__name__) from error


class Engine(Protocol):
    """What both engines have."""

    @property
    def deadline_s(self) -> float: ...
    def receive_data(self, data: bytes) -> None: ...
    def next_event(self) -> Any: ...
    def data_to_send(self) -> bytes: ...
    def connection_lost(self) -> Any: ...


class Wire:
    """A connection with an engine on it."""

    def __init__(self, engine: Engine, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._engine = engine
        self.reader = reader
        self.writer = writer

    async def event(self) -> Any:
        """Return the next event; a connection that ends, or is silent for too long, is one too."""
        while True:
            event = self._engine.next_event()
            if event is not None:
                return event
            data = self._engine.data_to_send()
            try:
                async with asyncio.timeout(self._engine.deadline_s):
                    if data:
                        self.writer.write(data)
                        await self.writer.drain()
                    received = await self.reader.read(READ_OCTETS)
            except (OSError, TimeoutError):
                received = b""
            if not received:
                return self._engine.connection_lost()
            self._engine.receive_data(received)

    @property
    def tls(self) -> str:
        """The version of TLS, "" for none."""
        session = self.writer.get_extra_info("ssl_object")
        return "" if session is None else session.version() or ""

    def close(self) -> None:
        """Close at once."""
        self.writer.close()
