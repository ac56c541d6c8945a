"""Push subscriptions of devices (RFC 8620 §7.2), and the states that are pushed."""

from dataclasses import dataclass

from smartmail.domain.changes import ChangeType
from smartmail.domain.ids import AccountId, ModSeq


@dataclass(frozen=True, slots=True)
class PushRow:
    """A subscription as the store keeps it. Times in milliseconds; `told` is the modseq that the device has heard of.

    `verified` once the device has shown that it reads what goes to its address; `greeted` once it was asked to.
    Nothing is sent before `next_at`; `failures` counts those since the last success.
    """

    account_id: AccountId
    id: int
    sealed: bytes
    created_at: int
    expires_at: int
    verified: bool
    greeted: bool
    told: ModSeq
    next_at: int
    failures: int


@dataclass(frozen=True, slots=True)
class AccountStates:
    """The states of all types of an account at one moment.

    `arrivals` changes when, and only when, a message comes; `filters` is of scripts and absence.
    """

    modseq: ModSeq
    mailbox: ModSeq
    message: ModSeq
    thread: ModSeq
    identity: ModSeq
    submission: ModSeq
    assignment: ModSeq
    note: ModSeq
    tag: ModSeq
    arrivals: int
    filters: ModSeq
    notice: ModSeq
    address_book: ModSeq
    contact: ModSeq

    def of(self, kind: ChangeType) -> ModSeq:
        """Return the state of a kind."""
        state: ModSeq = getattr(self, kind)
        return state
