"""수신확인 and 발송취소: what became of a sent mail at each recipient, and taking it back where that can be done.

What is known, and how: `inside` (our own mailbox: exact, where the reader's policy lets colleagues learn of it),
`list` (a list of ours: of its members one by one, service.flow.sent_lists), `told` (the recipient's program sent the receipt
that the mail asks for, RFC 8098: a claim), `remote` (the other server took it over; whether it was read nobody knows), `none`.
A letter that went out as secure mail is on a page of ours, which a recall ends; who had opened it has read it.
SECURITY  Only of what the account itself sent, by its own stories. A recall takes copies out of mailboxes of the same
          company, as policy says; a copy under legal hold lies in the vault like any other, and each owner's audit tells.
Must not know JMAP text.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Protocol

from smartmail.domain.account import Account
from smartmail.domain.addressing import ListText
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import AccountId, MessageId, QueueEntryId
from smartmail.domain.principal import Actor
from smartmail.domain.trace import Event
from smartmail.formats.address import normalize
from smartmail.formats.recall_receipt import ReceiptRecipient
from smartmail.formats.reply_causes import Cause, explain
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_trace import TraceStore
from smartmail.ports.store_vault import VaultStore
from smartmail.service.flow.list_stories import goes_on_as
from smartmail.service.flow.list_withdrawing import ListWithdrawing
from smartmail.service.flow.recall_receipts import RecallReceipts, Recipients
from smartmail.service.flow.recalling import Copy, CopyRecall, Reading, Recalled, Taken
from smartmail.service.flow.sent_by_programs import of_stories
from smartmail.service.flow.sent_lists import MAX_BOXES, ListCopy, ListReading, SentListService
from smartmail.service.flow.submission import SubmissionService
from smartmail.service.flow.submission_record import Submission
from smartmail.service.flow.tracing.service import Marks, Story, TraceService
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights
from smartmail.service.mailbox.mailstore.reading import ReadingService
from smartmail.service.mailbox.secure_mail import SecureConsole


class _Store(AccountStore, AuditLog, DirectoryStore, MailReads, TraceStore, VaultStore, Protocol): ...


ReceiptState = Literal["planned", "queued", "withdrawn", "delivered", "read", "deleted", "failed"]
"""`withdrawn`: taken back before it left. `deleted`: its recipient's program told that it was thrown away unread."""
Known = Literal["inside", "list", "told", "remote", "none"]
_REPLY: Final = re.compile(r"([2-5][0-9]{2})[ -]?([245]\.[0-9]{1,3}\.[0-9]{1,3})?(.*)", re.DOTALL)
TOGETHER: Final = 50
"""Copies that are taken back at the same time: they share commits."""


@dataclass(frozen=True, slots=True)
class RecipientState:
    """One recipient of a sent mail. `read_at` 0: not read, or nobody may tell; `told`: an unread one is truly unread; `cause`:
    why it failed.
    """

    address: str
    name: str
    state: ReceiptState
    known: Known
    reply: str
    at: int = 0
    read_at: int = 0
    told: bool = False
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class RecallResult:
    """What a recall did at one recipient; at a list: at the most of its members, and `counts` at how many each. `rest`: the
    list was not opened to its end, and those whom nobody has counted yet get nothing. `reading`: whether a copy had been read when
    that was decided.
    """

    address: str
    result: Recalled
    counts: Mapping[Recalled, int] = field(default_factory=dict)
    rest: bool = False
    reading: Reading = "unknown"


@dataclass(frozen=True, slots=True)
class Recall:
    """A whole recall: what happened at each recipient, how many links ended with it, and its signed receipt as a file."""

    results: Sequence[RecallResult]
    links: int
    receipt: bytes


