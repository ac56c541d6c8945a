"""One POP3 connection: engine events become calls on services, results become answers.

NAME      pop3d
PURPOSE   POP3 over proto.pop3 (110 with STLS, 995 with TLS): the inbox as a maildrop.
STATES    The engine's. After login a session holds the listing of its `Maildrop`.
LIMITS    The engine's; messages go out in pieces and wait for a slow reader.
FAILURE   An error of the catalogue becomes -ERR with its code; anything else -ERR [SYS/TEMP], and only this connection
          ends. A session that ends without QUIT deletes nothing (RFC 1939 §6).
SECURITY  No password without TLS (loopback may be excepted for benches). A login that stands no more ends the session.
STANDARDS RFC 1939, 2449, 2595, 3206, 5034, 6856.
"""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from smartmail.domain.errors import AuthFailed, MailError
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.net import sasl
from smartmail.edge.net.engine import EngineProtocol
from smartmail.edge.pop3d.errors import answer_of
from smartmail.proto.pop3 import events
from smartmail.proto.pop3.engine import Config, Drop, ServerEngine
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.maildrop import Maildrop

CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Pop3Config:
    """What one POP3 listener offers. `tls_context` None: no STLS (TLS comes first, or a proxy ends it)."""

    host: str
    tls_context: Callable[[], ssl.SSLContext] | None = None
    cleartext_login: bool = False


