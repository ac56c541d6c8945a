"""The knobs that there are: name, type, default, who may set them.

A knob's texts are the catalogue keys `policy-name.<name>` and `policy.<name>`. A new knob is one line here and two
texts per language (docs/how-to-add/knob.md); whatever obeys it asks service.kernel.policy.
"""

from dataclasses import dataclass
from typing import Any, Final, Generic, Literal, TypeVar

from smartmail.base.i18n import LANGUAGES
from smartmail.domain.holidays import COUNTRIES
from smartmail.domain.policy import LEVELS, Level, Value
from smartmail.domain.proposals import ACT_CLASSES
from smartmail.policy.kinds import Choice, Count, Countries, Days, Flag, Kind, Names, Networks, Texts
from smartmail.policy.units import Unit, Zero, unit_of, zero_of

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
    """One thing that policy decides. `levels` may set it; `title_key` and `help_key` are its texts in the catalogues."""

    name: str
    kind: Kind[V]
    default: V
    levels: tuple[Level, ...] = LEVELS

    @property
    def title_key(self) -> str:
        """Return the key of its short name, a noun."""
        return f"policy-name.{self.name}"

    @property
    def unit(self) -> Unit | None:
        """Return what its values count, None where they count nothing."""
        return unit_of(self.name)

    @property
    def zero(self) -> Zero | None:
        """Return what 0 means, None where it cannot be 0."""
        kind: object = self.kind
        may_be = isinstance(kind, Count) and (kind.zero_is_none or kind.least == 0)
        return zero_of(self.name) if may_be else None

    @property
    def help_key(self) -> str:
        """Return the key of its text."""
        return f"policy.{self.name}"


def _flag(name: str, *, default: bool, strict: bool, levels: tuple[Level, ...] = LEVELS) -> Knob[bool]:
    return Knob(name, Flag(strict), default, levels)


DOORS: Final[dict[str, Knob[bool]]] = {door: _flag(f"door.{door}", default=True, strict=False) for door in GATED_DOORS}
"""BR-29: open by default; the presets for finance and public bodies close all but the web."""

