"""Policy as stored and as told: levels, rules, revisions, and what they come to for one account.

What knobs there are and how rules decide is policy's business; these are the values that pass between it, the store
and whoever asks.
"""

from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["system", "organization", "domain", "department", "group", "account"]

LEVELS: Final[tuple[Level, ...]] = ("system", "organization", "domain", "department", "group", "account")
"""Weakest first (korea.md KX-2)."""

Value = bool | int | str | tuple[str, ...]
"""What a knob can be set to."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a rule is for. `subject` is "" for the system, else an id as text (of a domain: its name, of a department:
    organisation id, colon, name).
    """

    level: Level
    subject: str = ""


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One knob set for one scope.

    With `valid_until` it is a dated exception: the strongest kind of rule, in force from `valid_from` (milliseconds)
    until then, and judged by the clock when it is asked for. `locked` holds off everything below. `authority` is the
    level that an exception was granted at: a lock of a weaker level than that gives way to it.
    """

    knob: str
    scope: Scope
    value: Value
    locked: bool = False
    authority: Level | None = None
    valid_from: int | None = None
    valid_until: int | None = None
    id: int = 0

    @property
    def dated(self) -> bool:
        """Whether it is an exception that ends by itself."""
        return self.valid_until is not None

    def in_force(self, now: int) -> bool:
        """Whether the clock lets it count."""
        return (self.valid_from is None or self.valid_from <= now) and (
            self.valid_until is None or now < self.valid_until
        )


@dataclass(frozen=True, slots=True)
class PolicyRevision:
    """One change of the policy. It is never changed itself; the rules that it began and ended stay readable."""

    epoch: int
    at: int
    actor: str
    action: str
    address: str
    begun: tuple[PolicyRule, ...] = ()
    ended: tuple[PolicyRule, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """Everything that policy says about one account at one moment. Octets, days, hours, minutes, seconds as named.

    0 means "no limit" for octets and lifetimes unless the knob says otherwise.
    """

    epoch: int
    open_doors: frozenset[str]
    app_password_required: bool
    app_passwords: bool
    access_tokens: bool
    client_certificates: bool
    login_record_days: int
    password_min_length: int
    session_hours: int
    session_idle_minutes: int
    session_concurrent: Literal["replace", "allow"]
    pop3_dele: Literal["keep", "trash", "vault"]
    pop3_login_delay_seconds: int
    quota_octets: int
    quota_over: Literal["bounce", "defer"]
    message_max_octets: int
    message_max_recipients: int
    message_max_outside: int
    message_warn_outside: int
    day_max_outside: int
    day_warn_outside: int
    outside_over: Literal["refuse", "approval"]
    forward_external: bool
    vacation: bool
    vacation_external: bool
    sieve_scripts: bool
    sharing_anyone: bool
    sharing_between_domains: bool
    vault_days: int
    trash_days: int
    detach: bool
    language: str
    languages: tuple[str, ...]
    spam_junk_score: int
    spam_quarantine_score: int
    spam_reject_score: int
    quarantine_days: int
    quarantine_release: bool
    quarantine_links: bool
    digest: bool
    digest_hours: tuple[str, ...]
    digest_zone: str
    client_address: bool
    country_header: bool
