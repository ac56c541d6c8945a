"""The engine beyond the dialogs: back-pressure, streaming, deadlines, misuse by a driver."""

import sys
import tracemalloc

import pytest

from smartmail.proto.imap import commands as c
from smartmail.proto.imap import events as e
from smartmail.proto.imap.capability import Offer
from smartmail.proto.imap.engine import LocalProtocolError, ServerEngine, Status
from smartmail.proto.imap.limits import Limits
from smartmail.proto.imap.states import State


def logged_in(limits: Limits | None = None) -> ServerEngine:
    engine = ServerEngine(Offer(plain_login=True), limits=limits or Limits())
    engine.receive_data(b"x LOGIN kim secret\r\n")
    engine.next_event()
    engine.finish_login()
    engine.data_to_send()
    return engine


def drain(engine):
    events = []
    while (event := engine.next_event()) is not None:
        events.append(event)
    return events


def test_one_command_at_a_time_and_the_rest_is_kept():
    engine = logged_in()
    engine.receive_data(b"a NOOP\r\nb CHECK\r\nc NOOP\r\n")
    assert [event.tag for event in drain(engine)] == [b"a"]
    assert drain(engine) == []
    engine.finish(Status.OK, "done")
    assert drain(engine) == [
        e.Bad(b"b", "CHECK is not allowed in the authenticated state"),
        e.CommandReceived(b"c", c.Noop()),
    ]
    assert engine.data_to_send().startswith(b"a OK done\r\n")


def test_bad_command_in_between_is_answered_in_order():
    engine = logged_in()
    engine.receive_data(b"a NOOP\r\nb FLY\r\nc NOOP\r\n")
    assert [type(event) for event in drain(engine)] == [e.CommandReceived]
    assert engine.data_to_send() == b""
    engine.finish(Status.OK, "done")
    assert [type(event) for event in drain(engine)] == [e.Bad, e.CommandReceived]
    assert engine.data_to_send() == b"a OK done\r\nb BAD unknown command\r\n"


def test_wants_read_stops_behind_a_running_command():
    engine = logged_in(Limits(read_ahead=1_000))
    engine.receive_data(b"a NOOP\r\n" + b"b NOOP\r\n" * 100)
    drain(engine)
    assert engine.wants_read
    engine.receive_data(b"b NOOP\r\n" * 100)
    assert not engine.wants_read
    answered = 0
    while engine.command is not None:
        engine.finish(Status.OK, "done")
        answered += 1
        drain(engine)
    assert answered == 201
    assert engine.wants_read


def test_wants_read_while_a_literal_is_not_complete():
    engine = logged_in(Limits(read_ahead=10))
    engine.receive_data(b"a SELECT {1000+}\r\n" + b"x" * 500)
    assert engine.next_event() is None
    assert engine.wants_read


