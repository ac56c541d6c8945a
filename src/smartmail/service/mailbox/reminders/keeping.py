"""Reminders as a person keeps them: put off, wait for an answer, change the hour, end.

STATES      waiting → woken → ended; ended at any time. Ended means forgotten: there is no row then.
STRATEGIES  A message that is put off is moved: out of the mailbox where it was, into the one with the role `snoozed`, which
            is made with the first one. Its marks stay. One that waits for an answer stays where it was sent to; at its
            hour it is placed into the inbox as well. One message has one reminder: a later one takes its place.
LIMITS      MAX_REMINDERS waiting ones of an account, MAX_DAYS ahead.
FAILURE     One transaction of the account each: nothing is half put off. What somebody else moves meanwhile is theirs: a
            reminder whose message is no longer where it was left is told no more, and forgotten at its hour.
SECURITY    Own accounts only. A mailbox that several people read has assignments instead: putting mail off there would take
            it away from the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound, RateLimited
from smartmail.domain.ids import AccountId, MailboxId, MessageId
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.message import Placement
from smartmail.domain.principal import Actor
from smartmail.domain.reminders import MAX_DAYS, MAX_REMINDERS, ReminderKind, ReminderRow
from smartmail.formats.seal import Purpose
from smartmail.ports.clock import Clock
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.mailbox.mailstore.mailboxes import SORT_STEP, name_hash, new_mailbox
from smartmail.service.mailbox.mailstore.reading import OpenMessage, ReadingService
from smartmail.service.mailbox.reminders.boxes import Boxes
from smartmail.service.mailbox.reminders.store import Store

NAMES: Final = ("Snoozed", "SmartMail Snoozed")
"""Of the mailbox, for clients that show names; the second where somebody has a mailbox of the first name."""
_NOT_FROM: Final = frozenset({"drafts", "trash", "junk", "scheduled"})
_SENT: Final = frozenset({"sent", "scheduled"})
_SLACK: Final = 5 * SECOND
"""A clock of a client may be behind ours."""

Failures = dict[MessageId, MailError]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked: until when, in milliseconds; `mailbox_id`: which of its mailboxes a message leaves."""

    kind: ReminderKind
    at: int
    mailbox_id: MailboxId | None = None


