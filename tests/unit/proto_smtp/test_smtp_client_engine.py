"""The client engine against scripted peers."""

import pytest

from smartmail.proto.lineio import LocalProtocolError
from smartmail.proto.sasl import Credentials
from smartmail.proto.smtp import client_events as ce
from smartmail.proto.smtp.client import BROKEN, LOST, ClientEngine, ClientState
from smartmail.proto.smtp.path import NULL, Path

HELLO = b"250-peer.example\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-DSN\r\n250 SMTPUTF8\r\n"
PLAIN_HELLO = b"250 peer.example\r\n"


def recipients(*names):
    return tuple(ce.Recipient(Path(name, "b.example")) for name in names)


def envelope(*names, **options):
    return ce.Envelope(Path("a", "a.example"), recipients(*names), **options)


def say(engine, data):
    """The peer says `data`; returns (events, what the engine writes)."""
    engine.receive_data(data)
    told = []
    while (event := engine.next_event()) is not None:
        told.append(event)
    return told, engine.data_to_send()


def ready(hello=HELLO, *, protocol="smtp", tls=False, **options):
    engine = ClientEngine(ce.ClientConfig("us.example", protocol, **options), tls=tls)
    assert say(engine, b"220 peer\r\n") == (
        [],
        b"LHLO us.example\r\n" if protocol == "lmtp" else b"EHLO us.example\r\n",
    )
    told, written = say(engine, hello)
    assert isinstance(told[0], ce.Ready)
    assert written == b""
    return engine


def codes(done):
    return [(result.reply.code, str(result.phase)) for result in done.results]


def test_pipelined_transaction_and_reuse():
    engine = ready()
    engine.send_message(envelope("x", "y", size=12))
    assert engine.data_to_send() == (
        b"MAIL FROM:<a@a.example> SIZE=12\r\nRCPT TO:<x@b.example>\r\nRCPT TO:<y@b.example>\r\nDATA\r\n"
    )
    told, _ = say(engine, b"250 ok\r\n550 5.1.1 no\r\n250 ok\r\n354 go\r\n")
    assert told == [ce.DataWanted((1,))]
    engine.send_data(b"hi\r\n.")
    engine.send_data(b"dot\r\n")
    engine.end_data()
    assert engine.data_to_send() == b"hi\r\n..dot\r\n.\r\n"
    assert engine.state is ClientState.END
    told, _ = say(engine, b"250 2.0.0 taken\r\n")
    assert codes(told[0]) == [(550, "rcpt"), (250, "end")]
    assert [result.delivered for result in told[0].results] == [False, True]
    # No RSET is needed after a message that was sent.
    engine.send_message(envelope("z"))
    assert engine.data_to_send().startswith(b"MAIL FROM")


def test_without_pipelining_one_at_a_time():
    engine = ready(PLAIN_HELLO)
    engine.send_message(envelope("x", "y", size=5000, eightbit=True))
    assert engine.data_to_send() == b"MAIL FROM:<a@a.example>\r\n"
    assert engine.deadline_s == 300
    assert say(engine, b"250 ok\r\n") == ([], b"RCPT TO:<x@b.example>\r\n")
    assert say(engine, b"250 ok\r\n") == ([], b"RCPT TO:<y@b.example>\r\n")
    assert say(engine, b"450 4.2.0 later\r\n") == ([], b"DATA\r\n")
    assert engine.deadline_s == 120
    told, _ = say(engine, b"354 go\r\n")
    assert told == [ce.DataWanted((0,))]
    assert engine.deadline_s == 180
    engine.end_data()
    assert engine.data_to_send() == b".\r\n"
    assert engine.deadline_s == 600
    told, _ = say(engine, b"451 4.3.0 oops\r\n")
    assert codes(told[0]) == [(451, "end"), (450, "rcpt")]


