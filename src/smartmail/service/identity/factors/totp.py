"""Authenticator apps as a second factor (RFC 6238, KA-10).

SECURITY    A step is kept when its code was right and none at or before it is taken again, whichever process is asked
            (RFC 6238 §5.2).
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from smartmail.domain.errors import Invalid
from smartmail.domain.factors import FactorKind
from smartmail.formats.qr_code import svg
from smartmail.formats.totp import SECRET_OCTETS, Totp
from smartmail.ports.clock import Clock
from smartmail.service.identity.factors.methods import Asked, NewFactor, Proved, Refused

ISSUER: Final = "SmartMail"


class _Data(msgspec.Struct, frozen=True):
    secret: bytes
    algorithm: str = "SHA1"
    digits: int = 6


class TotpMethod:
    """FactorMethod."""

    kind: FactorKind = "totp"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def ask(self, asked: Asked) -> Mapping[str, object]:
        """Nothing but a field for digits."""
        return {"digits": max((_totp(held.data).digits for held in asked.held), default=6)}

    async def check(self, asked: Asked, response: Mapping[str, object]) -> Proved:
        """`response`: {code}."""
        code = _code(response)
        for held in asked.held:
            step = _totp(held.data).step_of(code, asked.now // 1000)
            if step is not None:
                if step <= held.counter:
                    raise Refused("totp.replayed")
                return Proved(held.id, counter=step)
        raise Refused("totp.wrong")

    async def begin(self, asked: Asked) -> tuple[Mapping[str, object], bytes]:
        """Make a secret; the page shows it as a picture and as text."""
        totp = Totp(self._clock.random(SECRET_OCTETS))
        address = totp.address(ISSUER, asked.account.login)
        shown = {"secret": totp.text, "address": address, "picture": svg(address)}
        return shown, msgspec.json.encode(_Data(totp.secret))

    async def finish(self, asked: Asked, response: Mapping[str, object]) -> NewFactor:
        """`response`: {code}, one that the app shows for the new secret."""
        if not asked.begun:
            raise Invalid("begin first", reason="totp.begin")
        step = _totp(asked.begun).step_of(_code(response), asked.now // 1000)
        if step is None:
            raise Refused("totp.wrong")
        return NewFactor(asked.begun, counter=step, label="OTP")


def _code(response: Mapping[str, object]) -> str:
    code = response.get("code")
    if not isinstance(code, str):
        raise Refused("totp.structure")
    return code


def _totp(data: bytes) -> Totp:
    kept = msgspec.json.decode(data, type=_Data)
    return Totp(kept.secret, "SHA256" if kept.algorithm == "SHA256" else "SHA1", 8 if kept.digits == 8 else 6)
