"""One IMAP connection: engine events become calls on services, results become response lines.

NAME      imapd
PURPOSE   IMAP4rev1 and extensions over proto.imap (143 with STARTTLS, 993 with TLS).
STATES    The engine's. A selected mailbox is a `Selected`; an idling session has no task, only a hint's callback.
LIMITS    The engine's; long answers go out in pieces and wait for a slow reader.
FAILURE   An error of the catalogue becomes NO with its code; anything else BYE, and only this connection ends. When the
          selected mailbox is deleted elsewhere, BYE.
SECURITY  No password without TLS (loopback may be excepted for benches). A login that stands no more ends the session.
STANDARDS RFC 3501, 2177, 2971, 4315, 4731, 4959, 5161, 5258, 5819, 6154, 6851, 6855, 7162, 8474.
"""

from collections.abc import Awaitable, Callable

from smartmail.base import log
from smartmail.domain.errors import AuthFailed, MailError
from smartmail.domain.principal import Origin
from smartmail.edge.imapd import idling, message_commands, selecting
from smartmail.edge.imapd.appending import Appending, code_of
from smartmail.edge.imapd.dialog import Dialog, ImapConfig
from smartmail.edge.imapd.errors import answer_of
from smartmail.edge.imapd.selected import MailboxGoneError
from smartmail.edge.imapd.tree import VERBS, Tree
from smartmail.proto.imap import commands, events, wire
from smartmail.proto.imap.capability import Offer
from smartmail.proto.imap.engine import ServerEngine, Status
from smartmail.proto.imap.limits import Limits
from smartmail.proto.sasl import Challenge, Credentials, Mechanism, server_mechanism
from smartmail.service.catalogue import Services

__all__ = ["ImapConfig", "ImapSession"]


