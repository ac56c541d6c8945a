"""The closed set of errors that services raise.

Every error has a stable `code`, says whether trying again may help and whose fault it is, and keeps what the peer
may read (`public`, English for programs; `reason` and `facts` for pages that say it in the reader's language) apart from
what only the log gets (`detail`). Each protocol has one table from code to reply;
a test demands every code in every table (AR-6).
"""

from collections.abc import Mapping
from typing import ClassVar, Literal

Blame = Literal["peer", "account", "us"]


class MailError(Exception):
    """Base of the catalogue; never raised itself."""

    code: ClassVar[str] = "internal"
    temporary: ClassVar[bool] = False
    blame: ClassVar[Blame] = "us"

    def __init__(self, public: str = "", *, detail: str = "", reason: str = "", **facts: str | int) -> None:
        super().__init__(public or self.code)
        self.public = public
        self.detail = detail
        self.reason = reason
        """Finer than the code: a page that knows it says it in the reader's language, with the `facts` in its places."""
        self.facts: Mapping[str, str | int] = facts

    @property
    def all_reasons(self) -> tuple[str, ...]:
        """All reasons that a page can say in words."""
        return (self.reason,) if self.reason else ()


class AuthFailed(MailError):
    """Wrong name, wrong secret, closed account, or a door that policy keeps shut: told alike.

    Only who has proved the main password, where policy wants an app password, gets a `public` text that says so; doors
    that can show it as an alert (IMAP's ALERT). `reason` says why a second factor was refused: told on our own page
    alone, to whom has proved the password.
    """

    code = "auth_failed"
    blame = "peer"


class Forbidden(MailError):
    """The actor lacks the right."""

    code = "forbidden"
    blame = "account"


class ProofNeeded(MailError):
    """Signed in, but not proved enough for this: `wants` says what is missing (`step-up`: prove yourself again; or what
    the sign-in still owes: `factor`, `enrol`, `password`, `consent`).
    """

    code = "proof_needed"
    blame = "account"

    def __init__(self, *wants: str, public: str = "", detail: str = "") -> None:
        super().__init__(public, detail=detail)
        self.wants = wants


class NotFound(MailError):
    """No such object, or one of somebody else's: told alike."""

    code = "not_found"
    blame = "peer"


class AlreadyExists(MailError):
    """The name is taken."""

    code = "already_exists"
    blame = "account"


class StateMismatch(MailError):
    """The object has changed since the state that the client named."""

    code = "state_mismatch"
    blame = "account"


class Invalid(MailError):
    """A value that cannot be."""

    code = "invalid"
    blame = "peer"


class WeakPassword(Invalid):
    """A password that policy does not take; `reasons` are words of policy.passwords, all that apply."""

    def __init__(self, public: str, reasons: tuple[str, ...], *, least: int) -> None:
        super().__init__(public, least=least)
        self.reasons = reasons

    @property
    def all_reasons(self) -> tuple[str, ...]:
        """As every error; they have a beginning of their own there."""
        return tuple(f"password.{one}" for one in self.reasons)


class OverQuota(MailError):
    """The account has no room for it."""

    code = "over_quota"
    temporary = True
    blame = "account"


class TooLarge(MailError):
    """Larger than the limit that was announced."""

    code = "too_large"
    blame = "peer"


class RateLimited(MailError):
    """Too much in too short a time."""

    code = "rate_limited"
    temporary = True
    blame = "peer"


class PolicyRejected(MailError):
    """A policy forbids it."""

    code = "policy_rejected"
    blame = "account"


class Unavailable(MailError):
    """A part that we need does not answer, or its disk is full."""

    code = "unavailable"
    temporary = True


class StorageFull(Unavailable):
    """No volume has room: SMTP says 452 4.3.1 (RFC 5321 §4.2.3), all else as unavailable."""

    code = "storage_full"


class ClockOff(Unavailable):
    """The clock of this node is too far from the database's: it takes no leases until it is set right (ADR 74)."""


class Internal(MailError):
    """A fault of ours."""

    code = "internal"
    temporary = True


CATALOGUE: tuple[type[MailError], ...] = (
    AuthFailed, Forbidden, ProofNeeded, NotFound, AlreadyExists, StateMismatch, Invalid, OverQuota, TooLarge, RateLimited,
    PolicyRejected, Unavailable, StorageFull, Internal,
)  # fmt: skip
