"""A driver of the engine over the mailboxes in memory: what `edge` does with services, in one synchronous class."""

from tests.dialogs.imap.memory_store import Box, Store, Stored
from tests.dialogs.imap.mini_mime import header_fields, part

from smartmail.base.text import fold
from smartmail.proto.imap import commands as c
from smartmail.proto.imap import events as e
from smartmail.proto.imap import wire
from smartmail.proto.imap.engine import ServerEngine, Status
from smartmail.proto.imap.fetch_items import BodySection, Item, Text
from smartmail.proto.imap.listing import Listed, select_rows
from smartmail.proto.imap.search import ABSENT, bind, indices, scope
from smartmail.proto.imap.search_keys import uses_modseq
from smartmail.proto.imap.structure import body, envelope
from smartmail.proto.imap.view import MailboxView

PERMANENT = ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")


class No(Exception):
    def __init__(self, words: str, code: bytes = b"", status: Status = Status.NO):
        super().__init__(words)
        self.words, self.code, self.status = words, code, status


class Facts:
    """`search.Facts` over the messages of a view; everything is loaded."""

    def __init__(self, messages: list[Stored | None]):
        empty = Stored(0, b"\r\n\r\n")
        self._messages = [message or empty for message in messages]

    @property
    def internal_dates(self):
        return [message.date for message in self._messages]

    @property
    def sent_days(self):
        return [message.date // 86400 for message in self._messages]

    @property
    def sizes(self):
        return [len(message.raw) for message in self._messages]

    @property
    def modseqs(self):
        return [message.modseq for message in self._messages]

    def has_flag(self, flag):
        wanted = flag.casefold()
        return lambda i: any(one.casefold() == wanted for one in self._messages[i].flags)

    def object_id(self, index, *, thread):
        return ("T" if thread else "M") + str(self._messages[index].uid)

    def header(self, index, field):
        values = [v for name, v in self._messages[index].piece.fields if name.lower() == field]
        return fold(_decoded(b"\n".join(values))) if values else ABSENT

    def body(self, index):
        return fold(self._messages[index].piece.body.decode("utf-8", "replace"))

    def text(self, index):
        piece = self._messages[index].piece
        return fold(_decoded(piece.header)) + "\n" + self.body(index)


def _decoded(octets: bytes) -> str:
    from email.header import decode_header, make_header

    return str(make_header(decode_header(octets.decode("utf-8", "replace"))))


class MemoryDriver:
    def __init__(self, engine: ServerEngine, store: Store):
        self.engine, self.store = engine, store
        self.box: Box | None = None
        self.view: MailboxView | None = None
        self.read_only = False
        self.appending: list[tuple[c.AppendHead, bytearray]] = []
        self.seen_events: list[e.Event] = []

    # -- changes from anywhere -------------------------------------------------------------------------------

    def changed(self, added=(), removed=(), flags=()):
        assert self.view is not None
        self.view.apply(added, removed, flags)

    def notice(self):
        """Another session did something: an idle client is told at once."""
        if self.engine.idling:
            self._tell("IDLE")

    def _tell(self, name: str | None):
        if self.view is None:
            return
        updates = self.view.updates(name)
        self.engine.write(wire.expunge_lines(updates.expunged))
        if updates.exists is not None:
            self.engine.write(wire.exists_line(updates.exists))
        for number, uid in updates.flags:
            self._write_flags(number, self.box.by_uid(uid))

    def _write_flags(self, number, message, *, with_uid=False):
        items = [b"UID %d" % message.uid] if with_uid else []
        items.append(b"FLAGS " + wire.flags(sorted(message.flags)))
        if self.engine.condstore:
            items.append(b"MODSEQ (%d)" % message.modseq)
        self.engine.write(wire.fetch_line(number, items))

    # -- events ----------------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> bytes:
        self.engine.receive_data(data)
        self.pump()
        return self.engine.data_to_send()

    def pump(self):
        while (event := self.engine.next_event()) is not None:
            self.seen_events.append(event)
            match event:
                case e.CommandReceived(_, command):
                    self._run(command)
                case e.AppendStart(_, message):
                    self._append_start(message)
                case e.AppendChunk(data):
                    self.appending[-1][1].extend(data)
                case e.AppendEnd():
                    self._append_end()
                case e.AppendAbort():
                    self.appending.clear()
                case e.AuthResponse(data):
                    self._plain(data)
                case e.IdleDone():
                    self._tell("IDLE")
                    self.engine.finish(Status.OK, "IDLE terminated")
                case e.Enabled(implied=True) if self.box is not None:
                    self._highest()

    def _run(self, command):
        handler = getattr(self, "do_" + type(command).__name__.lower())
        try:
            code = handler(command)
        except No as no:
            self.engine.finish(no.status, no.words, no.code)
            return
        if code is not None:
            self._tell(command.name)
            self.engine.finish(Status.OK, f"{command.name} completed", code)

    def _find(self, name: str, code: bytes = b"NONEXISTENT") -> Box:
        box = self.store.boxes.get(name)
        if box is None:
            raise No("no such mailbox", code)
        return box

    # -- session ---------------------------------------------------------------------------------------------

    def do_noop(self, _):
        return b""

    do_check = do_noop

    def do_id(self, _):
        self.engine.write(wire.id_line({"name": "SmartMail"}))
        return b""

    def do_starttls(self, _):
        self.engine.begin_tls()

    def do_login(self, command):
        self._login(command.login, command.password)

    def _login(self, name, password):
        if password != "secret":
            self.engine.finish(Status.NO, "wrong name or password", b"AUTHENTICATIONFAILED")
            return
        self.engine.finish_login(f"{name} logged in")

    def do_authenticate(self, command):
        if command.mechanism != "PLAIN":
            raise No("mechanism not offered", b"CANNOT")
        if command.initial is None:
            self.engine.challenge(b"")
        else:
            self._plain(command.initial)

    def _plain(self, data):
        pieces = data.split(b"\x00")
        if len(pieces) != 3:
            self.engine.finish(Status.BAD, "not a PLAIN response")
            return
        self._login(pieces[1].decode(), pieces[2].decode())

    # -- mailboxes -------------------------------------------------------------------------------------------

    def do_select(self, command):
        self._leave()
        box = self._find(command.mailbox)
        if not box.selectable:
            raise No("not selectable", b"CANNOT")
        self.box, self.read_only = box, command.read_only
        self.view = MailboxView(box.pool.make(message.uid for message in box.messages))
        box.watchers.append(self)
        write = self.engine.write
        write(b"* FLAGS " + wire.flags(PERMANENT) + b"\r\n")
        write(wire.exists_line(len(box.messages)) + wire.recent_line(0))
        unseen = next((n for n, one in enumerate(box.messages, 1) if "\\Seen" not in one.flags), 0)
        if unseen:
            write(wire.condition(b"OK", "first unseen", b"UNSEEN %d" % unseen))
        write(wire.condition(b"OK", "UIDs valid", b"UIDVALIDITY %d" % box.validity))
        write(wire.condition(b"OK", "next UID", b"UIDNEXT %d" % box.uid_next))
        names = () if command.read_only else PERMANENT
        write(wire.condition(b"OK", "limited", wire.permanent_flags(names, any_keyword=not command.read_only)))
        self._highest()
        return b"READ-ONLY" if command.read_only else b"READ-WRITE"

    def _highest(self):
        self.engine.write(wire.condition(b"OK", "highest", b"HIGHESTMODSEQ %d" % self.box.modseq))

    def _leave(self):
        if self.box is not None:
            self.box.watchers.remove(self)
        self.box = self.view = None

    def do_close(self, _):
        if not self.read_only:
            self._expunge(lambda _: True)
        self._leave()
        return b""

    def do_unselect(self, _):
        self._leave()
        return b""

    def do_create(self, command):
        name = command.mailbox.removesuffix("/")
        if name in self.store.boxes:
            raise No("exists", b"ALREADYEXISTS")
        self.store.box(name).use = command.special_use
        return b""

    def do_delete(self, command):
        self._find(command.mailbox)
        if command.mailbox == "INBOX":
            raise No("INBOX stays", b"CANNOT")
        del self.store.boxes[command.mailbox]
        return b""

    def do_rename(self, command):
        box = self._find(command.mailbox)
        del self.store.boxes[box.name]
        box.name = command.to
        self.store.boxes[command.to] = box
        if command.mailbox == "INBOX":
            self.store.box("INBOX")
        return b""

    def do_subscribe(self, command):
        self._find(command.mailbox).subscribed = True
        return b""

    def do_unsubscribe(self, command):
        self._find(command.mailbox).subscribed = False
        return b""

    def _listed(self):
        boxes = [
            Listed(box.name, box.subscribed, selectable=box.selectable, special_use=box.use)
            for box in self.store.boxes.values()
        ]
        return boxes + [Listed(name, subscribed=True, exists=False) for name in self.store.subscribed_only]

    def do_list(self, command):
        for row in select_rows(command, self._listed()):
            utf8 = self.engine.utf8
            self.engine.write(wire.list_line(row.name, row.attributes, child_info=row.child_info, utf8=utf8))
            if command.status and row.status:
                self._status(self.store.boxes[row.name], command.status)
        return b""

    def do_lsub(self, command):
        for row in select_rows(command, self._listed()):
            self.engine.write(wire.list_line(row.name, row.attributes, utf8=self.engine.utf8, verb=b"LSUB"))
        return b""

    def do_namespace(self, _):
        self.engine.write(wire.namespace_line([("", "/")], [], []))
        return b""

    def do_status(self, command):
        self._status(self._find(command.mailbox), command.items)
        return b""

    def _status(self, box, items):
        values = {
            c.StatusItem.MESSAGES: len(box.messages),
            c.StatusItem.RECENT: 0,
            c.StatusItem.UIDNEXT: box.uid_next,
            c.StatusItem.UIDVALIDITY: box.validity,
            c.StatusItem.UNSEEN: sum("\\Seen" not in one.flags for one in box.messages),
            c.StatusItem.SIZE: sum(len(one.raw) for one in box.messages),
            c.StatusItem.HIGHESTMODSEQ: box.modseq,
            c.StatusItem.MAILBOXID: f"F{box.validity}",
        }
        self.engine.write(wire.status_line(box.name, {item: values[item] for item in items}, utf8=self.engine.utf8))

    def do_idle(self, _):
        self.engine.start_idle()
        self._tell("IDLE")

    # -- APPEND ----------------------------------------------------------------------------------------------

    def _append_start(self, message):
        if message.mailbox not in self.store.boxes:
            self.engine.finish(Status.NO, "no such mailbox", b"TRYCREATE")
            self.appending.clear()
            return
        self.appending.append((message, bytearray()))
        self.engine.accept_append()

    def _append_end(self):
        box = self.store.boxes[self.appending[0][0].mailbox]
        uids = []
        for head, raw in self.appending:
            date = int(head.date.timestamp()) if head.date else None
            uids.append(self.store.add(box, bytes(raw), head.flags, date).uid)
        self.appending.clear()
        self._tell("APPEND")
        self.engine.finish(Status.OK, "APPEND completed", wire.append_uid(box.validity, uids))

    # -- messages --------------------------------------------------------------------------------------------

    def _messages(self, command) -> list[tuple[int, Stored]]:
        ranges = self.view.resolve(command.numbers, uid=command.uid)
        if ranges is None:
            raise No("no such message", status=Status.BAD)
        return [(number, self.box.by_uid(uid)) for number, uid in self.view.items(self.view.live(ranges))]

    def do_fetch(self, command):
        for number, message in self._messages(command):
            if command.changed_since is not None and message.modseq <= command.changed_since:
                continue
            items = list(command.items)
            if command.sets_seen and not self.read_only and "\\Seen" not in message.flags:
                self.store.set_flags(self.box, message, {*message.flags, "\\Seen"})
                self.view.unchanged([message.uid])
                if Item.FLAGS not in items:
                    items.append(Item.FLAGS)
            wants = command.changed_since is not None or (self.engine.condstore and Item.FLAGS in items)
            if wants and Item.MODSEQ not in items:
                items.append(Item.MODSEQ)
            self.engine.write(wire.fetch_line(number, [self._item(item, message) for item in items]))
        return b""

    def _item(self, item, message) -> bytes:
        if isinstance(item, BodySection):
            return wire.section_label(item) + b" " + self._section(item, message)
        match item:
            case Item.UID:
                value = b"%d" % message.uid
            case Item.FLAGS:
                value = wire.flags(sorted(message.flags))
            case Item.INTERNALDATE:
                value = wire.internal_date(message.date, -420)
            case Item.RFC822_SIZE:
                value = b"%d" % len(message.raw)
            case Item.ENVELOPE:
                value = envelope(_envelope(message))
            case Item.BODY | Item.BODYSTRUCTURE:
                value = body(part(message.piece), extended=item is Item.BODYSTRUCTURE)
            case Item.MODSEQ:
                value = b"(%d)" % message.modseq
            case Item.EMAILID:
                value = b"(M%d)" % message.uid
            case Item.THREADID:
                value = b"(T%d)" % message.uid
        return item.value.encode() + b" " + value

    def _section(self, section, message) -> bytes:
        piece = message.piece.find(section.part)
        if piece is None:
            return b"NIL"
        if section.part and section.text is not Text.WHOLE and section.text is not Text.MIME:
            piece = piece.children[0]
        match section.text:
            case Text.WHOLE:
                octets = piece.body if section.part else piece.raw
            case Text.HEADER | Text.MIME:
                octets = piece.header
            case Text.TEXT:
                octets = piece.body
            case _:
                octets = header_fields(piece, section.fields, inverse=section.text is Text.FIELDS_NOT)
        if section.partial:
            first, count = section.partial
            octets = octets[first : first + count]
        return wire.literal(octets)

    def do_store(self, command):
        modified = []
        for number, message in self._messages(command):
            if command.unchanged_since is not None and message.modseq > command.unchanged_since:
                modified.append(message.uid if command.uid else number)
                continue
            match command.mode:
                case c.StoreMode.REPLACE:
                    flags = set(command.flags)
                case c.StoreMode.ADD:
                    flags = message.flags | set(command.flags)
                case c.StoreMode.REMOVE:
                    flags = message.flags - set(command.flags)
            self.store.set_flags(self.box, message, flags)
            self.view.unchanged([message.uid])
            if not command.silent:
                self._write_flags(number, message, with_uid=command.uid)
            elif self.engine.condstore:
                items = [b"UID %d" % message.uid] * command.uid + [b"MODSEQ (%d)" % message.modseq]
                self.engine.write(wire.fetch_line(number, items))
        return wire.modified(modified) if modified else b""

    def do_copy(self, command):
        found, target = self._messages(command), self._find(command.mailbox, b"TRYCREATE")
        made = [self.store.add(target, one.raw, one.flags, one.date).uid for _, one in found]
        return wire.copy_uid(target.validity, [one.uid for _, one in found], made) if made else b""

    def do_move(self, command):
        found, target = self._messages(command), self._find(command.mailbox, b"TRYCREATE")
        made = [self.store.add(target, one.raw, one.flags, one.date).uid for _, one in found]
        if made:
            code = wire.copy_uid(target.validity, [one.uid for _, one in found], made)
            self.engine.write(wire.condition(b"OK", "moved", code))
            self.store.remove(self.box, {one.uid for _, one in found})
        return b""

    def do_expunge(self, command):
        if self.read_only:
            raise No("read-only", b"CLIENTBUG")
        if command.uids is None:
            self._expunge(lambda _: True)
        else:
            chosen = self.view.uids_in(self.view.resolve_uids(command.uids))
            self._expunge(lambda uid: uid in chosen)
        return b""

    def _expunge(self, wanted):
        uids = {one.uid for one in self.box.messages if "\\Deleted" in one.flags and wanted(one.uid)}
        if uids:
            self.store.remove(self.box, uids)

    def do_search(self, command):
        facts = Facts([self.box.by_uid(uid) for uid in self.view.uids])
        test = bind(command.key, self.view, facts)
        if test is None:
            raise No("no such message", status=Status.BAD)
        found = [i for i in indices(scope(command.key, self.view)) if test(i)]
        numbers = [self.view.uids[i] if command.uid else i + 1 for i in found]
        modseq = max((facts.modseqs[i] for i in found), default=None) if uses_modseq(command.key) else None
        if command.returns is None:
            self.engine.write(wire.search_line(numbers, modseq))
        else:
            line = wire.esearch_line(self.engine.tag, numbers, command.returns, uid=command.uid, modseq=modseq)
            self.engine.write(line)
        return b""


def _envelope(message):
    from tests.dialogs.imap.mini_mime import envelope as read

    return read(message.piece)
