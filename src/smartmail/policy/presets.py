"""Presets: what a kind of institution starts from, as data. The reason of each value is the catalogue key
`preset.<reason>`.

STRATEGIES  One table of knobs: reason, then the value for a company (일반), a public body (공공), finance (금융). A preset
            replaces what the scope had set (knobs that it does not name go back to their default) in one revision, so that
            going back is one revision too. Nothing is locked: a preset is a beginning.
            Every knob here can be set for an organisation; what only the system decides is in no preset.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from smartmail.domain.policy import Value


class Preset(NamedTuple):
    """One value of a preset and the catalogue key of its reason."""

    value: Value
    reason: str


_MEBIBYTE: Final = 1 << 20
_ALL_FACTORS: Final = ("totp", "passkey", "certificate")
_TWO_PERSON: Final = ("export", "purge", "keys", "factors", "roles", "policy", "originals", "moves")

_TABLE: Final[dict[str, tuple[str, Value, Value, Value]]] = {
    "door.web": ("browser-stays", True, True, True),
    "door.imap": ("no-copies-outside", True, False, False),
    "door.pop3": ("no-copies-outside", True, False, False),
    "door.smtp": ("no-copies-outside", True, False, False),
    "door.sieve": ("no-copies-outside", True, False, False),
    "door.jmap": ("no-copies-outside", True, False, False),
    "door.dav": ("no-copies-outside", True, False, False),
    "login.app-password-required": ("programs-keep-secrets", False, True, True),
    "login.app-passwords": ("programs-keep-secrets", True, True, False),
    "login.access-tokens": ("programs-keep-secrets", True, False, False),
    "password.min-length": ("password-rule", 10, 10, 12),
    "password.classes": ("password-rule", 2, 3, 3),
    "password.history": ("password-rule", 2, 3, 4),
    "password.max-age-days": ("password-age", 0, 90, 90),
    "password.change-later": ("password-age", True, True, False),
    "password.breached-list": ("guessing", True, True, True),
    "password.forbid-parts": ("guessing", True, True, True),
    "password.forbid-runs": ("guessing", True, True, True),
    "lockout.tries": ("guessing", 0, 5, 5),
    "lockout.minutes": ("guessing", 10, 30, 30),
    "second-factor.required": ("second-proof", "optional", "required", "required"),
    "second-factor.grace-days": ("second-proof", 14, 0, 0),
    "second-factor.kinds": ("second-proof", _ALL_FACTORS, _ALL_FACTORS, _ALL_FACTORS),
    "certificate.revocation": ("revocation", "soft", "hard", "hard"),
    "step-up.minutes": ("step-up", 15, 10, 5),
    "consent.required": ("consent", False, True, True),
    "known-device.notice": ("guessing", True, True, True),
    "session.hours": ("one-working-day", 24 * 14, 12, 10),
    "session.idle-minutes": ("unattended-screens", 0, 30, 10),
    "session.admin-idle-minutes": ("unattended-screens", 30, 10, 10),
    "session.concurrent": ("one-place-at-a-time", "allow", "replace", "deny"),
    "admin.separation": ("separate-offices", False, True, True),
    "admin.two-person": ("separate-offices", (), _TWO_PERSON, _TWO_PERSON),
    "pop3.dele": ("original-stays", "vault", "keep", "keep"),
    "pop3.login-delay-seconds": ("original-stays", 0, 60, 60),
    "forward.external": ("no-copies-outside", True, False, False),
    "watermark.shown": ("watermark", False, True, True),
    "export.allowed": ("no-copies-outside", True, False, False),
    "export.step-up": ("no-copies-outside", False, True, True),
    "offline.allowed": ("no-copies-outside", True, False, False),
    "push.content": ("no-copies-outside", True, False, False),
    "attachment.doors": ("no-copies-outside", ("web", "jmap"), ("web",), ("web",)),
    "vacation.allowed": ("absence-is-internal", True, True, True),
    "vacation.external": ("absence-is-internal", True, False, False),
    "brand.logos": ("no-requests-outside", True, False, False),
    "sharing.anyone": ("need-to-know", False, False, False),
    "sharing.between-domains": ("need-to-know", True, False, False),
    "quota.over": ("full-mailbox", "grace", "grace", "grace"),
    "quota.grace-days": ("full-mailbox", 7, 14, 14),
    "quota.warn-percent": ("full-mailbox", 80, 80, 80),
    "trash.days": ("old-mail", 30, 30, 30),
    "junk.days": ("old-mail", 30, 30, 30),
    "vault.days": ("proof-of-deletion", 30, 90, 365),
    "detach.allowed": ("proof-of-deletion", True, True, False),
    "message.max-recipients": ("mass-mail", 1000, 500, 100),
    "message.max-outside": ("mass-mail", 500, 100, 50),
    "message.warn-outside": ("mass-mail", 50, 20, 10),
    "outside.over": ("mass-mail", "refuse", "approval", "approval"),
    "sending.confirm": ("wrong-recipient", "none", "outside", "outside"),
    "attachment.max-octets": ("mass-mail", 0, 50 * _MEBIBYTE, 30 * _MEBIBYTE),
    "quarantine.release": ("dangerous-mail", True, True, False),
    "quarantine.links": ("dangerous-mail", True, False, False),
}


def _column(number: int) -> Mapping[str, Preset]:
    return MappingProxyType({
        knob: Preset((row[1], row[2], row[3])[number], f"preset.{row[0]}") for knob, row in _TABLE.items()
    })  # fmt: skip


PRESETS: Final[Mapping[str, Mapping[str, Preset]]] = MappingProxyType(
    {"general": _column(0), "public": _column(1), "finance": _column(2)}
)
"""일반, 공공, 금융."""
