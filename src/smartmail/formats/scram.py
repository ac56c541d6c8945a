"""The arithmetic of SCRAM-SHA-256: from a secret to the two keys that a server keeps, and the proofs over them.

Shared by the service that makes generated passwords and by the mechanism that checks a client's proof. Pure; PBKDF2
takes its time (4,096 rounds: 1–2 ms), so services run it off the loop.
STANDARDS   RFC 5802 §3, RFC 7677 §4 (at least 4,096 iterations).
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

ITERATIONS: Final = 4096
"""RFC 7677 §4's least. More would protect weak secrets; ours are generated, 120 bits."""
SALT_OCTETS: Final = 16
KEY_OCTETS: Final = 32
MAX_ITERATIONS: Final = 1_000_000

_KIND: Final = "scram-sha-256"


@dataclass(frozen=True, slots=True)
class ScramKeys:
    """What a server keeps of a secret: enough to check a proof and to prove itself, not enough to log in."""

    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ScramVerifier:
    """Keys with the salt and the number of rounds that led to them."""

    salt: bytes
    iterations: int
    keys: ScramKeys

    def to_text(self) -> str:
        """Return the form in which it is stored."""
        octets = (self.salt, self.keys.stored_key, self.keys.server_key)
        return "$".join((_KIND, str(self.iterations), *(base64.b64encode(one).decode() for one in octets)))


def from_text(text: str) -> ScramVerifier | None:
    """Read the stored form; None when it is none."""
    kind, _, rest = text.partition("$")
    parts = rest.split("$")
    if kind != _KIND or len(parts) != 4 or not (parts[0].isascii() and parts[0].isdecimal() and len(parts[0]) < 8):
        return None
    try:
        salt, stored, server = (base64.b64decode(part, validate=True) for part in parts[1:])
    except (binascii.Error, ValueError):
        return None
    if len(stored) != KEY_OCTETS or len(server) != KEY_OCTETS or not 0 < int(parts[0]) <= MAX_ITERATIONS:
        return None
    return ScramVerifier(salt, int(parts[0]), ScramKeys(stored, server))


def derive(secret: str, salt: bytes, iterations: int = ITERATIONS) -> ScramKeys:
    """Return the keys of a secret (already prepared with SASLprep, RFC 5802 §3)."""
    salted = hashlib.pbkdf2_hmac("sha256", secret.encode("utf-8", "surrogatepass"), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return ScramKeys(hashlib.sha256(client_key).digest(), hmac.digest(salted, b"Server Key", "sha256"))


def is_proof(keys: ScramKeys, auth_message: bytes, proof: bytes) -> bool:
    """Say whether `proof` was made by somebody who has the secret: ClientKey = ClientProof XOR ClientSignature."""
    signature = hmac.digest(keys.stored_key, auth_message, "sha256")
    if len(proof) != len(signature):
        return False
    client_key = bytes(one ^ other for one, other in zip(proof, signature, strict=True))
    return hmac.compare_digest(hashlib.sha256(client_key).digest(), keys.stored_key)


def server_signature(keys: ScramKeys, auth_message: bytes) -> bytes:
    """Return what proves to the client that the server has its keys."""
    return hmac.digest(keys.server_key, auth_message, "sha256")
