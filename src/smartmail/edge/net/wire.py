"""One accepted connection: PROXY header, then TLS, then clear octets to whoever speaks the protocol."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, cast

from smartmail.base import log
from smartmail.edge.net.deadlines import NEVER, Deadlines, Timed
from smartmail.edge.net.limits import Gate, Limits, Network, Room, contains
from smartmail.edge.net.peer import Peer, TlsInfo, peer_of
from smartmail.edge.net.tls import TlsFailedError, TlsLayer
from smartmail.proto.lineio import proxy

PROXY_DEADLINE_S = 5.0
TLS_DEADLINE_S = 30.0
# How long a peer may leave our octets unread before we give up on it.
WRITE_DEADLINE_S = 300.0
CLOSE_DEADLINE_S = 30.0
# After our last octets we stay until the peer closes, or this long: closing over unread input would make the
# kernel send a reset, which may overtake the last reply (RFC 9293 §3.6, RFC 1122 §4.2.2.13).
LINGER_S = 1.0
_LINGER_OCTETS = 256 * 1024
# A peer that stops reading costs us at most this much memory, plus one answer's chunk.
_WRITE_HIGH = 128 * 1024


class Upper(Protocol):
    """What speaks a protocol over a wire. Every call comes from the event loop and must not block."""

    def opened(self, wire: "Wire") -> None:
        """The peer is known and TLS, where the endpoint begins with it, is up."""

    def received(self, data: bytes) -> None:
        """Clear octets came in; never empty."""

    def secured(self) -> None:
        """The handshake that `Wire.start_tls` began is done."""

    def ended(self) -> None:
        """The peer sends no more; answers may still go out. Close the wire when they have."""

    def lost(self) -> None:
        """The connection is gone. Always the last call, and only after `opened`."""

    def write_paused(self) -> None:
        """Too much is unsent: produce no more until `write_resumed`."""

    def write_resumed(self) -> None:
        """There is room again."""

    def timed_out(self) -> None:
        """The deadline armed last has passed."""

    def stop(self) -> None:
        """The process drains: end as soon as the protocol allows."""


@dataclass(frozen=True)
class Endpoint:
    """What one listening socket offers.

    `name` appears in logs; `make` builds the upper part of a new connection; `tls` gives the context for
    implicit TLS (asked for each connection, so that a renewed certificate is used at once), or None;
    `refusal` is told to a peer that exceeds a limit, before the close: behind the handshake where TLS comes first;
    peers in `proxy_from` must begin with a PROXY header; `guard` says of a host why it may not come in, "" when it may;
    `choose_tls` may put another context in place of that of a door, for single peers; `room` says how many strangers an
    address may have, `refused` is told of each that had no room.
    """

    name: str
    make: Callable[[], Upper]
    tls: Callable[[], ssl.SSLContext] | None = None
    refusal: bytes = b""
    proxy_from: tuple[Network, ...] = ()
    limits: Limits = field(default_factory=Limits)
    guard: Callable[[str], str] | None = None
    choose_tls: Callable[[Peer, ssl.SSLContext], ssl.SSLContext] | None = None
    room: Room | None = None
    refused: Callable[[str], None] | None = None


class Wire(Timed, asyncio.Protocol):
    """The lower part of a connection. The upper part holds it and calls what has no underscore."""

    __slots__ = (
        "_admitted",
        "_closing",
        "_deadlines",
        "_endpoint",
        "_eof",
        "_gate",
        "_header",
        "_lingered",
        "_on_lost",
        "_person",
        "_refusing",
        "_stage",
        "_tls",
        "_transport",
        "_upper",
        "is_lost",
        "octets_out",
        "peer",
        "since",
        "tls",
        "trusted",
    )

    _transport: asyncio.Transport
    peer: Peer

    def __init__(self, endpoint: Endpoint, gate: Gate, deadlines: Deadlines, on_lost: Callable[["Wire"], None]) -> None:
        super().__init__()
        self._endpoint = endpoint
        self._gate = gate
        self._deadlines = deadlines
        self._on_lost = on_lost
        self._upper: Upper | None = None
        self._tls: TlsLayer | None = None
        self._header = b""
        self._lingered = 0
        self._admitted = False
        self._person: int | None = None
        self._refusing = False
        self._closing = False
        self._eof = False
        self._stage: Callable[[bytes], None] = self._drop
        self.tls: TlsInfo | None = None
        self.is_lost = False
        self.octets_out = 0
        """Clear octets that were written."""
        self.trusted = False
        """Somebody has logged in: no stranger, who has less time when room is scarce."""
        self.since = deadlines.now()
        """When the connection last got somewhere."""

    # What the upper part uses.

    @property
    def is_closing(self) -> bool:
        """Whether no more can be written."""
        return self._closing or self._transport.is_closing()

    @property
    def is_ready(self) -> bool:
        """Whether clear octets can flow: False during a handshake, whose deadline is the wire's own."""
        return self._tls is None or self._tls.ready

    @property
    def unsent(self) -> int:
        """Octets that wait to be sent."""
        return self._transport.get_write_buffer_size()

    def write(self, data: bytes) -> None:
        """Send `data` in order, through TLS where it is up. Dropped silently when the wire is closing."""
        if not data or self.is_closing:
            return
        self.octets_out += len(data)
        if self._tls is None:
            self._transport.write(data)
        else:
            self._write_sealed(self._tls, data)

    def pause_reading(self) -> None:
        """Take no more from the socket; `received` may still be called for what is here already."""
        with contextlib.suppress(RuntimeError):
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Take from the socket again."""
        with contextlib.suppress(RuntimeError):
            self._transport.resume_reading()

    def arm(self, seconds: float | None) -> None:
        """Call the upper part's `timed_out` in `seconds`, unless armed again before; None means never."""
        self.since = self._deadlines.now()
        if seconds is not None and not self.trusted:
            seconds = self._gate.patience(seconds)
        self._deadlines.arm(self, NEVER if seconds is None else seconds)

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Begin the server side of TLS now: all octets that arrive from here on belong to it.

        Call it in the same step that wrote the go-ahead. `secured` follows when the handshake is done.
        """
        assert self._tls is None, "TLS is up already"
        self._begin_tls(context)

    def trust(self, person: int) -> None:
        """Somebody has logged in, the account `person`: the connection is theirs and counts as no stranger's. They have
        more patience than strangers, too. Nothing happens the second time.
        """
        self.trusted = True
        if self._admitted and self._gate.vouch(self.peer, person):
            self._admitted, self._person = False, person

    def close(self) -> None:
        """Send what is unsent, then close; give up when the peer does not take it."""
        if self.is_closing:
            return
        if self._tls is not None and self._tls.ready:
            self._transport.write(self._tls.finish())
        self._end()

    def abort(self) -> None:
        """Close at once; what is unsent is lost."""
        self._stage = self._drop
        self._transport.abort()

    @property
    def pressure(self) -> float:
        """How full the listener is: 0 empty, 1 full."""
        return self._gate.pressure

    def shed(self, idle_s: float) -> bool:
        """Close a stranger that has got nowhere for so long; the upper part may know that it works on something."""
        if self.trusted or self.is_closing or self._deadlines.now() - self.since < idle_s:
            return False
        self.expired()
        return self.is_closing

    def stop(self) -> None:
        """Ask the upper part to end, or close where there is none yet."""
        if self._upper is None:
            self.abort()
        else:
            self._upper.stop()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it
        self._transport.set_write_buffer_limits(high=_WRITE_HIGH)
        self.peer = peer_of(transport.get_extra_info("peername"), transport.get_extra_info("sockname"))
        if contains(self._endpoint.proxy_from, self.peer.host):
            self._stage = self._read_proxy
            self.arm(PROXY_DEADLINE_S)
        else:
            self._admit()

    def data_received(self, data: bytes) -> None:
        self._stage(data)

    def eof_received(self) -> bool:
        self._eof = True
        if self._upper is None or self._closing:
            return False
        self._upper.ended()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._stage = self._drop
        self.is_lost = True
        self._deadlines.forget(self)
        if self._admitted:
            self._gate.leave(self.peer)
        if self._person is not None:
            self._gate.part(self._person)
        self._on_lost(self)
        upper, self._upper = self._upper, None
        if upper is not None:
            upper.lost()

    def pause_writing(self) -> None:
        if not self._closing:
            self.arm(WRITE_DEADLINE_S)
        if self._upper is not None:
            self._upper.write_paused()

    def resume_writing(self) -> None:
        self.arm(LINGER_S if self._closing else None)
        if self._upper is not None:
            self._upper.write_resumed()

    # Timed

    def expired(self) -> None:
        if self._upper is None or self.is_closing:
            self.abort()
        elif self._tls is not None and not self._tls.ready:
            self._tls_failed("timeout")
        else:
            self._upper.timed_out()

    # Stages

    def _drop(self, data: bytes) -> None:
        """Closed, or not open yet: octets have no meaning."""

    def _linger(self, data: bytes) -> None:
        """We have said our last words; a peer that goes on talking at length loses them."""
        self._lingered += len(data)
        if self._lingered > _LINGER_OCTETS:
            self._transport.abort()

    def _read_proxy(self, data: bytes) -> None:
        self._header += data
        result = proxy.parse(self._header)
        if isinstance(result, proxy.NeedMore):
            return
        if isinstance(result, proxy.Bad):
            self._log_refusal("bad_proxy")
            self.abort()
            return
        rest, self._header = self._header[result.consumed :], b""
        if isinstance(result, proxy.Proxied):
            self.peer = Peer(
                result.source, result.source_port, result.destination, result.destination_port, proxied=True
            )
            if result.tls is not None and result.tls.version:
                # The balancer ended TLS for the peer; its word counts because its address is trusted.
                self.tls = TlsInfo(result.tls.version, result.tls.cipher, 0)
        self._admit()
        if rest:
            self._stage(rest)

    def _admit(self) -> None:
        guard = self._endpoint.guard
        reason = "" if guard is None else guard(self.peer.host)
        if reason:
            self._refuse(explained=reason != "banned")  # whoever guards tells why, once for many
            return
        reason = self._gate.enter(self.peer)
        if reason:
            if self._gate.may_log(self.peer.host, self._deadlines.now()):
                self._log_refusal(reason)
            if self._endpoint.refused is not None:
                self._endpoint.refused(self.peer.host)
            self._refuse(explained=True)
            return
        self._admitted = True
        self.arm(None)
        if self._endpoint.tls is not None:
            self._begin_tls(self._endpoint.tls())
        else:
            self._open()

    def _refuse(self, *, explained: bool) -> None:
        """Say that there is no room, in the words of the protocol, and close. Behind TLS it takes a handshake to be heard:
        without one a mail program reports a broken server. Who is banned, and a flood, is only closed there.
        """
        if self._endpoint.tls is None:
            self._transport.write(self._endpoint.refusal)
        elif explained and self._endpoint.refusal and self._gate.may_explain(self._deadlines.now()):
            self._refusing = True
            self._begin_tls(self._endpoint.tls())
            return
        self._end()

    def _log_refusal(self, reason: str) -> None:
        log.event("connection.refused", listener=self._endpoint.name, peer=self.peer.host, reason=reason)

    def _open(self) -> None:
        try:
            upper = self._endpoint.make()
        except Exception as error:
            log.event("connection.failed", listener=self._endpoint.name, error=type(error).__name__)
            self.abort()
            return
        self._upper = upper
        if self._tls is None:
            self._stage = upper.received
        upper.opened(self)

    def _begin_tls(self, context: ssl.SSLContext) -> None:
        choose = self._endpoint.choose_tls
        self._tls = TlsLayer(context if choose is None else choose(self.peer, context))
        self._stage = self._receive_sealed
        self.arm(TLS_DEADLINE_S)

    def _receive_sealed(self, data: bytes) -> None:
        layer = self._tls
        assert layer is not None
        was_ready = layer.ready
        try:
            clear = layer.receive(data)
        except TlsFailedError as error:
            self._tls_failed(str(error))
            return
        self._transport.write(layer.take_output())
        if layer.ready and not was_ready:
            self._secured(layer)
        if clear and self._upper is not None and not self.is_closing:
            self._upper.received(clear)
        if layer.ended and not self._eof and self._upper is not None:
            self._eof = True
            self._upper.ended()

    def _secured(self, layer: TlsLayer) -> None:
        self.tls = layer.info()
        self.arm(None)
        if self._refusing:
            self.write(self._endpoint.refusal)
            self.close()
        elif self._upper is None:
            self._open()
        else:
            self._upper.secured()

    def _tls_failed(self, reason: str) -> None:
        log.event("tls.failed", listener=self._endpoint.name, peer=self.peer.host, reason=reason)
        if self._tls is not None:
            self._transport.write(self._tls.take_output())
        self._end()

    def _write_sealed(self, layer: TlsLayer, data: bytes) -> None:
        try:
            pieces = layer.send(data)
        except ssl.SSLError as error:
            self._tls_failed(error.reason or str(error))
            return
        self._transport.writelines(pieces)

    def _end(self) -> None:
        """Say that no more follows, then wait a little for the peer's end."""
        self._closing = True
        self._stage = self._linger
        self.resume_reading()
        self.arm(CLOSE_DEADLINE_S if self.unsent else LINGER_S)
        if self._eof or self._transport.is_closing():
            self._transport.close()
            return
        try:
            self._transport.write_eof()
        except (OSError, RuntimeError, NotImplementedError):
            self._transport.close()