class ImapSession(Dialog):
    """Drives a ServerEngine."""

    def __init__(self, services: Services, config: ImapConfig) -> None:
        super().__init__(services, config)
        self._appending: Appending | None = None
        self._mechanism: Mechanism | None = None
        self._end_wait: Callable[[], None] | None = None
        self._hint_waits = False

    # Hooks of EngineProtocol

    def begin(self) -> None:
        config = self.config
        offer = Offer(
            tls_available=config.tls_context is not None,
            plain_login=config.cleartext_login and self.peer.is_loopback,
            extra=("OBJECTID", f"APPENDLIMIT={config.max_append}"),
        )
        self.engine = ServerEngine(offer, tls=self.tls is not None, limits=Limits(append=config.max_append))
        self.engine.greet(f"{config.host} SmartMail ready")

    def handle(self, event: events.Event) -> Awaitable[None] | None:
        return EVENTS[type(event)](self, event)

    def deadline_passed(self) -> None:
        self.engine.bye("no command for too long")

    def failed(self, error: Exception) -> None:
        self.engine.bye("a fault of the server; try again", b"UNAVAILABLE")

    def say_goodbye(self) -> None:
        self.engine.bye("the server is stopping; connect again", b"UNAVAILABLE")

    def tls_started(self) -> None:
        self.engine.tls_established()

    def finished(self) -> None:
        self._end_idle()
        self.selected = None
        appending, self._appending = self._appending, None
        if appending is not None:
            self.services.delivery.end_later(appending.abort())

    # Commands

    async def on_command(self, event: events.Event) -> None:
        assert isinstance(event, events.CommandReceived)
        try:
            if self.actor is not None and not await self.services.auth.still_valid(self.actor):
                self._login_ended()
                return
            await self._run(event.command)
        except MailboxGoneError:
            self.mailbox_gone()
        except MailError as error:
            self.engine.finish(*answer_of(error))

    async def _run(self, command: commands.Command) -> None:
        if type(command) in VERBS:
            await self._run_on_tree(command)
        else:
            await COMMANDS[type(command)](self, command)

    async def _run_on_tree(self, command: commands.Command) -> None:
        tree = Tree(self.services, self.own(), self.config.max_append)
        lines, words, code = await VERBS[type(command)](tree)(command, utf8=self.engine.utf8)
        self.engine.write(lines)
        if self.selected is not None and self.selected.mailbox_id == tree.deleted:
            # The client has just said so itself: its session goes on without a mailbox.
            self.selected = None
            self.engine.write(wire.condition(b"OK", "the selected mailbox is deleted", b"CLOSED"))
            self.engine.deselect()
        await self.done(words, code)

    def _login_ended(self) -> None:
        self.engine.bye("the login is not valid any more", b"UNAVAILABLE")

    async def run_noop(self, command: commands.Command) -> None:
        await self.done()

    async def run_id(self, command: commands.Command) -> None:
        self.engine.write(wire.id_line({"name": "SmartMail"}))
        await self.done()

    async def run_starttls(self, command: commands.Command) -> None:
        context = self.config.tls_context
        assert context is not None
        self.engine.begin_tls()
        self.start_tls(context())

    # Login

    async def run_login(self, command: commands.Command) -> None:
        assert isinstance(command, commands.Login)
        await self._login("", command.login, command.password)

    async def _login(self, authzid: str, login: str, password: str) -> None:
        origin = Origin("imap", self.peer.host, self.peer.port, tls=self.tls is not None)
        try:
            if authzid and authzid != login:
                raise AuthFailed
            self.actor = await self.services.auth.login(login, password, origin)
        except MailError as error:
            log.event("auth.failed", door="imap", login=login, peer=self.peer.host, code=error.code)
            raise
        log.event("auth.ok", door="imap", account=self.actor.account_id, peer=self.peer.host)
        self._mechanism = None
        self.engine.finish_login()

    async def run_authenticate(self, command: commands.Command) -> None:
        assert isinstance(command, commands.Authenticate)
        mechanism = server_mechanism(command.mechanism)
        if mechanism is None:
            self.engine.finish(Status.NO, "that mechanism is not offered", b"CANNOT")
            return
        self._mechanism = mechanism
        await self._step(command.initial)

    async def on_auth_response(self, event: events.Event) -> None:
        assert isinstance(event, events.AuthResponse)
        try:
            await self._step(event.data)
        except MailError as error:
            self.engine.finish(*answer_of(error))

    async def _step(self, response: bytes | None) -> None:
        assert self._mechanism is not None
        outcome = self._mechanism.step(response)
        if isinstance(outcome, Challenge):
            self.engine.challenge(outcome.data)
        elif isinstance(outcome, Credentials):
            await self._login(outcome.authzid, outcome.authcid, outcome.password)
        else:
            raise AuthFailed

    # APPEND

    async def on_append_start(self, event: events.Event) -> None:
        assert isinstance(event, events.AppendStart)
        try:
            if self._appending is None:
                self._appending = await Appending.begin(self.services, self.own(), event)
            await self._appending.start(event)
        except MailError as error:
            await self._refuse_append(error)
            return
        self.engine.accept_append()

    async def on_append_chunk(self, event: events.Event) -> None:
        assert isinstance(event, events.AppendChunk)
        if self._appending is None:
            return
        try:
            await self._appending.feed(event.data)
        except MailError as error:
            await self._refuse_append(error)

    async def on_append_stop(self, event: events.Event) -> None:
        if self._appending is None:
            return
        try:
            await self._appending.stop()
        except MailError as error:
            await self._refuse_append(error)

    async def on_append_end(self, event: events.Event) -> None:
        appending, self._appending = self._appending, None
        if appending is None:
            return
        try:
            code = await appending.store()
            await self.done("appended", code)
        except MailboxGoneError:
            self.mailbox_gone()
        except MailError as error:
            self._finish_append(error)

    async def on_append_abort(self, event: events.Event) -> None:
        appending, self._appending = self._appending, None
        if appending is not None:
            await appending.abort()

    async def _refuse_append(self, error: MailError) -> None:
        appending, self._appending = self._appending, None
        if appending is not None:
            await appending.abort()
        self._finish_append(error)

    def _finish_append(self, error: MailError) -> None:
        status, words, code = answer_of(error)
        self.engine.finish(status, words, code_of(error) or code)

    # IDLE

    async def run_idle(self, command: commands.Command) -> None:
        self.engine.start_idle()
        # Before the first look, so that nothing falls between the two.
        self._end_wait = idling.wait(self.services.hints, self.own().account_id, self._hinted)
        await self.tell()

    def _hinted(self) -> None:
        if not self._hint_waits:
            self._hint_waits = True
            self.run(self._tell_idle)

    async def _tell_idle(self) -> None:
        self._hint_waits = False
        if not self.engine.idling or self.actor is None:
            return
        try:
            if await self.services.auth.still_valid(self.actor):
                await self.tell()
            else:
                self._login_ended()
        except MailboxGoneError:
            self.mailbox_gone()
        except MailError:
            return  # the next hint or look tries again

    async def on_idle_done(self, event: events.Event) -> None:
        self._end_idle()
        try:
            await self.done("idle done")
        except MailboxGoneError:
            self.mailbox_gone()
        except MailError as error:
            self.engine.finish(*answer_of(error))

    def _end_idle(self) -> None:
        end, self._end_wait = self._end_wait, None
        if end is not None:
            end()

    # Others

    def on_bad(self, event: events.Event) -> None:
        """The engine has answered; something else than DONE ended an IDLE (RFC 2177 §3)."""
        if not self.engine.idling:
            self._end_idle()

    def on_enabled(self, event: events.Event) -> None:
        assert isinstance(event, events.Enabled)
        # A mailbox that is being left by SELECT is of no interest any more.
        if event.implied and self.selected is not None and not isinstance(self.engine.command, commands.Select):
            code = b"HIGHESTMODSEQ %d" % max(1, self.selected.modseq)
            self.engine.write(wire.condition(b"OK", "CONDSTORE is on", code))

    def on_aborted(self, event: events.Event) -> None:
        self._mechanism = None

    def on_closed(self, event: events.Event) -> None:
        self._end_idle()
        self.close()


