"""Server side of the mechanisms that carry an access token: OAUTHBEARER, and XOAUTH2 which older clients speak.

STATES      token → Token; when the driver calls `refuse`: error challenge → whatever the client answers → Failed.
LIMITS      MESSAGE_OCTETS for the message: tokens of other issuers are up to some kilobytes.
FAILURE     Failed(reason), never an exception.
STANDARDS   RFC 7628 (OAUTHBEARER) §3.1–3.2.3, RFC 6750 §2.1 (Bearer), the XOAUTH2 protocol as its inventor describes it.
"""

import json
import re
from typing import Final

from smartmail.proto.sasl.outcome import Challenge, Failed, Outcome, Token
from smartmail.proto.sasl.prep import saslprep

MESSAGE_OCTETS: Final = 12_288

_SEPARATOR: Final = "\x01"
_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
_GS2: Final = re.compile(r"[ny],(?:a=([^,]*))?,")


class _TokenMechanism:
    """What both have in common."""

    name = ""
    _error: bytes = b""

    def __init__(self) -> None:
        self._refused = False
        self._asked = False

    def step(self, response: bytes | None) -> Outcome:
        if response is None:
            return Challenge(b"")
        if self._asked or self._refused or len(response) > MESSAGE_OCTETS:
            # RFC 7628 §3.2.3: after the error the client sends a dummy answer, and the exchange fails.
            return Failed("token refused")
        self._asked = True
        try:
            return self._read(response.decode("utf-8"))
        except UnicodeDecodeError:
            return Failed("not UTF-8")

    def refuse(self) -> Outcome:
        """The token is no good: tell the client why; its answer fails the exchange."""
        self._refused = True
        return Challenge(self._error)

    def _read(self, message: str) -> Outcome:
        raise NotImplementedError


class OauthBearer(_TokenMechanism):
    """RFC 7628 §3.1: gs2-header, then key=value pairs, each between 0x01 octets, and one 0x01 more at the end."""

    name = "OAUTHBEARER"
    _error = json.dumps({"status": "invalid_token", "scope": "mail"}).encode()

    def _read(self, message: str) -> Outcome:
        header, _, rest = message.partition(_SEPARATOR)
        match = _GS2.fullmatch(header)
        if match is None or not rest.endswith(_SEPARATOR):
            return Failed("malformed message")
        name = (match[1] or "").replace("=2C", ",").replace("=3D", "=")
        return _token(name, _pairs(rest))


class Xoauth2(_TokenMechanism):
    """`user=NAME 0x01 auth=Bearer TOKEN 0x01 0x01`."""

    name = "XOAUTH2"
    _error = json.dumps({"status": "401", "schemes": "bearer", "scope": "mail"}).encode()

    def _read(self, message: str) -> Outcome:
        if not message.endswith(_SEPARATOR):
            return Failed("malformed message")
        pairs = _pairs(message)
        return _token(pairs["user"], pairs) if pairs.get("user") else Failed("no name")


def _pairs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in text.split(_SEPARATOR):
        key, equals, value = pair.partition("=")
        if equals:
            found.setdefault(key, value)
    return found


def _token(name: str, pairs: dict[str, str]) -> Outcome:
    prepared = saslprep(name)
    match = _BEARER.fullmatch(pairs.get("auth", ""))
    if prepared is None or match is None:
        return Failed("no Bearer token")
    return Token(prepared, match[1])
