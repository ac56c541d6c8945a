"""States of a ManageSieve session, what may be said in each, and the arguments (RFC 5804 §2). Data only."""

from enum import Enum, auto
from typing import Final


class State(Enum):
    """Where a session is."""

    NOBODY = auto()  # not logged in
    AUTH = auto()  # inside a SASL exchange
    TLS = auto()  # STARTTLS was answered, the handshake goes on
    READY = auto()  # logged in
    CLOSED = auto()


class Arg(Enum):
    """Kinds of arguments."""

    STRING = "a string"
    SCRIPT = "a script"
    NUMBER = "a number"
    MAYBE = "perhaps a string"


ARGUMENTS: Final[dict[str, tuple[Arg, ...]]] = {
    "AUTHENTICATE": (Arg.STRING, Arg.MAYBE),
    "STARTTLS": (),
    "LOGOUT": (),
    "CAPABILITY": (),
    "HAVESPACE": (Arg.STRING, Arg.NUMBER),
    "PUTSCRIPT": (Arg.STRING, Arg.SCRIPT),
    "LISTSCRIPTS": (),
    "SETACTIVE": (Arg.STRING,),
    "GETSCRIPT": (Arg.STRING,),
    "DELETESCRIPT": (Arg.STRING,),
    "RENAMESCRIPT": (Arg.STRING, Arg.STRING),
    "CHECKSCRIPT": (Arg.SCRIPT,),
    "NOOP": (Arg.MAYBE,),
    "UNAUTHENTICATE": (),
}
_ALWAYS: Final = frozenset({"LOGOUT", "CAPABILITY", "NOOP"})
TABLE: Final[dict[State, frozenset[str]]] = {
    State.NOBODY: _ALWAYS | {"AUTHENTICATE", "STARTTLS"},
    State.AUTH: frozenset(),
    State.TLS: frozenset(),
    State.READY: frozenset(ARGUMENTS) - {"AUTHENTICATE", "STARTTLS"},
    State.CLOSED: frozenset(),
}