class ReminderService:
    """Keeps the reminders of people's own accounts."""

    def __init__(self, store: Store, keyring: Keyring, reading: ReadingService, hints: Hints, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._reading = reading
        self._hints = hints
        self._clock = clock

    async def of(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, ReminderRow]:
        """Return the reminders of messages that hold: the message is where its reminder left it. None of accounts of
        others.
        """
        if actor.account_id != account_id:
            return {}
        return await self._holding(
            account_id, await self._store.reminders.of_account(account_id, message_ids, len(message_ids))
        )

    async def all(self, actor: Actor, account_id: AccountId) -> list[ReminderRow]:
        """Return all that hold, the earliest hour first. Raises Forbidden (of another's account)."""
        _own(actor, account_id)
        rows = await self._store.reminders.of_account(account_id, None, 2 * MAX_REMINDERS)
        held = await self._holding(account_id, rows)
        return [row for row in rows if row.message_id in held]

    async def woken_in(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId) -> list[MessageId]:
        """Return what came back to a mailbox and was not ended; nothing of accounts of others."""
        if actor.account_id != account_id:
            return []
        rows = await self._store.reminders.of_account(account_id, None, 2 * MAX_REMINDERS)
        return [row.message_id for row in rows if row.state == "woken" and row.mailbox_id == mailbox_id]

    async def _holding(self, account_id: AccountId, rows: Sequence[ReminderRow]) -> dict[MessageId, ReminderRow]:
        if not rows:
            return {}
        boxes = Boxes(await self._store.mailboxes(account_id))
        places: dict[MessageId, set[MailboxId]] = {}
        for one in await self._store.placements(account_id, [row.message_id for row in rows]):
            if not one.deleted:
                places.setdefault(one.message_id, set()).add(one.mailbox_id)
        return {row.message_id: row for row in rows if boxes.holds(row, places.get(row.message_id, set()))}

    async def remind(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId], wish: Wish
    ) -> Failures:
        """Put messages off, or let sent ones wait for an answer; return why some were left as they were: NotFound,
        Invalid. Raises Invalid (hour), RateLimited (too many wait), Forbidden (another's account).
        """
        _own(actor, account_id)
        now = self._clock.now()
        if not now - _SLACK <= wish.at <= now + MAX_DAYS * DAY:
            raise Invalid(f"the hour must lie ahead, at most {MAX_DAYS} days")
        ids = list(dict.fromkeys(message_ids))
        opened = {one.row.id: one for one in await self._reading.messages(actor, account_id, ids)}
        keys = await self._keyring.account(await self._store.account(account_id))
        record = self._record(actor, f"reminder.{wish.kind}", account_id, ids)

        async def body(tx: MailTx) -> Failures:
            held = {row.message_id: row for row in await tx.reminders(ids)}
            fresh = len(ids) - sum(row.state == "waiting" for row in held.values())
            if await tx.waiting_reminders() + fresh > MAX_REMINDERS:
                raise RateLimited(f"at most {MAX_REMINDERS} messages may wait")
            keeper = _Keeper(tx, keys, wish, held, await tx.mailboxes())
            await keeper.take(opened, _by_message(await tx.placements(list(opened))))
            await tx.audit(record)
            return keeper.failures | {one: NotFound() for one in ids if one not in opened}

        failures = await self._store.write(account_id, body)
        self._hints.account_changed(account_id)
        return failures

    async def end(self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]) -> list[MessageId]:
        """Forget reminders: what is put off is back where it was, what came up unanswered leaves the inbox again. Returns
        which had one. Raises Forbidden (another's account).
        """
        _own(actor, account_id)
        ids = list(dict.fromkeys(message_ids))
        record = self._record(actor, "reminder.end", account_id, ids)

        async def body(tx: MailTx) -> list[MessageId]:
            rows = await tx.reminders(ids)
            if not rows:
                return []
            boxes = Boxes(await tx.mailboxes())
            places = _by_message(await tx.placements([row.message_id for row in rows]))
            for row in rows:
                await _back(tx, boxes, row, places.get(row.message_id, []))
            await tx.audit(record)
            return await tx.drop_reminders([row.message_id for row in rows])

        ended = await self._store.write(account_id, body)
        if ended:
            self._hints.account_changed(account_id)
        return ended

    def _record(self, actor: Actor, action: str, account_id: AccountId, ids: Sequence[MessageId]) -> AuditRecord:
        named = f"message:{account_id}/{ids[0]}" if len(ids) == 1 else f"account:{account_id} messages={len(ids)}"
        return AuditRecord(
            self._clock.now(), f"account:{actor.account_id}", action, named, door=actor.origin.door
        )  # fmt: skip


