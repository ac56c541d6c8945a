"""Contract of the server engine that dialogs cannot show: misuse, streaming, time-outs, refusal by the driver."""

import pytest

from smartmail.proto.lineio import LocalProtocolError
from smartmail.proto.smtp import events as ev
from smartmail.proto.smtp.config import Limits, ServerConfig
from smartmail.proto.smtp.reply import Reply
from smartmail.proto.smtp.server import ServerEngine
from smartmail.proto.smtp.table import State


def drain(engine, *, answer=True):
    told = []
    while (event := engine.next_event()) is not None:
        told.append(event)
        if answer and isinstance(event, ev.ASKS):
            engine.accept()
    return told


def in_data(**options):
    engine = ServerEngine(ServerConfig("mx.example.com", **options))
    drain(engine)
    engine.receive_data(b"EHLO a.example\r\n")
    drain(engine)
    engine.receive_data(b"MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n")
    drain(engine)
    engine.data_to_send()
    assert engine.state is State.DATA
    return engine


def test_one_question_at_a_time():
    engine = ServerEngine(ServerConfig("mx.example.com"))
    drain(engine)
    engine.receive_data(b"EHLO a.example\r\n")
    drain(engine)
    engine.data_to_send()
    engine.receive_data(b"MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\n")
    assert [type(event) for event in drain(engine, answer=False)] == [ev.Mail]
    assert engine.blocked
    assert engine.deadline_s is None
    assert engine.data_to_send() == b""
    engine.send(Reply(250, "2.1.0", "yes"))
    assert engine.data_to_send() == b"250 2.1.0 yes\r\n"
    assert [type(event) for event in drain(engine, answer=False)] == [ev.Rcpt]


def test_misuse_raises():
    engine = ServerEngine(ServerConfig("mx.example.com"))
    with pytest.raises(LocalProtocolError):
        engine.send(Reply(220))  # Connected was not read yet
    drain(engine)
    for call in (engine.accept, engine.tls_started, lambda: engine.send(Reply(250)), lambda: engine.send_each([])):
        with pytest.raises(LocalProtocolError):
            call()
    with pytest.raises(LocalProtocolError):
        engine.refuse_data(Reply(452))


def test_content_streams_and_is_never_gathered():
    engine = in_data()
    block = b"x" * 998 + b"\r\n"
    for _ in range(3):
        engine.receive_data(block * 65)
        (chunk,) = drain(engine)
        assert len(chunk.data) in {65_000, 64_998}
    assert len(engine._buffer) == 0


def test_driver_refuses_in_the_middle():
    engine = in_data()
    engine.receive_data(b"one\r\n")
    drain(engine)
    engine.refuse_data(Reply(452, "4.3.1", "Disk full"))
    engine.receive_data(b"two\r\n" * 1000)
    assert drain(engine) == []
    assert engine.data_to_send() == b""
    engine.receive_data(b".\r\nNOOP\r\n")
    assert drain(engine) == []
    assert engine.data_to_send() == b"452 4.3.1 Disk full\r\n250 2.0.0 Ok\r\n"


def test_driver_refuses_the_last_octets():
    """The end of the data came in one piece with them, and was read already."""
    engine = in_data()
    engine.receive_data(b"one\r\n.\r\nNOOP\r\n")
    assert isinstance(engine.next_event(), ev.Chunk)
    engine.refuse_data(Reply(452, "4.3.1", "Disk full"))
    assert drain(engine) == []
    assert engine.data_to_send() == b"452 4.3.1 Disk full\r\n250 2.0.0 Ok\r\n"


def test_refused_message_is_told_at_once_and_answered_at_its_end():
    engine = in_data(size=10)
    engine.receive_data(b"0123456789\r\n0123456789\r\n")
    assert [type(event) for event in drain(engine)] == [ev.DataRejected]
    assert engine.data_to_send() == b""
    engine.receive_data(b".\r\n")
    drain(engine)
    assert engine.data_to_send().startswith(b"552 5.3.4")


def test_long_lines_of_a_message_are_taken():
    engine = in_data()
    line = b"x" * 200_000 + b"\r\n"
    engine.receive_data(line + b".\r\n")
    told = drain(engine)
    assert b"".join(event.data for event in told if isinstance(event, ev.Chunk)) == line


