"""Pulls (외부메일 가져오기, BR-21): mailboxes at other providers whose mail is brought into an account.

Ids are 16 random octets, times milliseconds. Whatever tells of the outside mailbox is sealed.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from smartmail.domain.ids import AccountId, OrganizationId

PullProtocol = Literal["imap", "pop3"]
PullSecurity = Literal["tls", "starttls", "plain"]
PullReason = Literal[
    "", "unreachable", "inside", "port", "no-tls", "tls", "certificate", "login", "folder", "busy", "protocol", "full",
    "later", "policy", "stopped",
]  # fmt: skip
"""Why a pull does not bring mail: no connection; an address of a network of ours; a port that is none of mail; TLS that is
not offered, does not come about, or proves nothing; login refused; no such folder; the mailbox is in use; an answer that is
none; our mailbox is full; our filter takes it later; switched off by policy; stopped by an administrator.
"""
SeenState = Literal["taken", "skipped", "large", "same", "refused"]
"""A message of the source that is done with: brought; older than asked for; too large; the octets were there already; what we
take from nobody (a loop)."""

ID_OCTETS: Final = 16
PORTS: Final = {("pop3", "tls"): 995, ("pop3", "starttls"): 110, ("pop3", "plain"): 110,
                ("imap", "tls"): 993, ("imap", "starttls"): 143, ("imap", "plain"): 143}  # fmt: skip
MAX_MESSAGE: Final = 50 << 20
MAX_FOLDERS: Final = 1000


@dataclass(frozen=True, slots=True)
class PullPlace:
    """Where to, and as whom."""

    protocol: PullProtocol
    host: str
    port: int
    security: PullSecurity
    login: str = field(repr=False)
    password: str = field(repr=False)
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True)
class PullItem:
    """A message of the source: `key` names it as long as the source remembers; `number` is for this session alone."""

    key: str
    number: int
    size: int = -1
    received_at: int | None = None
    """Where the source tells it."""


class PullFailed(Exception):
    """A source does not give. `said`: what it said, for its person alone."""

    def __init__(self, reason: PullReason, said: str = "") -> None:
        super().__init__(reason)
        self.reason: PullReason = reason
        self.said = said[:500]


@dataclass(frozen=True, slots=True)
class PullRow:
    """A pull as the store keeps it. `sealed` is a service.flow.pulls.texts.PullText, `sealed_said` what the source said last."""

    id: bytes
    account_id: AccountId
    organization_id: OrganizationId
    sealed: bytes = field(repr=False)
    enabled: bool
    created_at: int
    changed_at: int
    next_at: int
    reason: PullReason = ""
    sealed_said: bytes = field(default=b"", repr=False)
    failures: int = 0
    taken: int = 0
    pulled_at: int = 0
    """When it last went to its end."""
    worker: str = ""
    leased_until: int = 0


@dataclass(frozen=True, slots=True)
class SeenRow:
    """What became of a message of a source. `key` and `digest` are keyed hashes; `remove`: to be deleted over there."""

    key: bytes
    digest: bytes
    state: SeenState
    remove: bool
    seen_at: int


@dataclass(frozen=True, slots=True)
class PullEnd:
    """What came of a turn."""

    reason: PullReason
    sealed_said: bytes
    failures: int
    next_at: int
    pulled_at: int
