"""Web Push: messages encrypted for one device (RFC 8291) and the token that names the sender (VAPID, RFC 8292).

Pure functions: keys, salt and time come in. Knows neither HTTP nor what is told.
LIMITS    MAX_PLAIN octets: one record (RFC 8291 §4).
FAILURE   PushKeyError for keys of a device that are none.
STANDARDS RFC 8291, 8188, 8292, 7515, 7518 §3.4.
"""

import base64
import binascii
import json
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PUBLIC_OCTETS: Final = 65
AUTH_OCTETS: Final = 16
SALT_OCTETS: Final = 16
# RFC 8291 §4: push services take 4096 octets of body; header and tag of the record take the rest.
MAX_PLAIN: Final = 3_993
_RECORD: Final = 4_096
# RFC 8188 §2: the delimiter of the last record.
_LAST: Final = b"\x02"
_CURVE: Final = ec.SECP256R1()


class PushKeyError(ValueError):
    """A key of a device that is none."""


def derive_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the key that belongs to 32 secret octets: the same one for the same octets."""
    # FIPS 186-5 A.2.1 asks for more octets than the order has; one bit of bias in 2^128 gives nothing away here.
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return ec.derive_private_key(int.from_bytes(secret, "big") % (order - 1) + 1, _CURVE)


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a key for one message."""
    return ec.generate_private_key(_CURVE)


def read_key(text: str, octets: int) -> bytes:
    """Return a key given in base64url, with or without padding. Raises PushKeyError."""
    try:
        data = base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise PushKeyError("not base64url") from None
    if len(data) != octets:
        raise PushKeyError(f"not {octets} octets")
    return data


def read_public(text: str) -> bytes:
    """Return a device's public key (p256dh) as an uncompressed point. Raises PushKeyError."""
    data = read_key(text, PUBLIC_OCTETS)
    _point(data)
    return data


def _point(data: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, data)
    except (ValueError, UnsupportedAlgorithm):
        raise PushKeyError("not a point of P-256") from None


def encrypt(plain: bytes, public: bytes, auth: bytes, *, key: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """Return the body in the coding `aes128gcm`. `key` is made for this message alone, `salt` is random.

    Raises PushKeyError; ValueError for more than MAX_PLAIN octets.
    """
    if len(plain) > MAX_PLAIN:
        raise ValueError(f"at most {MAX_PLAIN} octets")
    own = public_octets(key)
    shared = key.exchange(ec.ECDH(), _point(public))
    # RFC 8291 §3.3, §3.4.
    secret = _derive(auth, shared, b"WebPush: info\x00" + public + own, 32)
    content_key = _derive(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(salt, secret, b"Content-Encoding: nonce\x00", 12)
    header = salt + _RECORD.to_bytes(4, "big") + bytes([len(own)]) + own
    return header + AESGCM(content_key).encrypt(nonce, plain + _LAST, None)


def decrypt(body: bytes, auth: bytes, *, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return what `encrypt` was given: what a device does. Raises PushKeyError, InvalidTag."""
    salt, length = body[:SALT_OCTETS], body[20] if len(body) > 20 else 0
    sender = body[21 : 21 + length]
    shared = key.exchange(ec.ECDH(), _point(sender))
    secret = _derive(auth, shared, b"WebPush: info\x00" + public_octets(key) + sender, 32)
    content_key = _derive(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(salt, secret, b"Content-Encoding: nonce\x00", 12)
    return AESGCM(content_key).decrypt(nonce, body[21 + length :], None).rstrip(b"\x00")[:-1]


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256 (RFC 5869); one block is enough for every length here."""
    return _mac(_mac(salt, secret), info + b"\x01")[:length]


def _mac(key: bytes, data: bytes) -> bytes:
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(data)
    return mac.finalize()


def public_octets(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a key's public half as an uncompressed point."""
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def show(data: bytes) -> str:
    """Return base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def vapid(audience: str, subject: str, expires_s: int, *, key: ec.EllipticCurvePrivateKey) -> str:
    """Return the value of the Authorization field (RFC 8292 §3).

    `audience` is the origin of the push service, `subject` a mailto: or https: address of who answers for us,
    `expires_s` at most 24 hours ahead in seconds of Unix time.
    """
    head = show(json.dumps({"typ": "JWT", "alg": "ES256"}, separators=(",", ":")).encode())
    claims = {"aud": audience, "exp": expires_s, "sub": subject}
    signed = f"{head}.{show(json.dumps(claims, separators=(',', ':')).encode())}"
    r, s = utils.decode_dss_signature(key.sign(signed.encode("ascii"), ec.ECDSA(hashes.SHA256())))
    # RFC 7518 §3.4: both numbers, 32 octets each.
    token = f"{signed}.{show(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    return f"vapid t={token}, k={show(public_octets(key))}"
