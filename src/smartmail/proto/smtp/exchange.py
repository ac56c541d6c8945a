"""The AUTH exchange of SMTP around a SASL mechanism: base64, `=`, `*` and 334.

PLAIN and LOGIN, which need nobody's help, are read here into Credentials. What any other mechanism is sent goes to the
driver as it came, because the next challenge depends on what the driver looks up.
STANDARDS: RFC 4954 §4.
"""

import binascii
from dataclasses import dataclass

from smartmail.proto.sasl import Challenge, Credentials, Mechanism
from smartmail.proto.smtp import replies
from smartmail.proto.smtp.reply import Reply


@dataclass(frozen=True, slots=True)
class Response:
    """Octets for the driver's mechanism; None: the command came without an initial response."""

    data: bytes | None


class AuthExchange:
    """Returns Credentials to be verified, a Response for the driver, a 334 reply that asks for more, or the reply that
    ends it.
    """

    __slots__ = ("_mechanism", "name")

    def __init__(self, name: str, mechanism: Mechanism | None) -> None:
        self.name = name
        self._mechanism = mechanism

    def begin(self, initial: str) -> Credentials | Response | Reply:
        """Start with the initial response of the command: "" for none, "=" for an empty one."""
        if not initial:
            return self._step(None)
        return self._step(b"") if initial == "=" else self.answer(initial.encode())

    def answer(self, line: bytes) -> Credentials | Response | Reply:
        """Take a line of the client."""
        if line == b"*":
            return replies.AUTH_CANCELLED
        try:
            return self._step(binascii.a2b_base64(line, strict_mode=True))
        except binascii.Error:
            return replies.AUTH_NOT_BASE64

    def _step(self, response: bytes | None) -> Credentials | Response | Reply:
        if self._mechanism is None:
            return Response(response)
        outcome = self._mechanism.step(response)
        if isinstance(outcome, Challenge):
            return challenge(outcome.data)
        return outcome if isinstance(outcome, Credentials) else replies.AUTH_FAILED


def challenge(data: bytes) -> Reply:
    """Return the reply that asks for more."""
    return Reply(334, "", binascii.b2a_base64(data, newline=False).decode())
