"""Leaving a list: the header fields that offer it, and the token that proves whose leave it is. RFC 2369, RFC 8058.

Pure. SECURITY: a token names list and member and is keyed; who has it can do one thing only, take that member off.
"""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

from smartmail.formats.seal import Purpose

PATH = "/lists/leave/"
MAX_TOKEN = 1000
_MAC_OCTETS = 16

Mac = Callable[..., bytes]


def token(address: str, member: str, mac: Mac) -> str:
    """Return the token that takes `member` off the list `address`."""
    text = f"{address}\n{member}".encode()
    return urlsafe_b64encode(mac(Purpose.UNSUBSCRIBE, text)[:_MAC_OCTETS] + text).decode().rstrip("=")


def read_token(text: str, mac: Mac) -> tuple[str, str] | None:
    """Return (list, member) of a token of ours, None for any other."""
    if len(text) > MAX_TOKEN or not text.isascii():
        return None
    try:
        octets = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        address, _, member = octets[_MAC_OCTETS:].decode().partition("\n")
    except (binascii.Error, ValueError):
        return None
    told = octets[:_MAC_OCTETS]
    right = mac(Purpose.UNSUBSCRIBE, octets[_MAC_OCTETS:])[:_MAC_OCTETS]
    return (address, member) if member and hmac.compare_digest(told, right) else None


def fields(web: str, text: str, request: str) -> bytes:
    """Return List-Unsubscribe and List-Unsubscribe-Post (RFC 8058 §3.1: https first, one click)."""
    return (
        f"List-Unsubscribe: <{web}{PATH}{text}>,\r\n <mailto:{request}?subject=unsubscribe>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    ).encode()


def tags(record: bytes) -> dict[str, str]:
    """Return the tags of a TXT record of `name=value;` pairs."""
    pairs = (part.partition("=") for part in record.decode("latin-1").split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
