"""The store's part for secure mail: letters, tickets of their recipients, views."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, BlobId
from smartmail.domain.message import BlobRow
from smartmail.domain.secure_mail import Recalled, SecureEnd, SecureLetter, SecureTicket, SecureView


class SecureMailStore(Protocol):
    """Keeps them. A letter counts as a reference to its blob until its key is destroyed."""

    async def add(
        self, letter: SecureLetter, blob: BlobRow, tickets: Sequence[SecureTicket], audit: AuditRecord
    ) -> bool:
        """Keep a new letter with its tickets; False, and nothing is kept, where there is one of this id."""
        ...

    async def letter(self, letter_id: bytes) -> SecureLetter | None:
        """Return a letter."""
        ...

    async def letters(self, account_id: AccountId, limit: int) -> list[SecureLetter]:
        """Return letters of an account, the newest first."""
        ...

    async def letters_of_message(self, account_id: AccountId, message_hash: bytes) -> list[SecureLetter]:
        """Return the letters of an account that were made of one message."""
        ...

    async def tickets(self, letter_ids: Sequence[bytes]) -> list[SecureTicket]:
        """Return the tickets of letters, in the order in which they were made."""
        ...

    async def ticket(self, ticket_id: bytes) -> SecureTicket | None:
        """Return a ticket."""
        ...

    async def by_token(self, token_hash: bytes) -> SecureTicket | None:
        """Return the ticket that a token belongs to."""
        ...

    async def views(self, letter_ids: Sequence[bytes], limit: int) -> list[SecureView]:
        """Return views of letters, the newest first."""
        ...

    async def by_session(self, session_hash: bytes) -> SecureView | None:
        """Return the view that a session belongs to."""
        ...

    async def try_ticket(self, ticket_id: bytes, now: int) -> int:
        """Count a try of a password or code before it is compared; return its number in a row, and 0, with nothing
        counted, where the ticket rests or is locked. The fifth begins a rest.
        """
        ...

    async def open_ticket(self, ticket_id: bytes, now: int, view: SecureView, audit: AuditRecord) -> bool:
        """Begin a view and count it, once; its tries are forgotten. False where letter or ticket has ended, is used up,
        locked, or not yet open. Of this and a recall that come together one wins.
        """
        ...

    async def seal_ticket(self, ticket_id: bytes, before: bytes, sealed: bytes) -> bool:
        """Replace what is sealed in a ticket; False where it was replaced since `before`."""
        ...

    async def note_act(self, view_id: bytes, downloads: int, replies: int) -> None:
        """Count files that were downloaded, and replies."""
        ...

    async def note_delivery(self, ticket_id: bytes, now: int, *, delivered: bool) -> None:
        """Note that a notice was taken by the recipient's server, or that it never will be."""
        ...

    async def end_letter(
        self, letter_id: bytes, now: int, end: SecureEnd, noise: bytes, audit: AuditRecord | None = None
    ) -> list[Recalled] | None:
        """End a letter: its key is overwritten by `noise`, which has the key's length, and its blob counted down.

        Return each ticket with the views that had begun; None where it had ended before.
        """
        ...

    async def recall_ticket(self, ticket_id: bytes, now: int, audit: AuditRecord) -> Recalled | None:
        """End one ticket; None where it had been recalled before."""
        ...

    async def change_letter(
        self, letter_id: bytes, *, expires_at: int, most: int, sealed: bytes, audit: AuditRecord
    ) -> bool:
        """Write what its sender decided; False where it has ended."""
        ...

    async def change_ticket(self, ticket_id: bytes, *, most: int, audit: AuditRecord) -> bool:
        """Write what its sender decided of one recipient; False where it is gone or recalled."""
        ...

    async def unlock_tickets(self, letter_id: bytes) -> None:
        """Forget wrong tries of all tickets of a letter, which has a new password."""
        ...

    async def letters_over(self, now: int, limit: int) -> list[SecureLetter]:
        """Return letters whose time is over and whose key is still there."""
        ...

    async def forget(self, before: int, limit: int) -> int:
        """Forget letters that ended before a time, with tickets and views; return how many."""
        ...

    async def blobs(self, after: bytes, limit: int) -> list[tuple[bytes, BlobId]]:
        """Return letter and blob of letters that have their key, after one, in order: for who counts references."""
        ...
