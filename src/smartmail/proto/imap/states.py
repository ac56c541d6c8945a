"""The states of a session and what each command may do to them (RFC 3501 §3), as data.

The engine obeys these tables, a test walks every pair, the documentation draws its diagram from them.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final


class State(Enum):
    """RFC 3501 §3."""

    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"
    LOGOUT = "logout"


_NOT: Final = frozenset({State.NOT_AUTHENTICATED})
_ANY: Final = frozenset({State.NOT_AUTHENTICATED, State.AUTHENTICATED, State.SELECTED})
_IN: Final = frozenset({State.AUTHENTICATED, State.SELECTED})
_SELECTED: Final = frozenset({State.SELECTED})

ALLOWED: Final[Mapping[str, frozenset[State]]] = {
    # any state: RFC 3501 §6.1; ID: RFC 2971 §3.1
    "CAPABILITY": _ANY,
    "NOOP": _ANY,
    "LOGOUT": _ANY,
    "ID": _ANY,
    # not authenticated: RFC 3501 §6.2
    "STARTTLS": _NOT,
    "AUTHENTICATE": _NOT,
    "LOGIN": _NOT,
    # authenticated: RFC 3501 §6.3; ENABLE: RFC 5161 §3.1 leaves the check for a selected mailbox to the server
    "ENABLE": _IN,
    "SELECT": _IN,
    "EXAMINE": _IN,
    "CREATE": _IN,
    "DELETE": _IN,
    "RENAME": _IN,
    "SUBSCRIBE": _IN,
    "UNSUBSCRIBE": _IN,
    "LIST": _IN,
    "LSUB": _IN,
    "NAMESPACE": _IN,
    "STATUS": _IN,
    "APPEND": _IN,
    "IDLE": _IN,
    # METADATA: RFC 5464; QUOTA: RFC 9208; ACL: RFC 4314; NOTIFY: RFC 5465; COMPRESS: RFC 4978 §3 allows it after login;
    # UNAUTHENTICATE: RFC 8437; JMAPACCESS: RFC 9698; ESEARCH: RFC 7377
    "COMPRESS": _IN,
    "UNAUTHENTICATE": _IN,
    "GETJMAPACCESS": _IN,
    "NOTIFY": _IN,
    "GETQUOTA": _IN,
    "GETQUOTAROOT": _IN,
    "SETQUOTA": _IN,
    "GETMETADATA": _IN,
    "SETMETADATA": _IN,
    "SETACL": _IN,
    "DELETEACL": _IN,
    "GETACL": _IN,
    "LISTRIGHTS": _IN,
    "MYRIGHTS": _IN,
    "ESEARCH": _IN,
    # selected: RFC 3501 §6.4; UNSELECT: RFC 3691; MOVE: RFC 6851; UID EXPUNGE: RFC 4315; SORT, THREAD:
    # RFC 5256; REPLACE: RFC 8508
    "CHECK": _SELECTED,
    "CLOSE": _SELECTED,
    "UNSELECT": _SELECTED,
    "EXPUNGE": _SELECTED,
    "SEARCH": _SELECTED,
    "FETCH": _SELECTED,
    "STORE": _SELECTED,
    "COPY": _SELECTED,
    "MOVE": _SELECTED,
    "UID EXPUNGE": _SELECTED,
    "UID SEARCH": _SELECTED,
    "UID FETCH": _SELECTED,
    "UID STORE": _SELECTED,
    "UID COPY": _SELECTED,
    "UID MOVE": _SELECTED,
    "SORT": _SELECTED,
    "THREAD": _SELECTED,
    "REPLACE": _SELECTED,
    "UID SORT": _SELECTED,
    "UID THREAD": _SELECTED,
    "UID REPLACE": _SELECTED,
}

ON_START: Final[Mapping[str, State]] = {
    # RFC 3501 §6.3.1: the mailbox that was selected is let go before the new one is tried.
    "SELECT": State.AUTHENTICATED,
    "EXAMINE": State.AUTHENTICATED,
}

ON_OK: Final[Mapping[str, State]] = {
    "AUTHENTICATE": State.AUTHENTICATED,
    "LOGIN": State.AUTHENTICATED,
    "SELECT": State.SELECTED,
    "EXAMINE": State.SELECTED,
    "CLOSE": State.AUTHENTICATED,
    "UNSELECT": State.AUTHENTICATED,
    "LOGOUT": State.LOGOUT,
    # RFC 8437 §2
    "UNAUTHENTICATE": State.NOT_AUTHENTICATED,
}

EXPUNGE_FORBIDDEN: Final = frozenset({"FETCH", "STORE", "SEARCH", "SORT", "THREAD"})
"""RFC 3501 §7.4.1: while these run, the numbers a client has written must keep their meaning. Their UID forms are
different commands and may be followed by EXPUNGE; without any command none may be told."""
