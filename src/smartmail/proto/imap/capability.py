"""Which capabilities a session announces (RFC 3501 §6.1.1 and the extensions), from its state and settings."""

from dataclasses import dataclass
from typing import Final

from smartmail.proto.imap.states import State

ENABLE: Final = ("CONDSTORE", "UTF8=ACCEPT")
"""What ENABLE can turn on here (RFC 5161 §3.1)."""

_ALWAYS: Final = ("IMAP4rev1", "SASL-IR", "ID", "ENABLE", "IDLE")
_LOGGED_IN: Final = (
    "IMAP4rev1",
    "LITERAL+",
    "ID",
    "ENABLE",
    "IDLE",
    "NAMESPACE",
    "CHILDREN",
    "UNSELECT",
    "UIDPLUS",
    "MOVE",
    "MULTIAPPEND",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "STATUS=SIZE",
    "SPECIAL-USE",
    "CREATE-SPECIAL-USE",
    "CONDSTORE",
    "ESEARCH",
    "UTF8=ACCEPT",
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What this listener offers.

    `mechanisms`: SASL names for AUTH=. `tls_available`: STARTTLS can be done. `plain_login`: passwords are taken
    without TLS (loopback in tests and benches). `extra`: names that depend on the driver, such as OBJECTID,
    APPENDLIMIT=n.
    """

    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    tls_available: bool = True
    plain_login: bool = False
    extra: tuple[str, ...] = ()


def names(offer: Offer, state: State, *, tls: bool) -> tuple[str, ...]:
    """Return the capability names, IMAP4rev1 first.

    Before login LITERAL- (RFC 7888 §5) keeps strangers' literals small; LITERAL+ follows after it. Extensions of the
    authenticated state are told only then: a scanner need not know them, and clients ask again (RFC 3501 §6.2.3).
    """
    if state is not State.NOT_AUTHENTICATED:
        return _LOGGED_IN + offer.extra
    login = tls or offer.plain_login
    auth = tuple(f"AUTH={mechanism}" for mechanism in offer.mechanisms) if login else ()
    return (
        *_ALWAYS,
        "LITERAL-",
        *(("STARTTLS",) if offer.tls_available and not tls else ()),
        *(() if login else ("LOGINDISABLED",)),
        *auth,
    )
