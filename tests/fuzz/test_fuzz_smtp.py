"""Invariant: no octets a peer sends raise out of either engine, and what they say stays well-formed."""

import random
import re
from pathlib import Path as File

from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.proto.sasl import Credentials
from smartmail.proto.smtp import client_events as ce
from smartmail.proto.smtp import events as ev
from smartmail.proto.smtp.client import ClientEngine, ClientState
from smartmail.proto.smtp.config import Limits, ServerConfig
from smartmail.proto.smtp.path import Path
from smartmail.proto.smtp.reply import Reply
from smartmail.proto.smtp.server import ServerEngine
from smartmail.proto.smtp.table import State

TOKENS = [
    b"EHLO a\r\n", b"LHLO a\r\n", b"HELO [1.2.3.4]\r\n", b"MAIL FROM:<a@b> SIZE=1\r\n", b"RCPT TO:<a@b>\r\n", b"DATA\r\n",
    b"BDAT 5\r\n", b"BDAT 9 LAST\r\n", b"RSET\r\n", b"STARTTLS\r\n", b"AUTH PLAIN\r\n", b"AUTH LOGIN dA==\r\n", b"*\r\n",
    b"AGEAYg==\r\n", b"QUIT\r\n", b"NOOP\r\n", b".\r\n", b"\r\n.\r\n", b"..", b"\r", b"\n", b"\0", b"\xff", b"<", b">", b'"',
    b"@", b" ", b"=", b"+", b"RCPT TO:<\"\\", b"x" * 100, "홍길동\r\n".encode(), b"MAIL FROM:<> SMTPUTF8 BODY=8BITMIME\r\n",
    b"BDAT 99999999999999999999 LAST\r\n", b"ORCPT=rfc822;", b"NOTIFY=NEVER", b"MAIL FROM:<a@b> REQUIRETLS\r\n",
]  # fmt: skip
REPLY_LINES = re.compile(rb"(?:[2-5][0-9][0-9][ -][ -~]{0,507}\r\n)*")
ANSWERS = [
    Reply(250, "2.0.0", "ok"),
    Reply(550, "5.0.0", "no"),
    Reply(451, "4.0.0", "later"),
    Reply(421, "4.0.0", "bye"),
]


def abuse_server(packets, choices, protocol):
    limits = Limits(command_line=120, recipients=3, errors=15, refusals=9, idle_commands=30, swallowed=5000)
    mechanisms = ("PLAIN", "LOGIN")
    config = ServerConfig(
        "mx.example.com",
        protocol,
        60,
        starttls=True,
        mechanisms=mechanisms,
        auth_cleartext=True,
        strict_pipelining=False,
        limits=limits,
    )
    engine = ServerEngine(config)
    open_message = False
    for packet in [b"", *packets]:
        engine.receive_data(packet)
        while (event := engine.next_event()) is not None:
            if isinstance(event, ev.DataStart):
                open_message = True
            elif isinstance(event, ev.Chunk):
                assert open_message
                assert event.data
            elif isinstance(event, ev.DataRejected):
                open_message = False
            if isinstance(event, ev.ASKS):
                answer(engine, event, next(choices))
        if engine.state is State.TLS:
            engine.tls_started()
        assert REPLY_LINES.fullmatch(engine.data_to_send())
        assert engine.closed or engine.blocked or engine.deadline_s > 0


def answer(engine, event, choice):
    if choice == 3 and isinstance(event, ev.DataEnd) and engine._lmtp:
        engine.send_each([ANSWERS[0]] * engine.recipients)
    elif choice < 6:
        engine.accept()
    else:
        engine.send(ANSWERS[min(choice - 6, 3)])


def choices_of(seed):
    source = random.Random(seed)
    while True:
        yield source.choice([0, 1, 2, 3, 4, 5, 5, 5, 5, 7, 8, 7, 8, 7, 8]) if source.random() > 0.01 else 9


@given(
    st.lists(st.sampled_from(TOKENS) | st.binary(max_size=20), max_size=60),
    st.integers(0, 999),
    st.sampled_from(["smtp", "lmtp"]),
)
@settings(max_examples=300, deadline=None)
def test_server_bears_anything(tokens, seed, protocol):
    abuse_server([b"EHLO a\r\n".replace(b"E", b"L", protocol == "lmtp"), *tokens], choices_of(seed), protocol)


