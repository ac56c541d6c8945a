"""Asks about held mail, shows what is asked, takes decisions. Read first: the package."""

import hashlib
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec

from smartmail.domain import approving
from smartmail.domain.addressing import ApprovalKind, ApprovalRow, ApprovalState, ApprovalText
from smartmail.domain.approving import OPEN, Act, ActRow, ActText, Approver, Course, Line, Vote
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.queue import NewQueueEntry
from smartmail.formats.address import normalize
from smartmail.formats.seal import Kind
from smartmail.formats.summary import Summary
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_approvals import ApprovalCounts, Asking
from smartmail.service.flow.approvals.deputies import DeputyService
from smartmail.service.flow.approvals.finding import Finder
from smartmail.service.flow.approvals.foreseeing import Foreseer
from smartmail.service.flow.approvals.letters import ApprovalLetters, Notices
from smartmail.service.flow.approvals.lines import LineService
from smartmail.service.flow.approvals.moving import Done, Mover
from smartmail.service.flow.approvals.objections import Objections
from smartmail.service.flow.approvals.reading import HeldLetter, HeldLetters, ReadingStore
from smartmail.service.flow.approvals.texts import Approval, Opener, plain_line
from smartmail.service.flow.approvals.timing import Timer
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.protection.leaks import Incidents

LOW_BITS = (1 << 20) - 1
MOST = 1_000
_NOT_YOURS = "this is for the moderators of the list and the administrators to decide"


class WayOut(Protocol):
    """What a sender's look at recipients needs to know of sending: service.flow.outgoing."""

    async def require_sending(self, actor: Actor) -> None:
        """Raise PolicyRejected where a person may not send at present."""
        ...

    async def remember(self, account_id: AccountId, recipients: Sequence[str], summary: Summary) -> None:
        """Remember to whom a letter goes whose sender has looked at the recipients."""
        ...


@dataclass(frozen=True, slots=True)
class _Decision:
    """A decision as a person asks for it. `rights`: in whose right they may."""

    actor: Actor
    approve: bool
    text: ActText
    step: int
    rights: tuple[AccountId, ...]


