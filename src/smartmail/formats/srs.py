"""The Sender Rewriting Scheme: a reverse-path of ours that leads bounces of forwarded mail back to who sent it.

NAME       srs
PURPOSE    `SRS0=hash=day=domain=local` for the first forwarder, `SRS1=hash=first==rest` where a forwarder met mail that was
           rewritten before: the way back never grows (Wong and Shevek, "SRS: Sender Rewriting Scheme", 2004).
LIMITS     A way back lasts `LIFE_DAYS`. A local part has at most 64 octets (RFC 5321 §4.5.3.1.1): what does not fit is
           not rewritten.
FAILURE    None for what we did not make, or made too long ago; never an exception.
SECURITY   The hash is keyed, 40 bits, over day, domain and local part: nobody makes an address that mails through us.
           Compared without regard to case, because hosts change the case of local parts.
"""

import hmac
from base64 import b32encode
from collections.abc import Callable
from typing import Final

from smartmail.formats.address import split_address

LIFE_DAYS: Final = 21
MAX_LOCAL: Final = 64
_CYCLE: Final = 1024
_HASH: Final = 8
_DIGITS: Final = "abcdefghijklmnopqrstuvwxyz234567"

Mac = Callable[[bytes], bytes]
"""Returns a keyed hash of octets."""


def forward(address: str, domain: str, day: int, mac: Mac) -> str | None:
    """Return a reverse-path in `domain` that leads back to `address`; None for one that does not fit."""
    local, host = split_address(address)
    if not local or not host:
        return None
    if is_rewritten(local):
        first, rest = _first_host(local, host)
        made = f"SRS1={_hash(mac, '1', first, rest)}={first}=={rest}" if first else ""
    else:
        made = f"SRS0={_hash(mac, _day(day), host, local)}={_day(day)}={host}={local}"
    return f"{made}@{domain}" if made and len(made.encode()) <= MAX_LOCAL else None


def back(local: str, day: int, mac: Mac) -> str | None:
    """Return where a local part of ours leads back to; None when it is not of our making, or too old."""
    head, _, rest = local.partition("=")
    if head.lower() == "srs0":
        parts = rest.split("=", 3)
        return _back_first(parts, day, mac) if len(parts) == 4 else None
    if head.lower() == "srs1":
        parts = rest.split("=", 1)
        first, found, opaque = parts[1].partition("==") if len(parts) == 2 else ("", "", "")
        if found and hmac.compare_digest(parts[0].lower(), _hash(mac, "1", first, opaque)):
            return f"SRS0={opaque}@{first}"
    return None


def is_rewritten(local: str) -> bool:
    """Say whether a local part has the form of either scheme."""
    return local[:5].lower() in {"srs0=", "srs1="}


def _back_first(parts: list[str], day: int, mac: Mac) -> str | None:
    digest, stamp, host, local = parts
    if not hmac.compare_digest(digest.lower().encode(), _hash(mac, stamp, host, local).encode()):
        return None
    made = _DIGITS.find(stamp[:1].lower()) * 32 + _DIGITS.find(stamp[1:2].lower())
    if len(stamp) != 2 or (day - made) % _CYCLE > LIFE_DAYS:
        return None
    return f"{local}@{host}"


def _first_host(local: str, host: str) -> tuple[str, str]:
    """Return the first forwarder's host and its part of the address: of SRS0 it is the sender's, of SRS1 it is told."""
    scheme, _, rest = local.partition("=")
    if scheme.lower() == "srs0":
        return host, rest
    _digest, _, told = rest.partition("=")
    first, found, opaque = told.partition("==")
    return (first, opaque) if found else ("", "")


def _day(day: int) -> str:
    number = day % _CYCLE
    return _DIGITS[number // 32] + _DIGITS[number % 32]


def _hash(mac: Mac, *fields: str) -> str:
    return b32encode(mac("\0".join(fields).lower().encode()))[:_HASH].decode().lower()
