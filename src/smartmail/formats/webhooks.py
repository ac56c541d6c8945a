"""Signatures of webhooks: HMAC-SHA256 over id, time and body, so that nobody else can send them, or an old one again.

The header fields are `webhook-id`, `webhook-timestamp` (seconds of Unix time) and `webhook-signature`: one or more
`v1,BASE64` with a blank between, one for each secret that counts (two while a secret is being replaced). What is signed is
`ID.TIMESTAMP.BODY`. A receiver refuses a time that is more than WINDOW_S from its own, and an id that it has seen.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

PREFIX: Final = "whsec_"
SECRET_OCTETS: Final = 32
WINDOW_S: Final = 300


def secret_text(octets: bytes) -> str:
    """Return a secret as it is shown once."""
    return PREFIX + base64.b64encode(octets).decode()


def secret_octets(text: str) -> bytes:
    """Return the key of a secret. Raises ValueError."""
    if not text.startswith(PREFIX):
        raise ValueError("no secret of a webhook")
    try:
        return base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("no secret of a webhook") from error


def headers(secrets: Sequence[str], event_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """Return the fields to send with a body; each secret signs."""
    signatures = " ".join(_signature(secret, event_id, str(seconds), body) for secret in secrets)
    return {"webhook-id": event_id, "webhook-timestamp": str(seconds), "webhook-signature": signatures}


def is_genuine(secret: str, fields: Mapping[str, str], body: bytes, now_s: int) -> bool:
    """Say whether a body came from who has the secret, and now: what a receiver does. Names of fields in lower case."""
    seconds = fields.get("webhook-timestamp", "")
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 15) or abs(now_s - int(seconds)) > WINDOW_S:
        return False
    wanted = _signature(secret, fields.get("webhook-id", ""), seconds, body)
    given = fields.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(wanted.encode(), one.encode("utf-8", "replace")) for one in given)


def _signature(secret: str, event_id: str, seconds: str, body: bytes) -> str:
    signed = b".".join((event_id.encode(), seconds.encode(), body))
    return "v1," + base64.b64encode(hmac.new(secret_octets(secret), signed, hashlib.sha256).digest()).decode()