class ApprovalService:
    """Asks, shows, decides."""

    def __init__(
        self, store: ReadingStore, keyring: Keyring, notices: Notices, hints: Hints, authority: Authority,
        tracer: Tracer, clock: Clock, policy: PolicyService, moderators: Callable[[str], Awaitable[Collection[str]]],
        blobs: SealedBlobs, home: str, incidents: Incidents,
    ) -> None:  # fmt: skip
        """`moderators`: the addresses of those who decide about mail to a list at this moment; `home`: where links lead;
        `incidents`: where objections to mail that has left are kept.
        """
        self._store = store
        self._keyring = keyring
        self._hints = hints
        self._authority = authority
        self._clock = clock
        self._moderators = moderators
        self._policy = policy
        self.way_out: WayOut | None = None
        """Set where mail leaves by, which is made over this service."""
        self.finder = Finder(store, clock)
        self.opener = Opener(store, keyring)
        self.letters = ApprovalLetters(notices, self.finder, store, home)
        self._timer = Timer(policy)
        self.lines = LineService(store, authority, clock)
        self.foreseer = Foreseer(store, self.finder)
        self.deputies = DeputyService(store, clock)
        self.reading = HeldLetters(store, keyring, blobs, self.opener, self.finder, clock)
        self.mover = Mover(
            store, keyring, self.opener, self.finder, self._timer, self.letters, tracer, hints, clock,
            self.reading, Objections(self.reading, incidents),
        )  # fmt: skip

    # --- ask ---

    async def question(
        self, organization_id: OrganizationId, kind: ApprovalKind, subject: str, account_id: AccountId | None,
        entry_id: QueueEntryId, text: ApprovalText, *, line: str = "", digest: bytes = b"",
        afterwards: bool | None = None,
    ) -> ApprovalRow:  # fmt: skip
        """Return a new question, sealed; to be asked with `ask`. `line`: the name of an approval line; one that is not in force
        is the administrators'. `digest`: SHA-256 of the message, which decisions are bound to. `afterwards`: the mail leaves
        and is decided on then, or waits, whatever the line says; None: as the line says.
        """
        keys = await self._keyring.organization(organization_id)
        now = self._clock.now()
        sealed = keys.seal(Kind.APPROVAL, msgspec.msgpack.encode(text), entry_id)
        steps = await self.lines.named(organization_id, line) if line else None
        if afterwards and steps is None:
            steps = plain_line(kind, ())
        if steps is not None and afterwards is not None:
            steps = msgspec.structs.replace(steps, afterwards=afterwards)
        shape = "" if steps is None else msgspec.json.encode(steps).decode()
        return ApprovalRow(
            0, organization_id, kind, subject, account_id, entry_id, "waiting", now, now, None, "", sealed, shape,
            digest=digest,
        )  # fmt: skip

    async def ask(
        self, row: ApprovalRow, entry: NewQueueEntry | None, text: ApprovalText, deciders: Sequence[str],
        beside: Sequence[NewQueueEntry] = (), letter: HeldLetter | None = None,
    ) -> None:  # fmt: skip
        """Hold the entry, and tell who may decide. Asked twice about one entry, it is asked once.

        `deciders`: addresses that are told and, where they are accounts, decide; () for those whom the line names. Where
        nobody may, it is held and the administrators are told.
        """
        asking = await self.asking(row, text, deciders, letter)
        letters = (*asking.letters, *beside)
        try:
            await self._store.approving.ask(asking.row, entry, letters, asking.approvers, asking.acts, asking.kept)
        except AlreadyExists:
            if await self._store.approving.about([row.entry_id]):
                return
            raise
        self.asked(asking)

    def asked(self, asking: Asking) -> None:
        """Tell who waits that a question was noted."""
        self._hints.queue_changed()
        for one in asking.approvers:
            self._hints.account_changed(one.account_id)

    async def asking(
        self, row: ApprovalRow, text: ApprovalText, deciders: Sequence[str], letter: HeldLetter | None = None
    ) -> Asking:
        """Return a question that is ready to be noted with its entry (`MailTx.ask_approval`); `asked` then. As in `ask`; where there are
        doubts of recipients, the sender looks at them before anybody else is told.

        `letter`: what approvers read of a letter that leaves before they decide.
        """
        line = await self._line(row, deciders)
        if text.doubts and row.account_id:
            hours = await self._policy.value_of_id(row.account_id, knobs.MISDELIVERY_WAIT_HOURS)
            line = approving.sender_first(None if row.kind == "misdelivery" else line, hours)
        course = Course(line)
        deciders = () if course.asks_sender else deciders
        course = approving.found(course, await self.finder.step(course, row.organization_id, row.account_id))
        assert course.state != "draft"
        row = replace(row, line=msgspec.json.encode(line).decode(), state=course.state)
        row = await self._timer.begin(row, line, row.asked_at)
        people = [Approver(0, 0, one) for one in sorted(course.approvers)]
        by = row.account_id or AccountId(0)
        history = [ActRow(0, 0, row.asked_at, 0, "ask", AccountId(0), by, f"account:{by}" if by else "system", b"")]
        if course.state == "held":
            history.append(replace(history[0], act="miss", by_id=AccountId(0), actor="system"))
        told = await self.letters.to_approvers(Approval(row, text, line, (), tuple(people)), deciders)
        kept = b"" if letter is None else await self.reading.seal(row, letter)
        return Asking(row, tuple(told), tuple(people), tuple(history), kept)

    async def foreseen(self, actor: Actor, kind: ApprovalKind, line: str) -> Course:
        """Return the first step of what a mail of the actor would wait for, with its people; nothing is asked by it."""
        named = await self.lines.named(actor.organization_id, line) if line else None
        course = Course(plain_line(kind, ()) if named is None else named)
        people = await self.finder.step(course, actor.organization_id, actor.account_id)
        return approving.found(course, people)

    async def _line(self, row: ApprovalRow, deciders: Sequence[str]) -> Line:
        if row.line:
            return msgspec.json.decode(row.line, type=Line)
        if row.kind != "list":
            return plain_line(row.kind, ())
        known = await self._store.resolve([normalize(one) for one in deciders])
        return plain_line(row.kind, tuple(sorted(set(known.values())))[: approving.MAX_PEOPLE])

    # --- show ---

    async def list_all(
        self, state: ApprovalState | None = "waiting", organization_id: OrganizationId | None = None
    ) -> list[Approval]:
        """Return questions, the oldest first, opened. `waiting`: those that nobody may decide too; None: of every state."""
        states = _states(state)
        rows = await self._store.approving.all(states, organization_id=organization_id)
        return await self.opener.open_all(rows)

    async def about(self, organization_id: OrganizationId, entries: Collection[QueueEntryId]) -> list[Approval]:
        """Return the questions that wait about some entries, for who acts on these in another way."""
        rows = await self._store.approving.about(entries)
        mine = [row for row in rows if row.organization_id == organization_id and row.state in OPEN]
        return await self.opener.open_all(mine)

    async def inbox(self, actor: Actor) -> list[Approval]:
        """Return what waits for the decision of a person, in their right or as deputy, the oldest first."""
        rights = await self.finder.rights(actor.account_id)
        found = await self.opener.open_all(await self._store.approving.to_decide(rights, MOST))
        return [one for one in found if _is_for(actor, one)]

    async def count(self, actor: Actor) -> ApprovalCounts:
        """Return how many wait for a person and of a person."""
        rights = await self.finder.rights(actor.account_id)
        return await self._store.approving.counts(rights, actor.account_id)

    async def decided(self, actor: Actor, limit: int = 200) -> list[Approval]:
        """Return what a person has decided, or their deputy in their right, the newest first."""
        return await self.opener.open_all(await self._store.approving.decided([actor.account_id], limit))

    async def sent(self, actor: Actor, limit: int = 200) -> list[Approval]:
        """Return what was asked about a person's own mail (승인대기함), the newest first."""
        return await self.opener.open_all(await self._store.approving.of_sender(actor.account_id, limit))

    # --- decide ---

    async def decide(
        self, actor: Actor, approval_id: int, *, approve: bool, note: str = "", digest: bytes | None = None,
        step: int | None = None, without: Collection[str] = (),
    ) -> ApprovalRow:  # fmt: skip
        """Let a mail go, or end it, as far as the actor may: as an approver and in the right of others, or as an administrator.

        `digest`, `step`: of the message and of the step that was looked at. `without`: recipients whom a sender takes off who looks at
        them. The same decision again changes nothing. Raises NotFound, Forbidden, AlreadyExists (a person has decided),
        StateMismatch (another message), Invalid (nobody would be left), PolicyRejected (the sender may not send at present).
        """
        one = await self._found(approval_id)
        if digest is not None and one.row.digest and digest != one.row.digest:
            raise StateMismatch("this is not the message that waits", reason="approval.other-message")
        if _looks_at_own(actor, one, step):
            return await self._look_at_own(actor, one, without, approve=approve, note=note)
        if without:
            raise Forbidden("only who sent a mail takes recipients off", reason="approval.others")
        self._forbid_own(actor, one)
        if one.line.afterwards and not approve and not note.strip():
            raise Invalid("an objection to mail that has left says why", reason="approval.objection")
        rights = await self.finder.rights(actor.account_id)
        wish = _Decision(actor, approve, ActText(note), one.row.step if step is None else step, tuple(rights))
        rules = await self._rules(actor, one.row)
        return (await self.mover.change(approval_id, lambda now: _decided(now, wish, rules=rules))).row

    async def _look_at_own(
        self, actor: Actor, one: Approval, without: Collection[str], *, approve: bool, note: str
    ) -> ApprovalRow:
        """Let a mail go on whose recipients its sender has looked at, or take it back. Killed or asked twice, it goes on once."""
        if not approve:
            await self.withdraw(actor, one.row.id)
            return one.row
        if one.row.state not in OPEN:
            return await self._again(actor, one)
        if self.way_out is not None:
            await self.way_out.require_sending(actor)
        try:
            letter = await self.reading.held(one.row.entry_id)
        except NotFound:  # it left meanwhile
            return await self._again(actor, one)
        off = {normalize(each) for each in without}
        dropped = {number: each for number, each in letter.recipients.items() if normalize(each) in off}
        if len(dropped) == len(letter.recipients):
            raise Invalid("nobody would be left: take the mail back instead", reason="approval.nobody-left")
        wish = _Decision(actor, True, ActText(note), 0, (actor.account_id,))
        went = False

        def change(now: Approval) -> tuple[Course, Done] | None:
            nonlocal went
            wanted = _decided(now, wish, rules=False)
            went = wanted is not None
            return None if wanted is None else (wanted[0], replace(wanted[1], dropped=dropped))

        row = (await self.mover.change(one.row.id, change)).row
        if went and self.way_out is not None:
            left = [each for number, each in letter.recipients.items() if number not in dropped]
            await self.way_out.remember(actor.account_id, left, letter.summary)
        return row

    async def _again(self, actor: Actor, one: Approval) -> ApprovalRow:
        wish = _Decision(actor, True, ActText(), 0, (actor.account_id,))
        return (await self.mover.change(one.row.id, lambda now: _decided(now, wish, rules=False))).row

    async def decide_outside(
        self, actor: Actor, approval_id: int, *, approve: bool, system: str, document: str, note: str = ""
    ) -> ApprovalRow:
        """Take the decision of another system (전자결재) at the step that names it, with its document. Raises as `decide`."""
        act: Act = "approve" if approve else "reject"

        def change(now: Approval) -> tuple[Course, Done] | None:
            if any(_from_system(now, one, act, system) for one in now.acts):
                return None
            who = now.course.now.who
            if now.row.state in OPEN and (who.kind != "external" or who.system != system):
                raise Forbidden("this step is not for that system to decide", reason="approval.system")
            after = approving.voted(now.course, Vote(AccountId(0), approve, AccountId(0)))
            record = "approval.voted" if after.state in OPEN else ""
            text = ActText(note, system, document)
            return after, Done("approve" if approve else "reject", actor, text=text, record=record)

        return (await self.mover.change(approval_id, change)).row

    async def withdraw(self, actor: Actor, approval_id: int) -> None:
        """Take one's own mail back while it waits. Raises NotFound, AlreadyExists (over), StateMismatch (it was sent)."""
        one = await self._found(approval_id)
        if not actor.account_id or one.row.account_id != actor.account_id:
            raise NotFound("there is no such question")
        await self.mover.change(approval_id, lambda now: (approving.withdrawn(now.course), Done("withdraw", actor)))

    async def end(self, actor: Actor, approval_id: int) -> bool:
        """Take back a mail whose sender recalls it; False when it was over."""
        try:
            await self.mover.change(approval_id, lambda now: (approving.withdrawn(now.course), Done("withdraw", actor)))
        except (AlreadyExists, StateMismatch):  # it is over, or the mail has left and is reviewed all the same
            return False
        return True

    async def _found(self, approval_id: int) -> Approval:
        try:
            return await self.opener.open(approval_id)
        except NotFound:
            raise NotFound("there is no such question") from None

    def _forbid_own(self, actor: Actor, one: Approval) -> None:
        own = bool(actor.account_id) and one.row.account_id == actor.account_id
        if own and one.row.kind != "list" and not one.line.afterwards:
            raise Forbidden("somebody else decides on your own mail", reason="approval.own")

    async def _rules(self, actor: Actor, row: ApprovalRow) -> bool:
        """Say whether a person decides apart from the line: an administrator, or who moderates the list now."""
        if await self._authority.may(actor, "queue.change", Scope("organization", str(int(row.organization_id)))):
            return True
        if row.kind != "list" or not actor.account_id:
            return False
        own = set(await self._store.addresses(actor.account_id))
        return bool(own & set(await self._moderators(row.subject)))

    async def notice(self, one: Approval, state: ApprovalState, note: str = "") -> NewQueueEntry | None:
        """Return the mail that tells an author how a question ended; None for one outside, who is told nothing."""
        return await self.letters.to_sender(one, state, note)

    async def show_end(self, row: ApprovalRow, *, ended: bool) -> None:
        """Show the sender that what was asked about can no longer be taken back."""
        await self.mover.show_end(row, ended=ended)


