"""What happens to approvals by itself: escalation, the end of a step, people who left and people who came.

One job of each; an approval that another process has moved meanwhile is looked at again the next time.
"""

from functools import partial
from typing import Final

from smartmail.base import log
from smartmail.domain import approving
from smartmail.domain.approving import Act, Course
from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import system_actor
from smartmail.ports.clock import Clock
from smartmail.service.flow.approvals.moving import Done
from smartmail.service.flow.approvals.service import ApprovalService
from smartmail.service.flow.approvals.texts import Approval, Store

PAGE: Final = 200
_NOBODY: Final = AccountId(0)


class PassingTime:
    """Moves approvals whose time has come."""

    def __init__(self, store: Store, service: ApprovalService, clock: Clock) -> None:
        self._store = store
        self._service = service
        self._clock = clock

    async def run(self) -> int:
        """Escalate and end what is due; return how many were moved."""
        moved = 0
        for row in await self._store.approving.due(self._clock.now(), PAGE):
            try:
                [one] = await self._service.opener.open_all([row])
                above = await self._service.finder.above(one.course, row.organization_id, row.account_id)
                await self._service.mover.change(row.id, partial(self._due, above))
                moved += 1
            except MailError as error:
                log.event("approval.job_failed", approval=row.id, error=type(error).__name__)
        return moved

    def _due(self, above: frozenset[AccountId], one: Approval) -> tuple[Course, Done] | None:
        row, now, course = one.row, self._clock.now(), one.course
        if row.state not in approving.OPEN or row.due_at > now:
            return None
        if row.expires_at > now:
            actor = system_actor(_NOBODY, row.organization_id)
            return approving.escalated(course, above), Done("escalate", actor, record="approval.escalated")
        after = approving.timed_out(course)
        done: Act = "keep" if after == course else "expire" if after.state == "expired" else "pass"
        record = "approval.kept" if done == "keep" else "approval.voted" if after.state in approving.OPEN else ""
        return after, Done(done, system_actor(_NOBODY, row.organization_id), record=record)

    async def look_for_people(self) -> int:
        """Find the people of open steps again: a person left, or a person is there at last. Return how many were moved."""
        moved = 0
        for row in await self._store.approving.all(("waiting", "held"), limit=10_000):
            if row.line:
                moved += await self._look(row.id, row.organization_id)
        return moved

    async def _look(self, approval_id: int, organization_id: OrganizationId) -> bool:
        [one] = await self._service.opener.open_all([await self._store.approving.one(approval_id)])
        people, changed = await self._service.finder.step(one.course, organization_id, one.row.account_id), False

        def change(now: Approval) -> tuple[Course, Done] | None:
            nonlocal changed
            if now.row.state not in approving.OPEN or now.row.step != one.row.step:
                return None
            after = approving.found(now.course, people)
            changed = after != now.course
            act: Act = "miss" if after.state == "held" else "find"
            return (
                (after, Done(act, system_actor(_NOBODY, organization_id), record="approval.people"))
                if changed
                else None
            )

        try:
            await self._service.mover.change(approval_id, change)
        except MailError as error:
            log.event("approval.job_failed", approval=approval_id, error=type(error).__name__)
            return False
        return changed
