"""Invariant: whatever comes in, the engine raises nothing, answers in whole lines, and holds bounded memory; whatever
stands in a URL or in compressed octets is understood or refused.

Run `python tests/fuzz/test_fuzz_imap.py SECONDS [SEED]` for a long run.
"""

import random
import re
import sys
import time
import zlib

from smartmail.edge.imapd.compression import PIECE, Deflate, DeflateError
from smartmail.proto.imap import events as e
from smartmail.proto.imap.capability import Offer
from smartmail.proto.imap.engine import ServerEngine, Status
from smartmail.proto.imap.limits import Limits
from smartmail.proto.imap.urls import parse_url

LIMITS = Limits(line=2_000, line_before_login=2_000, literal=500, command=4_000, append=5_000, swallow=20_000, bad=10)

SEEDS = [
    b"a CAPABILITY\r\n",
    b"a LOGIN kim secret\r\n",
    b"a AUTHENTICATE PLAIN AGtpbQBzZWNyZXQ=\r\n",
    b"a AUTHENTICATE PLAIN\r\nAGtpbQBzZWNyZXQ=\r\n",
    b'a ID ("name" "x" "version" NIL)\r\n',
    b"a ENABLE CONDSTORE UTF8=ACCEPT\r\n",
    b"a SELECT &1VytbA- (CONDSTORE)\r\n",
    b'a CREATE "x y" (USE (\\Sent))\r\n',
    b'a LIST (SUBSCRIBED RECURSIVEMATCH) "" ("a%" *) RETURN (CHILDREN STATUS (MESSAGES SIZE))\r\n',
    b'a LSUB "" {3+}\r\nabc\r\n',
    b"a STATUS INBOX (MESSAGES UIDNEXT HIGHESTMODSEQ)\r\n",
    b'a APPEND INBOX (\\Seen k) " 7-Feb-1994 21:52:25 -0800" {5+}\r\nhello (\\Draft) {3+}\r\nabc\r\n',
    b"a APPEND INBOX UTF8 (~{5+}\r\nhello)\r\n",
    b"a IDLE\r\nDONE\r\n",
    b"a UID FETCH 1:*,5,7:9 (UID FLAGS BODY.PEEK[1.2.HEADER.FIELDS.NOT (From {2+}\r\nTo)]<0.100>) (CHANGEDSINCE 7)\r\n",
    b"a FETCH * FULL\r\n",
    b'a UID SEARCH RETURN (MIN COUNT) CHARSET UTF-8 OR (FROM "a" NOT 1:4) SENTSINCE 1-Feb-1994 HEADER X {2+}\r\n\xea\xb0\r\n',
    b'a SEARCH MODSEQ "/flags/\\\\seen" all 12 KEYWORD $x LARGER 5 UID 1:*\r\n',
    b"a STORE 1:* (UNCHANGEDSINCE 12) +FLAGS.SILENT (\\Seen $Work)\r\n",
    b"a UID MOVE 1:3 Trash\r\n",
    b"a UID EXPUNGE 1:3\r\n",
    b"a STARTTLS\r\n",
    b"a ENABLE QRESYNC UIDONLY IMAP4rev2\r\n",
    b"a SELECT INBOX (QRESYNC (67890007 20050715194045000 41:211,300 (1,29,31 5,210,211)))\r\n",
    b"a UID FETCH 300:500 (FLAGS PREVIEW (LAZY) SAVEDATE EMAILID) (CHANGEDSINCE 12345 VANISHED PARTIAL -1:-30)\r\n",
    b"a FETCH 1 (BINARY.PEEK[1.2]<0.100> BINARY.SIZE[3] BINARY[])\r\n",
    b"a UID SEARCH RETURN (SAVE PARTIAL 1:500) $ YOUNGER 5 SAVEDSINCE 1-Feb-1994 EMAILID M1 UIDAFTER 7\r\n",
    b"a SORT RETURN (COUNT PARTIAL 1:2) (REVERSE DATE SUBJECT DISPLAYFROM) UTF-8 TEXT {3+}\r\nabc\r\n",
    b"a UID THREAD REFERENCES UTF-8 SINCE 5-MAR-2000 1:*\r\n",
    b'a ESEARCH IN (mailboxes ("a b" c) subtree-one d personal) RETURN (COUNT SAVE) OR UNSEEN SUBJECT "x"\r\n',
    b'a APPEND Drafts (\\Seen) CATENATE (URL "/INBOX;UIDVALIDITY=5/;UID=20/;SECTION=1.2" TEXT {5+}\r\nhello URL "/a/;UID=1")\r\n',
    b'a APPEND Drafts CATENATE (URL "/a/;UID=1") (\\Seen) {5+}\r\nhello\r\n',
    b"a UID REPLACE 5 Drafts (\\Draft) ~{5+}\r\nhello\r\n",
    b"a COMPRESS DEFLATE\r\n",
    b"a UNAUTHENTICATE\r\n",
    b"a NOTIFY SET STATUS (selected-delayed (MessageNew (UID BODY.PEEK[TEXT]) MessageExpunge)) (inboxes NONE)\r\n",
    b"a NOTIFY SET (subtree (a b) (MessageNew MessageExpunge MailboxName)) (mailboxes c (FlagChange))\r\n",
    b'a SETMETADATA "" (/private/comment {3+}\r\nabc /shared/comment NIL /private/b ~{2+}\r\n\x00b)\r\n',
    b"a GETMETADATA (MAXSIZE 1024 DEPTH infinity) INBOX (/shared/comment /private/comment)\r\n",
    b'a LIST (SPECIAL-USE) "" % RETURN (METADATA (/private/color) STATUS (MAILBOXID DELETED-STORAGE))\r\n',
    b"a SETACL INBOX kim +lrswite\r\n",
    b"a LISTRIGHTS INBOX {3+}\r\nkim\r\n",
    b'a SETQUOTA "" (STORAGE 512 MESSAGE 5)\r\n',
    b"a CLOSE\r\n",
    b"a LOGOUT\r\n",
]
TOKENS = [
    b"(",
    b")",
    b'"',
    b"{3+}\r\n",
    b"{9}\r\n",
    b"{99999+}\r\n",
    b"\r\n",
    b"\n",
    b"\x00",
    b"\xff",
    b"\\",
    b"*",
    b"%",
    b" ",
    b"&",
    b"[",
    b"]",
    b"<0.1>",
    b"4294967296",
    b"NIL",
    b"NOT ",
    b"OR ",
    b"((((",
    b"a" * 300,
    b"~{1}\r\n",
    b"$",
]
# What may stand at the start of a line that the server writes.
LINE = re.compile(rb"(?:\*|\+|[^\s(){%*\"\\+]{1,128}) [^\r\n]*|\+ ")