APP_PASSWORD_REQUIRED: Final = _flag("login.app-password-required", default=False, strict=True)
APP_PASSWORDS: Final = _flag("login.app-passwords", default=True, strict=False)
ACCESS_TOKENS: Final = _flag("login.access-tokens", default=True, strict=False)
CLIENT_CERTIFICATES: Final = _flag("login.client-certificates", default=True, strict=False)
LOGIN_RECORD_DAYS: Final = Knob("login.record-days", Count(30, 3650, "high"), 730, ("system",))
ACCESS_RECORD_DAYS: Final = Knob("records.access-days", Count(365, 3650, "high"), 730, ("system",))
ADMIN_RECORD_DAYS: Final = Knob("records.admin-days", Count(365, 3650, "high"), 730, ("system",))
"""KA-41: never less than a year, as 안전성 확보조치 기준 제8조 wants."""
PASSWORD_MIN_LENGTH: Final = Knob("password.min-length", Count(8, 64, "high"), 10)
SESSION_HOURS: Final = Knob("session.hours", Count(1, 24 * 90), 24 * 14)
SESSION_IDLE_MINUTES: Final = Knob("session.idle-minutes", Count(5, 60 * 24 * 30, zero_is_none=True), 0)
SESSION_CONCURRENT: Final[Knob[Literal["deny", "replace", "allow"]]] = Knob(
    "session.concurrent", Choice(("deny", "replace", "allow")), "allow"
)
POP3_DELE: Final[Knob[Literal["keep", "trash", "vault"]]] = Knob(
    "pop3.dele", Choice(("keep", "trash", "vault")), "vault"
)
POP3_LOGIN_DELAY: Final = Knob("pop3.login-delay-seconds", Count(0, 3600, "high"), 0)
QUOTA_OCTETS: Final = Knob("quota.octets", Count(MEBIBYTE, MAX_OCTETS, zero_is_none=True), 0)
QUOTA_OVER: Final[Knob[Literal["bounce", "defer", "grace", "receive"]]] = Knob(
    "quota.over", Choice(("bounce", "defer", "grace", "receive")), "defer"
)
"""BR-18: refused for good, put off, taken for `quota.grace-days` and then refused, taken while sending is not."""
QUOTA_GRACE_DAYS: Final = Knob("quota.grace-days", Count(1, 365), 7)
QUOTA_WARN_PERCENT: Final = Knob("quota.warn-percent", Count(50, 99, zero_is_none=True), 80)
QUOTA_ALARM_PERCENT: Final = Knob("quota.alarm-percent", Count(50, 100, zero_is_none=True), 95)
MESSAGE_MAX_OCTETS: Final = Knob("message.max-octets", Count(MEBIBYTE, 1 << 31, zero_is_none=True), 0)
MESSAGE_MAX_RECIPIENTS: Final = Knob("message.max-recipients", Count(1, 10_000), 1000)
MESSAGE_MAX_OUTSIDE: Final = Knob("message.max-outside", Count(1, 10_000, zero_is_none=True), 500)
"""BR-12. The warnings are for whoever sends; what is over the limit is refused or waits for an approval."""
MESSAGE_WARN_OUTSIDE: Final = Knob("message.warn-outside", Count(1, 10_000, zero_is_none=True), 0)
DAY_MAX_OUTSIDE: Final = Knob("day.max-outside", Count(1, 1_000_000, zero_is_none=True), 0)
DAY_WARN_OUTSIDE: Final = Knob("day.warn-outside", Count(1, 1_000_000, zero_is_none=True), 0)
OUTSIDE_SEND: Final = _flag("outside.send", default=True, strict=False)
"""BR-6: people who write and are written to inside only."""
OUTSIDE_RECEIVE: Final = _flag("outside.receive", default=True, strict=False)
OUTSIDE_OVER: Final[Knob[Literal["refuse", "approval"]]] = Knob(
    "outside.over", Choice(("refuse", "approval")), "refuse"
)
FORWARD_EXTERNAL: Final = _flag("forward.external", default=True, strict=False)
VACATION: Final = _flag("vacation.allowed", default=True, strict=False)
VACATION_EXTERNAL: Final = _flag("vacation.external", default=True, strict=False)
RECALL_INSIDE: Final[Knob[Literal["off", "unread", "always"]]] = Knob(
    "recall.inside", Choice(("off", "unread", "always")), "unread"
)
UNDO_MAX_SECONDS: Final = Knob("undo.max-seconds", Count(0, 600), 60)
SENDING_CONFIRM: Final[Knob[Literal["always", "outside", "none"]]] = Knob(
    "sending.confirm", Choice(("always", "outside", "none")), "none"
)
"""Recipients, subject and attachments once more before mail leaves the webmail. Help for whoever writes and
no guard: the server takes mail that nobody looked at, and mail programs ask nothing.
"""
SENDING_STOP: Final = _flag("sending-stop.on", default=True, strict=True)
"""docs/adr/0021-defence.md: an account that sends as a thief does is stopped, its mail held."""
SENDING_STOP_POINTS: Final = Knob("sending-stop.points", Count(20, 10_000), 100)
SENDING_STOP_ALIKE: Final = Knob("sending-stop.alike-a-day", Count(0, 100_000), 0)
SENDING_STOP_OWNER: Final = _flag("sending-stop.owner-release", default=True, strict=False)
"""By the owner, with a second factor that is older than the theft."""
SIGN_UP_WATCH: Final[Knob[Literal["on", "learn", "off"]]] = Knob(
    "sign-up-watch.mode", Choice(("on", "learn", "off")), "on"
)
"""`learn` while a company or a person moves in: everything that writes to them is known from then on."""
SIGN_UP_BURST: Final = Knob("sign-up-watch.burst", Count(1, 1000), 20)
HOLIDAYS_PUBLIC: Final = Knob("holidays.public", Names(COUNTRIES, "more"), ("KR",))
HOLIDAYS_OWN: Final = Knob("holidays.own", Days(), ())
"""BR-14: days on which nobody works, beside weekends; mail that is sent again and again may keep off them."""
SIEVE_SCRIPTS: Final = _flag("sieve.scripts", default=True, strict=False)
READ_TOLD: Final = _flag("trace.read-told", default=True, strict=False)
"""Whether who sends to a person inside the company learns that they read it."""
BRAND_LOGOS: Final = _flag("brand.logos", default=True, strict=False)
SHARING_ANYONE: Final = _flag("sharing.anyone", default=False, strict=False)
SHARING_BETWEEN_DOMAINS: Final = _flag("sharing.between-domains", default=True, strict=False)
SHARING_ASK: Final = _flag("sharing.ask", default=True, strict=False)
SHARING_MAIL: Final = _flag("sharing.mail", default=True, strict=False)
"""Whether people may ask to use a shared account; the rule of that account counts."""
VAULT_DAYS: Final = Knob("vault.days", Count(1, 3650, "high"), 30, ("system", "organization", "domain", "group"))
TRASH_DAYS: Final = Knob("trash.days", Count(1, 3650, zero_is_none=True), 0)
"""BR-19: days after which what lies in a mailbox of a role goes into the vault."""
JUNK_DAYS: Final = Knob("junk.days", Count(1, 3650, zero_is_none=True), 0)
INBOX_DAYS: Final = Knob("inbox.days", Count(30, 36_500, zero_is_none=True), 0)
SENT_DAYS: Final = Knob("sent.days", Count(30, 36_500, zero_is_none=True), 0)
RETENTION_SPARES_STARRED: Final = _flag("retention.spares-starred", default=True, strict=False)
RETENTION_NOTICE_DAYS: Final = Knob("retention.notice-days", Count(0, 30, "high"), 7)
DETACH: Final = _flag("detach.allowed", default=True, strict=False)
LANGUAGE: Final = Knob("language.default", Choice(LANGUAGES), "ko")
OFFERED_LANGUAGES: Final = Knob("language.offered", Names(LANGUAGES), LANGUAGES)
SCREEN_DENSITY: Final[Knob[Literal["compact", "normal", "roomy"]]] = Knob(
    "screen.density", Choice(("compact", "normal", "roomy")), "normal"
)
SCREEN_PANE: Final[Knob[Literal["width", "right", "below", "none"]]] = Knob(
    "screen.pane", Choice(("width", "right", "below", "none")), "width"
)
SCREEN_FACES: Final = _flag("screen.faces", default=True, strict=False)
"""How the list of the webmail begins; what a person chooses wins over all three."""
SPAM_JUNK_SCORE: Final = Knob("spam.junk-score", Count(1, 1000, zero_is_none=True), 6, _NO_PERSON)
SPAM_QUARANTINE_SCORE: Final = Knob("spam.quarantine-score", Count(1, 1000, zero_is_none=True), 12, _NO_PERSON)
SPAM_REJECT_SCORE: Final = Knob("spam.reject-score", Count(1, 1000, zero_is_none=True), 15, _NO_PERSON)
QUARANTINE_DAYS: Final = Knob("quarantine.days", Count(1, 365, "high"), 30)
QUARANTINE_RELEASE: Final = _flag("quarantine.release", default=True, strict=False)
"""KF-17: what is spam, never malware."""
QUARANTINE_LINKS: Final = _flag("quarantine.links", default=True, strict=False)
DIGEST: Final = _flag("digest.sent", default=True, strict=False)
DIGEST_HOURS: Final = Knob("digest.hours", Names(tuple(f"{hour:02}" for hour in range(24))), ("09",))
DIGEST_ZONE: Final = Knob("digest.zone", Choice(tuple(f"{hours:+03}:00" for hours in range(-12, 15))), "+09:00")
MISDELIVERY_GUARD: Final[Knob[Literal["off", "warn"]]] = Knob("misdelivery.guard", Choice(("off", "warn")), "warn")
MISDELIVERY_PROGRAMS: Final[Knob[Literal["off", "ask"]]] = Knob("misdelivery.programs", Choice(("off", "ask")), "ask")
"""Whether the guard asks about mail of mail programs too: it waits until its sender has looked at the recipients."""
MISDELIVERY_WAIT_HOURS: Final = Knob("misdelivery.wait-hours", Count(1, 72, "low"), 24)
"""How long: shorter than the life of a queue entry."""
CLIENT_ADDRESS: Final = _flag("received.client-address", default=False, strict=False, levels=_NO_PERSON)
HOME_COUNTRIES: Final = Knob("country.home", Countries(), ("KR",))
ABROAD_ASIDE: Final[Knob[Literal["on", "personal", "off"]]] = Knob(
    "abroad.aside", Choice(("on", "personal", "off")), "personal"
)
"""KA-33: mail from abroad in a mailbox of its own; `personal`: whoever wants it."""
COUNTRY_HEADER: Final = _flag("route.country-header", default=False, strict=False, levels=("system",))
SENDER_MEMORY: Final = _flag("route.sender-memory", default=True, strict=False)
"""Whether it is remembered from which countries a person's senders send, so that another one is told."""
SIGNING_ROTATE_DAYS: Final = Knob("signing.rotate-days", Count(30, 3650, zero_is_none=True), 0, _NO_PERSON)
PASSWORD_CLASSES: Final = Knob("password.classes", Count(1, 4, "high"), 2)
"""Of small letters, capitals, figures, signs (KA-15)."""
PASSWORD_HISTORY: Final = Knob("password.history", Count(0, 24, "high"), 2)
PASSWORD_MAX_AGE_DAYS: Final = Knob("password.max-age-days", Count(1, 3650, zero_is_none=True), 0)
PASSWORD_CHANGE_INITIAL: Final = _flag("password.change-initial", default=False, strict=True)
PASSWORD_CHANGE_LATER: Final = _flag("password.change-later", default=True, strict=False)
PASSWORD_BREACHED_LIST: Final = _flag("password.breached-list", default=True, strict=True)
PASSWORD_FORBID_PARTS: Final = _flag("password.forbid-parts", default=True, strict=True)
PASSWORD_FORBID_RUNS: Final = _flag("password.forbid-runs", default=True, strict=True)
PASSWORD_IMPORT_WEAK: Final = _flag("password.import-weak-hashes", default=False, strict=False)
"""MG-15: hashes of another system that are guessed fast, and passwords as they are, when people are imported."""
PHOTOGRAPHS: Final[Knob[Literal["own", "administrators", "off"]]] = Knob(
    "photographs", Choice(("own", "administrators", "off")), "own"
)
LOCKOUT_TRIES: Final = Knob("lockout.tries", Count(3, 1000, zero_is_none=True), 0)
LOCKOUT_MINUTES: Final = Knob("lockout.minutes", Count(1, 24 * 60, "high"), 10)
CONNECTIONS_PER_ACCOUNT: Final = Knob("connections.per-account", Count(4, 10_000, zero_is_none=True), 60)
"""What one account may use at a time, of each family of doors; and in a minute, in an hour, of all."""
COMMANDS_PER_MINUTE: Final = Knob("commands.per-minute", Count(60, 1_000_000, zero_is_none=True), 12_000)
OCTETS_READ_PER_HOUR: Final = Knob("octets.read-per-hour", Count(MEBIBYTE, MAX_OCTETS, zero_is_none=True), 0)
OCTETS_WRITTEN_PER_HOUR: Final = Knob("octets.written-per-hour", Count(MEBIBYTE, MAX_OCTETS, zero_is_none=True), 0)
SECOND_FACTOR_REQUIRED: Final[Knob[Literal["required", "outside-office", "optional", "off"]]] = Knob(
    "second-factor.required", Choice(("required", "outside-office", "optional", "off")), "optional"
)
OFFICE_NETWORKS: Final = Knob("office.networks", Networks(), ())
"""Where second-factor.required outside-office asks for none."""
SECOND_FACTOR_GRACE_DAYS: Final = Knob("second-factor.grace-days", Count(0, 365), 14)
SECOND_FACTOR_KINDS: Final = Knob(
    "second-factor.kinds", Names(("totp", "passkey", "certificate")), ("totp", "passkey", "certificate")
)
CERTIFICATE_REVOCATION: Final[Knob[Literal["hard", "soft", "off"]]] = Knob(
    "certificate.revocation", Choice(("hard", "soft", "off")), "hard"
)
CERTIFICATE_SOFT_HOURS: Final = Knob("certificate.soft-hours", Count(1, 24 * 30), 24)
STEP_UP_MINUTES: Final = Knob("step-up.minutes", Count(1, 24 * 60), 10)
CONSENT_REQUIRED: Final = _flag("consent.required", default=False, strict=True)
KNOWN_DEVICE_NOTICE: Final = _flag("known-device.notice", default=True, strict=True)
EXPORT: Final = _flag("export.allowed", default=True, strict=False)
EXPORT_STEP_UP: Final = _flag("export.step-up", default=False, strict=True)
IMPORT: Final = _flag("import.allowed", default=True, strict=False)
PARCEL_DAYS: Final = Knob("parcel.days", Count(1, 30, "low"), 7)
"""BR-20: how long a mailbox in a file may be fetched, and what a file brought be undone."""
"""BR-20: the original of a message (.eml) and whole mailboxes over the web."""
PULL: Final = _flag("pull.allowed", default=True, strict=False)
"""BR-21: mail of other providers brought in by POP3 or IMAP."""
PULL_MOST: Final = Knob("pull.most", Count(1, 10), 5)
PULL_MINUTES: Final = Knob("pull.minutes", Count(5, 24 * 60, "high"), 15)
PULL_DELETE: Final = _flag("pull.delete", default=True, strict=False)
PULL_PLAIN: Final = _flag("pull.plain", default=False, strict=False)
"""Connections without TLS, on which the password and the mail can be read."""
PRINT: Final = _flag("print.allowed", default=True, strict=False)
COPY: Final = _flag("copy.allowed", default=True, strict=False)
"""BR-27: text of open mail and previews selected and copied in the webmail; a rule for honest people, as PRINT is."""
WATERMARK: Final = _flag("watermark.shown", default=False, strict=True)
"""BR-27: who reads, from where and when, over open mail, previews and paper."""
ROUTE_FLAGS: Final = _flag("route.flags", default=False, strict=False)
"""Countries as flags; else as their two letters, which offend nobody."""
OFFLINE: Final = _flag("offline.allowed", default=True, strict=False)
ARCHIVE_KEY: Final = _flag("archive.key", default=False, strict=False)
"""E files a message in the webmail only where a company wants it to."""
"""Mail of the last days sealed in the browser, to be read without a network."""
PUSH_CONTENT: Final = _flag("push.content", default=True, strict=False)
"""Who wrote and the subject in notifications of the device; else only that mail has come."""
ATTACHMENT_DOORS: Final = Knob("attachment.doors", Names(("web", "jmap")), ("web", "jmap"))
ATTACHMENT_MAX_OCTETS: Final = Knob("attachment.max-octets", Count(MEBIBYTE, 1 << 31, zero_is_none=True), 0)
FOOTER_TEXT: Final = Knob("footer.text", Texts(LANGUAGES), ())
FOOTER_WHERE: Final[Knob[Literal["all", "outside", "inside", "off"]]] = Knob(
    "footer.where", Choice(("all", "outside", "inside", "off")), "outside"
)
FOOTER_ONCE: Final = _flag("footer.once-per-thread", default=True, strict=False)
"""BR-16: 하단 고지문."""
SIGNATURE_TEXT: Final = Knob("signature.text", Texts(LANGUAGES), ())
SIGNATURE_USE: Final[Knob[Literal["required", "offered"]]] = Knob(
    "signature.use", Choice(("required", "offered")), "offered"
)
"""The company's signature (조직 서명)."""
BIG_FILES: Final = _flag("big-files.allowed", default=True, strict=False)
"""Files kept beside the message and sent as links."""
BIG_FILES_SWITCH_OCTETS: Final = Knob(
    "big-files.switch-octets", Count(MEBIBYTE, 1 << 31, zero_is_none=True), 20 * MEBIBYTE
)
BIG_FILES_MAX_OCTETS: Final = Knob("big-files.max-octets", Count(MEBIBYTE, MAX_OCTETS, zero_is_none=True), 10 << 30)
BIG_FILES_ROOM_OCTETS: Final = Knob("big-files.room-octets", Count(MEBIBYTE, MAX_OCTETS, zero_is_none=True), 50 << 30)
BIG_FILES_DAYS: Final = Knob("big-files.days", Count(1, 3650), 30)
BIG_FILES_DOWNLOADS: Final = Knob("big-files.downloads", Count(1, 100_000, zero_is_none=True), 100)
BIG_FILES_PASSWORD: Final = _flag("big-files.password-required", default=False, strict=True)
BIG_FILES_COUNTRIES: Final = Knob("big-files.countries", Countries(or_none=True), ())
BIG_FILES_PER_RECIPIENT: Final = _flag("big-files.per-recipient", default=True, strict=True)
BIG_FILES_INSIDE: Final[Knob[Literal["link", "file"]]] = Knob("big-files.inside", Choice(("link", "file")), "file")
BIG_FILES_VIEW_ONLY: Final = _flag("big-files.view-only", default=False, strict=True)
BIG_FILES_VIEW_PRINTING: Final = _flag("big-files.view-printing", default=False, strict=False)
SECURE_MAIL: Final = _flag("secure-mail.allowed", default=True, strict=False)
"""Mail that people outside read on a page of ours, so that it can be recalled."""
SECURE_MAIL_ALWAYS: Final = _flag("secure-mail.always", default=False, strict=True)
SECURE_MAIL_SUBJECT_TAG: Final = _flag("secure-mail.subject-tag", default=True, strict=True)
SECURE_MAIL_PROOF: Final[Knob[Literal["code", "password", "link"]]] = Knob(
    "secure-mail.proof", Choice(("code", "password", "link")), "code"
)
SECURE_MAIL_DAYS: Final = Knob("secure-mail.days", Count(1, 365), 365)
SECURE_MAIL_VIEWS: Final = Knob("secure-mail.views", Count(1, 999, zero_is_none=True), 0)
CONTACTS: Final = _flag("contacts.allowed", default=True, strict=False)
"""Own address books; the directory of the company is told apart from this."""
CONTACTS_MAX_CARDS: Final = Knob("contacts.max-cards", Count(100, 50_000), 10_000)
CONTACTS_MAX_OCTETS: Final = Knob("contacts.max-octets", Count(MEBIBYTE, 1 << 32), 200 * MEBIBYTE)
SESSION_ADMIN_IDLE_MINUTES: Final = Knob("session.admin-idle-minutes", Count(5, 60 * 24, zero_is_none=True), 10)
ADMIN_NETWORKS: Final = Knob("admin.networks", Networks(), (), ("system", "organization"))
ADMIN_SEPARATION: Final = _flag("admin.separation", default=False, strict=True, levels=("system", "organization"))
ADMIN_TWO_PERSON: Final = Knob("admin.two-person", Names(ACT_CLASSES, "more"), (), ("system", "organization"))
ADMIN_SOLE_WAIT_HOURS: Final = Knob("admin.sole-wait-hours", Count(1, 24 * 7, "high"), 24, ("system", "organization"))
DORMANT_DAYS: Final = Knob("dormant.days", Count(30, 3650, zero_is_none=True), 0)
"""BR-1: after so long without a login an account lets nobody in until its person proves who they are."""
LEAVER_DAYS: Final = Knob("leaver.days", Count(1, 3650, "high"), 30)
"""Days in which a leaver can be restored; then their data are destroyed."""
LEAVER_ADDRESS_MONTHS: Final = Knob("leaver.address-months", Count(1, 120, "high"), 12, _NO_PERSON)
"""BR-2."""
LEAVER_READ_DAYS: Final = Knob("leaver.read-days", Count(1, 365, zero_is_none=True), 30)
ADMIN_CONSENT_HOURS: Final = Knob("admin.consent-hours", Count(1, 24 * 30), 72, ("system", "organization"))
ADMIN_INDEPENDENCE_DAYS: Final = Knob("admin.independence-days", Count(0, 365, "high"), 30, ("system", "organization"))

KNOBS: Final[dict[str, Knob[Any]]] = {
    knob.name: knob for knob in (*DOORS.values(), *(one for one in globals().values() if isinstance(one, Knob)))
}
"""All that are described above, in this order."""
