"""What a program asks for, and the ticket that a consent page carries back: good for that request and session alone."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Final

import msgspec

from smartmail.domain.oauth import OauthRefusedError
from smartmail.domain.principal import Actor
from smartmail.formats import oauth
from smartmail.formats.seal import Purpose
from smartmail.ports.clock import Clock
from smartmail.service.identity.oauth.clients import Client
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import CLIENT_DOORS

SCOPES: Final = ("mail", *CLIENT_DOORS)
"""What a program may ask for: all of mail, or single doors."""
OPEN_MS: Final = 10 * MINUTE
MAX_STATE: Final = 2_000


class Wish(msgspec.Struct, frozen=True, array_like=True):
    """An authorization request that was found to be in order (RFC 6749 §4.1.1, RFC 7636 §4.3)."""

    client_id: str
    redirect: str
    scopes: tuple[str, ...]
    state: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a request as they came."""

    response_type: str
    scope: str
    state: str
    challenge: str
    method: str


class Consents:
    """Reads requests, makes and reads tickets."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    def wish(self, client: Client, redirect: str, asked: Asked) -> Wish:
        """Return what a request asks for. Raises OauthRefusedError: the program is told at its redirect."""
        if asked.response_type != "code":
            raise OauthRefusedError("unsupported_response_type", "response_type is code")
        if asked.method != "S256" or not oauth.is_challenge(asked.challenge):
            raise OauthRefusedError("invalid_request", "PKCE is needed: code_challenge with code_challenge_method S256")
        if len(asked.state) > MAX_STATE or not asked.state.isprintable():
            raise OauthRefusedError("invalid_request", "state is too long")
        scopes = oauth.scopes_of(asked.scope, SCOPES) if asked.scope else ("mail",)
        if not scopes:
            raise OauthRefusedError("invalid_scope", f"scope is some of {' '.join(SCOPES)}")
        return Wish(client.id, redirect, ("mail",) if "mail" in scopes else scopes, asked.state, asked.challenge)

    def ticket(self, actor: Actor, wish: Wish) -> str:
        """Return the ticket of a page that asks this person, in this session."""
        body = msgspec.json.encode((self._clock.now() + OPEN_MS, wish))
        return base64.urlsafe_b64encode(self._mac(actor, body) + body).decode()

    def open(self, actor: Actor, ticket: str) -> Wish | None:
        """Return the wish of a ticket that was made for this session and has not run out."""
        try:
            octets = base64.b64decode(ticket, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        mac, body = octets[:32], octets[32:]
        if not hmac.compare_digest(self._mac(actor, body), mac):
            return None
        until, wish = msgspec.json.decode(body, type=tuple[int, Wish])
        return wish if self._clock.now() < until else None

    def _mac(self, actor: Actor, body: bytes) -> bytes:
        return self._keyring.installation_mac(Purpose.OAUTH_CONSENT, actor.session_id.encode(), body)
