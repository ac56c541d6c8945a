"""Reminders: mail that a person puts off until an hour, and sent mail that comes up when nobody answers it.

Read `keeping.py` for what a person does, `waking.py` for what happens at the hour, `answers.py` for what an answer is.
Must not know JMAP or IMAP. What others see of it is a mailbox with the role `snoozed` (docs/adr/0062).
"""

from dataclasses import dataclass

from smartmail.service.mailbox.reminders.keeping import ReminderService
from smartmail.service.mailbox.reminders.waking import WakingService

__all__ = ["ReminderService", "Reminders", "WakingService"]


@dataclass(frozen=True, slots=True)
class Reminders:
    """The services of reminders."""

    service: ReminderService
    waking: WakingService
