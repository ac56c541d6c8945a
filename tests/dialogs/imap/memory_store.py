"""Mailboxes in memory, with one change counter: the world behind the dialogs."""

from dataclasses import dataclass, field

from tests.dialogs.imap.mini_mime import Piece

from smartmail.proto.imap.view import UidPool

SIMPLE = (
    b"Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)\r\n"
    b"From: Fred Foobar <foobar@Blurdybloop.example>\r\n"
    b"Subject: afternoon meeting\r\n"
    b"To: mooch@owatagu.example\r\n"
    b"Message-Id: <B27397-0100000@Blurdybloop.example>\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n"
    b"\r\n"
    b"Hello Joe, do you think we can meet at 3:30 tomorrow?\r\n"
)
MIXED = (
    b"From: Kim <kim@example.kr>\r\n"
    b"To: lee@example.kr\r\n"
    b"Subject: two parts\r\n"
    b"Content-Type: multipart/mixed; boundary=xx\r\n"
    b"\r\n"
    b"preamble\r\n"
    b"--xx\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"\r\n"
    b"first\r\n"
    b"--xx\r\n"
    b"Content-Type: message/rfc822\r\n"
    b"\r\n"
    b"Subject: inner\r\n"
    b"\r\n"
    b"deep\r\n"
    b"--xx--\r\n"
)
KOREAN = (
    "From: =?utf-8?B?6rmA7LKg7IiY?= <kim@example.kr>\r\n"
    "Subject: =?utf-8?B?67O07JWIIO2ajOydmA==?=\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "\r\n"
    "내일 오후에 만납시다.\r\n"
).encode()
BODIES = {"simple": SIMPLE, "mixed": MIXED, "korean": KOREAN}


@dataclass
class Stored:
    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)
    date: int = 837596665  # 17-Jul-1996 02:44:25 -0700
    modseq: int = 1

    @property
    def piece(self) -> Piece:
        return Piece(self.raw)


@dataclass
class Box:
    name: str
    validity: int = 3857529045
    uid_next: int = 1
    messages: list[Stored] = field(default_factory=list)
    subscribed: bool = False
    selectable: bool = True
    use: tuple[str, ...] = ()
    pool: UidPool = field(default_factory=UidPool)
    watchers: list = field(default_factory=list)

    @property
    def modseq(self) -> int:
        return max([self.changed, *(message.modseq for message in self.messages)])

    changed: int = 1

    def by_uid(self, uid: int) -> Stored | None:
        return next((message for message in self.messages if message.uid == uid), None)


class Store:
    """`subscribed_only`: names that are subscribed and no mailbox."""

    def __init__(self):
        self.boxes: dict[str, Box] = {}
        self.subscribed_only: set[str] = set()
        self.modseq = 1
        self.box("INBOX")

    def box(self, name: str) -> Box:
        return self.boxes.setdefault(name, Box(name))

    def tick(self) -> int:
        self.modseq += 1
        return self.modseq

    def add(self, box: Box, raw: bytes, flags=(), date=None, uid=None, modseq=None) -> Stored:
        message = Stored(uid or box.uid_next, raw, set(flags))
        if date is not None:
            message.date = date
        message.modseq = modseq if modseq is not None else self.tick()
        self.modseq = max(self.modseq, message.modseq)
        box.messages.append(message)
        box.uid_next = max(box.uid_next, message.uid + 1)
        for watcher in box.watchers:
            watcher.changed(added=[message.uid])
        return message

    def remove(self, box: Box, uids) -> None:
        box.messages = [message for message in box.messages if message.uid not in uids]
        box.changed = self.tick()
        for watcher in box.watchers:
            watcher.changed(removed=sorted(uids))

    def set_flags(self, box: Box, message: Stored, flags) -> None:
        if message.flags == set(flags):
            return
        message.flags = set(flags)
        message.modseq = self.tick()
        for watcher in box.watchers:
            watcher.changed(flags=[message.uid])
