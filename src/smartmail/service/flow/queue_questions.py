"""Questions about held mail that an administrator ends by an act on the queue: a delete says no, a release says yes.

Must not know how the queue is changed: `targets` are told what question waits, and the store ends it in the commit of the
act. Read first: service/flow/approvals.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from smartmail.domain.ids import OrganizationId, QueueEntryId
from smartmail.domain.queue import QueueAct, QueueEntryRow, QueueTarget
from smartmail.service.flow.approvals import Approval, ApprovalService

ENDING: Final[Collection[QueueAct]] = frozenset({"delete", "release"})


@dataclass(slots=True)
class Questions:
    """Questions that wait about the entries of one act."""

    service: ApprovalService
    act: QueueAct
    found: dict[QueueEntryId, Approval] = field(default_factory=dict)

    async def with_question(self, target: QueueTarget) -> QueueTarget:
        """Return a target with the question that ends with it. Who gets a report of the delete needs no second word."""
        one = self.found.get(target.entry_id)
        if one is None:
            return target
        silent = self.act != "delete" or target.report is not None
        told = None if silent else await self.service.notice(one, "rejected")
        return replace(target, question=one.row.id, told=told)

    async def show_ends(self, met: Iterable[QueueEntryId]) -> None:
        """Show the senders of what was met that it is decided."""
        known = [self.found[one].row for one in met if one in self.found]
        for organization_id in {row.organization_id for row in known}:
            entries = {row.entry_id for row in known if row.organization_id == organization_id}
            open_still = {one.row.id for one in await self.service.about(organization_id, entries)}
            for row in known:
                if row.organization_id == organization_id and row.id not in open_still:
                    await self.service.show_end(row, ended=self.act == "delete")


async def questions_about(service: ApprovalService, act: QueueAct, held: Iterable[QueueEntryRow]) -> Questions | None:
    """Return the questions that an act on some held entries may end; None where it ends none."""
    if act not in ENDING:
        return None
    companies: dict[OrganizationId, set[QueueEntryId]] = {}
    for entry in held:
        companies.setdefault(entry.organization_id, set()).add(entry.id)
    found = [one for home, entries in companies.items() for one in await service.about(home, entries)]
    return Questions(service, act, {one.row.entry_id: one for one in found}) if found else None
