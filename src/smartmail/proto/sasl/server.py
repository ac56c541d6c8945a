"""Server side of the mechanisms, shared by all protocols that log people in; PLAIN, LOGIN and EXTERNAL are here.

NAME: sasl server mechanisms.
PURPOSE: turn the octets of an exchange into a claim. Base64, framing and cancelling are the protocol's; whether the
    claim is true is a service's.
STATES: PLAIN and EXTERNAL one step; LOGIN name → password. After a claim or Failed a mechanism is spent.
LIMITS: FIELD_OCTETS for each field: RFC 4616 §2 allows 255 characters, 1,020 octets of UTF-8 at most.
FAILURE: Failed(reason), never an exception.
SECURITY: NUL inside a field, broken UTF-8 and text that SASLprep prohibits are refused; passwords are not in repr.
STANDARDS: RFC 4422 (EXTERNAL: appendix A), RFC 4616 (PLAIN), draft-murchison-sasl-login (LOGIN, obsolete but still sent), RFC 4013.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from smartmail.proto.sasl.outcome import Certificate, Challenge, Credentials, Failed, Outcome
from smartmail.proto.sasl.prep import saslprep
from smartmail.proto.sasl.scram import Scram
from smartmail.proto.sasl.tokens import OauthBearer, Xoauth2

FIELD_OCTETS: Final = 1020


class Mechanism(Protocol):
    """One exchange. `step(None)` starts it without an initial response."""

    name: str

    def step(self, response: bytes | None) -> Outcome:
        """Take the peer's (decoded) response and say what comes next."""
        ...

    def refuse(self) -> Outcome:
        """Say what the peer is owed once its claim was found untrue: mostly nothing but the failure."""
        ...


@dataclass(frozen=True, slots=True)
class Wire:
    """What a mechanism may need of the connection: fresh printable octets, what clients can bind to by kind (RFC 5929,
    RFC 9266), and whether the -PLUS name was offered.
    """

    nonce: str = ""
    bindings: Mapping[str, bytes] = field(default_factory=dict)
    plus_offered: bool = False


def _field(data: bytes) -> str | None:
    if len(data) > FIELD_OCTETS or b"\0" in data:
        return None
    try:
        return saslprep(data.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _credentials(authzid: bytes, authcid: bytes, password: bytes) -> Outcome:
    fields = _field(authzid), _field(authcid), _field(password)
    if fields[0] is None or fields[1] is None or fields[2] is None:
        return Failed("a field is too long or holds prohibited characters")
    # RFC 4616 §2: name and password are never empty, also not after preparation.
    if not fields[1] or not fields[2]:
        return Failed("empty name or password")
    return Credentials("" if fields[0] == fields[1] else fields[0], fields[1], fields[2])


class Plain:
    """RFC 4616: `authzid NUL authcid NUL password` in one response."""

    name = "PLAIN"

    def step(self, response: bytes | None) -> Outcome:
        if response is None:
            return Challenge(b"")
        fields = response.split(b"\0", 3)
        if len(fields) != 3:
            return Failed("not three fields")
        return _credentials(fields[0], fields[1], fields[2])

    def refuse(self) -> Outcome:
        return Failed("refused")


class Login:
    """Name and password asked for one after the other; some clients send the name as initial response."""

    name = "LOGIN"

    def __init__(self) -> None:
        self._authcid: bytes | None = None

    def step(self, response: bytes | None) -> Outcome:
        if response is None:
            return Challenge(b"Username:")
        if self._authcid is None:
            if len(response) > FIELD_OCTETS:
                return Failed("name too long")
            self._authcid = response
            return Challenge(b"Password:")
        return _credentials(b"", self._authcid, response)

    def refuse(self) -> Outcome:
        return Failed("refused")


class External:
    """RFC 4422 appendix A: the TLS certificate is the proof, the message names at most the account."""

    name = "EXTERNAL"

    def step(self, response: bytes | None) -> Outcome:
        if response is None:
            return Challenge(b"")
        authzid = _field(response)
        return Failed("malformed name") if authzid is None else Certificate(authzid)

    def refuse(self) -> Outcome:
        return Failed("refused")


def _scram(wire: Wire) -> Scram:
    return Scram(wire.nonce, plus_offered=wire.plus_offered)


def _scram_plus(wire: Wire) -> Scram:
    return Scram(wire.nonce, bindings=wire.bindings, plus=True)


MECHANISMS: Final[dict[str, Callable[[Wire], Mechanism]]] = {
    "PLAIN": lambda _: Plain(),
    "LOGIN": lambda _: Login(),
    "EXTERNAL": lambda _: External(),
    "SCRAM-SHA-256": _scram,
    "SCRAM-SHA-256-PLUS": _scram_plus,
    "OAUTHBEARER": lambda _: OauthBearer(),
    "XOAUTH2": lambda _: Xoauth2(),
}

_NO_WIRE: Final = Wire()


def server_mechanism(name: str, wire: Wire = _NO_WIRE) -> Mechanism | None:
    """Return a fresh exchange of the mechanism, None for one that we do not have. Letter case is ignored."""
    make = MECHANISMS.get(name.upper())
    return make(wire) if make else None
