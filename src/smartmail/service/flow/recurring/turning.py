"""What happens when a turn of recurring mail has come.

NAME        turning
PURPOSE     Make a new message of the kept letter and hand it in as its person would. Must not know what becomes of it then.
STATES      Of a turn: due → leased → made → handed in. Making and handing in are a transaction each; the second also names
            the next turn, and looks first whether the turn is still that one and the message still its own.
STRATEGIES  A turn is named by its moment. One whose day has become a holiday since is named anew where it keeps off them by
            being sent later. Of turns that were missed the newest is sent, once, and the person is told.
            The message has a Message-ID and a Date of its own (RFC 5322 §3.6.4, §3.6.1); all else is the letter's.
LIMITS      BLOCK turns of one look; a lease of LEASE_MS.
FAILURE     Killed before the second transaction: the next process takes the made message away and begins anew. After it, the
            queue has the mail and the plan its next turn: no turn is sent twice. What may come right by itself is tried
            again (RETRY, LATER); what cannot holds the plan and tells its person. A notice may be lost with a process.
SECURITY    Acts as the person, with what they may at this moment: state of the account, policy, limits, approval, DLP.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from zoneinfo import ZoneInfo

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import (
    Forbidden,
    Invalid,
    MailError,
    NotFound,
    OverQuota,
    PolicyRejected,
    RateLimited,
    StateMismatch,
    TooLarge,
)
from smartmail.domain.holidays import Holidays
from smartmail.domain.ids import MailboxId, MessageId
from smartmail.domain.keywords import SEEN, Keywords
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.recurring import NO_MESSAGE, PlanReason, PlanState, RecurringRow, newest_due, put_off_to
from smartmail.formats.headers import exclude
from smartmail.formats.seal import SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_tx import MailTx
from smartmail.service.flow.outgoing.limits import SenderIsFull
from smartmail.service.flow.recurring.store import Store
from smartmail.service.flow.recurring.texts import (
    OpenPlan,
    holidays_of,
    move,
    open_plan,
    planned_box,
    to_drafts,
    unmake,
)
from smartmail.service.flow.submission import SubmissionService
from smartmail.service.flow.submission_request import Request
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.kernel.intake import Content, Intake, new_message
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.mailstore.reading import OpenMessage, ReadingService
from smartmail.service.mailbox.reminders.boxes import Boxes

BLOCK: Final = 50
LEASE_MS: Final = 2 * MINUTE
RETRY: Final = 5 * MINUTE
LATER: Final = 15 * MINUTE
_CHUNK: Final = 1 << 20
_OF_A_TURN: Final = ("date", "message-id")


class _Overtaken(StateMismatch):
    """The turn is another one by now: somebody else sent it, or its person changed the plan."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """A turn at hand. `due`: the newest moment that has come; `missed`: how many came before it."""

    holidays: Holidays
    plan: OpenPlan
    account: Account
    actor: Actor
    letter: OpenMessage
    due: int
    missed: int

    @property
    def row(self) -> RecurringRow:
        return self.plan.row


class TurnService:
    """Sends what is due of all accounts."""

    def __init__(
        self, store: Store, keyring: Keyring, blobs: SealedBlobs, reading: ReadingService, submissions: SubmissionService,
        policy: PolicyService, notices: Notices, hints: Hints, clock: Clock, host: str,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._reading = reading
        self._submissions = submissions
        self._policy = policy
        self._notices = notices
        self._hints = hints
        self._clock = clock
        self._host = host

    async def turn(self) -> int:
        """Send what is due; return how many mails. A job of any number of processes. Raises Unavailable."""
        sent = 0
        for _ in range(BLOCK):
            now = self._clock.now()
            row = await self._store.recurring.lease(now, now + LEASE_MS, self._clock.new_worker())
            if row is None:
                break
            try:
                sent += await self._take(row)
            except _Overtaken:
                continue
            except (MailError, SealError) as error:
                log.event("recurring.failed", account=row.account_id, error=type(error).__name__)
                await self._store.recurring.put_off(row.account_id, row.message_id, self._clock.now() + RETRY)
        return sent

    async def _take(self, row: RecurringRow) -> bool:
        try:
            account = await self._store.account(row.account_id)
        except NotFound:
            await self._store.recurring.forget(row.account_id)
            return False
        now = self._clock.now()
        if account.state == "closed":
            # Its keys may be gone already.
            await self._shelve(row, "suspended", 0)
            return False
        plan = open_plan(await self._keyring.account(account), row)
        holidays = await holidays_of(self._policy, account)
        due, missed = newest_due(plan.text.rule, row.next_at, now, holidays)
        actor = Actor(account.id, account.organization_id, account.login, False, Origin("system"), account.auth_epoch)
        letter = await self._letter(actor, row)
        if letter is None or row.next_at > plan.text.ends_at:
            await self._end(account, plan, letter)
            return False
        later = put_off_to(plan.text.rule, due, holidays)
        if later > now:
            await self._name(row, later)
            return False
        turn = _Turn(holidays, plan, account, actor, letter, due, missed)
        if not account.may("send", now):
            await self._hold(turn, "suspended")
            return False
        return await self._send(turn)

    async def _send(self, turn: _Turn) -> bool:
        """Make the message of a turn and hand it in; False where the turn was refused. Raises _Overtaken, Unavailable."""
        made = NO_MESSAGE
        try:
            made = await self._make(turn)
            await self._hand_in(turn, made)
        except _Overtaken:
            await self._store.write(turn.account.id, lambda tx: unmake(tx, made))
            raise
        except MailError as error:
            reason = _reason(error)
            if not reason:
                raise
            await self._hold(turn, reason)
            return False
        return True

    async def _letter(self, actor: Actor, row: RecurringRow) -> OpenMessage | None:
        """Return the letter if it lies where it was left."""
        planned = Boxes(await self._store.mailboxes(row.account_id)).by_role("scheduled")
        places = await self._store.placements(row.account_id, [row.message_id])
        if not any(one.mailbox_id == planned and not one.deleted for one in places):
            return None
        opened = await self._reading.messages(actor, row.account_id, [row.message_id])
        return opened[0] if opened else None

    async def _make(self, turn: _Turn) -> MessageId:
        """Store the message of a turn among the planned ones, and note it. Raises _Overtaken, OverQuota, Unavailable."""
        content = await self._content(turn)
        keys = await self._keyring.account(turn.account)
        now = self._clock.now()

        async def body(tx: MailTx) -> MessageId:
            row = await _still(tx, turn.row)
            await unmake(tx, row.made)
            box = await planned_box(tx, keys, Boxes(await tx.mailboxes()))
            new = new_message(keys, content, (box,), received_at=now, keywords=Keywords(SEEN))
            added = await tx.add_message(new)
            await tx.put_recurring(replace(row, made=added.message_id))
            return added.message_id

        return await self._store.write(turn.account.id, body)

    async def _content(self, turn: _Turn) -> Content:
        octets = await self._reading.octets(turn.actor, turn.account.id, turn.row.message_id)
        size = turn.letter.summary.header_size
        now = datetime.fromtimestamp(self._clock.now() / 1000, UTC).replace(microsecond=0)
        date = format_datetime(now.astimezone(ZoneInfo(turn.plan.text.rule.zone)))
        number = f"{self._clock.new_id():x}.{self._clock.random(8).hex()}@{self._host}"
        head = f"Date: {date}\r\nMessage-ID: <{number}>\r\n".encode() + exclude(octets[:size], _OF_A_TURN)
        intake = await Intake.begin(self._blobs, turn.account.organization_id, size_hint=len(octets))
        await intake.feed(head)
        for start in range(size, len(octets), _CHUNK):
            await intake.feed(octets[start : start + _CHUNK])
        return await intake.finish()

    async def _hand_in(self, turn: _Turn, made: MessageId) -> None:
        """Submit it; the same commit names the next turn. Raises _Overtaken, and whatever submission raises."""
        after = turn.plan.text.after(turn.due, turn.row.turns + 1, turn.holidays)
        record = self._record(turn.row, "recurring.send")

        async def along(tx: MailTx) -> None:
            row = await _still(tx, replace(turn.row, made=made))
            if row.made != made:
                raise _Overtaken
            boxes = Boxes(await tx.mailboxes())
            await _file(tx, boxes, made)
            if after is None:
                await to_drafts(tx, boxes, row.message_id)
                await tx.drop_recurring(row.message_id)
            else:
                await tx.put_recurring(
                    replace(row, next_at=after, turns=row.turns + 1, made=NO_MESSAGE, reason="", leased_until=0)
                )
            await tx.audit(record)

        await self._submissions.submit(turn.actor, turn.account.id, Request(turn.plan.text.sender, made), along)
        if turn.missed:
            await self._tell(turn.account, turn.plan, turn.letter, "missed", count=str(turn.missed))
        if after is None:
            await self._tell(turn.account, turn.plan, turn.letter, "over")

    async def _name(self, row: RecurringRow, moment: int) -> None:
        """Give the turn at hand another moment."""

        async def body(tx: MailTx) -> None:
            kept = await _still(tx, row)
            await unmake(tx, kept.made)
            await tx.put_recurring(replace(kept, next_at=moment, made=NO_MESSAGE, reason="", leased_until=0))

        await self._write(row, body)

    async def _hold(self, turn: _Turn, reason: PlanReason) -> None:
        """Keep a plan from going on, or put its turn off where that may help; its person is told once."""
        await self._shelve(turn.row, reason, self._clock.now() + LATER if reason == "limit" else 0)
        if turn.row.reason != reason:
            await self._tell(turn.account, turn.plan, turn.letter, f"held.{reason}")

    async def _shelve(self, row: RecurringRow, reason: PlanReason, put_off: int) -> None:
        """Hold a plan, or put its turn off until a moment."""
        record = self._record(row, "recurring.hold")
        state: PlanState = "active" if put_off else "held"

        async def body(tx: MailTx) -> None:
            kept = await _still(tx, row)
            await unmake(tx, kept.made)
            await tx.put_recurring(replace(kept, state=state, made=NO_MESSAGE, reason=reason, leased_until=put_off))
            await tx.audit(record)

        await self._write(row, body)

    async def _end(self, account: Account, plan: OpenPlan, letter: OpenMessage | None) -> None:
        """Forget a plan whose letter went elsewhere, or whose time is over."""
        row, record = plan.row, self._record(plan.row, "recurring.end")

        async def body(tx: MailTx) -> None:
            await unmake(tx, (await _still(tx, row)).made)
            await to_drafts(tx, Boxes(await tx.mailboxes()), row.message_id)
            await tx.drop_recurring(row.message_id)
            await tx.audit(record)

        await self._write(row, body)
        await self._tell(account, plan, letter, "over" if letter else "gone")

    async def _write(self, row: RecurringRow, body: Callable[[MailTx], Awaitable[None]]) -> None:
        await self._store.write(row.account_id, body)
        self._hints.account_changed(row.account_id)

    async def _tell(self, account: Account, plan: OpenPlan, letter: OpenMessage | None, key: str, **words: str) -> None:
        """Send the person a mail of the house. What fails is logged alone."""
        language = account.language or "ko"
        subject = (letter.summary.subject if letter else "") or "-"
        at = datetime.fromtimestamp(plan.row.next_at / 1000, UTC).astimezone(ZoneInfo(plan.text.rule.zone))
        words |= {"subject": subject, "time": at.strftime("%Y-%m-%d %H:%M")}
        kind = key.partition(".")[0]
        try:
            title = translate(language, f"recurring.{kind}.subject", **words)
            await self._notices.send(account, title, translate(language, f"recurring.{key}.text", **words))
        except MailError as error:
            log.event("recurring.notify_failed", account=account.id, error=type(error).__name__)
        self._hints.queue_changed()

    def _record(self, row: RecurringRow, action: str) -> AuditRecord:
        return AuditRecord(self._clock.now(), "system", action, f"message:{row.account_id}/{row.message_id}")


async def _still(tx: MailTx, row: RecurringRow) -> RecurringRow:
    """Return the plan as it is now, if the turn is still the one at hand. Raises _Overtaken."""
    for one in await tx.recurring():
        if one.message_id == row.message_id and one.state == "active" and one.next_at == row.next_at:
            return one
    raise _Overtaken


async def _file(tx: MailTx, boxes: Boxes, made: MessageId) -> None:
    """Put what is handed in among the sent."""
    planned, sent = boxes.by_role("scheduled"), boxes.by_role("sent")
    if planned is not None and sent is not None:
        await move(tx, made, await tx.placements([made]), MailboxId(planned), sent)


def _reason(error: MailError) -> PlanReason:
    """Return why a turn was refused; "" for what is a fault of ours and passes."""
    if isinstance(error, RateLimited | OverQuota | SenderIsFull):
        return "limit"
    if isinstance(error, TooLarge):
        return "large"
    if isinstance(error, PolicyRejected | Forbidden):
        return "policy"
    if isinstance(error, NotFound):
        return "sender"
    return "recipients" if isinstance(error, Invalid) else ""
