"""Recurring mail: a letter of a person that is sent again and again, by a rule of the calendar.

Read `keeping.py` for what the person does, `turning.py` for what happens at the moment of a turn, domain/recurring.py for
the calendar. Must not know JMAP or SMTP: a turn is handed in like any other mail (docs/adr/0070).
"""

from dataclasses import dataclass

from smartmail.service.flow.recurring.keeping import RecurringService
from smartmail.service.flow.recurring.turning import TurnService

__all__ = ["Recurring", "RecurringService", "TurnService"]


@dataclass(frozen=True, slots=True)
class Recurring:
    """The services of recurring mail."""

    service: RecurringService
    turning: TurnService
