"""One SMTP, submission or LMTP connection: engine events become calls on `Incoming`, results become replies.

NAME      smtpd
PURPOSE   MX (25), submission (587 STARTTLS, 465 TLS) and LMTP (24) over one engine.
STATES    Those of the engine; a transaction is one `Incoming` object of service.flow.delivery.
LIMITS    The engine's; message size by setting. Nothing is held whole.
FAILURE   An error of the catalogue becomes its reply; anything else 451 and the connection ends (edge.net.engine).
          A message that fails while it comes in is swallowed to its end, then refused.
SECURITY  Credentials only over TLS (loopback may be excepted for benches); MX refuses to relay in service.flow.delivery.
STANDARDS RFC 5321, 6409, 2033, 3207, 4954.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from smartmail.base import log
from smartmail.domain.errors import AuthFailed, Forbidden, MailError, NotFound
from smartmail.domain.principal import Actor, Door, Origin
from smartmail.edge.net import sasl
from smartmail.edge.net.engine import EngineProtocol
from smartmail.edge.net.limits import SCARCE_AT
from smartmail.edge.smtpd.errors import reply_of
from smartmail.proto.smtp import events, replies
from smartmail.proto.smtp.config import ServerConfig
from smartmail.proto.smtp.reply import Reply
from smartmail.proto.smtp.server import ServerEngine
from smartmail.service.catalogue import Services
from smartmail.service.flow.delivery import Hello, Incoming, Mode
from smartmail.service.protection.defence import Visit
from smartmail.service.protection.defence.accounts import TooManyConnections
from smartmail.service.protection.defence.visits import BAD, BARE, EARLY

GREETING_TEXT = "ESMTP SmartMail"
STOPPING = Reply(421, "4.3.2", "Service is stopping; try again soon")
SILENT = Reply(421, "4.4.2", "No command for too long")
CLEARTEXT_MECHANISMS = ("LOGIN", "PLAIN")
"""What a registered system that knows no TLS may log in with."""
LOGIN_ENDED = Reply(421, "4.7.0", "Your login is not valid any more")
BROKEN = Reply(421, "4.3.0", "Temporary failure; try again later")
SHUT_OUT = Reply(421, "4.7.0", "Too many errors from your network; ask our postmaster by another way")
SLOW = Reply(421, "4.4.2", "Too slow; try again later")
# A message may take minutes over a bad line; octets by the second are there to hold the connection.
GRACE_S, LEAST_OCTETS_PER_S = 120.0, 100
# The same when room is scarce.
SCARCE_GRACE_S, SCARCE_OCTETS_PER_S = 20.0, 1000


@dataclass(frozen=True, slots=True)
class Listener:
    """What one kind of SMTP listener does."""

    mode: Mode
    config: ServerConfig
    max_size: int
    tls_context: Callable[[], ssl.SSLContext] | None = None
    implicit_tls: bool = False


class SmtpSession(EngineProtocol[events.Event]):
    """Drives a ServerEngine."""

    engine: ServerEngine

    def __init__(self, services: Services, listener: Listener) -> None:
        super().__init__()
        self._services = services
        self._listener = listener
        self._actor: Actor | None = None
        self._login: sasl.SaslLogin | None = None
        self._live = sasl.LiveLogin(services.auth, services.defence.accounts, self, self._login_ended)
        self._hello: events.Hello | None = None
        self._known: Hello | None = None  # the facts of hello, TLS and login, until one of them changes
        self._incoming: Incoming | None = None
        self._visit: Visit | None = None  # None for this machine and for LMTP, who are not judged
        self._data_since = 0.0
        self._data_octets = 0

    # Hooks of EngineProtocol

    def begin(self) -> None:
        self.engine = ServerEngine(self._listener.config, tls=self.tls is not None)

    def handle(self, event: events.Event) -> Awaitable[None] | None:
        handler = _HANDLERS.get(type(event))
        if handler is None:
            return None
        if self._visit is not None and type(event) in _COMMANDS:
            if self._visit.shut_out and self._actor is None:
                self._cut(SHUT_OUT)
                return None
            pause = self._visit.command()
            if pause:
                return self._later(pause, handler, event)
        return handler(self, event)

    async def _later(self, pause: float, handler: "_Handler", event: events.Event) -> None:
        await asyncio.sleep(pause)
        waiting = handler(self, event)
        if waiting is not None:
            await waiting

    def _cut(self, reply: Reply) -> None:
        """End a connection that has done too much, or too little."""
        log.event(
            "defence.cut", peer=self.peer.host, code=reply.code, enhanced=reply.enhanced, listener=self._listener.mode
        )
        self._forget()
        self.engine.close(reply)
        self.close()

    def deadline_passed(self) -> None:
        self.engine.close(SILENT)

    def failed(self, error: Exception) -> None:
        self.engine.close(BROKEN)

    def may_stop(self) -> bool:
        return self._incoming is None

    def say_goodbye(self) -> None:
        self.engine.close(STOPPING)

    def tls_started(self) -> None:
        self._actor = None
        self._live.end()
        self._hello = None
        self._known = None
        self.engine.tls_started()

    def finished(self) -> None:
        self._live.end()
        incoming, self._incoming = self._incoming, None
        if incoming is not None:
            # The blob was never committed: only memory and perhaps an open pack record are given up.
            incoming.drop()

    # Events

    def on_connected(self, _event: events.Event) -> Awaitable[None] | None:
        if self._listener.mode != "lmtp":
            visit = self._services.defence.visit(self.peer.host, mx=self._listener.mode == "mx")
            if visit.judged:
                self._visit = visit
                return self._welcome(visit)
        self._greet()
        return None

    async def _welcome(self, visit: Visit) -> None:
        pause = await visit.connected()
        if visit.shut_out:
            return self._cut(SHUT_OUT)
        if pause:
            await asyncio.sleep(pause)
            if self.spoke_meanwhile:
                # RFC 5321 §3.1: the server speaks first. Who cannot wait for that is no mail server.
                visit.mistake(EARLY)
                return self._cut(replies.EARLY_TALK)
        return self._greet()

    def _greet(self) -> None:
        protocol = "LMTP SmartMail" if self._listener.mode == "lmtp" else GREETING_TEXT
        self.engine.send(Reply(220, "", f"{self._listener.config.host} {protocol}"))

    async def on_hello(self, event: events.Event) -> None:
        assert isinstance(event, events.Hello)
        self._hello = event
        if self._visit is not None:
            self._visit.greeted(event.name)
        self._login = None
        self._known = None
        self._forget()
        if self._listener.config.mechanisms:
            self.engine.offer(await self._mechanisms())
        elif self._listener.mode == "mx" and await self._services.addressing.relays.takes_cleartext(self.peer.host):
            # An old scanner, by registration: from its address, until its end (BR-13).
            self.engine.offer_in_clear(CLEARTEXT_MECHANISMS)
        self.engine.accept()

    def on_starttls(self, _event: events.Event) -> None:
        assert self._listener.tls_context is not None
        self.engine.accept()
        self.start_tls(self._listener.tls_context())

    async def on_auth(self, event: events.Event) -> None:
        assert isinstance(event, events.Auth)
        try:
            if event.authzid and event.authzid != event.authcid:
                raise AuthFailed
            actor = await sasl.by_password(self._services.auth, self._origin(), event.authcid, event.password)
        except MailError as error:
            self.engine.send(reply_of(error))
            return
        await self._logged_in(actor)

    async def on_auth_step(self, event: events.Event) -> None:
        assert isinstance(event, events.AuthStep)
        try:
            if event.begins:
                self._login = sasl.begin(
                    self._services.auth, self._origin(), self.tls, event.mechanism, await self._mechanisms()
                )
            if self._login is None:
                raise AuthFailed
            result = await self._login.step(event.response)
        except MailError as error:
            self._login = None
            self.engine.send(reply_of(error))
            return
        if isinstance(result, Actor):
            await self._logged_in(result)
        else:
            self.engine.challenge(result)

    async def _logged_in(self, actor: Actor) -> None:
        try:
            await self._live.begin(actor)
        except TooManyConnections as error:
            return self._cut(reply_of(error))
        self._actor = actor
        self._login = None
        self._known = None
        return self.engine.accept()

    def _login_ended(self) -> None:
        if self._incoming is None:
            self.engine.close(LOGIN_ENDED)
        else:
            # In the middle of a message no words would reach the client; it has not been accepted.
            self.wire.abort()

    async def _mechanisms(self) -> tuple[str, ...]:
        cleartext = self._listener.config.auth_cleartext
        return await sasl.offered(self._services.auth, "smtp", self.tls, cleartext=cleartext)

    async def on_mail(self, event: events.Event) -> None:
        assert isinstance(event, events.Mail)
        self._forget()
        incoming = self._services.delivery.incoming(self._facts(), max_size=self._listener.max_size)
        try:
            if self._visit is not None and self._actor is None:
                self._visit.mail(event.path.address)
            if self._actor is not None and not await self._services.auth.still_valid(self._actor):
                raise AuthFailed
            await self._live.command()
            await incoming.mail(
                event.path.address, size=event.size, ret=event.ret, envid=event.envid, smtputf8=event.smtputf8,
                require_tls=event.require_tls,
            )  # fmt: skip
        except MailError as error:
            self._refuse("MAIL", error)
            return
        self._incoming = incoming
        self.engine.accept()

    async def on_rcpt(self, event: events.Event) -> None:
        assert isinstance(event, events.Rcpt)
        assert self._incoming is not None
        try:
            await self._live.note()
            await self._greylist(event.path.address)
            await self._incoming.rcpt(event.path.address, notify=tuple(sorted(event.notify)), orcpt=event.orcpt)
        except MailError as error:
            if self._visit is not None and self._actor is None and isinstance(error, NotFound | Forbidden):
                await asyncio.sleep(self._visit.unknown())
                if self._visit.shut_out:
                    return self._cut(SHUT_OUT)
            return self._refuse("RCPT", error)
        return self.engine.accept()

    async def _greylist(self, address: str) -> None:
        """Put a recipient of ours off where its sender is not known. Raises RateLimited, NotFound, OverQuota."""
        visit = self._visit
        if visit is not None and visit.greylists and await self._services.delivery.recipient(address) is not None:
            await visit.rcpt(address)

    async def on_data_start(self, _event: events.Event) -> None:
        assert self._incoming is not None
        try:
            await self._incoming.begin()
        except MailError as error:
            self._refuse("DATA", error)
            self._forget()
            return
        self._data_since, self._data_octets = asyncio.get_running_loop().time(), 0
        self.engine.accept()

    async def on_chunk(self, event: events.Event) -> None:
        assert isinstance(event, events.Chunk)
        if self._incoming is None:
            return None
        if self._crawls(len(event.data)):
            return self._cut(SLOW)
        try:
            await self._incoming.chunk(event.data)
        except MailError as error:
            self._forget()
            self.engine.refuse_data(reply_of(error))
        return None

    def _crawls(self, octets: int) -> bool:
        """Say whether a message comes in so slowly that it only holds its place."""
        self._data_octets += octets
        if self._visit is None or self._actor is not None:
            return False
        scarce = self.wire.pressure >= SCARCE_AT
        grace, least = (SCARCE_GRACE_S, SCARCE_OCTETS_PER_S) if scarce else (GRACE_S, LEAST_OCTETS_PER_S)
        passed = asyncio.get_running_loop().time() - self._data_since
        return passed > grace and self._data_octets < least * passed

    async def on_data_end(self, _event: events.Event) -> None:
        incoming = self._incoming
        assert incoming is not None
        if self._visit is not None:
            self._visit.outcome(self._data_octets)
        try:
            accepted = await incoming.finish()
        except MailError as error:
            log.event("smtp.rejected", stage="data", peer=self.peer.host, code=error.code, detail=error.detail)
            self._answer_all(len(incoming.targets), reply_of(error))
            self._forget()
            return
        self._incoming = None
        log.event(
            "smtp.accepted",
            id=accepted.id,
            peer=self.peer.host,
            recipients=len(accepted.results),
            queued=accepted.queued,
        )
        done = Reply(250, "2.0.0", f"Message accepted as {accepted.id}")
        if self._listener.mode == "lmtp":
            self.engine.send_each([done if error is None else reply_of(error) for error in accepted.results])
        else:
            self.engine.send(done)

    def _answer_all(self, count: int, reply: Reply) -> None:
        if self._listener.mode == "lmtp":
            self.engine.send_each([reply] * count)
        else:
            self.engine.send(reply)

    def on_drop(self, event: events.Event) -> Awaitable[None] | None:
        self._forget()
        if isinstance(event, events.DataRejected):
            log.event("smtp.rejected", stage="data", peer=self.peer.host, code=event.reply.code)
            if event.reply is replies.BARE_DATA:
                return self._pause_for(BARE)
        return None

    def on_quit(self, _event: events.Event) -> None:
        self._forget()
        self.close()

    def on_violation(self, event: events.Event) -> Awaitable[None] | None:
        assert isinstance(event, events.Violation)
        waiting = self._pause_for(_STRIKES.get(event.reply, BAD)) if not self.engine.closed else None
        if self.engine.closed:
            if self._visit is not None:
                self._visit.mistake(_STRIKES.get(event.reply, BAD))
            self.close()
        return waiting

    def _pause_for(self, strikes: float) -> Awaitable[None] | None:
        """Count a mistake; whoever makes many waits for the answer to what comes next."""
        pause = self._visit.mistake(strikes) if self._visit is not None else 0.0
        return asyncio.sleep(pause) if pause else None

    # Facts

    def _forget(self) -> None:
        incoming, self._incoming = self._incoming, None
        if incoming is not None:
            incoming.drop()

    def _refuse(self, stage: str, error: MailError) -> None:
        log.event("smtp.rejected", stage=stage, peer=self.peer.host, code=error.code, detail=error.detail)
        self.engine.send(reply_of(error))

    def _origin(self) -> Origin:
        door: Door = "lmtp" if self._listener.mode == "lmtp" else "smtp"
        return Origin(door, self.peer.host, self.peer.port, tls=self.tls is not None)

    def _facts(self) -> Hello:
        if self._known is None:
            self._known = self._new_facts()
        return self._known

    def _new_facts(self) -> Hello:
        hello = self._hello
        tls = self.tls
        return Hello(
            helo=hello.name if hello else "",
            origin=self._origin(),
            mode=self._listener.mode,
            protocol=self._protocol(),
            by=self._listener.config.host,
            tls=f"{tls.version} {tls.cipher}" if tls is not None else "",
            actor=self._actor,
        )

    def _protocol(self) -> str:
        """Return the `with` word of the Received line (RFC 3848)."""
        base = "LMTP" if self._listener.mode == "lmtp" else "ESMTP" if self._hello and self._hello.esmtp else "SMTP"
        if base == "SMTP":
            return base
        return base + ("S" if self.tls is not None else "") + ("A" if self._actor is not None else "")


_COMMANDS = frozenset(
    {events.Hello, events.StartTls, events.Auth, events.Mail, events.Rcpt, events.DataStart, events.Reset}
)
_STRIKES = {replies.EARLY_TALK: EARLY, replies.BARE: BARE}
_Handler = Callable[[SmtpSession, events.Event], Awaitable[None] | None]
_HANDLERS: dict[type, _Handler] = {
    events.Connected: SmtpSession.on_connected,
    events.Hello: SmtpSession.on_hello,
    events.StartTls: SmtpSession.on_starttls,
    events.Auth: SmtpSession.on_auth,
    events.AuthStep: SmtpSession.on_auth_step,
    events.Mail: SmtpSession.on_mail,
    events.Rcpt: SmtpSession.on_rcpt,
    events.DataStart: SmtpSession.on_data_start,
    events.Chunk: SmtpSession.on_chunk,
    events.DataEnd: SmtpSession.on_data_end,
    events.DataRejected: SmtpSession.on_drop,
    events.Reset: SmtpSession.on_drop,
    events.Quit: SmtpSession.on_quit,
    events.Violation: SmtpSession.on_violation,
}
