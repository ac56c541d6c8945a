"""Changes for a day to come (발령 예정일, BR-4): nothing happens before, all of it at most a minute after, once.

STRATEGIES  A change waits sealed. A leased job takes those whose time has come, in the order of their times; the commit
            that applies one takes it from those that wait, so that two runs or a killed one apply it once.
FAILURE     One that cannot be (a department that has gone) ends as failed with the code of its error and is told of by
            an event; what may work later (the store does not answer) is tried again at the next run.
SECURITY    Rights are judged when it is planned. Times are moments; what day they are in Seoul is the caller's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from smartmail.base import log
from smartmail.domain.errors import Invalid, MailError, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import PlannedChange, PlannedState, Step
from smartmail.domain.principal import SYSTEM_ORIGIN, Actor
from smartmail.formats.seal import Kind
from smartmail.service.people.organization.ground import Ground
from smartmail.service.people.organization.people import PeopleService
from smartmail.service.people.organization.store import Store

PAGE = 100


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A planned change, opened."""

    row: PlannedChange
    step: Step


class PlannedService:
    """Plans, shows, cancels and applies."""

    def __init__(self, ground: Ground[Store], people: PeopleService) -> None:
        self._ground = ground
        self._store = ground.store
        self._people = people

    async def plan(self, actor: Actor, step: Step, effective_at: int) -> PlannedChange:
        """Let a thing be done to somebody at a time (milliseconds). Raises Invalid (in the past), NotFound, Forbidden."""
        now = self._ground.clock.now()
        if effective_at <= now:
            raise Invalid("that time has passed", reason="time.passed")
        await self._people.check(actor, step, effective_at)
        organization_id = (await self._store.account(AccountId(step.account_id))).organization_id
        keys = await self._ground.keyring.organization(organization_id)
        sealed = keys.seal(Kind.PLANNED_CHANGE, msgspec.json.encode(step), effective_at)
        row = PlannedChange(0, organization_id, effective_at, "waiting", now, actor.named, sealed)
        return await self._store.plan_change(
            row, self._ground.record(actor, "person.plan", f"account:{step.account_id}")
        )

    async def list_all(
        self, actor: Actor, organization_id: OrganizationId, state: PlannedState | None = None
    ) -> list[PlannedStep]:
        """Return planned changes of a company. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "account.read", organization_id)
        found = await self._store.planned_changes(organization_id, state)
        return [PlannedStep(row, await self._open(row)) for row in found]

    async def cancel(self, actor: Actor, organization_id: OrganizationId, change_id: int) -> None:
        """Take a change back that waits. Raises NotFound, Forbidden."""
        await self._ground.company(actor, "account.change", organization_id)
        known = await self._store.planned_changes(organization_id, "waiting")
        record = self._ground.record(actor, "person.unplan", f"planned:{change_id}")
        if not any(one.id == change_id for one in known) or not await self._store.end_change(
            change_id, "cancelled", "", record
        ):
            raise NotFound("no such change waits")

    async def apply_due(self) -> int:
        """Apply what is due; return how many changes were applied. A job's work."""
        applied = 0
        while due := await self._store.due_changes(self._ground.clock.now(), PAGE):
            done = [await self._apply(row) for row in due]
            applied += sum(done)
            if not all(done):
                # Something waits on: the next run tries again, this one would go round.
                break
        return applied

    async def _apply(self, row: PlannedChange) -> bool:
        actor = Actor(AccountId(0), row.organization_id, "", is_admin=True, origin=SYSTEM_ORIGIN)
        try:
            step = await self._open(row)
            await self._people.perform(actor, step, planned=row.id)
        except StateMismatch:
            # Another run was faster, or it was cancelled this moment.
            return True
        except MailError as error:
            if error.temporary:
                return False
            record = self._ground.record(actor, "person.planned-failed", f"planned:{row.id}")
            await self._store.end_change(row.id, "failed", error.code, record)
            log.event("person.planned_failed", change=row.id, detail=error.code)
        return True

    async def _open(self, row: PlannedChange) -> Step:
        keys = await self._ground.keyring.organization(row.organization_id)
        return msgspec.json.decode(keys.open(Kind.PLANNED_CHANGE, row.sealed, row.effective_at), type=Step)


def ordered(steps: Sequence[PlannedStep]) -> list[PlannedStep]:
    """Return planned changes in the order in which they will be applied."""
    return sorted(steps, key=lambda one: (one.row.effective_at, one.row.id))
