"""One outbound connection: drives the SMTP client engine over a stream.

TLS is used where offered (RFC 3207 §4, RFC 7435); what more a host must prove is said by domain.transport.HostTerms and
kept here, before a password or a message goes out. Content is sent in chunks as the peer takes them.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from smartmail.domain.route_probe import Speaker
from smartmail.domain.transport import OPPORTUNISTIC, HostTerms, TlsUse
from smartmail.edge.relay.peer_proof import client_context, handshake_fault, handshake_words, peer_fault, proven_by
from smartmail.proto.sasl import Credentials
from smartmail.proto.smtp.client import ClientEngine, ClientState
from smartmail.proto.smtp.client_events import (
    ClientConfig,
    ClientEvent,
    DataWanted,
    Done,
    Envelope,
    Failed,
    Goodbye,
    LoginRefused,
    Ready,
    Result,
    TlsGo,
)

CONNECT_SECONDS = 30.0
TLS_SECONDS = 30.0
READ_OCTETS = 65536


class ConnectFailed(Exception):
    """The dialog did not reach the point where a message could be given; another host may be tried."""

    enhanced = "4.4.1"
    permanent = False


class TlsFailed(ConnectFailed):
    """TLS did not come about, or not as the terms demand. `result` is a word of RFC 8460 §4.3."""

    def __init__(self, text: str, result: str) -> None:
        super().__init__(text)
        self.result = result


@dataclass(frozen=True, slots=True)
class Terms:
    """How to speak to a host."""

    config: ClientConfig
    use_tls: bool = True
    security: HostTerms = OPPORTUNISTIC
    username: str = ""
    password: str = field(default="", repr=False)
    source: str = ""
    """Address of ours to connect from; empty: whichever the system chooses."""
    tap: Callable[[Speaker, bytes], None] | None = field(default=None, repr=False, compare=False)
    """Is told of every piece that goes either way, inside TLS."""


class Connection:
    """An open dialog with one host."""

    def __init__(self, terms: Terms, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._terms = terms
        self._host = host
        self._reader = reader
        self._writer = writer
        self._engine = ClientEngine(terms.config)
        self._use = TlsUse()

    @classmethod
    async def open(cls, terms: Terms, host: str, address: str, port: int) -> "Connection":
        """Connect, greet, secure and log in. Raises ConnectFailed, TlsFailed."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                local = (terms.source, 0) if terms.source else None
                reader, writer = await asyncio.open_connection(address, port, local_addr=local)
        except (OSError, TimeoutError) as error:
            raise ConnectFailed(f"connect to {host} [{address}]:{port}: {type(error).__name__}") from error
        connection = cls(terms, host, reader, writer)
        try:
            await connection._prepare()
        except BaseException:
            connection.abort()
            raise
        return connection

    async def _prepare(self) -> None:
        event = await self._ready()
        if self._terms.use_tls and event.capabilities.has("STARTTLS"):
            self._engine.starttls()
            answer = await self._event()
            if isinstance(answer, TlsGo):
                await self._start_tls()
                await self._ready()
            elif isinstance(answer, Failed):
                raise TlsFailed(f"{self._host}: {answer.reason}", "validation-failure")
        if self._terms.security.demand and not self._engine.tls:
            raise TlsFailed(f"{self._host} offers no TLS", "starttls-not-supported")
        if self._terms.security.extension and not self._engine.capabilities.has("REQUIRETLS"):
            raise TlsFailed(f"{self._host} does not offer REQUIRETLS", "")
        if self._terms.username:
            self._engine.login(Credentials("", self._terms.username, self._terms.password))
            event_after = await self._event()
            if isinstance(event_after, LoginRefused):
                raise ConnectFailed(f"{self._host} refused the login: {event_after.reply}")

    async def _ready(self) -> Ready:
        event = await self._event()
        if isinstance(event, Ready):
            return event
        reason = event.reason if isinstance(event, Failed) else type(event).__name__
        reply = f": {event.reply}" if isinstance(event, Failed) and event.reply else ""
        raise ConnectFailed(f"{self._host}: {reason}{reply}")

    async def _start_tls(self) -> None:
        security = self._terms.security
        context = client_context(security)
        try:
            async with asyncio.timeout(TLS_SECONDS):
                await self._writer.start_tls(context, server_hostname=security.server_name or self._host)
        except (OSError, TimeoutError, ssl.SSLError) as error:
            raise TlsFailed(f"TLS with {self._host}: {handshake_words(error)}", handshake_fault(error)) from error
        session = self._writer.get_extra_info("ssl_object")
        # RFC 3207 §6: the engine refuses what came with the go-ahead; what came right behind it waits in the reader,
        # which would hand it out as if it had come through TLS. A server says nothing there of itself.
        fault = "validation-failure" if getattr(self._reader, "_buffer", b"") else ""
        fault = fault or peer_fault(security, session, int(time.time()))
        if fault:
            raise TlsFailed(f"TLS with {self._host}: {fault}", fault)
        self._use = TlsUse(session.version() or "", (session.cipher() or ("",))[0], proven_by(security))
        self._tell("note", f"{self._use.version} {self._use.cipher}".encode())
        self._engine.tls_started()

    async def send(self, envelope: Envelope, content: AsyncIterator[bytes]) -> tuple[Result, ...]:
        """Give one message; return a result for each recipient. Never raises for what the peer does."""
        self._engine.send_message(envelope)
        event = await self._event()
        if isinstance(event, DataWanted):
            try:
                async for chunk in content:
                    self._engine.send_data(chunk)
                    await self._flush()
                    if self._engine.closed:
                        break
                else:
                    self._engine.end_data()
            except (OSError, TimeoutError):
                self._engine.connection_lost()
            event = await self._event()
        return event.results if isinstance(event, Done) else ()

    async def quit(self) -> None:
        """Take leave and close."""
        with contextlib.suppress(OSError, TimeoutError):
            if not self._engine.closed:
                self._engine.quit()
                event = await self._event()
                while not isinstance(event, Goodbye | Failed):
                    event = await self._event()
        self.abort()

    def abort(self) -> None:
        """Close at once."""
        self._writer.close()

    @property
    def tls(self) -> bool:
        """Say whether the wire is sealed."""
        return self._engine.tls

    @property
    def use(self) -> TlsUse:
        """Return how the wire is sealed."""
        return self._use

    @property
    def reports(self) -> bool:
        """Say whether the peer offers DSN and so answers for its reports (RFC 3461 §5.2.2)."""
        return self._engine.capabilities.has("DSN")

    @property
    def idle(self) -> bool:
        """Say whether another message may be given now: the dialog waits for us and nothing came unasked."""
        return self._engine.state is ClientState.READY and not self._reader.at_eof() and not self._writer.is_closing()

    def _tell(self, by: Speaker, data: bytes) -> None:
        if self._terms.tap is not None and data:
            self._terms.tap(by, data)

    async def _flush(self) -> None:
        data = self._engine.data_to_send()
        self._tell("us", data)
        self._writer.write(data)
        async with asyncio.timeout(self._engine.deadline_s):
            await self._writer.drain()

    async def _event(self) -> ClientEvent:
        """Return the next event, reading as long as the engine's deadline allows."""
        # One deadline for the whole answer: a peer that sends an octet now and then gains nothing by it.
        clock = asyncio.get_running_loop().time
        started = clock()
        while True:
            event = self._engine.next_event()
            if event is not None:
                return event
            if self._engine.closed:
                return Failed("closed")
            seconds = self._engine.deadline_s
            try:
                await self._flush()
                async with asyncio.timeout(None if seconds is None else max(0.0, started + seconds - clock())):
                    data = await self._reader.read(READ_OCTETS)
            except (OSError, TimeoutError):
                data = b""
            if data:
                self._tell("host", data)
                self._engine.receive_data(data)
            else:
                self._engine.connection_lost()
