"""One IMAP connection: engine events become calls on services, results become response lines.

NAME      imapd
PURPOSE   IMAP4rev1, IMAP4rev2 and extensions over proto.imap (143 with STARTTLS, 993 with TLS).
STATES    The engine's. A selected mailbox is a `Selected`; an idling session has no task, only a hint's callback.
LIMITS    The engine's; long answers go out in pieces and wait for a slow reader.
FAILURE   An error of the catalogue becomes NO with its code; anything else BYE, and only this connection ends. When the
          selected mailbox is deleted elsewhere, BYE.
SECURITY  No password without TLS (loopback may be excepted for benches). A login that stands no more ends the session.
STANDARDS RFC 3501, 9051, 2177, 2971, 4314, 4315, 4469, 4731, 4959, 4978, 5161, 5182, 5256, 5258, 5464, 5465, 5819, 6154,
          6851, 6855, 7162, 7377, 8437, 8474, 8508, 9208, 9394, 9586, 9698, 9738.
"""

from collections.abc import Awaitable, Callable

from smartmail.domain.errors import MailError
from smartmail.edge.imapd import (
    account_commands,
    acl,
    annotations,
    idling,
    message_commands,
    notifying,
    search_commands,
    selecting,
)
from smartmail.edge.imapd.appending import Appending, code_of
from smartmail.edge.imapd.dialog import ImapConfig
from smartmail.edge.imapd.errors import answer_of
from smartmail.edge.imapd.logging_in import LoginDialog
from smartmail.edge.imapd.selected import MailboxGoneError
from smartmail.edge.imapd.tree import VERBS, Tree
from smartmail.edge.imapd.watching import Guard
from smartmail.proto.imap import commands, events, wire
from smartmail.proto.imap.capability import Offer
from smartmail.proto.imap.engine import ServerEngine
from smartmail.proto.imap.limits import Limits
from smartmail.service.catalogue import Services

__all__ = ["ImapConfig", "ImapSession"]