def test_sender_refused():
    engine = ready(PLAIN_HELLO)
    engine.send_message(envelope("x", "y"))
    engine.data_to_send()
    told, written = say(engine, b"550 5.7.1 not you\r\n")
    assert codes(told[0]) == [(550, "mail")] * 2
    assert written == b""
    engine = ready()
    engine.send_message(envelope("x"))
    told, written = say(engine, b"550 5.7.1 not you\r\n503 mail\r\n503 mail\r\n")
    assert codes(told[0]) == [(550, "mail")]
    assert engine.state is ClientState.READY


def test_all_recipients_refused_without_pipelining_sends_no_data():
    engine = ready(PLAIN_HELLO)
    engine.send_message(envelope("x"))
    say(engine, b"250 ok\r\n")
    told, written = say(engine, b"550 no\r\n")
    assert codes(told[0]) == [(550, "rcpt")]
    assert written == b""
    # The transaction is still open at the peer: RSET goes before the next.
    engine.send_message(envelope("y"))
    assert engine.data_to_send() == b"RSET\r\n"
    assert say(engine, b"250 ok\r\n") == ([], b"MAIL FROM:<a@a.example>\r\n")


def test_data_accepted_for_nobody_gets_an_empty_message():
    engine = ready()
    engine.send_message(envelope("x"))
    engine.data_to_send()
    assert say(engine, b"250 ok\r\n550 no\r\n354 go\r\n") == ([], b".\r\n")
    told, _ = say(engine, b"554 nobody\r\n")
    assert codes(told[0]) == [(550, "rcpt")]


def test_data_refused():
    engine = ready()
    engine.send_message(envelope("x", "y"))
    told, _ = say(engine, b"250 ok\r\n550 no\r\n250 ok\r\n451 4.3.0 not now\r\n")
    assert codes(told[0]) == [(550, "rcpt"), (451, "data")]


def test_lmtp_replies_for_each_recipient():
    engine = ready(protocol="lmtp")
    engine.send_message(envelope("x", "y", "z"))
    say(engine, b"250 ok\r\n250 ok\r\n550 no\r\n250 ok\r\n354 go\r\n")
    engine.send_data(b"x")
    engine.end_data()
    assert engine.data_to_send() == b"x\r\n.\r\n"
    assert say(engine, b"250 2.1.5 x\r\n")[0] == []
    told, _ = say(engine, b"452 4.2.2 z\r\n")
    assert codes(told[0]) == [(250, "end"), (550, "rcpt"), (452, "end")]


def test_parameters_of_extensions():
    engine = ready()
    message = ce.Envelope(
        Path("홍", "예.example"),
        (ce.Recipient(Path("b c", "d.example"), frozenset({"FAILURE", "DELAY"}), "rfc822;b+c@d.example"),),
        size=9,
        eightbit=True,
        ret="HDRS",
        envid="a b",
    )
    engine.send_message(message)
    assert engine.data_to_send().decode() == (
        "MAIL FROM:<홍@예.example> SIZE=9 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+20b\r\n"
        'RCPT TO:<"b c"@d.example> NOTIFY=DELAY,FAILURE ORCPT=rfc822;b+2Bc@d.example\r\nDATA\r\n'
    )


def test_what_the_peer_cannot_take_is_decided_here():
    engine = ready()
    engine.send_message(envelope("x", size=1001))
    told, written = say(engine, b"")
    assert codes(told[0]) == [(552, "mail")]
    assert told[0].results[0].local
    assert written == b""
    engine = ready(PLAIN_HELLO)
    engine.send_message(envelope("홍"))
    assert codes(say(engine, b"")[0][0]) == [(553, "mail")]


