"""What a run knows besides the message: envelope, time, environment, verdicts, and the account's surroundings.

All of it comes in as values; whoever runs a script reads them beforehand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Envelope:
    """The SMTP envelope of this delivery; the null reverse-path is "". `auth`: the AUTH= identity, None unknown."""

    sender: str
    recipient: str
    auth: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Values of one delivery.

    `now` in seconds of Unix time, `zone` in minutes east of Greenwich. `environment` as RFC 5183 names its items.
    `spam_percent`: 0 is surely wanted, 100 surely spam, None not tested. `virus`: RFC 5235 §3.2, 0 not tested to 5.
    `country` (two letters), `asn`, `hops`: of the verified way that the message came, None unknown.
    """

    now: int
    zone: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    spam_percent: int | None = None
    virus: int = 0
    country: str | None = None
    asn: int | None = None
    hops: int | None = None


class Surroundings(Protocol):
    """What the account has. Calls are answered from memory."""

    def mailbox_exists(self, name: str) -> bool:
        """Whether a message can be filed into the mailbox of this name."""
        ...

    def mailbox_id_exists(self, mailbox_id: str) -> bool:
        """Whether a mailbox has this id (RFC 9042)."""
        ...

    def special_use_exists(self, mailbox: str | None, uses: Sequence[str]) -> bool:
        """Whether the mailbox, or any where None, has each of the special uses such as `\\Junk` (RFC 8579 §3)."""
        ...

    def metadata(self, mailbox: str | None, annotation: str) -> str | None:
        """Return an annotation of a mailbox, or of the server where None; None when it has none (RFC 5490)."""
        ...

    def has_list(self, name: str) -> bool:
        """Whether there is an external list of this name (RFC 6134)."""
        ...

    def in_list(self, name: str, value: str) -> bool:
        """Whether the list holds the value."""
        ...

    def is_duplicate(self, key: str) -> bool:
        """Whether this key was noted before and has not expired (RFC 7352)."""
        ...


class Nowhere:
    """Surroundings of an account that has nothing but its inbox."""

    def mailbox_exists(self, name: str) -> bool:
        return name.upper() == "INBOX"

    def mailbox_id_exists(self, mailbox_id: str) -> bool:
        return False

    def special_use_exists(self, mailbox: str | None, uses: Sequence[str]) -> bool:
        return False

    def metadata(self, mailbox: str | None, annotation: str) -> str | None:
        return None

    def has_list(self, name: str) -> bool:
        return False

    def in_list(self, name: str, value: str) -> bool:
        return False

    def is_duplicate(self, key: str) -> bool:
        return False
