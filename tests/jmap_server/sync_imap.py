"""IMAP clients that believe what they are told: one comes back again and again (QRESYNC), one stays (VANISHED).

A picture of a mailbox is UID → (flags, modseq). Both are compared with what a session sees that asks for everything.
"""

import contextlib
import re
import socket
from dataclasses import dataclass, field

from tests.flows.imap_client import Client, items

from smartmail.edge.imapd.session import ImapConfig, ImapSession
from smartmail.edge.net.limits import Limits
from smartmail.edge.net.listener import Listener
from smartmail.edge.net.wire import Endpoint

_FETCH = re.compile(rb"(\d+) FETCH ")
_VANISHED = re.compile(rb"VANISHED (?:\(EARLIER\) )?([0-9:,]+)\Z")
SIZE = 1 << 20


@contextlib.asynccontextmanager
async def imap_port(services, deadlines):
    """Serve IMAP without TLS on a free port."""
    sock = socket.create_server(("127.0.0.1", 0))
    config = ImapConfig("mx.test", SIZE, cleartext_login=True)
    endpoint = Endpoint("imap", lambda: ImapSession(services, config), limits=Limits(per_address=0, per_network=0))
    listener = Listener(endpoint, [sock], deadlines)
    listener.start()
    try:
        yield sock.getsockname()[1]
    finally:
        await listener.drain(0.1)


def numbers(text):
    found = set()
    for piece in text.split(","):
        low, _, high = piece.partition(":")
        found.update(range(int(low), int(high or low) + 1))
    return found


@dataclass
class Picture:
    validity: int = 0
    modseq: int = 0
    exists: int = 0
    lines: dict = field(default_factory=dict)

    def feed(self, lines):
        for line in lines:
            vanished = _VANISHED.match(line)
            if vanished:
                for uid in numbers(vanished[1].decode()):
                    if self.lines.pop(uid, None) is not None or b"EARLIER" not in line:
                        self.exists -= b"EARLIER" not in line
            elif line.endswith(b" EXISTS"):
                self.exists = int(line.split()[0])
            elif match := _FETCH.match(line):
                got = items(line[match.end() :])
                flags = frozenset(name.lower() for name in got["FLAGS"]) - {"\\recent"}
                self.lines[int(got["UID"])] = (flags, int(got["MODSEQ"][0]))


async def picture_of(client, box):
    """Return the mailbox as it is now, None when there is none."""
    opened = await client.cmd(f"EXAMINE {box}")
    if not opened:
        return None
    codes = opened.codes()
    picture = Picture(int(codes["UIDVALIDITY"]), int(codes["HIGHESTMODSEQ"]))
    told = await client.cmd("UID FETCH 1:* (FLAGS MODSEQ)")
    picture.feed(opened.lines + told.lines)
    await client.cmd("UNSELECT")
    return picture


async def boxes_of(client):
    """Return the names of all mailboxes, quoted as they came."""
    lines = (await client.cmd('LIST "" "*"')).starting(b"LIST")
    return [re.match(rb'LIST \(([^)]*)\) "/" (.*)\Z', line)[2].decode() for line in lines if b"\\Noselect" not in line]


class ImapReturner:
    """Opens each mailbox with what it knows of it (RFC 7162 §3.2.5), or asks for changes and vanished (§3.2.6)."""

    def __init__(self, client, other, dice):
        self.client = client
        self.other = other
        self.dice = dice
        self.held = {}

    async def begin(self):
        assert await self.client.cmd("ENABLE QRESYNC")
        await self.follow()

    async def follow(self):
        boxes = await boxes_of(self.client)
        for gone in self.held.keys() - set(boxes):
            del self.held[gone]
        for box in boxes:
            held = self.held.get(box)
            if held is None or self.dice.random() < 0.6:
                await self.open(box, held)
            else:
                await self.ask(box, held)
        await self.client.cmd("UNSELECT")

    async def open(self, box, held):
        known = uids = ""
        if held is not None:
            # With known UIDs only those are told of (RFC 7162 §3.2.5.1): what is new is asked for.
            uids = f" {','.join(map(str, sorted(held.lines)))}" if held.lines and self.dice.random() < 0.5 else ""
            known = f" (QRESYNC ({held.validity} {held.modseq}{uids}))"
        answer = await self.client.cmd(f"SELECT {box}{known}")
        assert answer, (box, answer)
        codes = answer.codes()
        validity, modseq = int(codes["UIDVALIDITY"]), int(codes["HIGHESTMODSEQ"])
        if held is None or held.validity != validity:
            held = self.held[box] = Picture(validity)
            answer.lines += (await self.client.cmd("UID FETCH 1:* (FLAGS MODSEQ)")).lines
        elif uids:
            first = max(held.lines) + 1
            answer.lines += (await self.client.cmd(f"UID FETCH {first}:* (FLAGS MODSEQ)")).lines
        held.feed(answer.lines)
        held.modseq = modseq

    async def ask(self, box, held):
        answer = await self.client.cmd(f"EXAMINE {box}")
        if int(answer.codes()["UIDVALIDITY"]) != held.validity:
            await self.open(box, None)
            return
        answer = await self.client.cmd(f"UID FETCH 1:4294967295 (FLAGS) (CHANGEDSINCE {held.modseq} VANISHED)")
        assert answer
        # The modseq stays: what is told twice does no harm.
        held.feed(answer.lines)

    async def compare(self):
        fresh = {box: await picture_of(self.other, box) for box in await boxes_of(self.other)}
        assert self.held.keys() == fresh.keys()
        for box, picture in fresh.items():
            assert (box, self.held[box].validity) == (box, picture.validity)
            differ = {
                uid: (self.held[box].lines.get(uid), picture.lines.get(uid))
                for uid in self.held[box].lines.keys() | picture.lines.keys()
            }
            assert {uid: pair for uid, pair in differ.items() if pair[0] != pair[1]} == {}, box


class ImapDweller:
    """Stays in one mailbox; hears of everything by the way, without asking twice."""

    def __init__(self, client, other, box="INBOX"):
        self.client = client
        self.other = other
        self.box = box
        self.picture = Picture()

    async def begin(self):
        assert await self.client.cmd("ENABLE QRESYNC")
        opened = await self.client.cmd(f"SELECT {self.box}")
        self.picture.feed(opened.lines + (await self.client.cmd("UID FETCH 1:* (FLAGS MODSEQ)")).lines)

    async def follow(self):
        self.picture.feed((await self.client.cmd("NOOP")).lines)
        while self.picture.exists != len(self.picture.lines):
            first = max(self.picture.lines, default=0) + 1
            self.picture.feed((await self.client.cmd(f"UID FETCH {first}:* (FLAGS MODSEQ)")).lines)
            self.picture.feed((await self.client.cmd("NOOP")).lines)

    async def compare(self):
        assert self.picture.lines == (await picture_of(self.other, self.box)).lines


async def open_client(port, login, password):
    """Return a connection that is logged in."""
    return await Client.open(port, login, password)
