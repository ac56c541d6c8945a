"""Reminders: a message comes back at an hour, because it was put off or because nobody answered it."""

from dataclasses import dataclass
from typing import Final, Literal

from smartmail.domain.ids import MailboxId, MessageId, ModSeq

ReminderKind = Literal["snooze", "followUp"]
ReminderState = Literal["waiting", "woken"]

MAX_REMINDERS: Final = 2_000
"""Waiting ones of an account."""
MAX_DAYS: Final = 366
"""How far ahead the hour may lie."""

NOTHING: Final = ModSeq(0)
"""Nothing was looked at."""


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """A reminder of one message. `wake_at` in milliseconds; `mailbox_id`: where it goes at its hour, once woken where it
    lies. `ref_hash`, `looked`: of a follow-up, by what answers are found, and up to which modseq there are none.
    """

    message_id: MessageId
    kind: ReminderKind
    state: ReminderState
    wake_at: int
    mailbox_id: MailboxId
    ref_hash: bytes = b""
    looked: ModSeq = NOTHING
