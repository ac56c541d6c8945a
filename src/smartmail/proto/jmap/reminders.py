"""Our own reminders: `reminder` of an Email, Email/remind, Email/endReminder, Reminder/query.

The shape follows the drafts for snoozing (draft-ietf-extra-email-snooze): a mailbox with the role `snoozed`, and an hour
at the Email.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from smartmail.proto.jmap.core import Answer, Arguments, Id, UTCDate
from smartmail.proto.jmap.errors import SetError

Kind = Literal["snooze", "followUp"]


class RemindArguments(Arguments, frozen=True, kw_only=True):
    """Email/remind. `ids` may be `#creation`; `mailbox_id`: which of its mailboxes an Email leaves when it is put off."""

    ids: list[Id]
    kind: Kind
    at: UTCDate
    mailbox_id: Id | None = None


class RemindAnswer(Answer, frozen=True, kw_only=True):
    """Which have a reminder now."""

    reminded: Sequence[str]
    not_reminded: Mapping[str, SetError] | None


class EndReminderArguments(Arguments, frozen=True, kw_only=True):
    """Email/endReminder."""

    ids: list[Id]


class EndReminderAnswer(Answer, frozen=True, kw_only=True):
    """Which had one, and which had none (any more)."""

    ended: Sequence[str]
    not_ended: Mapping[str, SetError] | None


class ReminderArguments(Arguments, frozen=True, kw_only=True):
    """Reminder/query: all of the account, the earliest hour first."""


class ReminderObject(Struct, frozen=True, rename="camel"):
    """A reminder of an Email; `at`: its hour."""

    email_id: str
    kind: Kind
    state: Literal["waiting", "woken"]
    at: str


class ReminderAnswer(Answer, frozen=True, kw_only=True):
    """What waits, and what came up."""

    list: Sequence[ReminderObject]
