"""However the stream is cut into pieces, the same things happen."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from smartmail.proto.imap import events as e
from smartmail.proto.imap.capability import Offer
from smartmail.proto.imap.engine import ServerEngine, Status
from smartmail.proto.imap.limits import Limits

LIMITS = Limits(
    line=90,
    line_before_login=90,
    literal=30,
    literal_before_login=30,
    literals=3,
    command=150,
    swallow=120,
    swallow_before_login=120,
    append=40,
    bad=6,
    bad_before_login=6,
)
PIECES = st.sampled_from(
    [
        b"a NOOP\r\n",
        b"b LOGIN kim secret\r\n",
        b"b LOGIN {3+}\r\nkim {6}\r\nsecret\r\n",
        b"c SELECT INBOX\r\n",
        b"d APPEND INBOX (\\Seen) {5+}\r\nhello\r\n",
        b"d APPEND INBOX {5}\r\nhello {3+}\r\nabc\r\n",
        b"d APPEND {5+}\r\nINBOX {5+}\r\nhello {0+}\r\n\r\n",
        b"d APPEND INBOX {41+}\r\n" + b"x" * 41 + b"\r\n",
        b"d APPEND Nowhere {5+}\r\nhello\r\n",
        b"d APPEND INBOX {5+}\r\nhello junk\r\n",
        b'd APPEND INBOX CATENATE (TEXT {5+}\r\nhello URL "/a/;UID=1" TEXT {3+}\r\nabc)\r\n',
        b'd APPEND INBOX CATENATE (URL "/a/;UID=1") () {3+}\r\nabc\r\n',
        b'd APPEND INBOX CATENATE (URL "/b/;UID=1" TEXT {30+}\r\n'
        + b"x" * 30
        + b" TEXT {30+}\r\n"
        + b"x" * 30
        + b")\r\n",
        b"d APPEND INBOX ~{5+}\r\nh\x00llo\r\n",
        b"d APPEND Nowhere CATENATE (TEXT {5+}\r\nhello)\r\n",
        b"d UID REPLACE 4 INBOX (\\Seen) {5+}\r\nhello\r\n",
        b"d REPLACE 4 INBOX {5}\r\nhello {3+}\r\nabc\r\n",
        b'g SETMETADATA "" (/private/a ~{3+}\r\na\x00b)\r\n',
        b"e IDLE\r\nDONE\r\n",
        b"e IDLE\r\nsomething else\r\n",
        b"e AUTHENTICATE PLAIN\r\nAGtpbQBzZWNyZXQ=\r\n",
        b"e AUTHENTICATE PLAIN\r\n*\r\n",
        b"e AUTHENTICATE PLAIN\r\n" + b"A" * 90 + b"\rjunk\r\n",
        b"f FETCH 1 BODY[HEADER.FIELDS ({4+}\r\nDate)]\r\n",
        b"g SEARCH TEXT {31+}\r\n" + b"y" * 31 + b"\r\n",
        b"h " + b"z" * 200 + b" {4+}\r\nabcd\r\n",
        b"h X {1+}\r\na {1+}\r\na {1+}\r\na {1+}\r\na\r\n",
        b"i NOOP\n",
        b"j X {9999+}\r\n",
        b"k STARTTLS\r\n",
        b"l ENABLE UTF8=ACCEPT CONDSTORE\r\n",
        b"m LOGOUT\r\n",
        b"\r\n",
        b"{",
        b"{3+}\r\n",
        b"\r",
    ]
)


def play(stream: bytes, cuts: list[int]):
    """Return events (chunks joined) and output of a driver that says OK to everything."""
    engine = ServerEngine(Offer(plain_login=True, tls_available=False), limits=LIMITS)
    events: list[object] = []
    out = []
    bounds = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    for start, stop in zip(bounds, bounds[1:], strict=False):
        engine.receive_data(stream[start:stop])
        while (event := engine.next_event()) is not None:
            if isinstance(event, e.AppendChunk) and events and isinstance(events[-1], e.AppendChunk):
                events[-1] = e.AppendChunk(events[-1].data + event.data)
            else:
                events.append(event)
            answer(engine, event)
        out.append(engine.data_to_send())
    return events, b"".join(out), engine.state


def answer(engine, event):
    match event:
        case e.CommandReceived(_, command):
            if command.name == "IDLE":
                engine.start_idle()
            elif command.name == "AUTHENTICATE" and command.initial is None:
                engine.challenge(b"")
            else:
                engine.finish(Status.OK, "done")
        case e.AppendStart(_, message, size):
            if message.mailbox == "Nowhere":
                engine.finish(Status.NO, "no such mailbox", b"TRYCREATE")
            elif size is not None:
                engine.accept_append()
        case e.AppendText():
            engine.accept_append()
        case e.AppendUrl(url) if url.startswith("/b"):
            engine.finish(Status.NO, "no such part", b"BADURL")
        case e.AppendEnd() | e.IdleDone() | e.AuthResponse():
            engine.finish(Status.OK, "done")


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=12), st.lists(st.integers(0, 2_000), max_size=12))
@example([b"h " + b"z" * 200 + b" {4+}\r\nabcd\r\n", b"a NOOP\r\n"], [90, 91, 180, 204, 205, 206])
def test_cutting_the_stream_changes_nothing(pieces, cuts):
    stream = b"".join(pieces)
    assert play(stream, cuts) == play(stream, [])


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=8))
def test_octet_by_octet(pieces):
    stream = b"".join(pieces)
    assert play(stream, list(range(len(stream)))) == play(stream, [])
