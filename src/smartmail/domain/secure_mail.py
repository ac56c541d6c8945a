"""Secure mail (보안메일): letters that people outside read on a page of ours, the ticket of each of them, and their views.

Ids are 16 random bytes, times milliseconds. What tells content or names people is sealed.
"""

from dataclasses import dataclass, field
from typing import Literal

from smartmail.domain.ids import AccountId, BlobId, OrganizationId

SecureProof = Literal["code", "password", "link"]
"""What a reader must show: a code that is mailed to the recipient, a password, or the link alone."""
SecureEnd = Literal["recalled", "expired"]
"""Why the key of a letter was destroyed."""
TicketEnd = Literal["recalled", "expired", "used", "locked"]
"""Why a ticket opens nothing any more."""
TicketState = Literal[
    "sent", "delivered", "bounced", "opened", "used", "locked", "recalled", "recalled-after", "expired"
]
"""What a sender is told of a recipient; `recalled`: nothing was seen, `recalled-after`: it had been opened before."""

ID_OCTETS = 16
PAUSE_TRIES = 5
"""Wrong passwords or codes after which a ticket rests for `PAUSE_MS`."""
PAUSE_MS = 15 * 60_000
MOST_TRIES = 10
"""Wrong passwords or codes after which it is locked until its sender gives a new password."""


@dataclass(frozen=True, slots=True)
class SecureLetter:
    """A letter. `most` 0: any number of views in all.

    `wrapped_key` is the key of its records under that of its account. `content_key`, under the key of its records, opens
    `sealed_summary` and `wrapped_data_key`; when the letter ends it is overwritten, and nothing opens the content again.
    `sealed` is a service.mailbox.secure_mail.texts.LetterText. `message_hash`: of its Message-ID, keyed for its account.
    """

    id: bytes
    account_id: AccountId
    organization_id: OrganizationId
    wrapped_key: bytes = field(repr=False)
    content_key: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    sealed_summary: bytes = field(repr=False)
    blob_id: BlobId
    wrapped_data_key: bytes = field(repr=False)
    message_hash: bytes = field(repr=False)
    size: int
    created_at: int
    opens_at: int
    expires_at: int
    most: int
    taken: int = 0
    ended_at: int = 0
    ended: SecureEnd | Literal[""] = ""

    def end(self, now: int) -> SecureEnd | None:
        """Say why nobody can open it any more, None while it can be opened."""
        return self.ended or ("expired" if self.expires_at <= now else None)

    @property
    def is_used_up(self) -> bool:
        """Say whether no further view may begin."""
        return bool(self.most) and self.taken >= self.most


@dataclass(frozen=True, slots=True)
class SecureTicket:
    """What one recipient opens a letter with. `most` 0: as often as the letter allows; `tries`: wrong ones in a row.

    `sealed` is a TicketText, under the key of the letter's records. `delivered_at`: when its notice was taken outside.
    """

    id: bytes
    letter_id: bytes
    account_id: AccountId
    token_hash: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    created_at: int
    most: int
    taken: int = 0
    first_at: int = 0
    last_at: int = 0
    tries: int = 0
    rests_until: int = 0
    recalled_at: int = 0
    delivered_at: int = 0
    bounced_at: int = 0

    def end(self, letter: SecureLetter, now: int) -> TicketEnd | None:
        """Say why it opens nothing any more, None while it does."""
        if self.recalled_at:
            return "recalled"
        ended = letter.end(now)
        if ended is not None:
            return ended
        if self.tries >= MOST_TRIES:
            return "locked"
        return "used" if letter.is_used_up or (self.most and self.taken >= self.most) else None

    def state(self, letter: SecureLetter, now: int) -> TicketState:
        """Say what its sender is told."""
        end = self.end(letter, now)
        if end == "recalled":
            return "recalled-after" if self.taken else "recalled"
        if end is not None:
            return end
        if self.taken:
            return "opened"
        if self.bounced_at:
            return "bounced"
        return "delivered" if self.delivered_at else "sent"


@dataclass(frozen=True, slots=True)
class SecureView:
    """One opening of a letter, which lasts for a while. `downloads` of files, `replies` that were written from it."""

    id: bytes
    ticket_id: bytes
    letter_id: bytes
    session_hash: bytes = field(repr=False)
    at: int
    sealed: bytes = field(repr=False)
    downloads: int = 0
    replies: int = 0


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a recall of one ticket came to: `views` that had begun before. 0: nothing was seen."""

    ticket_id: bytes
    views: int
