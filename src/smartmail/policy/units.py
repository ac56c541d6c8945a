"""What the number of a knob counts, and what its 0 means, so that people read "30 days" and never a bare number.

A name that ends as others of its unit do (`-days`, `.octets`) says it by itself; the rest is told here.
"""

from typing import Final, Literal

Unit = Literal[
    "days", "hours", "minutes", "seconds", "months", "percent", "octets", "characters", "classes", "passwords", "times",
    "people", "messages", "points", "connections", "commands", "mailboxes", "contacts", "oclock", "offset",
]  # fmt: skip
Zero = Literal["unlimited", "unused", "silent", "kept", "nothing"]
"""No limit; the thing is not done; nobody is told; nothing is deleted; none at all."""

_ENDINGS: Final[dict[str, Unit]] = {
    one: one for one in ("days", "hours", "minutes", "seconds", "months", "percent", "octets")
}  # fmt: skip
_UNITS: Final[dict[str, Unit]] = {
    "password.min-length": "characters", "password.classes": "classes", "password.history": "passwords",
    "message.max-recipients": "people", "message.max-outside": "people", "message.warn-outside": "people",
    "day.max-outside": "people", "day.warn-outside": "people", "sending-stop.points": "points",
    "sending-stop.alike-a-day": "messages", "sign-up-watch.burst": "messages", "spam.junk-score": "points",
    "spam.quarantine-score": "points", "spam.reject-score": "points", "lockout.tries": "times",
    "connections.per-account": "connections", "commands.per-minute": "commands", "octets.read-per-hour": "octets",
    "octets.written-per-hour": "octets", "pull.most": "mailboxes", "big-files.downloads": "times", "secure-mail.views": "times",
    "contacts.max-cards": "contacts", "digest.hours": "oclock", "digest.zone": "offset",
}  # fmt: skip
_ZEROS: Final[dict[str, Zero]] = {
    **dict.fromkeys(("quota.warn-percent", "quota.alarm-percent", "message.warn-outside", "day.warn-outside",
                     "retention.notice-days"), "silent"),
    **dict.fromkeys(("trash.days", "junk.days", "inbox.days", "sent.days"), "kept"),
    **dict.fromkeys(("second-factor.grace-days", "sending-stop.alike-a-day"), "nothing"),
    **dict.fromkeys(("spam.junk-score", "spam.quarantine-score", "spam.reject-score", "dormant.days", "lockout.tries",
                     "password.max-age-days", "password.history", "signing.rotate-days", "session.idle-minutes",
                     "session.admin-idle-minutes", "leaver.read-days", "admin.independence-days", "undo.max-seconds",
                     "big-files.switch-octets", "pop3.login-delay-seconds"), "unused"),
}  # fmt: skip


def unit_of(name: str) -> Unit | None:
    """Return what the values of a knob count, None where they count nothing."""
    return _UNITS.get(name) or _ENDINGS.get(name.replace(".", "-").rsplit("-", 1)[-1])


def zero_of(name: str) -> Zero:
    """Return what 0 means for a knob that may be 0."""
    return _ZEROS.get(name, "unlimited")