class ImapSession(LoginDialog):
    """Drives a ServerEngine."""

    def __init__(self, services: Services, config: ImapConfig) -> None:
        super().__init__(services, config)
        self._appending: Appending | None = None
        self._end_wait: Callable[[], None] | None = None
        self._hint_waits = False
        self._guard: Guard | None = None

    # Hooks of EngineProtocol

    async def begin(self) -> None:
        config = self.config
        offer = Offer(
            tls_available=config.tls_context is not None,
            plain_login=config.cleartext_login and self.peer.is_loopback,
            extra=(
                f"APPENDLIMIT={config.max_append}",
                f"MESSAGELIMIT={config.max_messages}",
                "ACL",
                acl.RIGHTS,
                *(("JMAPACCESS",) if config.jmap_url else ()),
            ),
            compress=True,
        )
        self.engine = ServerEngine(offer, tls=self.tls is not None, limits=Limits(append=config.max_append))
        await self.offer_logins()
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
        self.run(self.offer_logins)

    def finished(self) -> None:
        self.live.end()
        self._end_idle()
        self.end_notify()
        self.selected = None
        self._watch_rights()
        appending, self._appending = self._appending, None
        if appending is not None:
            self.services.delivery.end_later(appending.abort())

    # Commands

    async def on_command(self, event: events.Event) -> None:
        assert isinstance(event, events.CommandReceived)
        try:
            if self.actor is not None and not await self.services.auth.still_valid(self.actor):
                self.login_ended()
                return
            if self._is_foreign() and not await self._still_shared():
                return
            await self.live.command()
            await self._run(event.command)
            self._watch_rights()
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
        if self.selected is not None and (self.selected.account_id, self.selected.mailbox_id) == tree.deleted:
            # The client has just said so itself: its session goes on without a mailbox.
            self.selected = None
            self.engine.write(wire.condition(b"OK", "the selected mailbox is deleted", b"CLOSED"))
            self.engine.deselect()
        await self.done(words, code)

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

    # Somebody else's mailbox

    def _is_foreign(self) -> bool:
        return self.selected is not None and self.selected.account_id != self.own().account_id

    def _watch_rights(self) -> None:
        """Guard the selected mailbox while it is somebody else's."""
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.end()
        if self.selected is not None and self._is_foreign():
            self._guard = Guard(self.services, self.selected.account_id, lambda: self.run(self._look_at_rights))

    async def _look_at_rights(self) -> None:
        if self._is_foreign():
            await self._still_shared()

    async def _still_shared(self) -> bool:
        """Say whether the selected mailbox may still be read; end the session when not (RFC 2180 §3.3)."""
        selected = self.box()
        shared = await self.services.sharing.still_readable(self.own(), selected.account_id, selected.mailbox_id)
        if not shared:
            self.selected = None
            self.engine.bye("the selected mailbox is not shared with you any more")
        return shared

    # APPEND

    async def on_append_start(self, event: events.Event) -> None:
        assert isinstance(event, events.AppendStart)
        try:
            if self._appending is None:
                await self.live.command()
                self._appending = await Appending.begin(self, event)
            await self._appending.start(event)
        except MailboxGoneError:
            self.mailbox_gone()
            return
        except MailError as error:
            await self._refuse_append(error)
            return
        if event.size is not None:
            self.engine.accept_append()

    async def on_append_url(self, event: events.Event) -> None:
        assert isinstance(event, events.AppendUrl)
        if self._appending is None:
            return
        try:
            await self._appending.add_url(event.url)
        except MailError as error:
            await self._refuse_append(error)

    def on_append_text(self, event: events.Event) -> None:
        if self._appending is not None:
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
            if appending.replaces:
                # RFC 8508 §3.1: the client learns of the new message before the old one goes.
                self.engine.write(wire.condition(b"OK", "replaced", code))
                await self.done("replaced")
            else:
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
        account_id = self.selected.account_id if self.selected is not None else self.own().account_id
        self._end_wait = idling.wait(self.services.hints, account_id, self.hinted)
        await self.tell()

    def hinted(self) -> None:
        if not self._hint_waits:
            self._hint_waits = True
            self.run(self._tell_news)

    async def _tell_news(self) -> None:
        self._hint_waits = False
        idling_now = self.engine.idling
        if self.actor is None or not (idling_now or (self.notifying is not None and self.engine.command is None)):
            return
        try:
            if not await self.services.auth.still_valid(self.actor):
                self.login_ended()
                return
            await notifying.tell(self)
            if self.engine.idling:
                await self.tell()
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
        self.end_exchange()

    def on_closed(self, event: events.Event) -> None:
        self._end_idle()
        self.close()


Handler = Callable[[ImapSession, events.Event], Awaitable[None] | None]
EVENTS: dict[type, Handler] = {
    events.CommandReceived: ImapSession.on_command,
    events.Bad: ImapSession.on_bad,
    events.Enabled: ImapSession.on_enabled,
    events.AppendStart: ImapSession.on_append_start,
    events.AppendUrl: ImapSession.on_append_url,
    events.AppendText: ImapSession.on_append_text,
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
    commands.Search: search_commands.search,
    commands.Sort: search_commands.sort,
    commands.Thread: search_commands.thread,
    commands.MultiSearch: search_commands.multi_search,
    commands.Store: message_commands.store,
    commands.Copy: message_commands.copy,
    commands.Move: message_commands.copy,
    commands.Expunge: message_commands.expunge,
    commands.Compress: account_commands.compress,
    commands.Unauthenticate: account_commands.unauthenticate,
    commands.GetJmapAccess: account_commands.jmap_access,
    commands.GetQuota: account_commands.get_quota,
    commands.GetQuotaRoot: account_commands.get_quota_root,
    commands.SetQuota: account_commands.set_quota,
    commands.GetMetadata: annotations.get,
    commands.SetMetadata: annotations.put,
    commands.Notify: notifying.notify,
    commands.SetAcl: acl.set_acl,
    commands.DeleteAcl: acl.delete_acl,
    commands.GetAcl: acl.get_acl,
    commands.ListRights: acl.list_rights,
    commands.MyRights: acl.my_rights,
}
