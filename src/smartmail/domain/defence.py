"""Bans, exceptions from them, and accounts whose sending is stopped: what defence decides and may take back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from smartmail.domain.ids import AccountId

BanReason = Literal["guessing", "harvest", "errors", "flood", "manual"]
"""Why an address is shut out: passwords guessed, unknown recipients tried, protocol broken, too many connections."""

AllowKind = Literal["address", "partner", "sending"]
"""What an exception is for: an address that is never shut out, a partner whose mail is not put off either, or an account
that may send in bulk.
"""

SendingReason = Literal["stolen", "manual"]

SendingPlace = Literal["usual", "unknown", "new"]
"""Where an account sends from: as a day ago and before, no history of places at all, or elsewhere than ever."""


@dataclass(frozen=True, slots=True)
class Ban:
    """A network that no door opens for. `subject` is its CIDR text; `evidence` holds counts, never content.

    `level` counts the bans of the same subject before this one. `by` is "system" or who asked for it.
    """

    id: int
    subject: str
    reason: BanReason
    evidence: Mapping[str, int]
    level: int
    since: int
    until: int
    by: str
    released_at: int | None = None
    released_by: str = ""
    sealed_note: bytes | None = None

    def stands(self, now: int) -> bool:
        """Say whether it holds at a time."""
        return self.released_at is None and now < self.until


@dataclass(frozen=True, slots=True)
class Allow:
    """An exception with an end. `subject` is a network's CIDR text, or `account:NUMBER`."""

    subject: str
    kind: AllowKind
    since: int
    until: int
    by: str
    sealed_note: bytes | None = None


@dataclass(frozen=True, slots=True)
class SendingStop:
    """An account that may not send, since when and why; `evidence` holds counts."""

    account_id: AccountId
    reason: SendingReason
    evidence: Mapping[str, int]
    since: int
    by: str


@dataclass(frozen=True, slots=True)
class SendingDay:
    """How much an account sent on a day (since 1970): mails alike to people of ours and to outsiders, strangers written to."""

    account_id: AccountId
    day: int
    inside: int
    outside: int
    strangers: int


@dataclass(frozen=True, slots=True)
class GreyRow:
    """What was met first at a time: a network, sender's domain and recipient, a domain that mail of a company leads to, a
    list that writes to a company. `key` is a keyed hash.
    """

    key: bytes
    first_at: int
    expires_at: int
