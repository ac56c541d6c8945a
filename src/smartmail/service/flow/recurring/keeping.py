"""Recurring mail as a person keeps it: begin, change the rule, stop, go on, end.

STATES      active → paused → active; active → held when a turn was refused (turning.py), until its person lets it go on.
            Ended means forgotten: there is no row then, and the letter is among the drafts again.
STRATEGIES  The letter is a message of the account. It lies in the mailbox of planned mail as long as there are turns; who
            moves it out or deletes it, in any mail program, ends the plan.
LIMITS      MAX_PLANS of an account, MAX_DAYS from the beginning, MAX_TURNS turns.
FAILURE     One transaction of the account each.
SECURITY    Own accounts only. What would be refused today is refused at once; each turn is judged again.
"""

from dataclasses import dataclass, replace
from typing import Literal

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound, RateLimited
from smartmail.domain.holidays import Holidays
from smartmail.domain.ids import AccountId, IdentityId, MessageId
from smartmail.domain.principal import Actor
from smartmail.domain.recurring import MAX_DAYS, MAX_PLANS, NO_MESSAGE, RecurringRow, Rule, ends_later, fault
from smartmail.formats.seal import SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_tx import MailTx
from smartmail.service.flow.recurring.store import Store
from smartmail.service.flow.recurring.texts import (
    OpenPlan,
    PlanText,
    holidays_of,
    move,
    open_plan,
    planned_box,
    seal_plan,
    to_drafts,
    unmake,
)
from smartmail.service.flow.submission import SubmissionService
from smartmail.service.flow.submission_request import header_recipients
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.mailbox.identities import IdentityService
from smartmail.service.mailbox.mailstore.reading import ReadingService
from smartmail.service.mailbox.reminders.boxes import Boxes