def _is_for(actor: Actor, one: Approval) -> bool:
    """Say whether what waits for a person, in any right, is theirs to decide: nobody looks at recipients in another one's right,
    and nobody decides on their own mail otherwise, unless the line sends first.
    """
    own = one.row.account_id == actor.account_id
    return own if one.course.asks_sender else one.line.afterwards or not own


def _looks_at_own(actor: Actor, one: Approval, step: int | None) -> bool:
    """Say whether a decision is a sender's about the recipients: the first step, where it is theirs."""
    mine = bool(actor.account_id) and one.row.account_id == actor.account_id
    return mine and one.line.steps[0].who.kind == "sender" and (one.row.step if step is None else step) == 0


def _decided(now: Approval, wish: _Decision, *, rules: bool) -> tuple[Course, Done] | None:
    """Return what a decision makes of an approval: a vote in each right that counts in its step, else an administrator's word."""
    actor, course = wish.actor, now.course
    act: Act = "approve" if wish.approve else "reject"
    mine = [one for one in now.acts if actor.account_id and one.by_id == actor.account_id and one.step == wish.step]
    if any(one.act == act for one in mine):
        return None
    voted = {vote.account_id for vote in course.votes}
    counted = [one for one in wish.rights if one in course.approvers | course.above and one not in voted]
    if course.state == "waiting" and counted:
        if now.row.step != wish.step:
            raise AlreadyExists("somebody has decided already", reason="consent.over")
        return _voted(course, wish, counted, act)
    if rules:
        after = approving.ruled(course, release=wish.approve)
        # Where there is a line, an administrator lets mail go in its place; where there is none, they are whom it waits for.
        after = replace(after, state="approved") if wish.approve and now.row.kind in {"list", "limit"} else after
        return after, Done("release" if wish.approve else "refuse", actor, (), wish.text)
    if course.state not in OPEN:
        raise AlreadyExists("somebody has decided already", reason="consent.over")
    raise Forbidden(_NOT_YOURS, reason="approval.moderators")


