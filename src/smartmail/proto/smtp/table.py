"""The server's transition table: the one place that says which command is allowed when.

Each entry is the state after a positive answer, or the reply that refuses the command. A refused or failed
command leaves the state as it is. States in FRAMED read no commands: what arrives there is message octets,
an authentication exchange, a handshake, or nothing at all.

    GREETING → START → READY → MAIL → RCPT → DATA → READY
                 ↑       ↓ ↑            ↓ ↑
                TLS ←────┘ AUTH       CHUNK ⇄ BDAT, LOST
STANDARDS: RFC 5321 §4.1.4 (order of commands), RFC 3030 §2 (BDAT), RFC 3207 §4, RFC 4954 §4.
"""

from enum import StrEnum
from typing import Final

from smartmail.proto.smtp import replies
from smartmail.proto.smtp.reply import Reply


class State(StrEnum):
    """Where the dialog stands."""

    GREETING = "greeting"  # our greeting is not decided yet
    START = "start"  # greeted, or TLS just began; no hello yet
    READY = "ready"
    MAIL = "mail"  # reverse-path accepted
    RCPT = "rcpt"  # at least one forward-path accepted
    DATA = "data"  # octets up to CRLF.CRLF
    CHUNK = "chunk"  # octets of one BDAT
    BDAT = "bdat"  # between two BDAT
    LOST = "lost"  # BDAT failed; only RSET helps
    AUTH = "auth"  # authentication exchange
    TLS = "tls"  # go-ahead given, handshake under way
    REFUSED = "refused"  # greeted with 554
    CLOSED = "closed"


class Verb(StrEnum):
    """Commands that the table knows. UNKNOWN stands for all others."""

    EHLO = "EHLO"
    HELO = "HELO"
    LHLO = "LHLO"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    BDAT = "BDAT"
    RSET = "RSET"
    NOOP = "NOOP"
    VRFY = "VRFY"
    HELP = "HELP"
    QUIT = "QUIT"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    EXPN = "EXPN"
    UNKNOWN = ""


Step = State | Reply

FRAMED: Final = frozenset({State.GREETING, State.DATA, State.CHUNK, State.AUTH, State.TLS, State.CLOSED})
HELLOS: Final = frozenset({Verb.EHLO, Verb.HELO, Verb.LHLO})
TRANSACTION: Final = frozenset({State.MAIL, State.RCPT, State.DATA, State.CHUNK, State.BDAT, State.LOST})


def _row(
    here: State, hello: Step, mail: Step, rcpt: Step, data: tuple[Step, Step], rset: Step, secure: Reply | None
) -> dict[Verb, Step]:
    """Columns: the hellos · MAIL · RCPT · DATA and BDAT · RSET · what refuses STARTTLS and AUTH, if anything."""
    return {
        **dict.fromkeys(HELLOS, hello),
        Verb.MAIL: mail,
        Verb.RCPT: rcpt,
        Verb.DATA: data[0],
        Verb.BDAT: data[1],
        Verb.RSET: rset,
        **dict.fromkeys((Verb.NOOP, Verb.VRFY, Verb.HELP), here),
        Verb.QUIT: State.CLOSED,
        Verb.STARTTLS: secure or State.TLS,
        Verb.AUTH: secure or State.READY,
        Verb.EXPN: replies.NOT_OFFERED,
        Verb.UNKNOWN: replies.UNKNOWN,
    }


def _all(reply: Reply) -> tuple[Step, Step]:
    return reply, reply


_S, _R = State, replies
TABLE: Final[dict[State, dict[Verb, Step]]] = {
    _S.START: _row(_S.START, _S.READY, _R.HELLO_FIRST, _R.HELLO_FIRST, _all(_R.HELLO_FIRST), _S.START, _R.HELLO_FIRST),
    _S.READY: _row(_S.READY, _S.READY, _S.MAIL, _R.MAIL_FIRST, _all(_R.MAIL_FIRST), _S.READY, None),
    _S.MAIL: _row(_S.MAIL, _S.READY, _R.NESTED_MAIL, _S.RCPT, _all(_R.RCPT_FIRST), _S.READY, _R.NOT_NOW),
    _S.RCPT: _row(_S.RCPT, _S.READY, _R.NESTED_MAIL, _S.RCPT, (_S.DATA, _S.CHUNK), _S.READY, _R.NOT_NOW),
    _S.BDAT: _row(_S.BDAT, _S.READY, _R.CHUNKS_ONLY, _R.CHUNKS_ONLY, (_R.CHUNKS_ONLY, _S.CHUNK), _S.READY, _R.NOT_NOW),
    _S.LOST: _row(_S.LOST, _S.READY, _R.RSET_FIRST, _R.RSET_FIRST, _all(_R.RSET_FIRST), _S.READY, _R.NOT_NOW),
    _S.REFUSED: {**dict.fromkeys(Verb, _R.REFUSED), Verb.QUIT: _S.CLOSED},
}
