"""What of a mail still waits in the queue is taken out of it: of one to a list, members whose turn has not come get nothing.

STRATEGIES  The author's own entry for the list, the list's steps and its messages to members are found by their stories
            (list_stories); what waits for a moderator is decided with them. A recipient that a worker has in hand goes on:
            the author is told how many inside, and may recall again.
FAILURE     Each page is one commit with its audit record; a crash between two leaves the rest where it was.
LIMITS      PAGE entries in one commit; as many stories as are followed at all.
Must not know who may recall.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from smartmail.domain.approving import OPEN
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import QueueEntryId
from smartmail.domain.principal import Actor
from smartmail.domain.queue import QueueEntryRow, QueueFilter, QueueRecipient, QueueTarget
from smartmail.domain.trace import Event
from smartmail.formats.address import normalize
from smartmail.ports.clock import Clock
from smartmail.ports.store_approvals import ApprovalStore
from smartmail.ports.store_queue import QueueControlStore
from smartmail.service.flow.addressing.finding import HERE
from smartmail.service.flow.approvals import ApprovalService
from smartmail.service.flow.list_stories import steps_of
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.flow.tracing.service import Story, TraceService
from smartmail.service.kernel import envelope as sealed
from smartmail.service.kernel.envelope import Recipient
from smartmail.service.kernel.keyring import Keyring, Sealer


class _Store(QueueControlStore, Protocol):
    @property
    def approving(self) -> ApprovalStore: ...


PAGE: Final = 100
_TRACED: Final = 100


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was taken out of the queue. `members`: who would have been next; `rest`: the list was not opened to its end, and
    nobody after them gets it; `leaving`: a worker has them in hand.
    """

    members: int = 0
    rest: bool = False
    leaving: int = 0


