"""One change of an approval, in one commit: votes, the next step with its people, what follows for the held mail, letters, record.

STRATEGIES A change is worked out from a version and made where it is still at that version; else it is worked out again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from smartmail.domain import approving
from smartmail.domain.addressing import ApprovalRow, ApprovalState
from smartmail.domain.approving import OPEN, SENT, Act, ActRow, ActText, Approver, Course
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Unavailable
from smartmail.domain.ids import AccountId
from smartmail.domain.leaks import IncidentRow
from smartmail.domain.principal import Actor
from smartmail.domain.queue import NewQueueEntry
from smartmail.domain.trace import Event, EventKind
from smartmail.ports.clock import Clock
from smartmail.ports.store_approvals import Move
from smartmail.ports.store_tx import MailTx
from smartmail.service.flow.approvals.finding import Finder, FindingStore
from smartmail.service.flow.approvals.letters import ApprovalLetters
from smartmail.service.flow.approvals.objections import Objections
from smartmail.service.flow.approvals.reading import HeldLetters
from smartmail.service.flow.approvals.texts import Approval, Opener, seal_act
from smartmail.service.flow.approvals.timing import NEVER, Timer
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.push import Hints

TRIES: Final = 200
TRYING: Final = 5 * DAY
"""How long mail may be tried at least from its release on."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a person did. `rights`: in whose right, nobody's where it is empty. `record`: the audit's word, "": that of the state it ends in.
    `dropped`: recipients of the held mail that are taken off, by their number in it.
    """

    act: Act
    actor: Actor
    rights: tuple[AccountId, ...] = ()
    text: ActText = field(default_factory=ActText)
    record: str = ""
    dropped: Mapping[int, str] = field(default_factory=dict[int, str])


Change = Callable[[Approval], tuple[Course, Done] | None]
"""What is to be done, worked out from an approval as it is; None: nothing. Raises as domain.approving."""


class Mover:
    """Makes changes."""

    def __init__(
        self, store: FindingStore, keyring: Keyring, opener: Opener, finder: Finder, timer: Timer,
        letters: ApprovalLetters, tracer: Tracer, hints: Hints, clock: Clock, reading: HeldLetters, objections: Objections,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._opener = opener
        self._finder = finder
        self._timer = timer
        self._letters = letters
        self._tracer = tracer
        self._hints = hints
        self._clock = clock
        self._objections = objections
        self._reading = reading

    async def change(self, approval_id: int, change: Change) -> Approval:
        """Make a change; return the approval as it was opened for it. Raises NotFound, what the change raises."""
        for _ in range(TRIES):
            one = await self._opener.open(approval_id)
            wanted = change(one)
            if wanted is None or await self._made(one, *wanted):
                return one
        raise Unavailable("too many decide about this at once; try again", reason="approval.busy")

    async def _made(self, one: Approval, course: Course, done: Done) -> bool:
        now, before = self._clock.now(), one.course
        course, row = await self._stepped(one, course, now)
        ended = course.state not in OPEN
        row = replace(
            row, state=_state(course), step=course.step, escalated=course.escalated,
            decided_at=now if ended else None, decided_by=done.actor.named if ended else "",
        )  # fmt: skip
        row = replace(row, due_at=_due(row, done, now))
        acts = await self._acts(one.row, done, now)
        if course.state == "held" and before.state != "held":
            acts.append(
                replace(acts[0], act="miss", step=course.step, account_id=AccountId(0), by_id=AccountId(0), sealed=b"")
            )
        move = Move(
            row, tuple(acts), _people(row, course), approving.hold_of(before, course),
            tuple(await self._told(replace(one, row=row, approvers=_people(row, course)), before, course, done)),
            self._record(row, done, now), now + TRYING, await self._incident(one, course, done), tuple(done.dropped),
        )  # fmt: skip
        if not await self._store.approving.move(move):
            return False
        await self._follow(row, done, before, course)
        return True

    async def _stepped(self, one: Approval, course: Course, now: int) -> tuple[Course, ApprovalRow]:
        """Return the course with the people of a step that has just begun, and the row with its times."""
        if course.step == one.row.step:
            return course, one.row
        course = approving.found(course, await self._finder.step(course, one.row.organization_id, one.row.account_id))
        return course, await self._timer.begin(replace(one.row, step=course.step), one.line, now)

    async def _acts(self, row: ApprovalRow, done: Done, now: int) -> list[ActRow]:
        keys = await self._keyring.organization(row.organization_id)
        sealed, by = seal_act(keys, row.id, now, done.text), done.actor.account_id
        rights, named = done.rights or (AccountId(0),), done.actor.named
        return [ActRow(row.id, 0, now, row.step, done.act, one, by, named, sealed) for one in rights]

    async def _told(self, one: Approval, before: Course, course: Course, done: Done) -> list[NewQueueEntry]:
        """Return who is told: the people of a step that begins, whom it was escalated to, the sender at the end."""
        if course.state not in OPEN:
            letter = await self._letters.to_sender(
                one, one.row.state, done.text.comment, await self._unsent(one, course)
            )
            objected = course.line.afterwards and course.state == "rejected"
            officers = await self._letters.to_officers(one, "objected", done.text.comment) if objected else []
            return [*([] if letter is None else [letter]), *officers]
        if done.act == "keep" and course.line.afterwards:
            return await self._letters.to_officers(one, "overdue")
        fresh = course.approvers | course.above
        known = before.approvers | before.above if course.step == before.step else frozenset()
        if course.state == "held":
            return (
                [] if before.state == "held" and course.step == before.step else await self._letters.to_approvers(one)
            )
        if not fresh - known:
            return []
        only = tuple(person for person in one.approvers if person.account_id in fresh - known)
        return await self._letters.to_approvers(replace(one, approvers=only))

    async def _unsent(self, one: Approval, course: Course) -> bytes:
        """Return the letter itself where its sender gets it back: nobody looked at its recipients in time."""
        returned = course.asks_sender and course.state == "expired"
        return await self._reading.octets(one.row.entry_id) if returned else b""

    async def _incident(self, one: Approval, course: Course, done: Done) -> IncidentRow | None:
        if not course.line.afterwards or course.state != "rejected":
            return None
        return await self._objections.incident(one, done.text.comment)

    def _record(self, row: ApprovalRow, done: Done, now: int) -> AuditRecord:
        origin, actor = done.actor.origin, done.actor
        word = done.record or f"approval.{row.state}"
        return AuditRecord(now, actor.named, word, f"approval:{row.id}", origin.address, door=origin.door)

    async def _follow(self, row: ApprovalRow, done: Done, before: Course, course: Course) -> None:
        self._hints.queue_changed()
        for account in before.approvers | before.above | course.approvers | course.above:
            self._hints.account_changed(account)
        for address in done.dropped.values():
            self._tracer.note(row.organization_id, row.entry_id, Event("withdrawn", address, by=done.actor.login))
        if course.state in OPEN:
            return
        hold = approving.hold_of(before, course)
        if hold:
            kind: EventKind = (
                "withdrawn" if row.state == "withdrawn" else "released" if hold == "release" else "removed"
            )
            by = done.actor.login if kind == "withdrawn" else done.actor.named
            self._tracer.note(row.organization_id, row.entry_id, Event(kind, by=by))
        if not course.line.afterwards:
            await self.show_end(row, ended=course.state not in SENT)

    async def show_end(self, row: ApprovalRow, *, ended: bool) -> None:
        """Show the sender, where it was sent by JMAP, that it can no longer be taken back."""
        account_id = row.account_id
        if account_id is None or row.kind == "list":
            return
        found = [one.id for one in await self._store.submissions(account_id, None) if one.queue_id == row.entry_id]
        if not found:
            return

        async def body(tx: MailTx) -> None:
            await tx.update_submission(found[0], undo_status="canceled" if ended else "final")

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)


def _state(course: Course) -> ApprovalState:
    assert course.state != "draft"
    return course.state


def _due(row: ApprovalRow, done: Done, now: int) -> int:
    """Return when the next thing happens by itself: after escalation the end; nothing, where it is kept past its end."""
    if done.act == "keep":
        return now + NEVER
    return row.expires_at if done.act == "escalate" else row.due_at


def _people(row: ApprovalRow, course: Course) -> tuple[Approver, ...]:
    people = [Approver(row.id, course.step, one) for one in sorted(course.approvers)]
    return (
        *people,
        *(Approver(row.id, course.step, one, above=True) for one in sorted(course.above - course.approvers)),
    )
