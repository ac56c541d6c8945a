"""The knobs that there are: name, type, default, who may set them.

A knob's texts are the catalogue keys `policy.<name>`. A new knob is one line here, one field of AccountPolicy and one
text per language; whatever obeys it asks service.policy.
"""

from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from smartmail.base.i18n import LANGUAGES
from smartmail.domain.policy import LEVELS, Level, Value
from smartmail.policy.kinds import Choice, Count, Flag, Kind, Names

V = TypeVar("V", bound=Value)

CLIENT_DOORS: Final = ("imap", "pop3", "smtp", "sieve", "jmap", "dav")
"""Doors that programs come through: what app passwords and access tokens open."""
GATED_DOORS: Final = ("web", *CLIENT_DOORS)
"""Doors that a knob closes. The others (lmtp, cli, system) admit nobody by name and secret."""

_NO_PERSON: Final[tuple[Level, ...]] = ("system", "organization", "domain")
MEBIBYTE: Final = 1 << 20
MAX_OCTETS: Final = 1 << 50


@dataclass(frozen=True, slots=True)
class Knob(Generic[V]):
    """One thing that policy decides. `levels` may set it; `help_key` is its text in the catalogues."""

    name: str
    kind: Kind[V]
    default: V
    levels: tuple[Level, ...] = LEVELS

    @property
    def help_key(self) -> str:
        """Return the key of its text."""
        return f"policy.{self.name}"


def _flag(name: str, *, default: bool, strict: bool, levels: tuple[Level, ...] = LEVELS) -> Knob[bool]:
    return Knob(name, Flag(strict), default, levels)


DOORS: Final[dict[str, Knob[bool]]] = {door: _flag(f"door.{door}", default=True, strict=False) for door in GATED_DOORS}
"""buyer.md BR-29: open by default; the presets for finance and public bodies close all but the web."""

