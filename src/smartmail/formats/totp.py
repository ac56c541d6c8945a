"""One-time passwords of authenticator apps: HOTP and TOTP, the otpauth address that a QR code carries.

LIMITS      SHA-1 and SHA-256, 6 or 8 digits, steps of 30 seconds: what apps know (KA-10).
SECURITY    Comparison in constant time; whoever checks keeps the step that a code was right for and takes none twice.
STANDARDS   RFC 4226, RFC 6238; the otpauth scheme as authenticator apps read it.
Must not know clocks: times come in as arguments.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import quote, urlencode

STEP_S: Final = 30
SKEW: Final = 1
"""Steps that a clock may be wrong by, either way."""
SECRET_OCTETS: Final = 20
"""160 bit (RFC 4226 §4 R6)."""

Algorithm = Literal["SHA1", "SHA256"]
_HASHES: Final = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class Totp:
    """What an app and we share."""

    secret: bytes = field(repr=False)
    algorithm: Algorithm = "SHA1"
    digits: Literal[6, 8] = 6

    def code(self, step: int) -> str:
        """Return the code of a step (RFC 4226 §5.3)."""
        digest = hmac.new(self.secret, step.to_bytes(8), _HASHES[self.algorithm]).digest()
        start = digest[-1] & 15
        number = int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF
        return str(number % 10**self.digits).zfill(self.digits)

    def step_of(self, code: str, now_s: int) -> int | None:
        """Return the step that a typed code is right for, None for none. Spaces are no part of it."""
        typed = "".join(code.split())
        if len(typed) != self.digits or not (typed.isascii() and typed.isdecimal()):
            return None
        middle = now_s // STEP_S
        found = None
        for step in range(max(0, middle - SKEW), middle + SKEW + 1):
            if hmac.compare_digest(self.code(step), typed):
                found = step
        return found

    @property
    def text(self) -> str:
        """Return the secret as people type it: base32 without padding."""
        return base64.b32encode(self.secret).decode().rstrip("=")

    def address(self, issuer: str, account: str) -> str:
        """Return the otpauth address. Parameters with their usual values are left out: some apps read no others."""
        values = {"secret": self.text, "issuer": issuer}
        if self.algorithm != "SHA1":
            values["algorithm"] = self.algorithm
        if self.digits != 6:
            values["digits"] = str(self.digits)
        return (
            f"otpauth://totp/{quote(issuer, safe='')}:{quote(account, safe='@')}?{urlencode(values, quote_via=quote)}"
        )
