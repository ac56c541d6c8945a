"""What happens to reminders by themselves: they wake at their hour, and an answer ends them.

NAME        waking
PURPOSE     `wake` brings back what is due; `settle` ends follow-ups that were answered; `forget` what came back long ago.
STATES      as in keeping.py. Waking and its traces are one transaction that looks again whether the reminder waits, so any
            number of processes may try: the first one does it, and a process killed between two leaves nothing half done.
STRATEGIES  A woken message is placed into its mailbox anew and stands in the list as if received at this moment; its date
            and its marks are as they were. Answers are looked for where a conversation got something new, and once more
            before a follow-up comes up.
LIMITS      BLOCK reminders of one turn, CONVERSATION messages of a conversation that are looked at.
FAILURE     What cannot be woken (a key or a database that is away) is tried again after RETRY, so that it does not stand
            before the others. A message that has gone, or was moved by hand, is left alone and its reminder forgotten.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId, MailboxId, MessageId
from smartmail.domain.message import Placement
from smartmail.domain.reminders import ReminderRow
from smartmail.formats.seal import SealError
from smartmail.formats.summary import Summary
from smartmail.ports.clock import Clock
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.kernel.intake import open_summary
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.push import Hints
from smartmail.service.mailbox.reminders.answers import answered
from smartmail.service.mailbox.reminders.boxes import Boxes
from smartmail.service.mailbox.reminders.store import Store

BLOCK: Final = 200
CONVERSATION: Final = 200
RETRY: Final = 5 * MINUTE
KEPT: Final = 30 * DAY
"""So long a mail says that it came back."""


class WakingService:
    """Wakes and ends reminders of all accounts."""

    def __init__(self, store: Store, keyring: Keyring, hints: Hints, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._hints = hints
        self._clock = clock

    async def wake(self) -> int:
        """Bring back what is due; return how many messages. A job of any number of processes."""
        woken = 0
        for account_id, message_id in await self._store.reminders.due(self._clock.now(), BLOCK):
            try:
                woken += await self._wake(account_id, message_id)
            except (MailError, SealError) as error:
                log.event("reminder.failed", account=account_id, error=type(error).__name__)
                await self._store.reminders.put_off(account_id, message_id, self._clock.now() + RETRY)
        return woken

    async def settle(self) -> int:
        """End follow-ups that have an answer; return how many."""
        ended = 0
        for account_id, message_id in await self._store.reminders.stirred(BLOCK):
            try:
                ended += await self._settle(account_id, message_id)
            except (MailError, SealError) as error:
                log.event("reminder.failed", account=account_id, error=type(error).__name__)
        return ended

    async def forget(self) -> int:
        """End what came back long ago and nobody has ended; the mail stays where it is. Returns how many."""
        old = await self._store.reminders.old(self._clock.now() - KEPT, BLOCK)
        for account_id, message_id in old:

            async def body(tx: MailTx, one: MessageId = message_id) -> None:
                await tx.drop_reminders([one])

            await self._store.write(account_id, body)
            self._hints.account_changed(account_id)
        return len(old)

    async def _wake(self, account_id: AccountId, message_id: MessageId) -> bool:
        if await self._settle(account_id, message_id):
            return False
        now = self._clock.now()

        async def body(tx: MailTx) -> bool:
            rows = await tx.reminders([message_id])
            if not rows or rows[0].state != "waiting" or rows[0].wake_at > now:
                return False
            row = rows[0]
            boxes = Boxes(await tx.mailboxes())
            places = [one for one in await tx.placements([message_id]) if not one.deleted]
            target = boxes.known(row.mailbox_id)
            if target is None or not boxes.holds(row, {one.mailbox_id for one in places}):
                await tx.drop_reminders([message_id])
                return False
            await _bring(tx, boxes, row, places, target, now)
            await tx.put_reminders([replace(row, state="woken", mailbox_id=target)])
            await tx.audit(AuditRecord(now, "system", "reminder.wake", f"message:{account_id}/{message_id}"))
            return True

        done = await self._store.write(account_id, body)
        if done:
            self._hints.account_changed(account_id)
        return done

    async def _settle(self, account_id: AccountId, message_id: MessageId) -> bool:
        """End a follow-up if it is answered; say whether."""
        rows = await self._store.reminders.of_account(account_id, [message_id], 1)
        if not rows or rows[0].kind != "followUp":
            return False
        row = rows[0]
        looked = await self._store.state(account_id, "message")
        found = await self._store.reminders.conversation_since(account_id, row.ref_hash, row.looked, CONVERSATION)
        opened = await self._summaries(account_id, [message_id, *(one for one, _ in found if one != message_id)])
        sent = opened.pop(message_id, None)
        is_answered = sent is None or answered(sent, list(opened.values()))
        if len(found) == CONVERSATION:
            looked = found[-1][1]

        async def body(tx: MailTx) -> bool:
            if not is_answered:
                await tx.note_looked(message_id, looked)
                return False
            places = [one for one in await tx.placements([message_id]) if one.mailbox_id == row.mailbox_id]
            others = await tx.placements([message_id])
            if row.state == "woken" and len(others) > len(places):
                await tx.remove_placements(row.mailbox_id, [one.uid for one in places])
            return bool(await tx.drop_reminders([message_id]))

        if await self._store.write(account_id, body):
            self._hints.account_changed(account_id)
            return True
        return False

    async def _summaries(self, account_id: AccountId, ids: Sequence[MessageId]) -> dict[MessageId, Summary]:
        keys = await self._keyring.account_by_id(account_id)
        rows = await self._store.summaries(account_id, ids)
        return {one: open_summary(keys, blob_id, sealed) for one, blob_id, sealed in rows}


async def _bring(
    tx: MailTx, boxes: Boxes, row: ReminderRow, places: Sequence[Placement], target: MailboxId, now: int
) -> None:
    asleep = boxes.by_role("snoozed")
    if any(one.mailbox_id == target for one in places):
        # Placed anew, so that it stands at the top; the message is never without a place.
        holder = [one.uid for one in places if one.mailbox_id == target]
        if len(places) > 1:
            await tx.remove_placements(target, holder)
    await tx.place(target, [row.message_id], at=now)
    if row.kind == "snooze" and asleep is not None:
        await tx.remove_placements(asleep, [one.uid for one in places if one.mailbox_id == asleep])
