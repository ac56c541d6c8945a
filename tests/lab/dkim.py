"""Whole messages signed in one call: the product signs while a message passes, in pieces."""

from collections.abc import Sequence

from smartmail.proto.mailauth.canonical import BodyHasher
from smartmail.proto.mailauth.dkim import SigningKey, sign


def sign_message(message: bytes, keys: Sequence[SigningKey], *, signed_at: int) -> bytes:
    """Return the fields of all keys for a whole message, relaxed/relaxed."""
    end = message.find(b"\r\n\r\n")
    header = message if end < 0 else message[: end + 2]
    hasher = BodyHasher("relaxed")
    hasher.update(b"" if end < 0 else message[end + 4 :])
    digest = hasher.digest()
    return b"".join(sign(header, digest, key, signed_at=signed_at) for key in keys)