_GONE = "the letter must lie among the drafts"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which draft is sent, as whom, when."""

    message_id: MessageId
    identity_id: IdentityId
    rule: Rule


class RecurringService:
    """Keeps the plans of people's own accounts."""

    def __init__(
        self, store: Store, keyring: Keyring, reading: ReadingService, identities: IdentityService,
        submissions: SubmissionService, policy: PolicyService, hints: Hints, clock: Clock,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._reading = reading
        self._identities = identities
        self._submissions = submissions
        self._policy = policy
        self._hints = hints
        self._clock = clock

    async def all(self, actor: Actor, account_id: AccountId) -> list[OpenPlan]:
        """Return the plans whose letter is where it was left, the next turn first. Raises Forbidden (another's account)."""
        _own(actor, account_id)
        rows = await self._store.recurring.of_account(account_id)
        if not rows:
            return []
        keys = await self._keyring.account_by_id(account_id)
        planned = Boxes(await self._store.mailboxes(account_id)).by_role("scheduled")
        places = await self._store.placements(account_id, [row.message_id for row in rows])
        there = {one.message_id for one in places if one.mailbox_id == planned and not one.deleted}
        found = []
        for row in rows:
            try:
                found += [open_plan(keys, row)] if row.message_id in there else []
            except SealError:
                continue
        return found

    async def add(self, actor: Actor, account_id: AccountId, wish: Wish) -> OpenPlan:
        """Begin a plan with a draft. Raises Invalid (`property: why`), NotFound (draft, identity), RateLimited (too many),
        Forbidden (another's account), and whatever sending it now would raise.
        """
        _own(actor, account_id)
        now = self._clock.now()
        text = _text(wish.rule, wish.identity_id, now + MAX_DAYS * DAY)
        next_at = _next(text, now, 0, await self._holidays(actor))
        await self._judge(actor, wish.message_id, text)
        keys = await self._keyring.account_by_id(account_id)
        row = RecurringRow(account_id, wish.message_id, "active", seal_plan(keys, wish.message_id, text), next_at)
        record = self._record(actor, "recurring.add", row)

        async def body(tx: MailTx) -> None:
            if len(await tx.recurring()) >= MAX_PLANS:
                raise RateLimited(f"at most {MAX_PLANS} letters are sent again and again")
            boxes = Boxes(await tx.mailboxes())
            here = await tx.placements([wish.message_id])
            drafts = boxes.by_role("drafts")
            if drafts is None or all(one.mailbox_id != drafts or one.deleted for one in here):
                raise Invalid(f"emailId: {_GONE}")
            await move(tx, wish.message_id, here, drafts, await planned_box(tx, keys, boxes))
            await tx.put_recurring(row)
            await tx.audit(record)

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)
        return OpenPlan(row, text)

    async def change(
        self, actor: Actor, account_id: AccountId, message_id: MessageId, rule: Rule | None,
        state: Literal["active", "paused"] | None,
    ) -> OpenPlan:  # fmt: skip
        """Give a plan another rule, stop it, or let it go on: its next turn is the first one from now. Raises as `add`."""
        one = await self._one(actor, account_id, message_id)
        now = self._clock.now()
        text = one.text if rule is None else _text(rule, one.text.sender, one.text.ends_at)
        state = state or ("paused" if one.row.state == "paused" else "active")
        keys = await self._keyring.account_by_id(account_id)
        if state == "active":
            await self._judge(actor, message_id, text)
        holidays = await self._holidays(actor)
        record = self._record(actor, "recurring.stop" if state == "paused" else "recurring.change", one.row)
        sealed = seal_plan(keys, message_id, text)

        async def body(tx: MailTx) -> RecurringRow:
            kept = _of(await tx.recurring(), message_id)
            await unmake(tx, kept.made)
            next_at = kept.next_at if state == "paused" and rule is None else _next(text, now, kept.turns, holidays)
            row = replace(
                kept, state=state, sealed=sealed, next_at=next_at, made=NO_MESSAGE, reason="", leased_until=0
            )  # fmt: skip
            await tx.put_recurring(row)
            await tx.audit(record)
            return row

        row = await self._store.write(account_id, body)
        self._hints.account_changed(account_id)
        return OpenPlan(row, text)

    async def end(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> None:
        """Forget a plan; its letter is a draft again. Raises NotFound, Forbidden (another's account)."""
        one = await self._one(actor, account_id, message_id)
        record = self._record(actor, "recurring.end", one.row)

        async def body(tx: MailTx) -> None:
            kept = _of(await tx.recurring(), message_id)
            await unmake(tx, kept.made)
            await to_drafts(tx, Boxes(await tx.mailboxes()), message_id)
            await tx.drop_recurring(message_id)
            await tx.audit(record)

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)

    async def _one(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> OpenPlan:
        for one in await self.all(actor, account_id):
            if one.row.message_id == message_id:
                return one
        raise NotFound

    async def _judge(self, actor: Actor, message_id: MessageId, text: PlanText) -> None:
        """Raise what sending it now would raise."""
        account = await self._store.account(actor.account_id)
        if not account.may("send", self._clock.now()):
            raise Forbidden("the sender may not send at present")
        identity = await self._identities.get(actor, actor.account_id, text.sender)
        opened = await self._reading.messages(actor, actor.account_id, [message_id])
        if not opened:
            raise NotFound
        recipients = header_recipients(opened[0].summary)
        if not recipients:
            raise Invalid("emailId: the letter has no recipients")
        error = await self._submissions.judge(actor, message_id, identity.row.address, recipients)
        if error is not None:
            raise error

    async def _holidays(self, actor: Actor) -> Holidays:
        return await holidays_of(self._policy, await self._store.account(actor.account_id))

    def _record(self, actor: Actor, action: str, row: RecurringRow) -> AuditRecord:
        named = f"message:{row.account_id}/{row.message_id}"
        return AuditRecord(self._clock.now(), f"account:{actor.account_id}", action, named, door=actor.origin.door)


def _text(rule: Rule, identity_id: IdentityId, ends_at: int) -> PlanText:
    """Return what is sealed, the days in order. Raises Invalid, naming what cannot be."""
    bad = fault(rule)
    if bad is not None:
        raise Invalid(f"{bad}: cannot be")
    if ends_later(rule, ends_at):
        raise Invalid(f"until: at most {MAX_DAYS} days from the beginning")
    return PlanText(replace(rule, days=tuple(sorted(set(rule.days)))), identity_id, ends_at)


def _next(text: PlanText, now: int, turns: int, holidays: Holidays) -> int:
    found = text.after(now, turns, holidays)
    if found is None:
        raise Invalid("until: there is no turn left")
    return found


def _of(rows: list[RecurringRow], message_id: MessageId) -> RecurringRow:
    found = next((row for row in rows if row.message_id == message_id), None)
    if found is None:
        raise NotFound
    return found


def _own(actor: Actor, account_id: AccountId) -> None:
    if actor.account_id != account_id:
        raise Forbidden
