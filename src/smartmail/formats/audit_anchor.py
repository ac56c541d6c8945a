"""Signed anchors: the ends of all chains on a day, in a form that anybody can check with the public key alone.

    file       JSON {"document": "...", "signature": hex}; the signature (Ed25519, RFC 8032) goes over the document's octets
    document   canonical JSON: day, at, key (public, hex), previous (SHA-256 of the anchor before), chains [[id, seq, digest]]

An anchor names the one before, so that one that is kept proves those before it too. Knows no store.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NO_ANCHOR: Final = "0" * 64


class AnchorError(Exception):
    """Octets that are no anchor, or not signed by the key that is asked for. The text says which."""


class AnchorDocument(NamedTuple):
    """What an anchor says. `at` in milliseconds; `chains`: organisation, length, digest in hexadecimal."""

    day: str
    at: int
    key: str
    previous: str
    chains: tuple[tuple[int, int, str], ...]


def signer(seed: bytes) -> Ed25519PrivateKey:
    """Return the key that 32 octets make."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(key: Ed25519PrivateKey) -> str:
    """Return the public half in hexadecimal."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def write(day: str, at: int, key: str, previous: str, chains: Sequence[tuple[int, int, str]]) -> str:
    """Return the document of an anchor."""
    facts = {"at": at, "chains": [list(one) for one in chains], "day": day, "key": key, "previous": previous}
    return json.dumps(facts, sort_keys=True, separators=(",", ":"))


def digest(document: str) -> str:
    """Return what the next anchor calls this one by."""
    return hashlib.sha256(document.encode()).hexdigest()


def file_octets(document: str, signature: bytes) -> bytes:
    """Return the file that is kept."""
    return json.dumps({"document": document, "signature": signature.hex()}).encode() + b"\n"


def read_file(octets: bytes, key: str) -> AnchorDocument:
    """Return what an anchor says that the key has signed. Raises AnchorError."""
    try:
        kept = json.loads(octets)
        document, signature = str(kept["document"]), bytes.fromhex(kept["signature"])
        facts = json.loads(document)
        chains = tuple((int(one), int(seq), str(text)) for one, seq, text in facts["chains"])
        told = AnchorDocument(str(facts["day"]), int(facts["at"]), str(facts["key"]), str(facts["previous"]), chains)
    except (ValueError, TypeError, KeyError) as error:
        raise AnchorError("it is no anchor") from error
    if not is_signed(document.encode(), signature, key):
        raise AnchorError("its signature is not of this installation's key")
    return told


def is_signed(octets: bytes, signature: bytes, key: str) -> bool:
    """Say whether a signature over octets is of a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, octets)
    except (InvalidSignature, ValueError):
        return False
    return True
