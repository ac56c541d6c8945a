"""Client side of PLAIN and LOGIN, for smarthosts that ask who we are."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.proto.sasl.outcome import Credentials


class ClientMechanism(Protocol):
    """One exchange: `initial` goes with the command (RFC 4954 §4), `respond` answers each challenge."""

    name: str

    def initial(self) -> bytes | None:
        """Return the initial response, None when the mechanism waits for a challenge."""
        ...

    def respond(self, challenge: bytes) -> bytes | None:
        """Return the answer, None to cancel the exchange."""
        ...


class PlainClient:
    """RFC 4616."""

    name = "PLAIN"

    def __init__(self, credentials: Credentials) -> None:
        parts = (credentials.authzid, credentials.authcid, credentials.password)
        self._message = "\0".join(parts).encode()
        self._sent = False

    def initial(self) -> bytes | None:
        self._sent = True
        return self._message

    def respond(self, challenge: bytes) -> bytes | None:
        # A server that asks for more after the one message wants something that PLAIN does not have.
        return None if self._sent or challenge else self.initial()


class LoginClient:
    """Two questions; their wording differs between servers, so only their order counts."""

    name = "LOGIN"

    def __init__(self, credentials: Credentials) -> None:
        self._answers = [credentials.password.encode(), credentials.authcid.encode()]

    def initial(self) -> bytes | None:
        return None

    def respond(self, challenge: bytes) -> bytes | None:
        return self._answers.pop() if self._answers else None


def client_mechanism(offered: Sequence[str], credentials: Credentials) -> ClientMechanism | None:
    """Choose the best of the offered mechanisms; None when we have none of them."""
    names = {name.upper() for name in offered}
    if "PLAIN" in names:
        return PlainClient(credentials)
    # LOGIN cannot carry an authorisation identity.
    if "LOGIN" in names and not credentials.authzid:
        return LoginClient(credentials)
    return None
