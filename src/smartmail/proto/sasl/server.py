"""Server side of PLAIN and LOGIN, shared by all protocols that log people in.

NAME: sasl server mechanisms.
PURPOSE: turn the octets of an exchange into Credentials. Base64, framing and cancelling are the protocol's;
    whether the password is right is a service's.
STATES: PLAIN one step; LOGIN name → password. After Credentials or Failed a mechanism is spent.
LIMITS: FIELD_OCTETS for each field: RFC 4616 §2 allows 255 characters, 1,020 octets of UTF-8 at most.
FAILURE: Failed(reason), never an exception.
SECURITY: NUL inside a field, broken UTF-8 and text that SASLprep prohibits are refused; passwords are not in repr.
STANDARDS: RFC 4422, RFC 4616 (PLAIN), draft-murchison-sasl-login (LOGIN, obsolete but still sent), RFC 4013.
"""

from typing import Final, Protocol

from smartmail.proto.sasl.outcome import Challenge, Credentials, Failed, Outcome
from smartmail.proto.sasl.prep import saslprep

FIELD_OCTETS: Final = 1020


class Mechanism(Protocol):
    """One exchange. `step(None)` starts it without an initial response."""

    name: str

    def step(self, response: bytes | None) -> Outcome:
        """Take the peer's (decoded) response and say what comes next."""
        ...


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


MECHANISMS: Final[dict[str, type[Plain | Login]]] = {"PLAIN": Plain, "LOGIN": Login}


def server_mechanism(name: str) -> Mechanism | None:
    """Return a fresh exchange of the mechanism, None for one that we do not have. Letter case is ignored."""
    kind = MECHANISMS.get(name.upper())
    return kind() if kind else None
