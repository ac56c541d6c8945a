"""Passkeys as a second factor and as a whole login (WebAuthn Level 2, W3C).

SECURITY    The relying party is the host of the page, so that a key made here answers nowhere else. As a whole login the
            device must have asked for a finger, a face or a PIN (user verification). A counter that does not rise is a
            copied key; zero means that the device counts nothing. No attestation is asked for: any device may be used.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    RegistrationResponse,
)

from smartmail.domain.errors import Invalid
from smartmail.domain.factors import FactorKind
from smartmail.service.identity.factors.methods import Asked, Held, NewFactor, Proved, Refused

NAME: Final = "SmartMail"
TIMEOUT_MS: Final = 120_000
ALGORITHMS: Final = (-8, -7, -257)
"""EdDSA, ES256, RS256 (IANA COSE)."""


class PasskeyMethod:
    """FactorMethod and WholeLogin."""

    kind: FactorKind = "passkey"

    async def ask(self, asked: Asked) -> Mapping[str, object]:
        """The options of navigator.credentials.get(), octets as base64url."""
        return _get(asked, "preferred", asked.held)

    async def ask_anybody(self, asked: Asked) -> Mapping[str, object]:
        """The same for whoever has a passkey of this site."""
        return _get(asked, "required", ())

    def whose(self, response: Mapping[str, object]) -> bytes | None:
        """Return the credential id that an answer names."""
        try:
            return websafe_decode(str(response.get("rawId", ""))) or None
        except ValueError:
            return None

    async def check(self, asked: Asked, response: Mapping[str, object]) -> Proved:
        """`response`: the credential's JSON form."""
        answer = _parsed(AuthenticationResponse.from_dict, response)
        known = {bytes(held.lookup): held for held in asked.held if held.lookup}
        held = known.get(bytes(answer.raw_id))
        if held is None:
            raise Refused("passkey.unknown")
        state = _state(asked, "required" if asked.whole else "preferred")
        try:
            _server(asked.base).authenticate_complete(state, [AttestedCredentialData(held.data)], answer)
        except ValueError as error:
            raise Refused("passkey.wrong") from error
        counter = answer.response.authenticator_data.counter
        return Proved(held.id, counter=counter or None)

    async def begin(self, asked: Asked) -> tuple[Mapping[str, object], bytes]:
        """The options of navigator.credentials.create()."""
        host = _host(asked.base)
        options = {
            "rp": {"id": host, "name": NAME},
            "user": {
                "id": websafe_encode(b"%d" % asked.account.id), "name": asked.account.login,
                "displayName": asked.account.name or asked.account.login,
            },
            "challenge": websafe_encode(asked.nonce),
            "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
            "excludeCredentials": _named(asked.held),
            "authenticatorSelection": {"residentKey": "preferred", "userVerification": "preferred"},
            "attestation": "none",
            "timeout": TIMEOUT_MS,
        }  # fmt: skip
        return {"publicKey": options}, b""

    async def finish(self, asked: Asked, response: Mapping[str, object]) -> NewFactor:
        """`response`: the new credential's JSON form."""
        answer = _parsed(RegistrationResponse.from_dict, response)
        try:
            data = _server(asked.base).register_complete(_state(asked, "preferred"), answer)
        except ValueError as error:
            raise Refused("passkey.wrong") from error
        if data.credential_data is None:
            raise Refused("passkey.structure")
        return NewFactor(
            bytes(data.credential_data), bytes(data.credential_data.credential_id), data.counter, label="Passkey"
        )


def _get(asked: Asked, verification: str, held: Sequence[Held]) -> dict[str, object]:
    options = {
        "challenge": websafe_encode(asked.nonce), "rpId": _host(asked.base), "allowCredentials": _named(held),
        "userVerification": verification, "timeout": TIMEOUT_MS,
    }  # fmt: skip
    return {"publicKey": options}


def _named(held: Sequence[Held]) -> list[dict[str, str]]:
    return [{"type": "public-key", "id": websafe_encode(one.lookup)} for one in held if one.lookup]


def _state(asked: Asked, verification: str) -> dict[str, object]:
    if not asked.nonce or asked.now - asked.asked_at > TIMEOUT_MS:
        raise Refused("passkey.ended")
    return {"challenge": websafe_encode(asked.nonce), "user_verification": verification}


def _server(base: str) -> Fido2Server:
    return Fido2Server(
        PublicKeyCredentialRpEntity(name=NAME, id=_host(base)), verify_origin=lambda origin: origin == base
    )


def _host(base: str) -> str:
    host = urlsplit(base).hostname
    if not host:
        raise Invalid("a passkey needs the name of a site", reason="passkey.site")
    return host


def _parsed(read: Callable[[Mapping[str, Any]], Any], response: Mapping[str, object]) -> Any:
    try:
        return read(response)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise Refused("passkey.structure") from error
