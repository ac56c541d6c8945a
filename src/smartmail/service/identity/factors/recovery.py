"""Recovery codes: ten at a time, for who has lost a second factor (KA-11).

SECURITY    Sixty bits each, shown once. Kept as hashes under a key of the installation, so that a copy of the database
            cannot be searched for them; used by whoever deletes the hash.
"""

import re
from collections.abc import Mapping
from typing import Final

from smartmail.domain.errors import Invalid
from smartmail.domain.factors import FactorKind
from smartmail.domain.ids import AccountId
from smartmail.formats.seal import Purpose
from smartmail.ports.clock import Clock
from smartmail.service.identity.factors.methods import Asked, NewFactor, Proved, Refused
from smartmail.service.kernel.keyring import Keyring

CODES: Final = 10
OCTETS: Final = 10
"""Eighty random bits give sixteen signs of 32."""
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_LENGTH: Final = 12
"""Signs of a code: sixty bits."""


class RecoveryMethod:
    """FactorMethod; codes are made by `new_codes`, not enrolled."""

    kind: FactorKind = "recovery"

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    def new_codes(self, account_id: AccountId) -> tuple[list[str], list[bytes]]:
        """Return ten codes to show once, and what is kept of them."""
        codes = [_shown(self._clock.random(OCTETS)) for _ in range(CODES)]
        return codes, [self.hash_of(account_id, code) for code in codes]

    def hash_of(self, account_id: AccountId, code: str) -> bytes:
        """Return what a code is found by."""
        signs = re.sub(r"[\s-]", "", code).lower()
        fields = (b"%d" % account_id, signs.encode("utf-8", "surrogatepass"))
        return self._keyring.installation_mac(Purpose.RECOVERY_CODE, *fields)

    async def ask(self, _asked: Asked) -> Mapping[str, object]:
        """Nothing but a field."""
        return {"length": _LENGTH}

    async def check(self, asked: Asked, response: Mapping[str, object]) -> Proved:
        """`response`: {code}. Whether it is right, the store says when it is used up."""
        code = response.get("code")
        if not isinstance(code, str) or not code.strip() or len(code) > 100:
            raise Refused("recovery.structure")
        return Proved(0, code=self.hash_of(asked.account.id, code))

    async def begin(self, _asked: Asked) -> tuple[Mapping[str, object], bytes]:
        """Not this way."""
        raise Invalid("recovery codes are made anew, not enrolled", reason="recovery.codes")

    async def finish(self, _asked: Asked, _response: Mapping[str, object]) -> NewFactor:
        """Not this way."""
        raise Invalid("recovery codes are made anew, not enrolled", reason="recovery.codes")


def _shown(octets: bytes) -> str:
    number = int.from_bytes(octets)
    signs = "".join(_ALPHABET[number >> shift & 31] for shift in range(0, _LENGTH * 5, 5))
    return "-".join(signs[start : start + 4] for start in range(0, _LENGTH, 4))