class SentMailService:
    """Tells what became of sent mail, and takes it back."""

    def __init__(
        self, store: _Store, rights: Rights, reading: ReadingService, submissions: SubmissionService, trace: TraceService,
        policy: PolicyService, hints: Hints, clock: Clock, lists: SentListService,
        withdrawing: ListWithdrawing, receipts: RecallReceipts, secure: SecureConsole,
    ) -> None:  # fmt: skip
        self._receipts = receipts
        self._store = store
        self._rights = rights
        self._reading = reading
        self._submissions = submissions
        self._trace = trace
        self._policy = policy
        self._clock = clock
        self._copies = CopyRecall(store, hints, clock)
        self._lists = lists
        self._withdrawing = withdrawing
        self._secure = secure

    async def states(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> list[RecipientState]:
        """Return the recipients of a mail in their order. Raises NotFound (nothing that this account sent), Forbidden."""
        events = await self._events(actor, account_id, message_id)
        if not await self._asks(actor, account_id, message_id):
            # A receipt that nobody asked for is no answer to this mail.
            events = [pair for pair in events if pair[1].kind != "notified"]
        found: list[RecipientState] = []
        for submission in await self._sent(actor, account_id, message_id):
            lists = await self._lists.lists(actor, submission.text.rcpt_to)
            for address in submission.text.rcpt_to:
                inside = await self._inside(actor, address)
                told = inside is not None and await self._policy.value(inside, knobs.READ_TOLD)
                mine = [(at, one) for at, one in events if _concerns(one, address, inside)]
                state = _recipient(submission, address, inside, mine)
                if address in lists:
                    state = replace(state, known="list", name=lists[address].name)
                found.append(replace(state, told=told))
        return found

    async def recall(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> Recall:
        """Take a sent mail back wherever that can be done; end the links that went out with it; return what happened at each
        recipient, with a signed receipt that the sender gets by mail as well.

        Raises NotFound (nothing that this account sent), Forbidden (policy).
        """
        # The right first: whose account a stranger names, policy would tell by the time it takes.
        stories = await self._stories(actor, account_id, message_id)
        allowed = await self._policy.value_of_id(account_id, knobs.RECALL_INSIDE)
        if allowed == "off":
            raise Forbidden("mail may not be recalled here")
        before = await self.states(actor, account_id, message_id)
        results: list[RecallResult] = []
        for submission in await self._sent(actor, account_id, message_id):
            if submission.row.undo_status == "pending" and await self._submissions.cancel(
                actor, account_id, submission.row.id
            ):
                results += [RecallResult(one, "cancelled", reading="unread") for one in submission.text.rcpt_to]
                continue
            results += await self._of_one(actor, submission, stories, even_read=allowed == "always")
        [opened] = await self._reading.messages(actor, account_id, [message_id])
        links, receipt = await self._receipts.issue(actor, opened, _certified(before, results))
        return Recall(results, links, receipt)

    async def _of_one(
        self, actor: Actor, submission: Submission, stories: Sequence[Story], *, even_read: bool
    ) -> list[RecallResult]:
        """Take one submission back at each of its recipients."""
        addresses, entry_id = submission.text.rcpt_to, submission.row.queue_id
        events = [pair for story in stories for pair in story.events]
        numbers = {QueueEntryId(one) for one in goes_on_as(int(entry_id), len(addresses))}
        whole = await self._trace.stories(sorted(numbers), actor.organization_id)
        lists = await self._lists.lists(actor, addresses)
        waiting = await self._withdrawing.withdraw_from(
            actor,
            numbers | set(map(QueueEntryId, submission.text.notices)),
            [one for one in addresses if one not in lists],
        )
        pages = await self._pages(actor, submission, stories)
        results: list[RecallResult] = []
        for address in addresses:
            if address in lists:
                results.append(
                    await self._from_list(actor, stories, lists[address], address, entry_id, even_read=even_read)
                )
            elif waiting.get(address):
                results.append(RecallResult(address, "cancelled", reading="unread"))
            else:
                inside = await self._inside(actor, address)
                # Or at this moment on its way there; a page is ours to end, and says who has seen it.
                done = pages.get(normalize(address), Taken("outside"))
                if inside is not None:
                    tells = await self._policy.value(inside, knobs.READ_TOLD)
                    told = _copies(events, inside)
                    carried = await self._carried(actor, whole, inside)
                    done = await self._copies.take(
                        actor, inside, told, numbers, even_read=even_read, tells=tells, carried=carried
                    )
                    # A worker has it in hand: it is not there yet, and asked again it may be.
                    done = Taken("failed") if done.result == "gone" and address in waiting else done
                results.append(RecallResult(address, done.result, reading=done.reading))
        # What a mail program sent has a story for those inside alone.
        others = pages.keys() - {normalize(one) for one in addresses}
        return results + [RecallResult(one, pages[one].result, reading=pages[one].reading) for one in sorted(others)]

    async def _pages(self, actor: Actor, submission: Submission, stories: Sequence[Story]) -> dict[str, Taken]:
        """End the page of a letter that went out as secure mail; return by address what that came to."""
        seen = dict[str, int]()
        if submission.text.ticket:
            seen = await self._secure.recall_of(actor, submission.text.ticket)
        elif not submission.row.id and stories:
            seen = await self._secure.recall_message(actor, stories[0].facts.message_id)
        return {
            normalize(one): Taken("read", "read") if views else Taken("recalled", "unread")
            for one, views in seen.items()
        }

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
        self, actor: Actor, stories: Sequence[Story], text: ListText, address: str, entry_id: QueueEntryId, *,
        even_read: bool,
    ) -> RecallResult:  # fmt: skip
        """Take back the copies that a list delivered inside, and what of it still waits in the queue."""
        # The queue first: what leaves it meanwhile lies in a mailbox when those are looked at.
        waiting = await self._withdrawing.withdraw(actor, stories, address, entry_id)
        counts: Counter[Recalled] = Counter()
        counts.update({"cancelled": waiting.members, "failed": waiting.leaving})
        copies = await self._lists.copies(actor, stories, address)
        if len(copies) > MAX_BOXES:
            return RecallResult(address, "large", rest=waiting.rest)
        for start in range(0, len(copies), TOGETHER):
            taken = (self._from_member(actor, one, text, even_read) for one in copies[start : start + TOGETHER])
            counts.update(await asyncio.gather(*taken))
        counts = +counts
        usual: Recalled = "cancelled" if waiting.rest else "gone"
        most = counts.most_common(1)
        return RecallResult(address, most[0][0] if most else usual, dict(counts), waiting.rest)

    async def _carried(self, actor: Actor, stories: Sequence[Story], inside: Account) -> list[Copy]:
        """Return the copies that a colleague put into other accounts of the company, mailboxes of a team."""
        found: list[Copy] = []
        for one in (event for story in stories for _, event in story.events):
            elsewhere = one.kind in {"copied", "moved"} and one.account_id not in {0, inside.id}
            if not elsewhere or one.by != inside.login or not one.message_number:
                continue
            with suppress(NotFound):
                account = await self._store.account(AccountId(one.account_id))
                if account.organization_id == actor.organization_id:
                    found.append(Copy(account, MessageId(one.message_number)))
        return found

    async def _from_member(self, actor: Actor, copy: ListCopy, text: ListText, even_read: bool) -> Recalled:
        # Of a notice list it is told who has read (sent_lists).
        tells = text.notice or await self._policy.value(copy.account, knobs.READ_TOLD)
        told = [copy.message_id]
        return (await self._copies.take(actor, copy.account, told, (), even_read=even_read, tells=tells)).result

    async def _sent(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> list[Submission]:
        rows = [
            one for one in await self._submissions.list_all(actor, account_id) if one.row.message_id == message_id
            and one.row.undo_status != "canceled"
        ]  # fmt: skip
        rows = rows or of_stories(await self._stories(actor, account_id, message_id), message_id)
        if not rows:
            raise NotFound
        return rows

    async def _asks(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> bool:
        """Whether a mail asks for a receipt (RFC 8098 §2.1)."""
        [opened] = await self._reading.messages(actor, account_id, [message_id])
        fields = opened.summary.header_fields(["disposition-notification-to"])
        return fields is None or len(fields) > len(b"\r\n")

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


def _certified(before: Sequence[RecipientState], results: Sequence[RecallResult]) -> Recipients:
    """Return the lines of a receipt: what was done, and what was known before it was done."""
    known = {one.address: one for one in before}
    found: list[ReceiptRecipient] = []
    for one in results:
        state = known.get(one.address)
        reading: Reading = "read" if state is not None and state.read_at else one.reading
        found.append(
            ReceiptRecipient(
                address=one.address, result=one.result, reading=reading, read_at=0 if state is None else state.read_at,
                delivered_at=0 if state is None else state.at, reply="" if state is None else state.reply,
                members={str(result): count for result, count in one.counts.items()},
            )
        )  # fmt: skip
    return found


def _recipient(
    submission: Submission, address: str, inside: Account | None, mine: Sequence[tuple[int, Event]]
) -> RecipientState:
    """Return what is known of one recipient by what the story tells of them."""
    status = submission.text.status[address]
    state = _state(status.delivered, planned=submission.row.undo_status == "pending")
    at = max((at for at, one in mine if one.kind == "delivered"), default=0)
    read_at = min((at for at, one in mine if one.kind == "read"), default=0)
    name = "" if inside is None else inside.name
    known = _known(state, inside=inside is not None)
    cause = _cause(status.reply) if state == "failed" else None
    found = RecipientState(address, name, "read" if read_at else state, known, status.reply, at, read_at, cause=cause)
    if state == "queued" and any(one.kind == "withdrawn" for _, one in mine):
        return replace(found, state="withdrawn")
    notices = [(at, one) for at, one in mine if one.kind == "notified"]
    if inside is not None or state == "failed" or not notices:
        return found
    told_at, notice = notices[0]
    if notice.act == "displayed":
        return replace(found, state="read", known="told", read_at=told_at)
    return replace(found, state="deleted", known="told") if notice.act == "deleted" else found


def _cause(reply: str) -> Cause:
    """Return what a reply means: `550 5.1.1 …`, or words of our own where there was none."""
    found = _REPLY.match(reply)
    return explain(int(found[1]), found[2] or "", found[3]) if found else explain(0, "", reply)


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


def _copies(events: Sequence[tuple[int, Event]], inside: Account) -> list[MessageId]:
    return [
        MessageId(one.message_number) for _, one in events
        if one.kind == "delivered" and one.message_number and one.account_id == inside.id
    ]  # fmt: skip
