"""Letters about shares that are still to be written."""

from dataclasses import dataclass
from typing import Literal

from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.rights import Grantee

NOBODY = AccountId(0)
ShareLetterKind = Literal["given", "ended", "over"]
"""Something was given; what the reader had has ended; what the reader gave has ended."""


@dataclass(frozen=True, slots=True)
class ShareLetter:
    """What one act says to everybody behind a grantee, or to `readers` where there are any.

    `told`: the last reader who is done with, readers being taken by their id. Times in milliseconds.
    """

    id: bytes
    account_id: AccountId
    kind: ShareLetterKind
    given_by: AccountId
    grantee: Grantee
    rights: frozenset[str]
    ends_at: int
    mailboxes: tuple[MailboxId, ...]
    readers: tuple[AccountId, ...]
    created_at: int
    told: AccountId = NOBODY
