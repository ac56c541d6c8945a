"""Reported phishing: a case is one campaign, however many report it; a purge takes a wave out of mailboxes again."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from smartmail.domain.ids import AccountId, BlobId, MessageId, OrganizationId

CaseState = Literal["open", "examining", "confirmed", "dismissed"]
CASE_STATES: tuple[CaseState, ...] = ("open", "examining", "confirmed", "dismissed")
PurgeState = Literal["running", "done", "undoing", "undone"]
HitState = Literal["found", "purged", "undone"]


class CaseText(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a campaign, sealed. Bounded lists, each value once."""

    subject: str = ""
    senders: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """SHA-256 of attachments, hexadecimal."""
    addresses: tuple[str, ...] = ()
    """Addresses of hosts that handed it to us."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as the store keeps it. `blob_id`: the evidence package of its first report."""

    id: int
    organization_id: OrganizationId
    state: CaseState
    similarity: bytes
    sealed: bytes
    blob_id: BlobId
    wrapped_key: bytes
    opened_at: int
    changed_at: int
    reports: int


class Wave(msgspec.Struct, frozen=True, array_like=True):
    """Which messages are meant: those that have any of these marks. `senders`: addresses or domains; `digests`: SHA-256
    of the text of a message, `urls`: addresses or hosts of links in it. `since` in milliseconds.
    """

    message_ids: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    since: int = 0
    reason: str = ""
    files: tuple[str, ...] = ()
    """SHA-256 of attachments."""

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is named."""
        return not (self.message_ids or self.senders or self.digests or self.urls or self.files)


@dataclass(frozen=True, slots=True)
class PurgeRow:
    """A purge as the store keeps it."""

    id: int
    organization_id: OrganizationId
    state: PurgeState
    sealed: bytes
    author: str
    started_at: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class PurgeHit:
    """One message that a purge is on."""

    account_id: AccountId
    message_id: MessageId
    state: HitState = "found"
