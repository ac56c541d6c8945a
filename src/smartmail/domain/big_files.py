"""Big files (대용량첨부): files kept beside the message and sent as links; their links, and who fetched them.

Ids are 16 random octets, times milliseconds. What tells content or names people is sealed.
"""

from dataclasses import dataclass, field
from typing import Literal

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.message import BlobRow

FileState = Literal["coming", "checking", "ready", "refused"]
"""Octets still come; whole, but without a verdict; may be fetched; holds malware and never is."""
LinkProof = Literal["", "password", "code"]
"""What a link asks of whoever follows it: nothing, a password, or a code that it mails to its recipient."""
LinkEnd = Literal["revoked", "expired", "used", "refused"]
"""Why a link gives nothing any more."""

ID_OCTETS = 16


@dataclass(frozen=True, slots=True)
class BigFile:
    """A file as the store keeps it. `received` octets of `size` are durable, in `parts` parts.

    `wrapped_key` is the file's key under that of its account; `sealed` is a service.mailbox.big_files.texts.FileText.
    """

    id: bytes
    account_id: AccountId
    organization_id: OrganizationId
    state: FileState
    size: int
    received: int
    parts: int
    wrapped_key: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    created_at: int
    expires_at: int
    checked_at: int = 0


@dataclass(frozen=True, slots=True)
class BigPart:
    """Octets [start, start + blob.size) of a file, in a blob whose key is wrapped under the file's."""

    number: int
    start: int
    blob: BlobRow
    wrapped_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BigLink:
    """A link. `most` 0: any number of downloads; `sealed` is a service.mailbox.big_files.texts.LinkText."""

    id: bytes
    file_id: bytes
    account_id: AccountId
    token_hash: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    created_at: int
    expires_at: int
    most: int
    taken: int = 0
    revoked_at: int = 0
    reminded_at: int = 0
    tries: int = 0
    tried_at: int = 0

    def end(self, state: FileState, now: int) -> LinkEnd | None:
        """Say why it gives nothing, None while it does. One that was used up still serves downloads that began."""
        if self.revoked_at:
            return "revoked"
        if state == "refused":
            return "refused"
        return "expired" if self.expires_at <= now else None

    @property
    def used_up(self) -> bool:
        """Say whether no further download may begin."""
        return bool(self.most) and self.taken >= self.most


@dataclass(frozen=True, slots=True)
class BigDownload:
    """A download. `octets` that were sent in all, `complete` when the whole file was; `sealed` tells who."""

    id: bytes
    link_id: bytes
    ticket_hash: bytes = field(repr=False)
    at: int
    last_at: int
    octets: int
    complete: bool
    sealed: bytes = field(repr=False)
