"""Presets: what a kind of institution starts from, as data. The reason of each value is the catalogue key
`preset.<reason>`.

STRATEGIES  A preset replaces what the scope had set (knobs that it does not name go back to their default) in one
            revision, so that going back is one revision too. Nothing is locked: a preset is a beginning.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from smartmail.domain.policy import Value


class Preset(NamedTuple):
    """One value of a preset and the catalogue key of its reason."""

    value: Value
    reason: str


def _closed(*doors: str) -> dict[str, Preset]:
    return {f"door.{door}": Preset(value=False, reason="preset.no-copies-outside") for door in doors}


_GENERAL: Final[dict[str, Preset]] = {}

_PUBLIC: Final[dict[str, Preset]] = {
    **_closed("imap", "pop3", "smtp", "sieve", "jmap", "dav"),
    "login.app-password-required": Preset(value=True, reason="preset.programs-keep-secrets"),
    "login.access-tokens": Preset(value=False, reason="preset.programs-keep-secrets"),
    "password.min-length": Preset(10, "preset.password-rule"),
    "session.hours": Preset(12, "preset.one-working-day"),
    "session.idle-minutes": Preset(30, "preset.unattended-screens"),
    "session.concurrent": Preset("replace", "preset.one-place-at-a-time"),
    "pop3.dele": Preset("keep", "preset.original-stays"),
    "pop3.login-delay-seconds": Preset(60, "preset.original-stays"),
    "forward.external": Preset(value=False, reason="preset.no-copies-outside"),
    "vacation.external": Preset(value=False, reason="preset.absence-is-internal"),
    "sharing.anyone": Preset(value=False, reason="preset.need-to-know"),
    "sharing.between-domains": Preset(value=False, reason="preset.need-to-know"),
    "vault.days": Preset(90, "preset.proof-of-deletion"),
    "message.max-recipients": Preset(500, "preset.mass-mail"),
}

_FINANCE: Final[dict[str, Preset]] = {
    **_PUBLIC,
    "password.min-length": Preset(12, "preset.password-rule"),
    "session.hours": Preset(10, "preset.one-working-day"),
    "session.idle-minutes": Preset(10, "preset.unattended-screens"),
    "login.app-passwords": Preset(value=False, reason="preset.programs-keep-secrets"),
    "vacation.allowed": Preset(value=True, reason="preset.absence-is-internal"),
    "detach.allowed": Preset(value=False, reason="preset.proof-of-deletion"),
    "vault.days": Preset(365, "preset.proof-of-deletion"),
    "message.max-recipients": Preset(100, "preset.mass-mail"),
}

PRESETS: Final[Mapping[str, Mapping[str, Preset]]] = MappingProxyType(
    {"general": _GENERAL, "finance": _FINANCE, "public": _PUBLIC}
)
"""일반, 금융, 공공."""