def test_requiretls_goes_to_peers_that_keep_to_it_alone():
    """RFC 8689 §4.2.1: over TLS, to a peer that offers it; else the message stays here."""
    offering = HELLO.replace(b"250-DSN", b"250-DSN\r\n250-REQUIRETLS")
    engine = ready(offering, tls=True)
    engine.send_message(envelope("x", require_tls=True))
    assert engine.data_to_send().startswith(b"MAIL FROM:<a@a.example> REQUIRETLS\r\n")
    engine = ready(offering, tls=True)
    engine.send_message(envelope("x"))
    assert b"REQUIRETLS" not in engine.data_to_send()
    for hello, tls in ((HELLO, True), (offering, False)):
        engine = ready(hello, tls=tls)
        engine.send_message(envelope("x", "y", require_tls=True))
        told, written = say(engine, b"")
        assert written == b""
        assert codes(told[0]) == [(550, "mail"), (550, "mail")]
        assert told[0].results[0].reply.enhanced == "5.7.30" and told[0].results[0].local


def test_helo_fallback():
    engine = ClientEngine(ce.ClientConfig("us.example"))
    say(engine, b"220 old\r\n")
    assert say(engine, b"502 what\r\n") == ([], b"HELO us.example\r\n")
    told, _ = say(engine, b"250 ok\r\n")
    assert told == [ce.Ready(ce.Capabilities())]


@pytest.mark.parametrize(
    "greeting", [b"554 no\r\n", b"421 busy\r\n", b"hello\r\n", b"250 ok\r\n", b"220-a\r\n250 b\r\n"]
)
def test_greetings_that_end_the_dialog(greeting):
    engine = ClientEngine(ce.ClientConfig("us.example"))
    told, written = say(engine, greeting)
    assert [type(event) for event in told] == [ce.Failed]
    assert engine.closed
    assert written == b""


def test_starttls():
    engine = ready(b"250-peer\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")
    engine.starttls()
    assert engine.data_to_send() == b"STARTTLS\r\n"
    assert say(engine, b"220 go\r\n")[0] == [ce.TlsGo()]
    engine.receive_data(b"250 injected\r\n")
    engine.tls_started()
    assert not engine.capabilities.has("AUTH")
    assert say(engine, b"") == ([], b"EHLO us.example\r\n")
    told, _ = say(engine, b"250-peer\r\n250 SIZE\r\n")
    assert told == [ce.Ready(ce.Capabilities(True, {"SIZE": ()}))]
    with pytest.raises(LocalProtocolError):
        engine.starttls()


def test_starttls_response_injection_ends_the_dialog():
    engine = ready(b"250-peer\r\n250 STARTTLS\r\n")
    engine.starttls()
    told, _ = say(engine, b"220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n")
    assert isinstance(told[0], ce.Failed)
    assert engine.closed


def test_starttls_refused():
    engine = ready(b"250-peer\r\n250 STARTTLS\r\n")
    engine.starttls()
    assert isinstance(say(engine, b"454 no\r\n")[0][0], ce.TlsRefused)
    assert engine.state is ClientState.READY


def test_login():
    offered = b"250-peer\r\n250 AUTH LOGIN PLAIN\r\n"
    secret = Credentials("", "test", "1234")
    engine = ready(offered, tls=True)
    engine.login(secret)
    assert engine.data_to_send() == b"AUTH PLAIN AHRlc3QAMTIzNA==\r\n"
    assert isinstance(say(engine, b"235 in\r\n")[0][0], ce.LoggedIn)
    engine = ready(b"250-peer\r\n250-AUTH=LOGIN\r\n250 AUTH LOGIN\r\n", tls=True)
    engine.login(secret)
    assert engine.data_to_send() == b"AUTH LOGIN\r\n"
    assert say(engine, b"334 VXNlcm5hbWU6\r\n") == ([], b"dGVzdA==\r\n")
    assert say(engine, b"334 UGFzc3dvcmQ6\r\n") == ([], b"MTIzNA==\r\n")
    assert say(engine, b"334 bW9yZQ==\r\n") == ([], b"*\r\n")
    assert isinstance(say(engine, b"535 no\r\n")[0][0], ce.LoginRefused)