class _Keeper:
    """Takes in the messages of one wish."""

    def __init__(
        self, tx: MailTx, keys: Sealer, wish: Wish, held: Mapping[MessageId, ReminderRow], rows: Sequence[MailboxRow]
    ) -> None:
        self._tx = tx
        self._keys = keys
        self._wish = wish
        self._held = held
        self._boxes = Boxes(rows)
        self.failures: Failures = {}

    async def take(
        self, opened: Mapping[MessageId, OpenMessage], places: Mapping[MessageId, Sequence[Placement]]
    ) -> None:
        """Keep the wish for each message."""
        kept: list[ReminderRow] = []
        leaving: dict[MailboxId, list[Placement]] = {}
        for message_id, message in opened.items():
            here = [one for one in places.get(message_id, ()) if not one.deleted]
            old = self._held.get(message_id)
            try:
                row, left = self._later(message, here, old)
            except MailError as error:
                self.failures[message_id] = error
                continue
            kept.append(row)
            if left is not None:
                leaving.setdefault(left.mailbox_id, []).append(left)
        if any(one.kind == "snooze" for one in kept):
            moved = {one.message_id for group in leaving.values() for one in group}
            asleep = [row.message_id for row in kept if row.kind == "snooze" and row.message_id in moved]
            await self._tx.place(await self._snoozed(), asleep)
        for mailbox_id, group in leaving.items():
            await self._tx.remove_placements(mailbox_id, [one.uid for one in group])
        await self._tx.put_reminders(kept)

    def _later(
        self, message: OpenMessage, here: Sequence[Placement], old: ReminderRow | None
    ) -> tuple[ReminderRow, Placement | None]:
        """Return the reminder, and the placement that goes for it."""
        at = self._wish.at
        if old is not None and not self._boxes.holds(old, {one.mailbox_id for one in here}):
            old = None
        if old is not None and old.kind == "followUp":
            # It goes on waiting for its answer, and comes up again later.
            up = [one for one in here if one.mailbox_id == old.mailbox_id and old.state == "woken" and len(here) > 1]
            return replace(old, state="waiting", wake_at=at), up[0] if up else None
        if self._wish.kind == "followUp":
            return self._await_answer(message, here), None
        asleep = self._boxes.by_role("snoozed")
        if any(one.mailbox_id == asleep for one in here):
            # Somebody's mail program may have put it there: then there is no hour yet, and no place to go back to.
            home = old.mailbox_id if old is not None else self._boxes.by_role("inbox") or MailboxId(0)
            return ReminderRow(message.row.id, "snooze", "waiting", at, home), None
        left = self._left(here)
        return ReminderRow(message.row.id, "snooze", "waiting", at, left.mailbox_id), left

    def _await_answer(self, message: OpenMessage, here: Sequence[Placement]) -> ReminderRow:
        ids = message.summary.message_ids
        if not any(self._boxes.role(one.mailbox_id) in _SENT for one in here):
            raise Invalid("only sent mail can wait for an answer")
        if not ids:
            raise Invalid("the message has no Message-ID to know its answers by")
        ref = self._keys.hash(Purpose.MESSAGE_ID, ids[0].encode())
        inbox = self._boxes.by_role("inbox") or MailboxId(0)
        return ReminderRow(message.row.id, "followUp", "waiting", self._wish.at, inbox, ref)

    def _left(self, here: Sequence[Placement]) -> Placement:
        """Return the placement that a message leaves: the one asked for, else in the inbox, else its first one."""
        asked = self._wish.mailbox_id
        allowed = [one for one in here if self._boxes.role(one.mailbox_id) not in _NOT_FROM]
        if asked is not None:
            allowed = [one for one in allowed if one.mailbox_id == asked]
        if not allowed:
            raise Invalid("drafts, planned, spam and deleted mail cannot be put off")
        return min(allowed, key=lambda one: (self._boxes.role(one.mailbox_id) != "inbox", one.mailbox_id))

    async def _snoozed(self) -> MailboxId:
        known = self._boxes.by_role("snoozed")
        if known is not None:
            return known
        taken = self._boxes.names_at_top()
        name = next(one for one in (*NAMES, NAMES[-1] + " 2") if name_hash(self._keys, one) not in taken)
        made = await self._tx.create_mailbox(
            new_mailbox(self._keys, MailboxId(0), name, "snoozed", SORT_STEP + 1, subscribed=True)
        )
        return made.id


async def _back(tx: MailTx, boxes: Boxes, row: ReminderRow, places: Sequence[Placement]) -> None:
    """Undo what a reminder did to where its message lies."""
    asleep = boxes.by_role("snoozed")
    if row.kind == "snooze" and row.state == "waiting":
        gone = [one.uid for one in places if one.mailbox_id == asleep and not one.deleted]
        target = boxes.known(row.mailbox_id)
        if gone and asleep is not None and target is not None:
            await tx.place(target, [row.message_id])
            await tx.remove_placements(asleep, gone)
    elif row.kind == "followUp" and row.state == "woken" and len(places) > 1:
        up = [one.uid for one in places if one.mailbox_id == row.mailbox_id]
        await tx.remove_placements(row.mailbox_id, up)


def _by_message(places: Sequence[Placement]) -> dict[MessageId, list[Placement]]:
    found: dict[MessageId, list[Placement]] = {}
    for one in places:
        found.setdefault(one.message_id, []).append(one)
    return found


def _own(actor: Actor, account_id: AccountId) -> None:
    if actor.account_id != account_id:
        raise Forbidden
