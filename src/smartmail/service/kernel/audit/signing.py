"""The key that this installation signs its records with: anchors of the chains, ends of exports, receipts of recalls.

SECURITY  Ed25519 (RFC 8032), made from the master key: it lies nowhere, and is the same on all nodes. A signature under one
          kind of document must prove nothing of another: an anchor begins with `{`, an export is signed as the digits of its
          digest, a receipt begins with its name (formats.recall_receipt).
Must not know what it signs.
"""

from smartmail.formats import audit_anchor
from smartmail.formats.seal import Purpose
from smartmail.service.kernel.keyring import Keyring


class RecordSigner:
    """Signs documents."""

    def __init__(self, keyring: Keyring) -> None:
        self._key = audit_anchor.signer(keyring.installation_mac(Purpose.AUDIT_ANCHOR, b"ed25519"))

    @property
    def public_key(self) -> str:
        """Return the key that signatures are checked with, in hexadecimal."""
        return audit_anchor.public_key(self._key)

    def sign(self, document: bytes) -> bytes:
        """Return a signature that the public key proves."""
        return self._key.sign(document)
