"""Acts on the queue as long work: what an administrator named, kept as plain values until it is done."""

from typing import Any, Final

import msgspec

from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.queue import HoldReason, QueueAct, QueueFilter
from smartmail.service.flow.queue_control import Done, Marks, QueueControl
from smartmail.service.kernel.authority import Authority
from smartmail.service.operations.admin_jobs.jobs import JobProgress

QUEUE_ACT: Final = "queue.act"


class QueueWish(msgspec.Struct, frozen=True):
    """An act and the marks of what it is on. Times in milliseconds."""

    act: QueueAct
    entry: int = 0
    account_id: int = 0
    sender: str = ""
    sender_domain: str = ""
    recipient: str = ""
    domain: str = ""
    state: str = ""
    cause: str = ""
    created_before: int | None = None
    created_after: int | None = None
    to: str = ""
    report: bool = False
    hold_reason: HoldReason | None = None
    larger: int | None = None
    smaller: int | None = None

    def marks(self, organization_id: OrganizationId) -> Marks:
        """Return the marks, in one organisation only."""
        chosen = QueueFilter(
            entries=(QueueEntryId(self.entry),) if self.entry else (),
            organization_id=organization_id,
            account_id=AccountId(self.account_id) if self.account_id else None,
            sender_domain=self.sender_domain.lower(),
            domain=self.domain.lower(),
            state=self.state,  # type: ignore[arg-type]  # the edge takes no others
            created_before=self.created_before,
            created_after=self.created_after,
            hold_reason=self.hold_reason,
            larger=self.larger,
            smaller=self.smaller,
        )
        return Marks(chosen, self.sender, self.recipient, self.cause)


class QueueActs:
    """Does them."""

    def __init__(self, control: QueueControl, authority: Authority) -> None:
        self._control = control
        self._authority = authority

    async def work(self, actor: Actor, request: dict[str, Any], progress: JobProgress) -> dict[str, Any]:
        """Do one; the right is asked for again, for it may have been taken back meanwhile."""
        await self._authority.require(actor, "queue.change", Scope("organization", str(actor.organization_id)))
        wish = msgspec.convert(request, QueueWish)
        done = await self._control.act(
            actor, wish.act, wish.marks(actor.organization_id), to=wish.to, report=wish.report,
            progress=lambda so_far: progress.note(so_far.recipients),
        )  # fmt: skip
        return told(done)


def told(done: Done) -> dict[str, Any]:
    """Return what an act met as plain values."""
    return {"entries": done.entries, "recipients": done.recipients, "octets": done.octets}
