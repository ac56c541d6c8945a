"""The store's part for alarms."""

from typing import Protocol

from smartmail.domain.alarms import Alarm
from smartmail.domain.audit import AuditRecord


class AlarmStore(Protocol):
    """Keeps alarms that stand and those of late."""

    async def standing_alarms(self) -> list[Alarm]:
        """Return the alarms that stand, oldest first."""
        ...

    async def ended_alarms(self, since: int, limit: int) -> list[Alarm]:
        """Return alarms that ended since a time, newest end first."""
        ...

    async def add_alarm(self, alarm: Alarm, audit: AuditRecord) -> Alarm | None:
        """Keep a new one; return it with its id, None where one of the same condition and subject stands."""
        ...

    async def put_alarm(self, alarm: Alarm, audit: AuditRecord | None = None) -> bool:
        """Write one that is there anew; False when it is not, or another of its kind stands."""
        ...

    async def drop_alarms(self, before: int, limit: int) -> int:
        """Forget alarms that ended before a time; return how many."""
        ...

    async def oldest_waiting(self) -> int | None:
        """Return when the oldest message that still waits to go out was taken in (milliseconds), None when none waits."""
        ...
