"""Keys of DKIM: private ones of ours, and the public records that others publish (RFC 6376 §3.6.1, RFC 8463).

`generate` uses the randomness of the cryptographic library; nothing here keeps or names a place for a key.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key

from smartmail.proto.mailauth.tags import TagError, colon_list, parse_tags, without_space

KeyKind = Literal["rsa", "ed25519"]
PrivateKey = RSAPrivateKey | Ed25519PrivateKey
PublicKey = RSAPublicKey | Ed25519PublicKey

# RFC 8301 §3.2: signers use at least 2048 bits, verifiers do not count less than 1024; more than 8192 costs too much.
SIGNING_BITS: Final = 2048
MIN_BITS: Final = 1024
MAX_BITS: Final = 8192


class KeyRecordError(ValueError):
    """A key record that cannot be used; the text says why, in the words of RFC 6376 §6.1.2."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A usable record: the key, and what its owner says about it."""

    kind: KeyKind
    key: PublicKey
    hashes: tuple[str, ...] = ()
    testing: bool = False
    # The identity must be in the domain itself, not below it (flag `s`).
    strict_domain: bool = False

    @property
    def bits(self) -> int:
        """Size of the key."""
        return self.key.key_size if isinstance(self.key, RSAPublicKey) else 256


def parse_record(text: str) -> KeyRecord:
    """Return the key of a TXT record. Raises KeyRecordError."""
    try:
        tags = parse_tags(text)
    except TagError as error:
        raise KeyRecordError(f"key syntax error: {error}") from None
    # RFC 6376 §3.6.1: v= stands first when it stands at all.
    if "v" in tags and (tags["v"] != "DKIM1" or next(iter(tags)) != "v"):
        raise KeyRecordError("not a DKIM1 record")
    if "p" not in tags:
        raise KeyRecordError("key syntax error: no p=")
    if not (octets := _base64(tags["p"])):
        raise KeyRecordError("key revoked")
    services = colon_list(tags, "s")
    if services and not {"*", "email"} & set(services):
        raise KeyRecordError("key is not for email")
    kind, flags = tags.get("k", "rsa"), colon_list(tags, "t")
    key = _public(kind, octets)
    return KeyRecord(
        kind="rsa" if isinstance(key, RSAPublicKey) else "ed25519",
        key=key,
        hashes=colon_list(tags, "h"),
        testing="y" in flags,
        strict_domain="s" in flags,
    )


def _base64(value: str) -> bytes:
    try:
        return base64.b64decode(without_space(value), validate=True)
    except (binascii.Error, ValueError):
        raise KeyRecordError("key syntax error: p= is not base64") from None


def _public(kind: str, octets: bytes) -> PublicKey:
    try:
        if kind == "ed25519":
            return Ed25519PublicKey.from_public_bytes(octets)
        if kind == "rsa":
            key = serialization.load_der_public_key(octets)
            if isinstance(key, RSAPublicKey) and key.key_size <= MAX_BITS:
                return key
    except (ValueError, UnsupportedAlgorithm):
        pass
    else:
        if kind != "rsa":
            raise KeyRecordError("key algorithm is not known")
    raise KeyRecordError("key syntax error: p= is no such key")


# -- ours -----------------------------------------------------------------------------------------------------------


def generate(kind: KeyKind, bits: int = SIGNING_BITS) -> PrivateKey:
    """Return a new key. `bits` counts for RSA alone."""
    return Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(65537, max(bits, MIN_BITS))


def load_private(octets: bytes, *, trusted: bool = False) -> PrivateKey:
    """Return a key from PKCS#8 DER or from PEM. Raises ValueError when it is no RSA or Ed25519 key.

    `trusted`: it was made here and lay sealed; testing its primes again would take 50 ms.
    """
    is_pem = octets.lstrip().startswith(b"-----")
    load = serialization.load_pem_private_key if is_pem else serialization.load_der_private_key
    try:
        key = load(octets, None, unsafe_skip_rsa_key_validation=trusted)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("not a private key that can be used") from error
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise ValueError("neither RSA nor Ed25519")  # noqa: TRY004 (it is the octets that are wrong)
    return key


def save_private(key: PrivateKey) -> bytes:
    """Return the key as PKCS#8 DER, not encrypted: the caller seals it."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def record_of(key: PrivateKey) -> str:
    """Return the TXT record to publish."""
    public = key.public_key()
    kind: KeyKind = "ed25519" if isinstance(public, Ed25519PublicKey) else "rsa"
    return f"v=DKIM1; k={kind}; p={base64.b64encode(public_octets(public)).decode('ascii')}"


def public_octets(key: PublicKey) -> bytes:
    """Return what p= holds: the bare 32 octets of Ed25519 (RFC 8463 §4.2), else SubjectPublicKeyInfo."""
    if isinstance(key, Ed25519PublicKey):
        return key.public_bytes_raw()
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
