"""One IMAP connection: engine events become calls on services, results become response lines.

NAME      imapd
PURPOSE   IMAP4rev1 and extensions over proto.imap (143 with STARTTLS, 993 with TLS).
STATES    The engine's. A selected mailbox is a `Selected`; an idling session has no task, only a hint's callback.
LIMITS    The engine's; long answers go out in pieces and wait for a slow reader.
FAILURE   An error of the catalogue becomes NO with its code; anything else BYE, and only this connection ends.
SECURITY  No password without TLS (loopback may be excepted for benches). A login that stands no more ends the session.
STANDARDS RFC 3501, 2177, 2971, 4315, 4731, 4959, 5161, 5258, 5819, 6154, 6851, 6855, 7162, 8474.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from smartmail.base import log
from smartmail.domain.errors import AuthFailed, Invalid, MailError, NotFound
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.imapd import flags, searching
from smartmail.edge.imapd.appending import Appending, code_of
from smartmail.edge.imapd.errors import answer_of
from smartmail.edge.imapd.fetch import Fetcher
from smartmail.edge.imapd.names import name_of, path_of
from smartmail.edge.imapd.selected import Selected
from smartmail.edge.imapd.tree import VERBS, Tree
from smartmail.edge.net.engine import EngineProtocol
from smartmail.proto.imap import commands, events, wire
from smartmail.proto.imap.capability import Offer
from smartmail.proto.imap.engine import ServerEngine, Status
from smartmail.proto.imap.limits import Limits
from smartmail.proto.imap.search_keys import uses_modseq
from smartmail.proto.sasl import Challenge, Credentials, Mechanism, server_mechanism
from smartmail.service.catalogue import Services
from smartmail.service.mailstore.messages import FlagMode

POLL_SECONDS = 10.0
"""How often an idling session looks by itself, in case a hint was lost."""
_MODES: dict[commands.StoreMode, FlagMode] = {
    commands.StoreMode.ADD: "add", commands.StoreMode.REMOVE: "remove", commands.StoreMode.REPLACE: "replace",
}  # fmt: skip
_TELL_AFTER = (commands.Noop, commands.Check)


@dataclass(frozen=True, slots=True)
class ImapConfig:
    """What one IMAP listener offers. `tls_context` None: no STARTTLS (TLS comes first, or a proxy ends it)."""

    host: str
    max_append: int
    tls_context: Callable[[], ssl.SSLContext] | None = None
    cleartext_login: bool = False


class ImapSession(EngineProtocol[events.Event]):
    """Drives a ServerEngine."""

    engine: ServerEngine

    def __init__(self, services: Services, config: ImapConfig) -> None:
        super().__init__()
        self._services = services
        self._config = config
        self._actor: Actor | None = None
        self._selected: Selected | None = None
        self._appending: Appending | None = None
        self._append_error: MailError | None = None
        self._mechanism: Mechanism | None = None
        self._unwatch: Callable[[], None] | None = None
        self._poll: asyncio.TimerHandle | None = None

    # Hooks of EngineProtocol

    def begin(self) -> None:
        config = self._config
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
        appending, self._appending = self._appending, None
        if appending is not None:
            self._services.delivery.end_later(appending.abort())

    # Commands

    async def on_command(self, event: events.Event) -> None:
        assert isinstance(event, events.CommandReceived)
        try:
            if self._actor is not None and not await self._services.auth.still_valid(self._actor):
                self.engine.bye("the login is not valid any more", b"UNAVAILABLE")
                return
            await self._run(event.command)
        except MailError as error:
            if isinstance(error, NotFound) and self._selected is not None:
                await self._tell()
            self.engine.finish(*answer_of(error))

    async def _run(self, command: commands.Command) -> None:
        if type(command) in VERBS:
            tree = Tree(self._services, self._own(), self._config.max_append)
            lines, words = await VERBS[type(command)](tree)(command, utf8=self.engine.utf8)
            self.engine.write(lines)
            await self._done(words)
            return
        await COMMANDS[type(command)](self, command)

    def _own(self) -> Actor:
        assert self._actor is not None
        return self._actor

    def _box(self) -> Selected:
        assert self._selected is not None
        return self._selected

    async def _done(self, words: str = "done", code: bytes = b"") -> None:
        """Tell what is due and answer OK."""
        await self._tell()
        self.engine.finish(Status.OK, words, code)

    async def _tell(self) -> None:
        """Write the changes that may be told during the command in progress."""
        selected = self._selected
        if selected is None or self.engine.command is None:
            return
        try:
            await selected.sync()
        except NotFound:
            self._selected = None
            self.engine.deselect()
            return
        await self._learn(selected)
        self.engine.write(selected.updates(self.engine.command.name, modseq=self.engine.condstore))

    async def _learn(self, selected: Selected) -> None:
        """Read keyword spellings when a line carries one that this process has not seen, and announce them."""
        if all(map(selected.texts.knows, selected.shared.entries[-200:])):
            return
        await selected.learn_keywords()

    async def run_noop(self, command: commands.Command) -> None:
        await self._done()

    async def run_id(self, command: commands.Command) -> None:
        self.engine.write(wire.id_line({"name": "SmartMail"}))
        await self._done()

    async def run_starttls(self, command: commands.Command) -> None:
        context = self._config.tls_context
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
            self._actor = await self._services.auth.login(login, password, origin)
        except MailError as error:
            log.event("auth.failed", door="imap", login=login, peer=self.peer.host, code=error.code)
            raise
        log.event("auth.ok", door="imap", account=self._actor.account_id, peer=self.peer.host)
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

    # Selecting

    async def run_select(self, command: commands.Command) -> None:
        assert isinstance(command, commands.Select)
        self._selected = None
        actor = self._own()
        mailbox = await self._services.mailboxes.find(actor, actor.account_id, path_of(command.mailbox))
        shared = await self._services.views.open(actor, actor.account_id, mailbox.row.id)
        selected = Selected(self._services, actor, shared, read_only=command.read_only)
        row = await self._services.views.mailbox(actor, actor.account_id, mailbox.row.id)
        await selected.learn_keywords()
        self._selected = selected
        own = tuple(selected.texts.names.values())
        first_unseen = next((n for n, entry in enumerate(shared.entries, 1) if not entry.keywords.bits & 1), 0)
        lines = [
            b"* FLAGS " + wire.flags((*flags.PERMANENT, *own)) + b"\r\n",
            wire.exists_line(selected.view.count),
            wire.recent_line(0),
        ]
        permanent = () if command.read_only else (*flags.PERMANENT, *own)
        codes = [
            (wire.permanent_flags(permanent, any_keyword=not command.read_only), "flags kept"),
            (b"UIDVALIDITY %d" % row.uidvalidity, "UIDs valid"),
            (b"UIDNEXT %d" % max(row.uidnext, selected.view.highest_uid + 1), "predicted next UID"),
            (b"HIGHESTMODSEQ %d" % max(1, selected.modseq), "highest"),
            (b"MAILBOXID (F%d)" % row.id, "id"),
        ]
        if first_unseen:
            codes.insert(0, (b"UNSEEN %d" % first_unseen, "first unseen"))
        lines += [wire.condition(b"OK", words, code) for code, words in codes]
        self.engine.write(b"".join(lines))
        self.engine.finish(
            Status.OK, f"{name_of(mailbox)} selected", b"READ-ONLY" if command.read_only else b"READ-WRITE"
        )

    async def run_close(self, command: commands.Command) -> None:
        selected = self._box()
        if not selected.read_only:
            # RFC 3501 §6.4.2: messages marked \Deleted go without EXPUNGE being told.
            await self._services.messages.expunge(selected.actor, selected.account_id, selected.mailbox_id)
        self._selected = None
        self.engine.finish(Status.OK, "closed")

    async def run_unselect(self, command: commands.Command) -> None:
        self._selected = None
        self.engine.finish(Status.OK, "unselected")

    # Messages

    async def run_fetch(self, command: commands.Command) -> None:
        assert isinstance(command, commands.Fetch)
        selected = self._box()
        await selected.sync()
        await self._learn(selected)
        ranges = selected.view.resolve(command.numbers, uid=command.uid)
        if ranges is None:
            self.engine.finish(Status.BAD, "no such message")
            return
        ranges = selected.view.live(ranges)
        changed = await self._mark_seen(selected, command, ranges)
        fetcher = Fetcher(self._services, selected, command, modseq=self.engine.condstore)
        complete = await fetcher.run(ranges, self._write, changed)
        selected.view.unchanged(changed)
        await self._tell()
        if complete:
            self.engine.finish(Status.OK, "done")
        else:
            self.engine.finish(Status.NO, "some messages could not be read; try again later", b"UNAVAILABLE")

    async def _write(self, data: bytes) -> None:
        self.engine.write(data)
        await self.drained()

    async def _mark_seen(
        self, selected: Selected, command: commands.Fetch, ranges: list[tuple[int, int]]
    ) -> frozenset[int]:
        """Set \\Seen where a body is about to be told (RFC 3501 §6.4.5); return the UIDs that changed."""
        if not command.sets_seen or selected.read_only:
            return frozenset()
        uids = [entry.uid for _number, entry in selected.entries(ranges) if not entry.keywords.bits & 1]
        if not uids:
            return frozenset()
        change = flags.change_of("add", ["\\Seen"])
        await self._services.messages.store_flags(
            selected.actor, selected.account_id, selected.mailbox_id, uids, change
        )
        await selected.sync()
        return frozenset(uids)

    async def run_search(self, command: commands.Command) -> None:
        assert isinstance(command, commands.Search)
        selected = self._box()
        await selected.sync()
        await self._learn(selected)
        found = await searching.find(self._services, selected, command.key)
        if found is None:
            self.engine.finish(Status.BAD, "no such message")
            return
        uids = selected.view.uids
        numbers = [uids[at] for at in found] if command.uid else [at + 1 for at in found]
        modseq = None
        if uses_modseq(command.key) and found:
            lines = [selected.shared.entry(uids[at]) for at in found]  # type: ignore[arg-type]
            modseq = max((line.modseq for line in lines if line is not None), default=None)
        if command.returns is None:
            self.engine.write(wire.search_line(numbers, modseq))
        else:
            tag = self.engine.tag
            self.engine.write(wire.esearch_line(tag, numbers, command.returns, uid=command.uid, modseq=modseq))
        await self._done()

    async def run_store(self, command: commands.Command) -> None:
        assert isinstance(command, commands.Store)
        selected = self._writable()
        await selected.sync()
        ranges = selected.view.resolve(command.numbers, uid=command.uid)
        if ranges is None:
            self.engine.finish(Status.BAD, "no such message")
            return
        uids = list(selected.view.uids_in(selected.view.live(ranges)))
        change = flags.change_of(_MODES[command.mode], command.flags)
        unchanged_since = command.unchanged_since
        outcome = await self._services.messages.store_flags(
            selected.actor, selected.account_id, selected.mailbox_id, uids, change,  # type: ignore[arg-type]
            unchanged_since=unchanged_since,  # type: ignore[arg-type]
        )  # fmt: skip
        await selected.sync()
        await self._learn(selected)
        await self._tell_stored(selected, command, outcome.entries)
        selected.view.unchanged([entry.uid for entry in outcome.entries])
        await self._tell()
        code = b""
        if outcome.modified:
            numbers = outcome.modified if command.uid else [selected.view.sequence(uid) for uid in outcome.modified]
            code = wire.modified(numbers)
        self.engine.finish(Status.OK, "done" if not code else "some had changed", code)

    async def _tell_stored(self, selected: Selected, command: commands.Store, entries: list) -> None:  # type: ignore[type-arg]
        """Write the new flags; a silent STORE tells only the modseq (RFC 7162 §3.1.3)."""
        modseq = self.engine.condstore
        if command.silent and not modseq:
            return
        lines: list[bytes] = []
        for entry in entries:
            number = selected.view.sequence(entry.uid)
            if not number:
                continue
            if command.silent:
                items = [b"UID %d" % entry.uid, b"MODSEQ (%d)" % entry.modseq]
                lines.append(wire.fetch_line(number, items))
            else:
                uid = command.uid or modseq
                lines.append(selected.flags_line(number, entry, modseq=modseq, uid=uid))
        await self._write(b"".join(lines))

    async def run_copy(self, command: commands.Command) -> None:
        assert isinstance(command, commands.Copy | commands.Move)
        selected = self._box() if isinstance(command, commands.Copy) else self._writable()
        await selected.sync()
        ranges = selected.view.resolve(command.numbers, uid=command.uid)
        if ranges is None:
            self.engine.finish(Status.BAD, "no such message")
            return
        actor, account = selected.actor, selected.account_id
        uids = list(selected.view.uids_in(selected.view.live(ranges)))
        try:
            target = await self._services.mailboxes.find(actor, account, path_of(command.mailbox))
        except NotFound:
            self.engine.finish(Status.NO, "no such mailbox", b"TRYCREATE")
            return
        if not uids:
            await self._done("no messages")
            return
        messages = self._services.messages
        work = messages.copy if isinstance(command, commands.Copy) else messages.move
        copied = await work(actor, account, selected.mailbox_id, uids, target.row.id)  # type: ignore[arg-type]
        code = wire.copy_uid(copied.uidvalidity, copied.source, copied.target) if copied.source else b""
        if isinstance(command, commands.Copy):
            await self._done("copied", code)
            return
        # RFC 6851 §4.3: COPYUID goes before the EXPUNGEs, in an untagged OK.
        if code:
            self.engine.write(wire.condition(b"OK", "moved", code))
        await self._done("moved")

    async def run_expunge(self, command: commands.Command) -> None:
        assert isinstance(command, commands.Expunge)
        selected = self._writable()
        await selected.sync()
        uids = None
        if command.uids is not None:
            uids = list(selected.view.uids_in(selected.view.resolve_uids(command.uids)))
        await self._services.messages.expunge(selected.actor, selected.account_id, selected.mailbox_id, uids)  # type: ignore[arg-type]
        await self._done("expunged")

    def _writable(self) -> Selected:
        selected = self._box()
        if selected.read_only:
            raise Invalid("the mailbox was opened read-only")
        return selected

    # APPEND

    async def on_append_start(self, event: events.Event) -> None:
        assert isinstance(event, events.AppendStart)
        try:
            if self._appending is None:
                self._appending = await Appending.begin(self._services, self._own(), event)
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
        except MailError as error:
            self.engine.finish(*answer_of(error))
            return
        await self._done("appended", code)

    async def on_append_abort(self, event: events.Event) -> None:
        appending, self._appending = self._appending, None
        if appending is not None:
            await appending.abort()

    async def _refuse_append(self, error: MailError) -> None:
        appending, self._appending = self._appending, None
        if appending is not None:
            await appending.abort()
        status, words, code = answer_of(error)
        self.engine.finish(status, words, code_of(error) or code)

    # IDLE

    async def run_idle(self, command: commands.Command) -> None:
        self.engine.start_idle()
        await self._tell()
        self._unwatch = self._services.hints.watch(self._own().account_id, self._hinted)
        self._plan_poll()

    def _plan_poll(self) -> None:
        self._poll = asyncio.get_running_loop().call_later(POLL_SECONDS, self._polled)

    def _polled(self) -> None:
        self._plan_poll()
        self._hinted()

    def _hinted(self) -> None:
        self.run(self._tell_idle)

    async def _tell_idle(self) -> None:
        if not self.engine.idling or self._actor is None:
            return
        try:
            if not await self._services.auth.still_valid(self._actor):
                self.engine.bye("the login is not valid any more", b"UNAVAILABLE")
                self.close()
                return
            await self._tell()
        except MailError:
            return  # the next hint or poll tries again

    def on_idle_done(self, event: events.Event) -> Awaitable[None]:
        self._end_idle()
        return self._done("idle done")

    def _end_idle(self) -> None:
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None
        if self._poll is not None:
            self._poll.cancel()
            self._poll = None

    # Others

    def on_ignored(self, event: events.Event) -> None:
        """BAD and ENABLE are answered by the engine already."""

    async def on_enabled(self, event: events.Event) -> None:
        assert isinstance(event, events.Enabled)
        if event.implied and self._selected is not None:
            code = b"HIGHESTMODSEQ %d" % max(1, self._selected.modseq)
            self.engine.write(wire.condition(b"OK", "CONDSTORE is on", code))

    def on_aborted(self, event: events.Event) -> None:
        self._mechanism = None

    def on_closed(self, event: events.Event) -> None:
        self.close()


Handler = Callable[[ImapSession, events.Event], Awaitable[None] | None]
EVENTS: dict[type, Handler] = {
    events.CommandReceived: ImapSession.on_command,
    events.Bad: ImapSession.on_ignored,
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
    commands.Select: ImapSession.run_select,
    commands.Close: ImapSession.run_close,
    commands.Unselect: ImapSession.run_unselect,
    commands.Fetch: ImapSession.run_fetch,
    commands.Search: ImapSession.run_search,
    commands.Store: ImapSession.run_store,
    commands.Copy: ImapSession.run_copy,
    commands.Move: ImapSession.run_copy,
    commands.Expunge: ImapSession.run_expunge,
    commands.Idle: ImapSession.run_idle,
}