class ListWithdrawing:
    """Takes the rest of a list's mail out of the queue."""

    def __init__(
        self, store: _Store, keyring: Keyring, trace: TraceService, tracer: Tracer, clock: Clock,
        approvals: ApprovalService,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._trace = trace
        self._tracer = tracer
        self._clock = clock
        self._approvals = approvals

    async def withdraw(self, actor: Actor, stories: Sequence[Story], address: str, entry_id: QueueEntryId) -> Withdrawn:
        """Take out what waits of a mail that the actor sent to a list. `entry_id`: the queue's number of that mail."""
        roots = [one for one in stories if one.facts.account_id == actor.account_id]
        # What was told a moment ago is written first: by it the newest steps are found.
        await self._tracer.settle()
        own, others = set[QueueEntryId](), set[QueueEntryId]()
        if roots:
            own, others = await steps_of(self._trace, actor.organization_id, roots, address)
        others.add(entry_id)
        done = Withdrawn(rest=await self.end_questions(actor, others, address))
        numbers = sorted(own | others)
        for start in range(0, len(numbers), PAGE):
            page = await self._page(actor, numbers[start : start + PAGE], own, address)
            done = Withdrawn(done.members + page.members, done.rest or page.rest, done.leaving + page.leaving)
        # What is asked next tells of it.
        await self._tracer.settle()
        return done

    async def withdraw_from(
        self, actor: Actor, entry_ids: Collection[QueueEntryId], addresses: Collection[str]
    ) -> Mapping[str, bool]:
        """Take recipients that still wait out of a mail's own entries; return by address: True for those that were taken
        out, False for one that a worker has in hand. Who does not wait there is left out.
        """
        wanted = QueueFilter(entries=tuple(sorted(entry_ids)), organization_id=actor.organization_id)
        now = self._clock.now()
        found = await self._store.find_queue(wanted, now=now, after=QueueEntryId(0), limit=PAGE)
        keys = await self._keyring.queue(actor.organization_id)
        spelled = {normalize(one): one for one in addresses}
        meant = {row.id: _of(keys, recipients, spelled) for row, recipients in found}
        targets = [QueueTarget(one, tuple(each)) for one, each in meant.items() if each]
        if not targets:
            return {}
        about = f"entries:{len(targets)} recipients:{sum(len(one.numbers) for one in targets)}"
        audit = AuditRecord(now, actor.named, "mail.recall", about, actor.origin.address, door=actor.origin.door)
        met = dict(await self._store.change_queue("delete", targets, now=now, audit=audit))
        taken: dict[str, bool] = {}
        for entry_id, each in meant.items():
            gone = set(met.get(entry_id, ()))
            for number, one in each.items():
                name = spelled[normalize(one.address)]
                taken[name] = taken.get(name, True) and number in gone
            events = [Event("withdrawn", each[number].address, by=actor.login) for number in sorted(gone)[:_TRACED]]
            self._tracer.note(actor.organization_id, entry_id, *events)
        whole = {row.id for row, recipients in found if len(met.get(row.id, ())) == len(recipients)}
        await self.end_questions(actor, whole)
        # What is asked next tells of it.
        await self._tracer.settle()
        return taken

    async def _page(
        self, actor: Actor, numbers: Sequence[QueueEntryId], own: Collection[QueueEntryId], address: str
    ) -> Withdrawn:
        wanted, now = QueueFilter(entries=tuple(numbers), organization_id=actor.organization_id), self._clock.now()
        found = await self._store.find_queue(wanted, now=now, after=QueueEntryId(0), limit=len(numbers))
        keys = await self._keyring.queue(actor.organization_id)
        meant = {row.id: _meant(keys, row, recipients, address, own) for row, recipients in found}
        targets = [QueueTarget(one, tuple(each)) for one, each in meant.items() if each]
        if not targets:
            return Withdrawn()
        audit = AuditRecord(
            now, actor.named, "mail.recall", f"list:{address} entries:{len(targets)}", actor.origin.address,
            door=actor.origin.door,
        )  # fmt: skip
        met = dict(await self._store.change_queue("delete", targets, now=now, audit=audit))
        members, rest, leaving = 0, False, 0
        for entry_id, each in meant.items():
            taken = [each[number] for number in met.get(entry_id, ())]
            steps = sum(normalize(one.address) == normalize(address) for one in taken)
            members, rest = members + len(taken) - steps, rest or steps > 0
            # What leaves for somebody outside at this moment is none of ours to take back.
            inside = sum(one.via == HERE or normalize(one.address) == normalize(address) for one in each.values())
            leaving += max(0, inside - len(taken))
            events = [Event("withdrawn", one.address, by=actor.login) for one in taken[:_TRACED]]
            self._tracer.note(actor.organization_id, entry_id, *events)
        return Withdrawn(members, rest, leaving)

    async def end_questions(self, actor: Actor, numbers: Collection[QueueEntryId], address: str | None = None) -> bool:
        """End what waits for a moderator of a list, or where none is given for whoever decides on the mail of its sender:
        nobody is asked any more.
        """
        ended = False
        if not numbers:
            return ended
        for row in await self._store.approving.about(numbers):
            of_list = row.kind == "list" and address is not None and row.subject == normalize(address)
            if row.organization_id != actor.organization_id or row.state not in OPEN:
                continue
            if (of_list or (row.kind != "list" and address is None)) and await self._approvals.end(actor, row.id):
                ended = True
        return ended


def _of(keys: Sealer, recipients: Sequence[QueueRecipient], addresses: Collection[str]) -> dict[int, Recipient]:
    """Return those recipients that have one of some addresses, by number."""
    opened = {one.number: sealed.open_recipient(keys, one) for one in recipients}
    return {number: one for number, one in opened.items() if normalize(one.address) in addresses}


def _meant(
    keys: Sealer, row: QueueEntryRow, recipients: Sequence[QueueRecipient], address: str, own: Collection[QueueEntryId]
) -> dict[int, Recipient]:
    """Return those recipients that the list has to do with: of the list's own messages all, of others the list itself."""
    if row.id in own:
        return {one.number: sealed.open_recipient(keys, one) for one in recipients}
    return _of(keys, recipients, {normalize(address)})
