"""수신확인 and 발송취소: what became of a sent mail at each recipient, and taking it back where that can be done.

What is known, and how: `inside` (our own mailbox: exact, where the reader's policy lets colleagues learn of it),
`list` (a list of ours: of its members one by one, service.sent_lists), `remote` (the other server took it over; whether it
was read nobody knows), `none`.
SECURITY  Only of what the account itself sent, by its own stories. A recall takes copies out of mailboxes of the same
          company, as policy says; a copy under legal hold lies in the vault like any other, and each owner's audit tells.
Must not know JMAP text.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, MailError, NotFound
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.keywords import SEEN
from smartmail.domain.principal import Actor
from smartmail.domain.trace import Event
from smartmail.formats.address import normalize
from smartmail.ports.acting import act_on
from smartmail.ports.clock import Clock
from smartmail.ports.store import MailTx, Store
from smartmail.service.mailstore.reading import ReadingService
from smartmail.service.policy import PolicyService
from smartmail.service.push import Hints
from smartmail.service.rights import Rights
from smartmail.service.sent_lists import MAX_BOXES, ListReading, SentListService
from smartmail.service.submission import Submission, SubmissionService
from smartmail.service.tracing.service import Marks, Story, TraceService

ReceiptState = Literal["planned", "queued", "delivered", "read", "failed"]
Known = Literal["inside", "list", "remote", "none"]
Recalled = Literal["recalled", "cancelled", "read", "gone", "outside", "failed", "large"]
TOGETHER: Final = 50
"""Copies that are taken back at the same time: they share commits."""


@dataclass(frozen=True, slots=True)
class RecipientState:
    """One recipient of a sent mail. `read_at` 0: not read, or nobody may tell; `told`: an unread one is truly unread."""

    address: str
    name: str
    state: ReceiptState
    known: Known
    reply: str
    at: int = 0
    read_at: int = 0
    told: bool = False


@dataclass(frozen=True, slots=True)
class RecallResult:
    """What a recall did at one recipient; at a list: at the most of its members, and `counts` at how many each."""

    address: str
    result: Recalled
    counts: Mapping[Recalled, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Copy:
    """A copy in a mailbox of ours."""

    account: Account
    message_id: MessageId
    at: int


class SentMailService:
    """Tells what became of sent mail, and takes it back."""

    def __init__(
        self, store: Store, rights: Rights, reading: ReadingService, submissions: SubmissionService, trace: TraceService,
        policy: PolicyService, hints: Hints, clock: Clock, lists: SentListService,
    ) -> None:  # fmt: skip
        self._store = store
        self._rights = rights
        self._reading = reading
        self._submissions = submissions
        self._trace = trace
        self._policy = policy
        self._hints = hints
        self._clock = clock
        self._lists = lists

    async def states(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> list[RecipientState]:
        """Return the recipients of a mail in their order. Raises NotFound (nothing that this account sent), Forbidden."""
        events = await self._events(actor, account_id, message_id)
        found: list[RecipientState] = []
        for submission in await self._sent(actor, account_id, message_id):
            lists = await self._lists.lists(actor, submission.text.rcpt_to)
            for address in submission.text.rcpt_to:
                status = submission.text.status[address]
                inside = await self._inside(actor, address)
                state = _state(status.delivered, planned=submission.row.undo_status == "pending")
                mine = [(at, one) for at, one in events if _concerns(one, address, inside)]
                at = max((at for at, one in mine if one.kind == "delivered"), default=0)
                read_at = min((at for at, one in mine if one.kind == "read"), default=0)
                told = inside is not None and (await self._policy.of(inside)).read_told
                known = "list" if address in lists else _known(state, inside=inside is not None)
                name = lists[address].name if address in lists else inside.name if inside else ""
                found.append(
                    RecipientState(
                        address, name, "read" if read_at else state, known, status.reply, at, read_at, told
                    )
                )  # fmt: skip
        return found

    async def recall(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> list[RecallResult]:
        """Take a sent mail back wherever that can be done; return what happened at each recipient.

        Raises NotFound (nothing that this account sent), Forbidden (policy).
        """
        # The right first: whose account a stranger names, policy would tell by the time it takes.
        stories = await self._stories(actor, account_id, message_id)
        events = [pair for story in stories for pair in story.events]
        allowed = (await self._policy.of_id(account_id)).recall_inside
        if allowed == "off":
            raise Forbidden("mail may not be recalled here")
        results: list[RecallResult] = []
        for submission in await self._sent(actor, account_id, message_id):
            if submission.row.undo_status == "pending" and await self._submissions.cancel(
                actor, account_id, submission.row.id
            ):
                results += [RecallResult(one, "cancelled") for one in submission.text.rcpt_to]
                continue
            lists = await self._lists.lists(actor, submission.text.rcpt_to)
            for address in submission.text.rcpt_to:
                if address in lists:
                    results.append(await self._from_list(actor, stories, address, even_read=allowed == "always"))
                    continue
                inside = await self._inside(actor, address)
                if inside is None:
                    results.append(RecallResult(address, "outside"))
                    continue
                copies = _copies(events, inside)
                results.append(RecallResult(address, await self._take(actor, copies, even_read=allowed == "always")))
        await self._store.audit(
            AuditRecord(
                self._clock.now(), f"account:{actor.account_id}", "mail.recall", f"message:{message_id}",
                door=actor.origin.door,
            ),
            account_id,
        )  # fmt: skip
        return results

    async def list_reading(
        self, actor: Actor, account_id: AccountId, message_id: MessageId, address: str
    ) -> ListReading:
        """Return who has read a mail at a list that it went to. Raises NotFound, Forbidden."""
        stories = await self._stories(actor, account_id, message_id)
        await self._went_to(actor, account_id, message_id, address)
        return await self._lists.reading(actor, account_id, message_id, stories, address)

    async def remind(self, actor: Actor, account_id: AccountId, message_id: MessageId, address: str) -> int:
        """Write to those of a list who have not read it; return to how many. Raises NotFound, Forbidden, RateLimited."""
        stories = await self._stories(actor, account_id, message_id)
        await self._went_to(actor, account_id, message_id, address)
        [opened] = await self._reading.messages(actor, account_id, [message_id])
        return await self._lists.remind(actor, account_id, opened, stories, address)

    async def _went_to(self, actor: Actor, account_id: AccountId, message_id: MessageId, address: str) -> None:
        """Raise NotFound unless the account sent the mail to that address."""
        sent = await self._sent(actor, account_id, message_id)
        if all(address not in one.text.rcpt_to for one in sent):
            raise NotFound

    async def _from_list(
        self, actor: Actor, stories: Sequence[Story], address: str, *, even_read: bool
    ) -> RecallResult:
        """Take back the copies that a list delivered inside."""
        copies = await self._lists.copies(actor, stories, address)
        if len(copies) > MAX_BOXES:
            return RecallResult(address, "large")
        counts: Counter[Recalled] = Counter()
        for start in range(0, len(copies), TOGETHER):
            taken = (
                self._take(actor, [_Copy(one.account, one.message_id, one.at)], even_read=even_read)
                for one in copies[start : start + TOGETHER]
            )
            counts.update(await asyncio.gather(*taken))
        most = counts.most_common(1)
        return RecallResult(address, most[0][0] if most else "gone", dict(counts))

    async def _take(self, actor: Actor, copies: Sequence[_Copy], *, even_read: bool) -> Recalled:
        result: Recalled = "gone"
        for copy in copies:
            rows = await self._store.messages(copy.account.id, [copy.message_id])
            if not rows:
                continue
            if rows[0].keywords.bits & SEEN and not even_read:
                return "read"
            record = AuditRecord(
                self._clock.now(), f"account:{actor.account_id}", "mail.recalled", f"message:{copy.message_id}",
                door=actor.origin.door,
            )  # fmt: skip

            async def body(tx: MailTx, copy: _Copy = copy, record: AuditRecord = record) -> bool:
                # Asked again inside: who has read it meanwhile keeps it.
                now = await tx.messages([copy.message_id])
                if not now or (now[0].keywords.bits & SEEN and not even_read):
                    return False
                taken = bool(await tx.set_aside([copy.message_id], reason="recalled"))
                if taken:
                    await tx.audit(record)
                return taken

            act_on(copy.account.id, actor)
            try:
                done = await self._store.write(copy.account.id, body)
            except MailError:
                return "failed"
            self._hints.account_changed(copy.account.id)
            if not done:
                return "read"
            result = "recalled"
        return result

    async def _sent(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> list[Submission]:
        rows = [
            one for one in await self._submissions.list_all(actor, account_id) if one.row.message_id == message_id
            and one.row.undo_status != "canceled"
        ]  # fmt: skip
        if not rows:
            raise NotFound
        return rows

    async def _events(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> list[tuple[int, Event]]:
        """Return what the stories of this mail tell. Raises NotFound, Forbidden."""
        stories = await self._stories(actor, account_id, message_id)
        return [pair for story in stories for pair in story.events]

    async def _stories(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> list[Story]:
        """Return the stories of this mail. Raises NotFound, Forbidden."""
        await self._rights.require_kind(actor, account_id, "submission")
        opened = await self._reading.messages(actor, account_id, [message_id])
        if not opened:
            raise NotFound
        named = "".join(opened[0].summary.ids.message_id[:1])
        if not named or account_id != actor.account_id:
            return []
        stories = await self._trace.own(actor, Marks(message_id=named))
        return [story for story in stories if story.facts.account_id == account_id]

    async def _inside(self, actor: Actor, address: str) -> Account | None:
        """Return the account of a colleague; None for anybody else."""
        found = (await self._store.resolve([normalize(address)])).values()
        for number in found:
            account = await self._store.account(number)
            if account.organization_id == actor.organization_id:
                return account
        return None


def _state(delivered: str, *, planned: bool) -> ReceiptState:
    if delivered == "no":
        return "failed"
    if delivered in {"yes", "unknown"}:
        return "delivered"
    return "planned" if planned else "queued"


def _known(state: ReceiptState, *, inside: bool) -> Known:
    if inside:
        return "inside"
    return "remote" if state in {"delivered", "failed"} else "none"


def _concerns(event: Event, address: str, inside: Account | None) -> bool:
    if inside is not None and event.account_id == inside.id:
        return True
    return bool(event.recipient) and normalize(event.recipient) == normalize(address)


def _copies(events: Sequence[tuple[int, Event]], inside: Account) -> list[_Copy]:
    return [
        _Copy(inside, MessageId(one.message_number), at) for at, one in events
        if one.kind == "delivered" and one.message_number and one.account_id == inside.id
    ]  # fmt: skip