def mutate(rng: random.Random, data: bytes) -> bytes:
    octets = bytearray(data)
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(octets) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            octets[at:at] = rng.choice(TOKENS)
        elif kind == 1:
            del octets[at : at + rng.randrange(1, 6)]
        elif kind == 2 and octets:
            octets[at % len(octets)] = rng.randrange(256)
        elif kind == 3:
            octets[at:at] = octets[at : at + rng.randrange(1, 20)]
        else:
            other = rng.choice(SEEDS)
            octets[at:] = other[rng.randrange(len(other)) :]
    return bytes(octets)


def drive(rng: random.Random, data: bytes, *, login: bool) -> None:
    engine = ServerEngine(Offer(plain_login=True, compress=True), limits=LIMITS)
    out = []
    if login:
        for line in (b"x LOGIN kim secret\r\n", b"x SELECT INBOX\r\n"):
            engine.receive_data(line)
            engine.next_event()
            engine.finish(Status.OK, "done")
    at = 0
    while at < len(data):
        size = rng.randrange(1, 400)
        engine.receive_data(data[at : at + size])
        at += size
        while (event := engine.next_event()) is not None:
            answer(rng, engine, event)
        assert engine._framer.buffered < LIMITS.command + 2 * 400
        out.append(engine.data_to_send())
    written = b"".join(out)
    assert not written or written.endswith(b"\r\n")
    for line in written.split(b"\r\n")[:-1]:
        assert LINE.fullmatch(line), line


