"""Which capabilities a session announces (RFC 3501 §6.1.1 and the extensions), from its state and settings."""

from dataclasses import dataclass
from typing import Final

from smartmail.proto.imap.states import State

ENABLE: Final = ("CONDSTORE", "QRESYNC", "UIDONLY", "UTF8=ACCEPT", "IMAP4REV2")
"""What ENABLE can turn on here (RFC 5161 §3.1), in upper case."""

_ALWAYS: Final = ("IMAP4rev1", "IMAP4rev2", "SASL-IR", "ID", "ENABLE", "IDLE")
_LOGGED_IN: Final = (
    "IMAP4rev1",
    "IMAP4rev2",
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
    "CATENATE",
    "REPLACE",
    "BINARY",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "LIST-METADATA",
    "STATUS=SIZE",
    "SPECIAL-USE",
    "CREATE-SPECIAL-USE",
    "CONDSTORE",
    "QRESYNC",
    "UIDONLY",
    "ESEARCH",
    "SEARCHRES",
    "MULTISEARCH",
    "WITHIN",
    "PARTIAL",
    "SORT",
    "SORT=DISPLAY",
    "ESORT",
    "THREAD=ORDEREDSUBJECT",
    "THREAD=REFERENCES",
    "NOTIFY",
    "METADATA",
    "QUOTA",
    "QUOTA=RES-STORAGE",
    "QUOTA=RES-MESSAGE",
    "OBJECTID",
    "PREVIEW",
    "SAVEDATE",
    "INPROGRESS",
    "UNAUTHENTICATE",
    "UTF8=ACCEPT",
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What this listener offers.

    `mechanisms`: SASL names for AUTH=; LOGIN is disabled where PLAIN is not among them. `tls_available`: STARTTLS can be done. `plain_login`: passwords are taken
    without TLS (loopback in tests and benches). `extra`: names that depend on the driver, such as APPENDLIMIT=n.
    `hidden`: names that this driver cannot do. `compress`: the layer below can do it (RFC 4978).
    """

    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    tls_available: bool = True
    plain_login: bool = False
    extra: tuple[str, ...] = ()
    compress: bool = False
    hidden: frozenset[str] = frozenset()


def names(offer: Offer, state: State, *, tls: bool, compressed: bool = False) -> tuple[str, ...]:
    """Return the capability names, IMAP4rev1 first.

    Before login LITERAL- (RFC 7888 §5) keeps strangers' literals small; LITERAL+ follows after it. Extensions of the
    authenticated state are told only then: a scanner need not know them, and clients ask again (RFC 3501 §6.2.3).
    """
    if state is not State.NOT_AUTHENTICATED:
        # RFC 4978 §3: not again once it is on.
        deflate = ("COMPRESS=DEFLATE",) if offer.compress and not compressed else ()
        told = tuple(name for name in _LOGGED_IN if name not in offer.hidden) if offer.hidden else _LOGGED_IN
        return told + deflate + offer.extra
    login = tls or offer.plain_login
    auth = tuple(f"AUTH={mechanism}" for mechanism in offer.mechanisms) if login else ()
    return (
        *_ALWAYS,
        "LITERAL-",
        *(("STARTTLS",) if offer.tls_available and not tls else ()),
        *(() if login and "PLAIN" in offer.mechanisms else ("LOGINDISABLED",)),
        *auth,
    )
