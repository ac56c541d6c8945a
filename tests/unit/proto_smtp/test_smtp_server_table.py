"""The transition table is complete and the engine keeps it."""

import pytest

from smartmail.proto.smtp import events as ev
from smartmail.proto.smtp.config import ServerConfig
from smartmail.proto.smtp.reply import Reply
from smartmail.proto.smtp.server import ServerEngine
from smartmail.proto.smtp.table import FRAMED, TABLE, State, Verb

ARGUMENTS = {
    Verb.EHLO: "EHLO a.example",
    Verb.HELO: "HELO a.example",
    Verb.LHLO: "LHLO a.example",
    Verb.MAIL: "MAIL FROM:<a@a.example>",
    Verb.RCPT: "RCPT TO:<b@b.example>",
    Verb.BDAT: "BDAT 4",
    Verb.VRFY: "VRFY x",
    Verb.AUTH: "AUTH PLAIN AGEAYg==",
    Verb.EXPN: "EXPN x",
    Verb.UNKNOWN: "XYZZY",
}
WAY = {
    State.START: [],
    State.READY: ["EHLO a.example"],
    State.MAIL: ["EHLO a.example", ARGUMENTS[Verb.MAIL]],
    State.RCPT: ["EHLO a.example", ARGUMENTS[Verb.MAIL], ARGUMENTS[Verb.RCPT]],
    State.BDAT: ["EHLO a.example", ARGUMENTS[Verb.MAIL], ARGUMENTS[Verb.RCPT], "BDAT 4", "ab"],
    State.LOST: ["EHLO a.example", ARGUMENTS[Verb.MAIL], ARGUMENTS[Verb.RCPT], "BDAT 4", "\nab"],
}
FRAMED_WAY = {
    State.GREETING: None,
    State.DATA: [*WAY[State.RCPT], "DATA"],
    State.CHUNK: [*WAY[State.RCPT], "BDAT 1000"],
    State.AUTH: ["EHLO a.example", "AUTH PLAIN"],
    State.TLS: ["EHLO a.example", "STARTTLS"],
    State.CLOSED: ["QUIT"],
}


def pump(engine, greeting=None):
    while (event := engine.next_event()) is not None:
        if isinstance(event, ev.Connected) and greeting:
            engine.send(greeting)
        elif isinstance(event, ev.ASKS):
            engine.accept()


def engine_in(state, protocol="smtp"):
    config = ServerConfig("mx.example.com", protocol, starttls=True, mechanisms=("PLAIN",), auth_cleartext=True)
    engine = ServerEngine(config)
    if state is State.GREETING:
        return engine
    pump(engine, Reply(554, "", "no") if state is State.REFUSED else None)
    for line in WAY.get(state) or FRAMED_WAY.get(state) or []:
        line = line.replace("EHLO", "LHLO") if protocol == "lmtp" else line
        engine.receive_data(line.encode() + b"\r\n")
        pump(engine)
    engine.data_to_send()
    assert engine.state is state
    return engine


def test_every_state_and_verb_has_an_entry():
    assert set(TABLE) | FRAMED == set(State)
    assert not set(TABLE) & FRAMED
    for row in TABLE.values():
        assert set(row) == set(Verb)


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("state", TABLE)
def test_engine_keeps_the_table(state, verb):
    protocol = "lmtp" if verb is Verb.LHLO else "smtp"
    engine = engine_in(state, protocol)
    engine.receive_data(ARGUMENTS.get(verb, verb.value).encode() + b"\r\n")
    pump(engine)
    if verb is Verb.BDAT:
        engine.receive_data(b"ab\r\n")
        pump(engine)
    answer = engine.data_to_send()
    step = TABLE[state][verb]
    if isinstance(step, Reply):
        assert answer == step.encode()
        assert engine.state is state
    else:
        assert answer[:1] in b"23"
        assert engine.state is (State.BDAT if step is State.CHUNK else step)


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("state", sorted(FRAMED))
def test_no_command_runs_where_none_is_read(state, verb):
    engine = engine_in(state)
    told = []
    engine.receive_data(ARGUMENTS.get(verb, verb.value).encode() + b"\r\n")
    while state is not State.GREETING and (event := engine.next_event()) is not None:
        told.append(type(event))
    assert set(told) <= {ev.Chunk, ev.Violation}
    assert engine.data_to_send()[:3] in {b"", b"501", b"535"}


@pytest.mark.parametrize("state", [state for state in State if state not in {State.REFUSED}])
def test_every_state_says_how_long_to_wait(state):
    engine = engine_in(state)
    assert (engine.deadline_s is None) == engine.blocked
    if state in {State.START, State.READY, State.MAIL, State.RCPT}:
        assert engine.deadline_s >= 300