class Pop3Session(EngineProtocol[events.Event]):
    """Drives a ServerEngine."""

    engine: ServerEngine

    def __init__(self, services: Services, config: Pop3Config) -> None:
        super().__init__()
        self._services = services
        self._config = config
        self._actor: Actor | None = None
        self._maildrop: Maildrop | None = None
        self._login: sasl.SaslLogin | None = None
        self._live = sasl.LiveLogin(services.auth, services.defence.accounts, self, self._login_ended)
        self._read: set[int] = set()

    # Hooks of EngineProtocol

    async def begin(self) -> None:
        config = self._config
        offer = Config(
            config.host,
            starttls=config.tls_context is not None,
            cleartext_login=config.cleartext_login and self.peer.is_loopback,
        )
        self.engine = ServerEngine(offer, tls=self.tls is not None)
        await self._offer_logins()
        self.engine.greet()

    def handle(self, event: events.Event) -> Awaitable[None] | None:
        handler = _HANDLERS.get(type(event))
        return handler(self, event) if handler is not None else None

    def deadline_passed(self) -> None:
        self.engine.bye("no command for too long")

    def failed(self, error: Exception) -> None:
        self.engine.bye("a fault of the server; try again", "SYS/TEMP")

    def say_goodbye(self) -> None:
        self.engine.bye("the server is stopping; connect again", "SYS/TEMP")

    def tls_started(self) -> None:
        self.engine.tls_established()
        self.run(self._offer_logins)

    def finished(self) -> None:
        self._live.end()
        actor, maildrop, read = self._actor, self._maildrop, self._read
        self._actor = self._maildrop = None
        if actor is not None and maildrop is not None and read:
            # What was fetched was seen, also when the session ended without QUIT.
            self._services.delivery.end_later(self._services.maildrops.mark_seen(actor, maildrop, read))

    # Before login

    def on_starttls(self, _event: events.Event) -> None:
        context = self._config.tls_context
        assert context is not None
        self.engine.begin_tls()
        self.start_tls(context())

    async def on_login(self, event: events.Event) -> None:
        assert isinstance(event, events.Login)
        await self._answering(self._by_password(event.name, event.password))

    async def on_authenticate(self, event: events.Event) -> None:
        assert isinstance(event, events.Authenticate)
        names = await self._mechanisms()
        self._login = sasl.begin(self._services.auth, self._origin(), self.tls, event.mechanism, names)
        await self._answering(self._step(event.initial))

    async def on_response(self, event: events.Event) -> None:
        assert isinstance(event, events.AuthResponse)
        await self._answering(self._step(event.data))

    def on_aborted(self, _event: events.Event) -> None:
        self._login = None

    async def _answering(self, work: Awaitable[None]) -> None:
        """Do the work; what goes wrong is the answer to the event."""
        try:
            await work
        except MailError as error:
            self._login = None
            self.engine.refuse(*answer_of(error))

    async def _step(self, response: bytes | None) -> None:
        if self._login is None:
            # Offered when the command was read, taken back by the policy since.
            raise AuthFailed
        result = await self._login.step(response)
        if isinstance(result, Actor):
            await self._logged_in(result)
        else:
            self.engine.challenge(result)

    async def _by_password(self, login: str, password: str) -> None:
        await self._logged_in(await sasl.by_password(self._services.auth, self._origin(), login, password))

    def _origin(self) -> Origin:
        return Origin("pop3", self.peer.host, self.peer.port, tls=self.tls is not None)

    async def _mechanisms(self) -> tuple[str, ...]:
        cleartext = self._config.cleartext_login and self.peer.is_loopback
        return await sasl.offered(self._services.auth, "pop3", self.tls, cleartext=cleartext)

    async def _offer_logins(self) -> None:
        delay = await self._services.maildrops.usual_delay()
        self.engine.offer_logins(await self._mechanisms(), delay=delay)

    def _login_ended(self) -> None:
        self.engine.bye("the login is not valid any more", "AUTH")

    async def _logged_in(self, actor: Actor) -> None:
        self._login = None
        maildrop = await self._services.maildrops.open(actor)
        await self._live.begin(actor)
        self._actor, self._maildrop = actor, maildrop
        self.engine.open_maildrop([Drop(one.size, one.unique_id) for one in maildrop.messages])

    # After login

    async def on_retrieve(self, event: events.Event) -> None:
        assert isinstance(event, events.Retrieve)
        await self._answering(self._send(event))

    async def _send(self, event: events.Retrieve) -> None:
        actor, maildrop = self._standing()
        if not await self._services.auth.still_valid(actor):
            self._login_ended()
            return
        await self._live.command()
        reader = await self._services.maildrops.reader(actor, maildrop, event.number, shows=event.content)
        # The first piece before +OK: from then on there is no way to say that it cannot be read.
        chunk, position = await reader.read(0, CHUNK), 0
        self.engine.start_message(reader.size)
        while self.engine.feed_message(chunk) and (position := position + len(chunk)) < reader.size:
            await self.drained()
            chunk = await reader.read(position, CHUNK)
        self.engine.end_message()
        if event.whole:
            self._read.add(event.number)

    async def on_quit(self, event: events.Event) -> None:
        assert isinstance(event, events.Quit)
        await self._answering(self._update(event.deleted))

    async def _update(self, deleted: tuple[int, ...]) -> None:
        actor, maildrop = self._standing()
        if not await self._services.auth.still_valid(actor):
            raise AuthFailed
        read, self._read = self._read, set()
        await self._services.maildrops.mark_seen(actor, maildrop, read)
        await self._services.maildrops.remove(actor, maildrop, deleted)
        self.engine.finish()

    def _standing(self) -> tuple[Actor, Maildrop]:
        assert self._actor is not None
        assert self._maildrop is not None
        return self._actor, self._maildrop

    def on_closed(self, _event: events.Event) -> None:
        self.close()


_HANDLERS: dict[type, Callable[[Pop3Session, events.Event], Awaitable[None] | None]] = {
    events.StartTls: Pop3Session.on_starttls,
    events.Login: Pop3Session.on_login,
    events.Authenticate: Pop3Session.on_authenticate,
    events.AuthResponse: Pop3Session.on_response,
    events.AuthAborted: Pop3Session.on_aborted,
    events.Retrieve: Pop3Session.on_retrieve,
    events.Quit: Pop3Session.on_quit,
    events.Closed: Pop3Session.on_closed,
}