def answer(rng: random.Random, engine: ServerEngine, event: e.Event) -> None:
    status = rng.choice([Status.OK, Status.OK, Status.NO])
    match event:
        case e.CommandReceived(_, command):
            repr(command)
            if command.name == "IDLE":
                engine.start_idle()
            elif command.name == "STARTTLS":
                engine.begin_tls()
                engine.tls_established()
            elif command.name == "AUTHENTICATE" and command.initial is None:
                engine.challenge(b"x")
            elif command.name == "COMPRESS":
                engine.begin_compression()
            else:
                engine.finish(status, "done")
        case e.AppendStart(size=size):
            if status is not Status.OK:
                engine.finish(status, "no")
            elif size is not None:
                engine.accept_append()
        case e.AppendText():
            engine.accept_append()
        case e.AppendUrl() if rng.randrange(10) == 0:
            engine.finish(Status.NO, "no such part", b"BADURL")
        case e.AppendChunk() if rng.randrange(10) == 0:
            engine.finish(Status.NO, "disk full")
        case e.AppendEnd() | e.IdleDone() | e.AuthResponse():
            engine.finish(status, "done")


def one_round(seed: int) -> None:
    rng = random.Random(seed)
    if rng.randrange(6) == 0:
        data = rng.randbytes(rng.randrange(1, 3_000))
    else:
        data = b"".join(mutate(rng, rng.choice(SEEDS)) for _ in range(rng.randrange(1, 8)))
    try:
        drive(rng, data, login=rng.randrange(3) > 0)
    except Exception:
        print(f"seed {seed}: {data!r}")
        raise


def test_no_octets_raise():
    for seed in range(3_000):
        one_round(seed)


def test_time_is_linear_in_the_input():
    """A thousand times a small thing must not cost a million times: each within a bound far above linear."""
    engine = ServerEngine(Offer(plain_login=True), limits=Limits(bad=10**9, bad_before_login=10**9))
    engine.receive_data(b"x LOGIN kim secret\r\n")
    engine.next_event()
    engine.finish(Status.OK, "done")
    big = 60_000
    hostile = [
        b'a SELECT "' + b'\\"' * (big // 2) + b"\r\n",
        b"a FETCH " + b"1," * (big // 2) + b"1 FLAGS\r\n",
        b"a FETCH 1 (" + b"FLAGS " * (big // 6) + b"\r\n",
        b"a SEARCH " + b"(" * big + b"\r\n",
        b"a SEARCH " + b"OR " * (big // 3) + b"\r\n",
        b"a FETCH 1 BODY[" + b"1." * (big // 2) + b"\r\n",
        b"a SELECT &" + b"A" * big + b"-\r\n",
        b"a STORE 1 FLAGS (" + b"\\Seen " * (big // 6) + b"\r\n",
        b"a " + b"{" * big + b"}\r\n",
        b"{1+}\r\n" * 10_000,
        b"a X" + b" {0+}\r\n" * 10_000 + b"\r\n",
    ]
    for data in hostile:
        started = time.process_time()
        for at in range(0, len(data), 100):
            engine.receive_data(data[at : at + 100])
            while engine.next_event() is not None:
                if engine.command is not None:
                    engine.finish(Status.NO, "no")
        engine.data_to_send()
        assert time.process_time() - started < 1.0, data[:40]


URLS = [
    "/INBOX;UIDVALIDITY=5/;UID=20/;SECTION=1.2.MIME/;PARTIAL=0.5",
    "imap://kim@a/x%20y/;UID=1/;SECTION=HEADER.FIELDS%20(To)",
]


def test_urls_name_a_message_or_nothing():
    rng = random.Random(7)
    for _ in range(3_000):
        url = mutate(rng, rng.choice(URLS).encode()).decode("utf-8", "replace")
        found = parse_url(url)
        assert found is None or (found.mailbox and found.uid > 0)


def test_compressed_octets_unfold_in_bounds_or_are_refused():
    rng = random.Random(7)
    for _ in range(300):
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        data = packer.compress(rng.choice(SEEDS) * rng.randrange(1, 3_000)) + packer.flush(zlib.Z_SYNC_FLUSH)
        data = mutate(rng, data)
        deflate = Deflate()
        try:
            for _turn in range(1_000):
                plain, data = deflate.inflate(data)
                assert len(plain) <= 2 * PIECE
                if not data:
                    break
        except DeflateError:
            continue


if __name__ == "__main__":
    until = time.monotonic() + float(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    while time.monotonic() < until:
        one_round(seed)
        seed += 1
    print("last seed", seed)
