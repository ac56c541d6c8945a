"""One outbound connection: drives the SMTP client engine over a stream.

Opportunistic TLS (RFC 3207 §4, RFC 7435): used where offered, unverified unless the route demands more. Content is
sent in chunks as the peer takes them.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

from smartmail.proto.sasl import Credentials
from smartmail.proto.smtp.client import ClientEngine
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


class TlsFailed(ConnectFailed):
    """STARTTLS was offered and the handshake failed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How to speak to a host."""

    config: ClientConfig
    use_tls: bool = True
    verify: bool = False
    demand_tls: bool = False
    username: str = ""
    password: str = ""


class Connection:
    """An open dialog with one host."""

    def __init__(self, terms: Terms, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._terms = terms
        self._host = host
        self._reader = reader
        self._writer = writer
        self._engine = ClientEngine(terms.config)

    @classmethod
    async def open(cls, terms: Terms, host: str, address: str, port: int) -> "Connection":
        """Connect, greet, secure and log in. Raises ConnectFailed, TlsFailed."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                reader, writer = await asyncio.open_connection(address, port)
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
            if isinstance(await self._event(), TlsGo):
                await self._start_tls()
                await self._ready()
        if self._terms.demand_tls and not self._engine.tls:
            raise TlsFailed(f"{self._host} offers no TLS")
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
        context = ssl.create_default_context()
        if not self._terms.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        try:
            async with asyncio.timeout(TLS_SECONDS):
                await self._writer.start_tls(context, server_hostname=self._host)
        except (OSError, TimeoutError, ssl.SSLError) as error:
            raise TlsFailed(f"TLS with {self._host}: {type(error).__name__}") from error
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

    async def _flush(self) -> None:
        self._writer.write(self._engine.data_to_send())
        async with asyncio.timeout(self._engine.deadline_s):
            await self._writer.drain()

    async def _event(self) -> ClientEvent:
        """Return the next event, reading as long as the engine's deadline allows."""
        while True:
            event = self._engine.next_event()
            if event is not None:
                return event
            if self._engine.closed:
                return Failed("closed")
            try:
                await self._flush()
                async with asyncio.timeout(self._engine.deadline_s):
                    data = await self._reader.read(READ_OCTETS)
            except (OSError, TimeoutError):
                data = b""
            if data:
                self._engine.receive_data(data)
            else:
                self._engine.connection_lost()
