"""Programs that register themselves (RFC 7591), without a row for any of them.

STRATEGIES  A client's id is what it said of itself, with a keyed hash behind it: nothing is stored, so nobody can fill the
            store with programs, and there is nothing to clean.
SECURITY    All clients are public: a name proves nothing, and the consent page says so. What binds an answer to a program
            is its redirect and PKCE.
LIMITS      Some redirects of 500 characters, a name of 100: an id has at most some kilobytes.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from smartmail.domain.oauth import OauthRefusedError
from smartmail.formats import oauth
from smartmail.formats.seal import Purpose
from smartmail.service.kernel.keyring import Keyring

MAX_NAME: Final = 100
MAX_ID: Final = 8_192
_MAC: Final = 24


@dataclass(frozen=True, slots=True)
class Client:
    """A program as it described itself."""

    id: str
    name: str
    redirects: tuple[str, ...]

    @property
    def hash(self) -> bytes:
        """Return what it is kept as."""
        return hashlib.sha256(self.id.encode()).digest()

    def may_answer(self, redirect: str) -> bool:
        """Say whether an answer may go there."""
        return any(oauth.is_same_redirect(one, redirect) for one in self.redirects)


class Clients:
    """Makes and reads ids."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def register(self, name: str, redirects: Sequence[str]) -> Client:
        """Return a new client. Raises OauthRefusedError."""
        words = " ".join(name.split())[:MAX_NAME]
        if not words or not words.isprintable():
            raise OauthRefusedError("invalid_client_metadata", "client_name is needed")
        if not 0 < len(redirects) <= oauth.MAX_REDIRECTS or not all(oauth.is_redirect(one) for one in redirects):
            raise OauthRefusedError(
                "invalid_redirect_uri", "redirect_uris are http on loopback, https, or a scheme such as com.example.app"
            )
        body = json.dumps([words, *redirects], ensure_ascii=False, separators=(",", ":")).encode()
        return Client(_text(body) + "." + _text(self._mac(body)), words, tuple(redirects))

    def read(self, client_id: str) -> Client:
        """Return the client of an id. Raises OauthRefusedError."""
        body, mac = (_octets(part) for part in _halves(client_id))
        if not body or not hmac.compare_digest(self._mac(body), mac):
            raise OauthRefusedError("invalid_client", "this client_id was not given out here: register first")
        name, *redirects = json.loads(body)
        return Client(client_id, name, tuple(redirects))

    def _mac(self, body: bytes) -> bytes:
        return self._keyring.installation_mac(Purpose.OAUTH_CLIENT, body)[:_MAC]


def _halves(client_id: str) -> tuple[str, str]:
    body, _dot, mac = client_id.partition(".") if len(client_id) <= MAX_ID else ("", "", "")
    return body, mac


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _octets(text: str) -> bytes:
    """Return what a text stands for in its one form, b"" for any other."""
    try:
        octets = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
    return octets if _text(octets) == text else b""
