"""Approval lines (결재선) as administrators keep them: made, looked at, ended. A changed line is a new one with its name; what was
asked before goes by the line as it was then.
"""

from collections.abc import Sequence
from contextlib import suppress

import msgspec

from smartmail.domain.approving import Line, LineRow, Step, check
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.service.flow.approvals.finding import FindingStore
from smartmail.service.flow.approvals.step_words import addresses_in, read_step, show_step
from smartmail.service.kernel.authority import Authority


class LineService:
    """Keeps the lines of companies."""

    def __init__(self, store: FindingStore, authority: Authority, clock: Clock) -> None:
        self._store = store
        self._authority = authority
        self._clock = clock

    async def all(self, organization_id: OrganizationId, *, ended: bool = False) -> list[tuple[LineRow, Line]]:
        """Return lines in force, or all, by id."""
        rows = await self._store.approving.lines(organization_id)
        return [(row, msgspec.json.decode(row.line, type=Line)) for row in rows if ended or row.ended_at is None]

    async def named(self, organization_id: OrganizationId, name: str) -> Line | None:
        """Return the line of a name that is in force."""
        return next((line for row, line in await self.all(organization_id) if row.name == name), None)

    async def read(self, steps: Sequence[str]) -> tuple[Step, ...]:
        """Return steps from words. Raises Invalid."""
        named = [one for text in steps for one in addresses_in(text)]
        accounts = await self._store.resolve(named) if named else {}
        return tuple(read_step(text, accounts) for text in steps)

    async def words(self, line: Line) -> list[str]:
        """Return the steps of a line in words."""
        people = [
            one for step in line.steps for who in (step.who, step.escalate) if who for one in (who.post, *who.people)
        ]
        logins: dict[int, str] = {}
        for one in {each for each in people if each}:
            with suppress(NotFound):
                logins[one] = (await self._store.account(AccountId(one))).login
        return [show_step(step, logins) for step in line.steps]

    async def put(self, actor: Actor, organization_id: OrganizationId, line: Line) -> LineRow:
        """Make a line, in place of the one of its name. Raises Invalid, Forbidden."""
        await self._authority.require(actor, "policy.change", Scope("organization", str(int(organization_id))))
        check(line)
        now = self._clock.now()
        row = LineRow(0, organization_id, line.name, msgspec.json.encode(line).decode(), now, None, actor.named)
        record = AuditRecord(
            now, actor.named, "approval-line.put", f"organization:{organization_id}", actor.origin.address,
            door=actor.origin.door,
        )  # fmt: skip
        return await self._store.approving.put_line(row, record)

    async def end(self, actor: Actor, organization_id: OrganizationId, line_id: int) -> None:
        """End a line: nothing new is asked by it. Raises NotFound, Forbidden."""
        await self._authority.require(actor, "policy.change", Scope("organization", str(int(organization_id))))
        origin, now = actor.origin, self._clock.now()
        record = AuditRecord(
            now, actor.named, "approval-line.end", f"approval-line:{line_id}", origin.address, door=origin.door
        )
        if not await self._store.approving.end_line(line_id, organization_id, record):
            raise NotFound("there is no such approval line")
