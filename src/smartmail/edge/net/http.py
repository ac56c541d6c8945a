"""Serves an ASGI application on wires, with uvicorn's HTTP/1.1 and WebSocket protocols behind our PROXY, TLS and limits.

uvicorn's own server, its sockets, signals and log set-up are not used.
"""

import asyncio
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from uvicorn.config import Config
from uvicorn.lifespan.on import LifespanOn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from uvicorn.server import ServerState

from smartmail.edge.net.peer import CERTIFICATE, TRUST
from smartmail.edge.net.wire import Wire

# httptools sets no bound of its own: a request head that never ends would grow for ever.
MAX_HEAD = 64 * 1024
HEAD_DEADLINE_S = 30.0
BODY_DEADLINE_S = 60.0
KEEP_ALIVE_S = 75
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


# RFC 9110 §7.2: a name, an IPv4 address or one in brackets, and a port.
_HOST = re.compile(rb"(?:[A-Za-z0-9\-._~%!$&'()*+,;=]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")


class _Protocol(HttpToolsProtocol):
    """uvicorn's, with what it does not look at."""

    def on_headers_complete(self) -> None:
        """Refuse with 400 a request of HTTP/1.1 without Host, and any with two of them, or a value that is none (RFC 9112 §3.2)."""
        hosts = [value for name, value in self.headers if name == b"host"]
        needed = 1 if self.parser.get_http_version() == "1.1" else len(hosts[:1])
        if len(hosts) != needed or not all(_HOST.fullmatch(one.strip()) for one in hosts):
            # The parser tells uvicorn, which answers 400 and closes.
            raise ValueError("Host")
        super().on_headers_complete()


class HttpHost:
    """One application with its lifespan; `make` is an Endpoint's factory."""

    def __init__(self, app: Any, *, max_socket_message: int = 10_000_000) -> None:
        self._config = Config(
            app,
            loop="none",
            http=_Protocol,
            ws=WSProtocol,
            ws_max_size=max_socket_message,
            # Inflating is where a small message becomes a large one; JMAP answers are compressed by nobody else either.
            ws_per_message_deflate=False,
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
        )
        self._state = ServerState()
        self._lifespan: LifespanOn | None = None
        self._clock: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Run the application's start-up. Raises RuntimeError when it fails."""
        self._lifespan = LifespanOn(self._config)
        await self._lifespan.startup()
        if self._lifespan.should_exit:
            raise RuntimeError("the web application did not start")
        self._set_date()

    async def stop(self) -> None:
        """Run the application's shut-down; the listeners are drained before."""
        if self._clock is not None:
            self._clock.cancel()
        if self._lifespan is not None:
            await self._lifespan.shutdown()

    def make(self) -> "HttpUpper":
        """Return the upper part of a new connection."""
        state = self._lifespan.state if self._lifespan is not None else {}
        return HttpUpper(_Protocol(self._config, self._state, state, asyncio.get_running_loop()))

    def _set_date(self) -> None:
        self._state.default_headers = [(b"date", formatdate(time.time(), usegmt=True).encode())]
        self._clock = asyncio.get_running_loop().call_later(1.0, self._set_date)


class HttpUpper:
    """Passes clear octets to uvicorn's protocol and bounds what uvicorn does not."""

    def __init__(self, protocol: HttpToolsProtocol) -> None:
        self._protocol = protocol
        self._socket: WSProtocol | None = None
        self._cycle: object = None
        self._head = 0
        self._in_body = False

    def opened(self, wire: Wire) -> None:
        self._wire = wire
        # A server's state is copied into the scope of each request; here it says who is at the other end.
        state = {**self._protocol.app_state, TRUST: wire.trust}
        if wire.tls is not None and wire.tls.certificate:
            state[CERTIFICATE] = (wire.tls.certificate, *wire.tls.others)
        self._protocol.app_state = state
        self._protocol.connection_made(WireTransport(wire, self._switch))
        wire.arm(HEAD_DEADLINE_S)

    def _switch(self, protocol: Any) -> None:
        """Speak WebSocket from now on (RFC 6455 §4.2.2); pings keep the time then."""
        self._socket = protocol
        self._wire.arm(None)

    def received(self, data: bytes) -> None:
        if self._socket is not None:
            self._socket.data_received(data)
            return
        self._protocol.data_received(data)
        if self._socket is None:
            self._watch(len(data))

    def secured(self) -> None:
        """HTTP never upgrades to TLS in place."""

    def ended(self) -> None:
        # A client that half-closes gets no answer, as with uvicorn: the request in progress is cancelled.
        self._wire.close()

    def lost(self) -> None:
        (self._socket or self._protocol).connection_lost(None)

    def write_paused(self) -> None:
        (self._socket or self._protocol).pause_writing()

    def write_resumed(self) -> None:
        (self._socket or self._protocol).resume_writing()

    def timed_out(self) -> None:
        if self._socket is not None:
            return
        cycle = self._protocol.cycle
        if cycle is None or cycle.response_complete or cycle.more_body or self._wire.unsent:
            self._wire.abort()

    def stop(self) -> None:
        (self._socket or self._protocol).shutdown()

    def _watch(self, octets: int) -> None:
        """Count the octets of a request head and say how long the peer may take for what comes next."""
        cycle = self._protocol.cycle
        was_in_body, self._in_body = (
            self._in_body,
            cycle is not None and cycle.more_body and not cycle.response_complete,
        )
        if cycle is not self._cycle or was_in_body or self._in_body:
            self._cycle = cycle
            self._head = 0
            self._wire.arm(BODY_DEADLINE_S if self._in_body else None)
            return
        if self._head == 0:
            self._wire.arm(HEAD_DEADLINE_S)
        # The rest of a body that was answered early counts as well: it is refused, not read for ever.
        self._head += octets
        if self._head > MAX_HEAD:
            self._wire.write(_TOO_LARGE)
            self._wire.close()


class WireTransport(asyncio.Transport):
    """A wire in the shape that uvicorn's protocol writes to."""

    def __init__(self, wire: Wire, switch: Callable[[Any], None]) -> None:
        super().__init__()
        self._wire = wire
        self._switch = switch

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._switch(protocol)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        peer = self._wire.peer
        values = {
            "peername": (peer.host, peer.port),
            "sockname": (peer.local_host, peer.local_port),
            "sslcontext": self._wire.tls,
        }
        return values.get(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._wire.write(bytes(data))

    def is_closing(self) -> bool:
        return self._wire.is_closing

    def close(self) -> None:
        self._wire.close()

    def abort(self) -> None:
        self._wire.abort()

    def is_reading(self) -> bool:
        return not self._wire.is_closing

    def pause_reading(self) -> None:
        self._wire.pause_reading()

    def resume_reading(self) -> None:
        self._wire.resume_reading()

    def get_write_buffer_size(self) -> int:
        return self._wire.unsent