def mutated(source, data):
    data = bytearray(data)
    for _ in range(source.randint(1, 6)):
        at = source.randrange(len(data) + 1)
        action = source.randrange(4)
        if action == 0 and data:
            data[min(at, len(data) - 1)] = source.randrange(256)
        elif action == 1:
            data[at:at] = source.choice(TOKENS)
        elif action == 2:
            del data[at : at + source.randint(1, 5)]
        else:
            data[at:at] = data[max(0, at - 10) : at]
    return bytes(data)


def test_server_bears_mutated_stories():
    """The golden dialogs, damaged at random places."""
    source = random.Random(20)
    stories = sorted((File(__file__).parent.parent / "dialogs" / "smtp").glob("*.txt"))
    for _ in range(10):
        for story in stories:
            lines = [line[3:] for line in story.read_text(encoding="utf-8").splitlines() if line.startswith("C: ")]
            data = mutated(source, "\r\n".join(lines).encode())
            size = source.choice([1, 7, 1000])
            packets = [data[i : i + size] for i in range(0, len(data), size)]
            abuse_server(packets, choices_of(source.random()), "lmtp" if "2033" in story.stem else "smtp")


PEER = [
    b"220 hi\r\n", b"250 ok\r\n", b"250-a\r\n", b"250-PIPELINING\r\n", b"250-STARTTLS\r\n", b"250-AUTH PLAIN LOGIN\r\n", b"354 go\r\n",
    b"550 5.1.1 no\r\n", b"451 4.0.0 later\r\n", b"421 bye\r\n", b"334 \r\n", b"334 !!\r\n", b"235 in\r\n", b"\r\n", b"\n", b"250",
    b"\xff\r\n", b"250-" + b"x" * 5000 + b"\r\n", b"250-SIZE 99999999999999999999999\r\n", b"250 SIZE \xc2\xb2\r\n", b"221 bye\r\n",
]  # fmt: skip


def drive_client(engine, source, finished):
    """Do one thing that the state allows."""
    if engine.state is ClientState.READY and not engine._events:
        action = source.randrange(8)
        if action == 0 and engine.capabilities.has("STARTTLS") and not engine.tls:
            engine.starttls()
        elif action == 1:
            engine.login(Credentials("", "a", "b"))
        elif action == 2:
            engine.quit()
        elif not finished:
            recipients = tuple(
                ce.Recipient(Path(name, "b.example"), frozenset({"NEVER"}), "rfc822;x@y") for name in "xyz"
            )
            engine.send_message(ce.Envelope(Path("a", "b.example"), recipients, 10))
            return True
    elif engine.state is ClientState.BODY and not engine._events:
        engine.send_data(source.choice(TOKENS))
        if source.random() < 0.5:
            engine.end_data()
    elif engine.state is ClientState.TLS:
        engine.tls_started()
    return finished


@given(
    st.lists(st.sampled_from(PEER) | st.binary(max_size=10), max_size=40),
    st.integers(0, 999),
    st.sampled_from(["smtp", "lmtp"]),
)
@settings(max_examples=400, deadline=None)
def test_client_bears_anything_and_decides_every_recipient_once(answers, seed, protocol):
    source = random.Random(seed)
    engine = ClientEngine(ce.ClientConfig("us.example", protocol, auth_cleartext=True))
    begun, told = False, []
    for packet in [b"220 hi\r\n250-a\r\n", *answers]:
        engine.receive_data(packet)
        while (event := engine.next_event()) is not None:
            told.append(event)
        begun = drive_client(engine, source, begun)
    engine.connection_lost()
    while (event := engine.next_event()) is not None:
        told.append(event)
    done = [event for event in told if isinstance(event, ce.Done)]
    assert len(done) == int(begun)
    assert all(len(event.results) == 3 for event in done)
    wire = engine.data_to_send()
    assert wire.count(b"\n") == wire.count(b"\r\n") == wire.count(b"\r")
