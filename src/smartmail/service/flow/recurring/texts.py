"""What is sealed of a plan, and what person and turn both do with its message."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.errors import Forbidden
from smartmail.domain.holidays import Holidays
from smartmail.domain.ids import IdentityId, MailboxId, MessageId
from smartmail.domain.message import Placement
from smartmail.domain.recurring import NO_MESSAGE, RecurringRow, Rule, turn_after
from smartmail.formats.seal import Kind
from smartmail.policy import knobs
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.keyring import Sealer
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.mailbox.mailstore.mailboxes import SORT_STEP, name_hash, new_mailbox
from smartmail.service.mailbox.reminders.boxes import Boxes

NAMES: Final = ("Scheduled", "SmartMail Scheduled", "SmartMail Scheduled 2")
"""Of the mailbox, for clients that show names; a later one where somebody has a mailbox of an earlier name."""


class PlanText(msgspec.Struct, frozen=True, array_like=True):
    """When, as whom, and the moment after which there is no turn. New fields go to the end, with a default."""

    rule: Rule
    identity_id: int
    ends_at: int

    def after(self, moment: int, turns: int, holidays: Holidays) -> int | None:
        """Return the turn after a moment, when so many were sent; None when it is over."""
        if self.rule.count and turns >= self.rule.count:
            return None
        found = turn_after(self.rule, moment, holidays)
        return None if found is None or found > self.ends_at else found

    @property
    def sender(self) -> IdentityId:
        """As whom."""
        return IdentityId(self.identity_id)


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """A plan with what is sealed of it."""

    row: RecurringRow
    text: PlanText


async def holidays_of(policy: PolicyService, account: Account) -> Holidays:
    """Return when somebody does not work, as policy has it now. Raises Unavailable."""
    found = await policy.of(account)
    return Holidays(found[knobs.HOLIDAYS_PUBLIC], found[knobs.HOLIDAYS_OWN])


def seal_plan(keys: Sealer, message_id: MessageId, text: PlanText) -> bytes:
    """Seal a plan under its account's key."""
    return keys.seal(Kind.RECURRING, msgspec.msgpack.encode(text), message_id)


def open_plan(keys: Sealer, row: RecurringRow) -> OpenPlan:
    """Open a plan. Raises SealError."""
    octets = keys.open(Kind.RECURRING, row.sealed, row.message_id)
    return OpenPlan(row, msgspec.msgpack.decode(octets, type=PlanText))


async def planned_box(tx: MailTx, keys: Sealer, boxes: Boxes) -> MailboxId:
    """Return the mailbox of planned mail; it is made with the first plan."""
    known = boxes.by_role("scheduled")
    if known is not None:
        return known
    taken = boxes.names_at_top()
    name = next((one for one in NAMES if name_hash(keys, one) not in taken), NAMES[-1])
    made = await tx.create_mailbox(new_mailbox(keys, MailboxId(0), name, "scheduled", SORT_STEP + 1, subscribed=True))
    return made.id


async def move(
    tx: MailTx, message_id: MessageId, here: Sequence[Placement], source: MailboxId, target: MailboxId
) -> None:
    """Move a message from one mailbox to another."""
    await tx.place(target, [message_id])
    await tx.remove_placements(source, [one.uid for one in here if one.mailbox_id == source])


async def to_drafts(tx: MailTx, boxes: Boxes, message_id: MessageId) -> None:
    """Put the message of a plan that is over back among the drafts."""
    planned, drafts = boxes.by_role("scheduled"), boxes.by_role("drafts")
    here = await tx.placements([message_id])
    if planned is not None and drafts is not None and any(one.mailbox_id == planned for one in here):
        await move(tx, message_id, here, planned, drafts)


async def unmake(tx: MailTx, message_id: MessageId) -> None:
    """Take away the message of a turn that was not handed in; a hold keeps it."""
    if message_id != NO_MESSAGE:
        with contextlib.suppress(Forbidden):
            await tx.destroy_messages([message_id])