APP_PASSWORD_REQUIRED: Final = _flag("login.app-password-required", default=False, strict=True)
APP_PASSWORDS: Final = _flag("login.app-passwords", default=True, strict=False)
ACCESS_TOKENS: Final = _flag("login.access-tokens", default=True, strict=False)
CLIENT_CERTIFICATES: Final = _flag("login.client-certificates", default=True, strict=False)
LOGIN_RECORD_DAYS: Final = Knob("login.record-days", Count(30, 3650, "high"), 730, ("system",))
PASSWORD_MIN_LENGTH: Final = Knob("password.min-length", Count(8, 64, "high"), 10)
SESSION_HOURS: Final = Knob("session.hours", Count(1, 24 * 90), 24 * 14)
SESSION_IDLE_MINUTES: Final = Knob("session.idle-minutes", Count(5, 60 * 24 * 30, zero_is_none=True), 0)
SESSION_CONCURRENT: Final = Knob("session.concurrent", Choice(("replace", "allow")), "allow")
POP3_DELE: Final = Knob("pop3.dele", Choice(("keep", "trash", "vault")), "vault")
POP3_LOGIN_DELAY: Final = Knob("pop3.login-delay-seconds", Count(0, 3600, "high"), 0)
QUOTA_OCTETS: Final = Knob("quota.octets", Count(MEBIBYTE, MAX_OCTETS, zero_is_none=True), 0)
QUOTA_OVER: Final = Knob("quota.over", Choice(("bounce", "defer")), "defer")
MESSAGE_MAX_OCTETS: Final = Knob("message.max-octets", Count(MEBIBYTE, 1 << 31, zero_is_none=True), 0)
MESSAGE_MAX_RECIPIENTS: Final = Knob("message.max-recipients", Count(1, 10_000), 1000)
MESSAGE_MAX_OUTSIDE: Final = Knob("message.max-outside", Count(1, 10_000, zero_is_none=True), 500)
"""buyer.md BR-12. The warnings are for whoever sends; what is over the limit is refused or waits for an approval."""
MESSAGE_WARN_OUTSIDE: Final = Knob("message.warn-outside", Count(1, 10_000, zero_is_none=True), 0)
DAY_MAX_OUTSIDE: Final = Knob("day.max-outside", Count(1, 1_000_000, zero_is_none=True), 0)
DAY_WARN_OUTSIDE: Final = Knob("day.warn-outside", Count(1, 1_000_000, zero_is_none=True), 0)
OUTSIDE_OVER: Final = Knob("outside.over", Choice(("refuse", "approval")), "refuse")
FORWARD_EXTERNAL: Final = _flag("forward.external", default=True, strict=False)
VACATION: Final = _flag("vacation.allowed", default=True, strict=False)
VACATION_EXTERNAL: Final = _flag("vacation.external", default=True, strict=False)
SIEVE_SCRIPTS: Final = _flag("sieve.scripts", default=True, strict=False)
SHARING_ANYONE: Final = _flag("sharing.anyone", default=False, strict=False)
SHARING_BETWEEN_DOMAINS: Final = _flag("sharing.between-domains", default=True, strict=False)
VAULT_DAYS: Final = Knob("vault.days", Count(1, 3650, "high"), 30, ("system", "organization", "domain", "group"))
TRASH_DAYS: Final = Knob("trash.days", Count(1, 3650, zero_is_none=True), 0)
DETACH: Final = _flag("detach.allowed", default=True, strict=False)
LANGUAGE: Final = Knob("language.default", Choice(LANGUAGES), "ko")
OFFERED_LANGUAGES: Final = Knob("language.offered", Names(LANGUAGES), LANGUAGES)
SPAM_JUNK_SCORE: Final = Knob("spam.junk-score", Count(1, 1000, zero_is_none=True), 6, _NO_PERSON)
SPAM_QUARANTINE_SCORE: Final = Knob("spam.quarantine-score", Count(1, 1000, zero_is_none=True), 12, _NO_PERSON)
SPAM_REJECT_SCORE: Final = Knob("spam.reject-score", Count(1, 1000, zero_is_none=True), 15, _NO_PERSON)
QUARANTINE_DAYS: Final = Knob("quarantine.days", Count(1, 365, "high"), 30)
QUARANTINE_RELEASE: Final = _flag("quarantine.release", default=True, strict=False)
"""korea.md KF-17: what is spam, never malware."""
QUARANTINE_LINKS: Final = _flag("quarantine.links", default=True, strict=False)
DIGEST: Final = _flag("digest.sent", default=True, strict=False)
DIGEST_HOURS: Final = Knob("digest.hours", Names(tuple(f"{hour:02}" for hour in range(24))), ("09",))
DIGEST_ZONE: Final = Knob("digest.zone", Choice(tuple(f"{hours:+03}:00" for hours in range(-12, 15))), "+09:00")
CLIENT_ADDRESS: Final = _flag("received.client-address", default=False, strict=False, levels=_NO_PERSON)
COUNTRY_HEADER: Final = _flag("route.country-header", default=False, strict=False, levels=("system",))

_ALL: Final[tuple[Knob[Any], ...]] = (
    *DOORS.values(), APP_PASSWORD_REQUIRED, APP_PASSWORDS, ACCESS_TOKENS, CLIENT_CERTIFICATES, LOGIN_RECORD_DAYS,
    PASSWORD_MIN_LENGTH, SESSION_HOURS, SESSION_IDLE_MINUTES, SESSION_CONCURRENT, POP3_DELE, POP3_LOGIN_DELAY, QUOTA_OCTETS,
    QUOTA_OVER, MESSAGE_MAX_OCTETS, MESSAGE_MAX_RECIPIENTS, MESSAGE_MAX_OUTSIDE, MESSAGE_WARN_OUTSIDE,
    DAY_MAX_OUTSIDE, DAY_WARN_OUTSIDE, OUTSIDE_OVER, FORWARD_EXTERNAL, VACATION, VACATION_EXTERNAL, SIEVE_SCRIPTS,
    SHARING_ANYONE, SHARING_BETWEEN_DOMAINS, VAULT_DAYS, TRASH_DAYS, DETACH, LANGUAGE, OFFERED_LANGUAGES,
    SPAM_JUNK_SCORE, SPAM_QUARANTINE_SCORE, SPAM_REJECT_SCORE,
    QUARANTINE_DAYS, QUARANTINE_RELEASE, QUARANTINE_LINKS, DIGEST, DIGEST_HOURS, DIGEST_ZONE,
    CLIENT_ADDRESS, COUNTRY_HEADER,
)  # fmt: skip

KNOBS: Final[dict[str, Knob[Any]]] = {knob.name: knob for knob in _ALL}
