"""ManageSieve: however it is cut into packets, whatever is said, in whatever order."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.dialogs.test_managesieve_dialogs import Driver

from smartmail.proto.lineio import LocalProtocolError
from smartmail.proto.managesieve import events, wire
from smartmail.proto.managesieve.engine import Config, ServerEngine
from smartmail.proto.managesieve.framing import Framer
from smartmail.proto.managesieve.table import ARGUMENTS, TABLE, Arg, State

LOGIN = b'AUTHENTICATE "PLAIN" "AGtpbQBzZWNyZXQ="\r\n'
SAMPLES = {Arg.STRING: b'"a"', Arg.NUMBER: b"5", Arg.SCRIPT: b"{5+}\r\nkeep;", Arg.MAYBE: b'"t"'}
PIECES = [
    *(name.encode() + b" " for name in ARGUMENTS), b'"a"', b'"a" ', b"5", b"{3+}\r\nabc", b"{3}\r\n\r\n\xff", b"{0+}\r\n",
    b"{99+}\r\n", b'"', b"\\", b"\r\n", b"\r\n", b"\r\n", b"\n", b"\0", b"\xff", b"*", b'"*"\r\n', "한글".encode(), b"x" * 5000,
    b"{9999999999+}\r\n", b'"AGtpbQBzZWNyZXQ="\r\n', b'AUTHENTICATE "PLAIN"\r\n', b'""', b"{1200+}\r\n" + b"y" * 1200,
]  # fmt: skip
# One answer: capability lines, names, literals and data are strings; OK, NO and BYE end it.
STRING = rb'(?:"(?:[^"\\\r\n\0]|\\["\\])*"|\{[0-9]+\}\r\n(?s:.*?))'
SAID = re.compile(
    rb"(?:(?:OK|NO|BYE)(?: \([A-Z/-]+(?: " + STRING + rb")?\))?(?: " + STRING + rb")?\r\n|"
    + STRING + rb"(?: " + STRING + rb"| ACTIVE)?\r\n)*"
)  # fmt: skip


def driver(*, logged_in: bool = False) -> Driver:
    made = Driver(Config("mail.example", ("fileinto",), max_script=1000), tls=True, mechanisms=("PLAIN",))
    made.engine.data_to_send()
    if logged_in:
        made.receive(LOGIN)
    return made


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25), st.lists(st.integers(1, 3000), max_size=8), st.booleans())
def test_packets_make_no_difference_and_nothing_breaks(pieces, cuts, logged_in):
    data = b"".join(pieces)
    bounds = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    whole, parts = driver(logged_in=logged_in), driver(logged_in=logged_in)
    said = whole.receive(data)
    assert said == b"".join(parts.receive(data[a:b]) for a, b in zip(bounds, bounds[1:], strict=False))
    assert SAID.fullmatch(said), said
    assert whole.told == parts.told


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=10))
def test_any_octets(pieces):
    made = driver()
    for piece in pieces:
        assert SAID.fullmatch(made.receive(piece))


def test_every_state_and_command_has_an_answer():
    for state in State:
        for name, wanted in ARGUMENTS.items():
            if state not in {State.NOBODY, State.READY}:
                assert TABLE[state] == frozenset()
                continue
            made = driver(logged_in=state is State.READY)
            said = made.receive(name.encode() + b"".join(b" " + SAMPLES[arg] for arg in wanted) + b"\r\n")
            assert SAID.fullmatch(said), (state, name, said)
            assert said
            if name not in TABLE[state]:
                assert said.startswith(b"NO"), (state, name, said)


def test_arguments_are_counted():
    made = driver(logged_in=True)
    for name, wanted in ARGUMENTS.items():
        if name in TABLE[State.READY]:
            assert made.receive(name.encode() + b' "a" 5 "b"\r\n').startswith(b"NO"), name
            if Arg.STRING in wanted:
                assert made.receive(name.encode() + b"\r\n").startswith(b"NO"), name


@given(st.text(max_size=1500))
def test_what_is_written_is_read_again(text):
    octets = text.encode("utf-8", "replace")
    framer = Framer()
    framer.feed(b"NOOP " + wire.string(text) + b"\r\n")
    command = framer.next(line=5000, octets=8000)
    assert command is not None
    assert command.words == ["NOOP", octets]


def test_mistakes_end_the_session():
    made = driver()
    said = made.receive(b"FROB\r\n" * 30)
    assert made.closed
    assert (said.count(b"NO "), said.count(b"BYE")) == (20, 1)


def test_a_line_without_end_ends_the_session():
    made = driver()
    for _ in range(40):
        made.receive(b"x" * 65536)
    made.receive(b"\r\n")
    assert made.closed


def test_before_login_literals_are_small():
    made = driver()
    said = made.receive(b'AUTHENTICATE "PLAIN" {200000+}\r\n' + b"A" * 200_000 + b"\r\nNOOP\r\n")
    assert said == b'NO "the arguments are too long"\r\nOK "done"\r\n'


def test_a_driver_that_answers_wrongly_is_told():
    engine = ServerEngine(Config("mail.example"))
    for wrong in (engine.accept, engine.unauthenticated, engine.begin_tls, engine.tls_established):
        try:
            wrong()
        except LocalProtocolError:
            continue
        raise AssertionError(wrong)


def test_secrets_are_not_shown():
    assert "secret" not in repr(events.Authenticate("PLAIN", b"secret"))
    assert "secret" not in repr(events.AuthResponse(b"secret"))
    assert "secret" not in repr(events.PutScript("a", b"secret"))