def test_no_password_without_tls():
    engine = ready(b"250-peer\r\n250 AUTH PLAIN\r\n")
    engine.login(Credentials("", "a", "secret"))
    told, written = say(engine, b"")
    assert isinstance(told[0], ce.LoginRefused)
    assert written == b""
    engine = ready(b"250-peer\r\n250 AUTH GSSAPI\r\n", tls=True)
    engine.login(Credentials("", "a", "secret"))
    assert told[0].reply.code == 538
    assert say(engine, b"")[0][0].reply.code == 504


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"", [(LOST.code, "mail")] * 2),
        (b"250 ok\r\n550 no\r\n", [(550, "rcpt"), (LOST.code, "mail")]),
        (b"250 ok\r\n250 ok\r\n550 no\r\n354 go\r\n", [(LOST.code, "data"), (550, "rcpt")]),
    ],
)
def test_lost_connection_decides_everyone_once(said, expected):
    engine = ready()
    engine.send_message(envelope("x", "y"))
    say(engine, said)
    engine.connection_lost()
    engine.connection_lost()
    told, _ = say(engine, b"")
    assert codes(told[0]) == expected
    assert [type(event) for event in told] == [ce.Done, ce.Failed]


def test_lost_after_the_last_dot_is_open():
    engine = ready()
    engine.send_message(envelope("x"))
    say(engine, b"250 ok\r\n250 ok\r\n354 go\r\n")
    engine.end_data()
    engine.connection_lost()
    (done, _), _ = say(engine, b"")
    assert codes(done) == [(421, "end")]
    assert done.results[0].local
    assert not done.results[0].delivered


def test_421_in_the_middle():
    engine = ready()
    engine.send_message(envelope("x", "y"))
    told, _ = say(engine, b"250 ok\r\n550 no\r\n421 4.3.2 bye\r\n")
    assert codes(told[0]) == [(550, "rcpt"), (421, "mail")]
    assert not told[0].results[1].local
    assert told[1].reply.code == 421


def test_refusal_while_content_goes_out():
    engine = ready()
    engine.send_message(envelope("x"))
    say(engine, b"250 ok\r\n250 ok\r\n354 go\r\n")
    told, _ = say(engine, b"552 5.3.4 too big\r\n")
    assert codes(told[0]) == [(552, "data")]
    assert isinstance(told[1], ce.Failed)


def test_reply_to_nothing_and_endless_replies():
    assert isinstance(say(ready(), b"250 surprise\r\n")[0][0], ce.Failed)
    engine = ready()
    engine.send_message(envelope("x"))
    told, _ = say(engine, b"250-x\r\n" * 1000)
    assert told[0].results[0].reply == BROKEN
    told, _ = say(ready(), b"250 " + b"x" * 100_000 + b"\r\n")
    assert isinstance(told[0], ce.Failed)


def test_quit():
    engine = ready()
    engine.quit()
    assert engine.data_to_send() == b"QUIT\r\n"
    assert say(engine, b"221 bye\r\n")[0] == [ce.Goodbye()]
    assert engine.closed
    engine = ready()
    engine.quit()
    engine.connection_lost()
    assert say(engine, b"")[0] == [ce.Goodbye()]


def test_misuse_raises():
    engine = ready()
    for call in (engine.end_data, engine.tls_started, engine.starttls, lambda: engine.send_data(b"x")):
        with pytest.raises(LocalProtocolError):
            call()
    for path in (Path("a\r\nRCPT TO:<x", "b.example"), Path("a", "b> SIZE=1"), Path("a", "b\r\n")):
        with pytest.raises(LocalProtocolError):
            engine.send_message(ce.Envelope(NULL, (ce.Recipient(path),)))
    with pytest.raises(LocalProtocolError):
        engine.send_message(ce.Envelope(NULL, ()))
    engine.send_message(envelope("x"))
    with pytest.raises(LocalProtocolError):
        engine.send_message(envelope("x"))