def test_endless_command_line_closes_and_costs_no_memory():
    engine = ServerEngine(ServerConfig("mx.example.com"))
    drain(engine)
    for _ in range(20):
        engine.receive_data(b"x" * 65536)
        drain(engine)
        assert len(engine._buffer) <= 65536
    assert engine.closed
    assert b"421 4.7.0" in engine.data_to_send()


def test_close_says_421_once():
    engine = in_data()
    engine.close(Reply(421, "4.4.2", "Timeout"))
    engine.close(Reply(421, "4.4.2", "Timeout"))
    assert engine.data_to_send() == b"421 4.4.2 Timeout\r\n"
    engine.receive_data(b".\r\n")
    assert engine.next_event() is None


def test_lmtp_wants_as_many_replies_as_recipients():
    engine = ServerEngine(ServerConfig("mx.example.com", "lmtp"))
    drain(engine)
    engine.receive_data(b"LHLO a.example\r\n")
    drain(engine)
    engine.receive_data(b"MAIL FROM:<>\r\nRCPT TO:<b@b.example>\r\nRCPT TO:<c@b.example>\r\nBDAT 3 LAST\r\nx\r\n")
    for _ in range(3):
        drain_one(engine)
    assert isinstance(engine.next_event(), ev.DataStart)
    engine.accept()
    assert engine.next_event() == ev.Chunk(b"x\r\n")
    assert engine.next_event() == ev.DataEnd(3)
    assert engine.recipients == 2
    with pytest.raises(LocalProtocolError):
        engine.send_each([Reply(250)])
    engine.data_to_send()
    engine.send_each([Reply(250, "2.0.0", "a"), Reply(451, "4.3.0", "b")])
    assert engine.data_to_send() == b"250 2.0.0 a\r\n451 4.3.0 b\r\n"


def drain_one(engine):
    assert engine.next_event() is not None
    engine.accept()


def test_login_is_remembered_and_password_never_shown():
    engine = ServerEngine(ServerConfig("mx.example.com", mechanisms=("PLAIN",)), tls=True)
    drain(engine)
    engine.receive_data(b"EHLO a.example\r\n")
    drain(engine)
    engine.receive_data(b"AUTH PLAIN AGEAc2VjcmV0\r\n")
    (event,) = drain(engine)
    assert (event.authcid, event.password) == ("a", "secret")
    assert "secret" not in repr(event)
    assert engine.identity == "a"


def test_tls_forgets_login_and_all_plaintext():
    config = ServerConfig("mx.example.com", mechanisms=("PLAIN",), auth_cleartext=True, starttls=True)
    engine = ServerEngine(config)
    drain(engine)
    engine.receive_data(b"EHLO a.example\r\n")
    drain(engine)
    engine.receive_data(b"AUTH PLAIN AGEAYg==\r\n")
    drain(engine)
    engine.receive_data(b"STARTTLS\r\n")
    assert engine.next_event() == ev.StartTls(0)
    engine.receive_data(b"NOOP\r\n")  # arrives while the driver thinks
    engine.accept()
    engine.data_to_send()
    engine.tls_started()
    assert engine.next_event() is None
    assert (engine.identity, engine.tls, engine.data_to_send()) == ("", True, b"")


def test_buffer_of_a_blocked_engine_is_not_copied_for_each_packet():
    engine = ServerEngine(ServerConfig("mx.example.com", limits=Limits(errors=10**6, idle_commands=10**6)))
    drain(engine)
    engine.receive_data(b"EHLO a.example\r\n")
    drain(engine)
    engine.receive_data(b"MAIL FROM:<a@a.example>\r\n")
    engine.next_event()
    for _ in range(10_000):
        engine.receive_data(b"NOOP\r\n")
    engine.data_to_send()
    engine.accept()
    drain(engine)
    assert engine.data_to_send().count(b"250") == 10_001


@pytest.mark.parametrize("host", ["", "a b", "a\r\nb", "예시"])
def test_own_name_must_be_writable(host):
    with pytest.raises(ValueError):
        ServerConfig(host)
