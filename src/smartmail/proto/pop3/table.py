"""States of a POP3 session and what may be said in each (RFC 1939 §3). Data, drawn and walked by tests."""

from enum import Enum, auto
from typing import Final


class State(Enum):
    """Where a session is."""

    AUTHORIZATION = auto()
    AUTH = auto()  # inside a SASL exchange (RFC 5034)
    TLS = auto()  # STLS was answered, the handshake goes on
    TRANSACTION = auto()
    UPDATE = auto()  # QUIT was said, deletions are being made
    CLOSED = auto()


BEFORE_LOGIN: Final = frozenset({"CAPA", "STLS", "USER", "PASS", "AUTH", "UTF8", "QUIT", "NOOP"})
AFTER_LOGIN: Final = frozenset({"CAPA", "STAT", "LIST", "UIDL", "RETR", "TOP", "DELE", "NOOP", "RSET", "QUIT"})

TABLE: Final[dict[State, frozenset[str]]] = {
    State.AUTHORIZATION: BEFORE_LOGIN,
    State.AUTH: frozenset(),
    State.TLS: frozenset(),
    State.TRANSACTION: AFTER_LOGIN,
    State.UPDATE: frozenset(),
    State.CLOSED: frozenset(),
}
COMMANDS: Final = BEFORE_LOGIN | AFTER_LOGIN