def _from_system(one: Approval, told: ActRow, act: Act, system: str) -> bool:
    """Say whether an act is the same decision of the same system: it was told twice."""
    return told.act == act and not told.account_id and one.line.steps[told.step].who.system == system


def _voted(course: Course, wish: _Decision, counted: list[AccountId], act: Act) -> tuple[Course, Done]:
    after, used = course, list[AccountId]()
    for one in counted:
        if after.state == "waiting" and after.step == course.step:
            after = approving.voted(after, Vote(one, wish.approve, wish.actor.account_id))
            used.append(one)
    return after, Done(act, wish.actor, tuple(used), wish.text, "approval.voted" if after.state in OPEN else "")


def held_id(entry_id: QueueEntryId, number: int) -> QueueEntryId:
    """Return the id of the held entry that a recipient becomes: the same each time it is worked on again.

    Its time is that of the entry it comes from, for the queue works in the order of ids.
    """
    digest = hashlib.sha256(f"{entry_id}/{number}".encode()).digest()
    return QueueEntryId(entry_id ^ (int.from_bytes(digest[:8], "big") & LOW_BITS) ^ 1)


def _states(state: ApprovalState | None) -> list[ApprovalState]:
    if state is None:
        return ["waiting", "held", "approved", "rejected", "expired", "withdrawn", "released"]
    return ["waiting", "held"] if state == "waiting" else [state]