Handler = Callable[[ImapSession, events.Event], Awaitable[None] | None]
EVENTS: dict[type, Handler] = {
    events.CommandReceived: ImapSession.on_command,
    events.Bad: ImapSession.on_bad,
    events.Enabled: ImapSession.on_enabled,
    events.AppendStart: ImapSession.on_append_start,
    events.AppendChunk: ImapSession.on_append_chunk,
    events.AppendStop: ImapSession.on_append_stop,
    events.AppendEnd: ImapSession.on_append_end,
    events.AppendAbort: ImapSession.on_append_abort,
    events.AuthResponse: ImapSession.on_auth_response,
    events.AuthAborted: ImapSession.on_aborted,
    events.IdleDone: ImapSession.on_idle_done,
    events.Closed: ImapSession.on_closed,
}

Runner = Callable[[ImapSession, commands.Command], Awaitable[None]]
COMMANDS: dict[type, Runner] = {
    commands.Noop: ImapSession.run_noop,
    commands.Check: ImapSession.run_noop,
    commands.Id: ImapSession.run_id,
    commands.StartTls: ImapSession.run_starttls,
    commands.Login: ImapSession.run_login,
    commands.Authenticate: ImapSession.run_authenticate,
    commands.Idle: ImapSession.run_idle,
    commands.Select: selecting.select,
    commands.Close: selecting.close,
    commands.Unselect: selecting.unselect,
    commands.Fetch: message_commands.fetch,
    commands.Search: message_commands.search,
    commands.Store: message_commands.store,
    commands.Copy: message_commands.copy,
    commands.Move: message_commands.copy,
    commands.Expunge: message_commands.expunge,
}
