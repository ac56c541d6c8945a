"""When a step is escalated and when its time is over, by the working calendar of its company. Must not know what happens then."""

from dataclasses import replace
from typing import Final

from smartmail.domain import working_hours
from smartmail.domain.addressing import ApprovalRow
from smartmail.domain.approving import Line
from smartmail.domain.holidays import Holidays
from smartmail.domain.ids import OrganizationId
from smartmail.policy import knobs
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.kernel.policy import PolicyService

NEVER: Final = 3_650 * DAY
"""Where a line has no end of its own."""


class Timer:
    """Tells times of steps."""

    def __init__(self, policy: PolicyService) -> None:
        self._policy = policy

    async def begin(self, row: ApprovalRow, line: Line, now: int) -> ApprovalRow:
        """Return a row whose step begins now, with the times that follow."""
        step = line.steps[row.step]
        ends = await self._after(row.organization_id, line, now, step.decide_after)
        due = await self._after(row.organization_id, line, now, step.escalate_after)
        return replace(row, step_at=now, expires_at=ends, due_at=min(due, ends), escalated=False)

    async def _after(self, organization_id: OrganizationId, line: Line, start: int, hours: int) -> int:
        if not hours:
            return start + NEVER
        if line.clock:
            return start + hours * HOUR
        asked, place = self._policy.value_of_place, organization_id
        holidays = Holidays(await asked(place, knobs.HOLIDAYS_PUBLIC), await asked(place, knobs.HOLIDAYS_OWN))
        return working_hours.after(start, hours, holidays, _zone(await asked(place, knobs.DIGEST_ZONE)))


def _zone(text: str) -> int:
    """Return a zone such as `+09:00` as milliseconds east of UTC."""
    hours, minutes = text[1:].split(":")
    return (int(hours) * HOUR + int(minutes) * (HOUR // 60)) * (-1 if text.startswith("-") else 1)
