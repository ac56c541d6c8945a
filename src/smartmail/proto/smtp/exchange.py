"""The AUTH exchange of SMTP around a SASL mechanism: base64, `=`, `*` and 334.

STANDARDS: RFC 4954 §4.
"""

import binascii

from smartmail.proto.sasl import Challenge, Credentials, Mechanism
from smartmail.proto.smtp import replies
from smartmail.proto.smtp.reply import Reply


class AuthExchange:
    """Returns Credentials to be verified, a 334 reply that asks for more, or the reply that ends it."""

    __slots__ = ("_mechanism",)

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism

    @property
    def name(self) -> str:
        return self._mechanism.name

    def begin(self, initial: str) -> Credentials | Reply:
        """Start with the initial response of the command: "" for none, "=" for an empty one."""
        if not initial:
            return self._step(None)
        return self._step(b"") if initial == "=" else self.answer(initial.encode())

    def answer(self, line: bytes) -> Credentials | Reply:
        """Take a line of the client."""
        if line == b"*":
            return replies.AUTH_CANCELLED
        try:
            return self._step(binascii.a2b_base64(line, strict_mode=True))
        except binascii.Error:
            return replies.AUTH_NOT_BASE64

    def _step(self, response: bytes | None) -> Credentials | Reply:
        outcome = self._mechanism.step(response)
        if isinstance(outcome, Challenge):
            return Reply(334, "", binascii.b2a_base64(outcome.data, newline=False).decode())
        return outcome if isinstance(outcome, Credentials) else replies.AUTH_FAILED
