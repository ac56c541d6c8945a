"""Policy as stored and as told: levels, rules, revisions, and what they come to for one account.

What knobs there are and how rules decide is policy's business; these are the values that pass between it, the store
and whoever asks.
"""

from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["system", "organization", "domain", "department", "group", "account"]

LEVELS: Final[tuple[Level, ...]] = ("system", "organization", "domain", "department", "group", "account")
"""Weakest first (KX-2)."""

Value = bool | int | str | tuple[str, ...]
"""What a knob can be set to."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a rule is for. `subject` is "" for the system, else an id as text (of a domain: its name, of a department:
    organisation id, colon, code).
    """

    level: Level
    subject: str = ""


def is_in_force(valid_from: int | None, valid_until: int | None, now: int) -> bool:
    """Say whether the clock lets a rule count that holds between two times, either of which may be open."""
    return (valid_from is None or valid_from <= now) and (valid_until is None or now < valid_until)


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
        return is_in_force(self.valid_from, self.valid_until, now)


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
    access_record_days: int
    admin_record_days: int
    password_min_length: int
    session_hours: int
    session_idle_minutes: int
    session_concurrent: Literal["deny", "replace", "allow"]
    pop3_dele: Literal["keep", "trash", "vault"]
    pop3_login_delay_seconds: int
    quota_octets: int
    quota_over: Literal["bounce", "defer", "grace", "receive"]
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
    undo_max_seconds: int
    sending_confirm: Literal["always", "outside", "none"]
    recall_inside: Literal["off", "unread", "always"]
    sending_stop: bool
    sending_stop_points: int
    sending_stop_alike: int
    sending_stop_owner: bool
    sign_up_watch: Literal["on", "learn", "off"]
    sign_up_burst: int
    holidays_public: tuple[str, ...]
    holidays_own: tuple[str, ...]
    sieve_scripts: bool
    brand_logos: bool
    read_told: bool
    sharing_anyone: bool
    sharing_between_domains: bool
    sharing_ask: bool
    sharing_mail: bool
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
    sender_memory: bool
    home_countries: tuple[str, ...]
    abroad_aside: Literal["on", "personal", "off"]
    signing_rotate_days: int
    outside_send: bool
    outside_receive: bool
    quota_grace_days: int
    quota_warn_percent: int
    quota_alarm_percent: int
    junk_days: int
    inbox_days: int
    sent_days: int
    retention_spares_starred: bool
    retention_notice_days: int
    export: bool
    export_step_up: bool
    importing: bool
    parcel_days: int
    pull: bool
    pull_most: int
    pull_minutes: int
    pull_delete: bool
    pull_plain: bool
    print: bool
    watermark: bool
    route_flags: bool
    offline: bool
    archive_key: bool
    push_content: bool
    attachment_doors: tuple[str, ...]
    attachment_max_octets: int
    footer_text: tuple[str, ...]
    footer_where: Literal["all", "outside", "inside", "off"]
    footer_once: bool
    signature_text: tuple[str, ...]
    signature_use: Literal["required", "offered"]
    big_files: bool
    big_files_switch_octets: int
    big_files_max_octets: int
    big_files_room_octets: int
    big_files_days: int
    big_files_downloads: int
    big_files_password: bool
    big_files_countries: tuple[str, ...]
    big_files_per_recipient: bool
    big_files_inside: Literal["link", "file"]
    big_files_view_only: bool
    big_files_view_printing: bool
    contacts: bool
    contacts_max_cards: int
    contacts_max_octets: int
    password_classes: int
    password_history: int
    password_max_age_days: int
    password_change_initial: bool
    password_change_later: bool
    password_breached_list: bool
    password_forbid_parts: bool
    password_forbid_runs: bool
    password_import_weak: bool
    photographs: Literal["own", "administrators", "off"]
    lockout_tries: int
    lockout_minutes: int
    connections_per_account: int
    commands_per_minute: int
    octets_read_per_hour: int
    octets_written_per_hour: int
    second_factor_required: Literal["required", "outside-office", "optional", "off"]
    office_networks: tuple[str, ...]
    second_factor_grace_days: int
    second_factor_kinds: tuple[str, ...]
    certificate_revocation: Literal["hard", "soft", "off"]
    certificate_soft_hours: int
    step_up_minutes: int
    consent_required: bool
    known_device_notice: bool
    session_admin_idle_minutes: int
    admin_networks: tuple[str, ...]
    admin_separation: bool
    admin_two_person: tuple[str, ...]
    admin_sole_wait_hours: int
    admin_consent_hours: int
    admin_independence_days: int
    dormant_days: int
    leaver_days: int
    leaver_address_months: int
    leaver_read_days: int