def test_append_streams_without_holding_the_message():
    engine = logged_in()
    size = 50 * 1024 * 1024
    engine.receive_data(b"a APPEND INBOX {%d+}\r\n" % size)
    (start,) = drain(engine)
    assert isinstance(start, e.AppendStart)
    assert start.size == size
    engine.accept_append()
    block = bytes(65_536)
    got = 0
    tracemalloc.start()
    for _ in range(size // len(block)):
        engine.receive_data(block)
        for event in drain(engine):
            got += len(event.data) if isinstance(event, e.AppendChunk) else 0
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert got == size
    assert peak < 1_000_000
    engine.receive_data(b"\r\n")
    assert [type(event) for event in drain(engine)] == [e.AppendEnd]
    engine.finish(Status.OK, "stored")
    assert engine.data_to_send() == b"a OK stored\r\n"


def test_append_waits_for_the_driver():
    engine = logged_in(Limits(read_ahead=1_000))
    engine.receive_data(b"a APPEND INBOX {5000+}\r\n" + b"x" * 4_000)
    assert [type(event) for event in drain(engine)] == [e.AppendStart]
    assert drain(engine) == []
    assert not engine.wants_read
    engine.accept_append()
    assert [type(event) for event in drain(engine)] == [e.AppendChunk]
    assert engine.wants_read


def test_append_given_up_in_the_middle_stays_in_step():
    engine = logged_in()
    engine.receive_data(b"a APPEND INBOX {10}\r\n")
    drain(engine)
    engine.accept_append()
    engine.receive_data(b"12345")
    drain(engine)
    engine.finish(Status.NO, "disk full", b"UNAVAILABLE")
    engine.receive_data(b"\r\nX F {3+}\r\nabc\r\nb NOOP\r\n")
    (event,) = drain(engine)
    assert event == e.CommandReceived(b"b", c.Noop())
    assert engine.data_to_send().endswith(b"a NO [UNAVAILABLE] disk full\r\n")


def test_no_next_command_before_append_is_answered():
    engine = logged_in()
    engine.receive_data(b"a APPEND INBOX {1+}\r\nx\r\nb NOOP\r\n")
    drain(engine)
    engine.accept_append()
    assert [type(event) for event in drain(engine)] == [e.AppendChunk, e.AppendStop, e.AppendEnd]
    assert drain(engine) == []
    engine.finish(Status.OK, "stored")
    assert [type(event) for event in drain(engine)] == [e.CommandReceived]


def test_deadlines_follow_the_state():
    limits = Limits()
    engine = ServerEngine(Offer(plain_login=True))
    assert engine.deadline_s == limits.login_s
    engine.receive_data(b"x LOGIN kim secret\r\n")
    engine.next_event()
    engine.finish_login()
    # RFC 3501 §5.4
    assert engine.deadline_s >= 1_800
    engine.bye("autologout")
    assert engine.deadline_s == limits.logout_s
    assert engine.data_to_send().endswith(b"* BYE autologout\r\n")
    assert drain(engine) == [e.Closed(e.CloseReason.DRIVER)]


def test_finish_after_bye_says_nothing():
    engine = logged_in()
    engine.receive_data(b"a NOOP\r\n")
    drain(engine)
    engine.bye("node is draining", b"UNAVAILABLE")
    engine.write(b"* 1 EXISTS\r\n")
    engine.finish(Status.OK, "done")
    assert engine.data_to_send() == b"* BYE [UNAVAILABLE] node is draining\r\n"
    assert engine.state is State.LOGOUT
    assert not engine.wants_read


def test_errors_before_login_end_the_session_sooner():
    engine = ServerEngine()
    engine.receive_data(b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\nB: c\r\nC: d\r\nD: e\r\n")
    assert drain(engine)[-1] == e.Closed(e.CloseReason.TOO_MANY_ERRORS)
    after = logged_in()
    after.receive_data(b"a FLY\r\n" * 20 + b"b NOOP\r\n")
    assert isinstance(drain(after)[-1], e.CommandReceived)


def test_passwords_are_in_no_repr():
    engine = ServerEngine(Offer(plain_login=True))
    engine.receive_data(b"a LOGIN kim hunter2\r\n")
    assert "hunter2" not in repr(engine.next_event())
    engine.finish(Status.NO, "no")
    engine.receive_data(b"b AUTHENTICATE PLAIN AGtpbQBodW50ZXIy\r\n")
    event = engine.next_event()
    assert event.command.initial == b"\x00kim\x00hunter2"
    assert "hunter2" not in repr(event)


def test_implied_condstore_is_told_before_the_command():
    engine = logged_in()
    engine.receive_data(b"a STATUS INBOX (HIGHESTMODSEQ)\r\n")
    assert [type(event) for event in drain(engine)] == [e.Enabled, e.CommandReceived]
    assert engine.condstore


def test_starttls_refuses_octets_until_the_handshake():
    engine = ServerEngine(Offer())
    engine.receive_data(b"a STARTTLS\r\nb NOOP\r\n")
    drain(engine)
    engine.begin_tls()
    assert not engine.wants_read
    with pytest.raises(LocalProtocolError):
        engine.receive_data(b"c NOOP\r\n")
    engine.tls_established()
    assert engine.tls
    assert drain(engine) == []


@pytest.mark.parametrize(
    "misuse",
    [
        lambda engine: engine.finish(Status.OK, "nothing was asked"),
        lambda engine: engine.finish_login(),
        lambda engine: engine.challenge(b""),
        lambda engine: engine.start_idle(),
        lambda engine: engine.accept_append(),
        lambda engine: engine.begin_tls(),
        lambda engine: engine.tls_established(),
    ],
)
def test_misuse_by_the_driver_raises(misuse):
    with pytest.raises(LocalProtocolError):
        misuse(logged_in())


def test_status_text_stays_on_one_line():
    engine = logged_in()
    engine.receive_data(b"a NOOP\r\n")
    drain(engine)
    engine.finish(Status.NO, "evil\r\n* 1 EXPUNGE\x00 회의")
    assert engine.data_to_send() == b"a NO evil * 1 EXPUNGE  ??\r\n"


def test_an_idle_engine_is_small():
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    engines = [logged_in() for _ in range(100)]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sys.getsizeof(engines[0]) < 1_000
    assert (after - before) / 100 < 4_000
