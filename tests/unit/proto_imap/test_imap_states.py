"""The tables of `states.py`, walked pair by pair through the engine."""

import pytest

from smartmail.proto.imap.capability import Offer
from smartmail.proto.imap.engine import ServerEngine, Status
from smartmail.proto.imap.events import AppendStart, Bad, CommandReceived
from smartmail.proto.imap.grammar import READERS, STREAMING
from smartmail.proto.imap.states import ALLOWED, ON_OK, ON_START, State

EXAMPLES = {
    "CAPABILITY": "",
    "NOOP": "",
    "LOGOUT": "",
    "ID": " NIL",
    "STARTTLS": "",
    "AUTHENTICATE": " PLAIN",
    "LOGIN": " kim secret",
    "ENABLE": " CONDSTORE",
    "SELECT": " INBOX",
    "EXAMINE": " INBOX",
    "CREATE": " a",
    "DELETE": " a",
    "RENAME": " a b",
    "SUBSCRIBE": " a",
    "UNSUBSCRIBE": " a",
    "LIST": ' "" *',
    "LSUB": ' "" *',
    "NAMESPACE": "",
    "STATUS": " a (MESSAGES)",
    "APPEND": " a {3}",
    "IDLE": "",
    "CHECK": "",
    "CLOSE": "",
    "UNSELECT": "",
    "EXPUNGE": "",
    "SEARCH": " ALL",
    "FETCH": " 1 FLAGS",
    "STORE": " 1 FLAGS ()",
    "COPY": " 1 a",
    "MOVE": " 1 a",
    "UID EXPUNGE": " 1",
    "UID SEARCH": " ALL",
    "UID FETCH": " 1 FLAGS",
    "UID STORE": " 1 FLAGS ()",
    "UID COPY": " 1 a",
    "UID MOVE": " 1 a",
    "SORT": " (DATE) UTF-8 ALL",
    "THREAD": " REFERENCES UTF-8 ALL",
    "REPLACE": " 1 a {3}",
    "UID SORT": " (DATE) UTF-8 ALL",
    "UID THREAD": " REFERENCES UTF-8 ALL",
    "UID REPLACE": " 1 a {3}",
    "ESEARCH": " IN (inboxes) ALL",
    "COMPRESS": " DEFLATE",
    "UNAUTHENTICATE": "",
    "GETJMAPACCESS": "",
    "NOTIFY": " NONE",
    "GETQUOTA": ' ""',
    "GETQUOTAROOT": " a",
    "SETQUOTA": ' "" (STORAGE 5)',
    "GETMETADATA": " a /private/comment",
    "SETMETADATA": ' a (/private/comment "x")',
    "SETACL": " a kim lr",
    "DELETEACL": " a kim",
    "GETACL": " a",
    "LISTRIGHTS": " a kim",
    "MYRIGHTS": " a",
}
ENGINE_ANSWERS = {"CAPABILITY", "LOGOUT", "ENABLE"}


def engine_in(state: State) -> ServerEngine:
    engine = ServerEngine(Offer(plain_login=True, compress=True))
    commands = {State.NOT_AUTHENTICATED: [], State.AUTHENTICATED: ["LOGIN"], State.SELECTED: ["LOGIN", "SELECT"]}
    for name in commands[state]:
        engine.receive_data(f"x {name}{EXAMPLES[name]}\r\n".encode())
        assert isinstance(engine.next_event(), CommandReceived)
        engine.finish(Status.OK, "done")
    assert engine.state is state
    engine.data_to_send()
    return engine


def test_tables_cover_every_command():
    assert set(EXAMPLES) == set(ALLOWED) == set(READERS) | STREAMING
    assert set(ON_OK) <= set(ALLOWED)
    assert set(ON_START) <= set(ALLOWED)


@pytest.mark.parametrize("state", [State.NOT_AUTHENTICATED, State.AUTHENTICATED, State.SELECTED])
@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_every_pair(state, name):
    engine = engine_in(state)
    engine.receive_data(f"t {name}{EXAMPLES[name]}\r\n".encode())
    event = engine.next_event()
    if state not in ALLOWED[name]:
        assert isinstance(event, Bad)
        assert engine.data_to_send().startswith(b"t BAD ")
        assert engine.state is state
        return
    if name in ENGINE_ANSWERS:
        assert b"t OK " in engine.data_to_send()
    elif name in STREAMING:
        assert isinstance(event, AppendStart)
        engine.finish(Status.OK, "done")
    else:
        assert isinstance(event, CommandReceived)
        assert event.command.name == name
        assert engine.state is ON_START.get(name, state)
        engine.finish(Status.OK, "done")
    assert engine.state is ON_OK.get(name, state)


@pytest.mark.parametrize("name", sorted(set(ALLOWED) - ENGINE_ANSWERS - STREAMING))
def test_no_never_moves_forward(name):
    state = State.SELECTED if State.SELECTED in ALLOWED[name] else State.NOT_AUTHENTICATED
    engine = engine_in(state)
    engine.receive_data(f"t {name}{EXAMPLES[name]}\r\n".encode())
    engine.next_event()
    engine.finish(Status.NO, "refused")
    assert engine.state is ON_START.get(name, state)


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_nothing_runs_after_logout(name):
    engine = engine_in(State.NOT_AUTHENTICATED)
    engine.receive_data(f"a LOGOUT\r\nt {name}{EXAMPLES[name]}\r\n".encode())
    engine.next_event()
    assert engine.state is State.LOGOUT
    engine.receive_data(f"t {name}{EXAMPLES[name]}\r\n".encode())
    assert engine.next_event() is None
    assert b"t " not in engine.data_to_send()
