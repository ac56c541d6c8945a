"""JSON Web Signatures as ACME uses them (RFC 8555 §6.2, RFC 7515): flattened JSON, ES256, and HS256 for external accounts.

Pure: keys and nonces come in.
"""

import base64
import hashlib
import hmac
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

_COORDINATE: Final = 32
"""Octets of a coordinate on P-256 (RFC 7518 §6.2.1)."""


def encode(octets: bytes) -> str:
    """Return base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the octets of base64url. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """Return the public key as a JWK whose members are in the order of RFC 7638 §3."""
    numbers = key.public_key().public_numbers()
    x, y = (one.to_bytes(_COORDINATE, "big") for one in (numbers.x, numbers.y))
    return {"crv": "P-256", "kty": "EC", "x": encode(x), "y": encode(y)}


def thumbprint(key: ec.EllipticCurvePrivateKey) -> str:
    """Return the thumbprint of the public key (RFC 7638)."""
    return encode(hashlib.sha256(msgspec.json.encode(public_jwk(key))).digest())


def sign(key: ec.EllipticCurvePrivateKey, header: dict[str, Any], payload: bytes) -> bytes:
    """Return the flattened JSON serialisation, signed with ES256. `header` is the protected one without `alg`."""
    protected = encode(msgspec.json.encode({"alg": "ES256", **header}))
    body = encode(payload)
    r, s = decode_dss_signature(key.sign(f"{protected}.{body}".encode(), ec.ECDSA(hashes.SHA256())))
    signature = r.to_bytes(_COORDINATE, "big") + s.to_bytes(_COORDINATE, "big")
    return msgspec.json.encode({"protected": protected, "payload": body, "signature": encode(signature)})


def bind(key: ec.EllipticCurvePrivateKey, url: str, key_id: str, mac_key: bytes) -> dict[str, str]:
    """Return the externalAccountBinding of a new account (RFC 8555 §7.3.4)."""
    protected = encode(msgspec.json.encode({"alg": "HS256", "kid": key_id, "url": url}))
    body = encode(msgspec.json.encode(public_jwk(key)))
    signature = hmac.new(mac_key, f"{protected}.{body}".encode(), hashlib.sha256).digest()
    return {"protected": protected, "payload": body, "signature": encode(signature)}
