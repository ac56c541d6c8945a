"""Email/remind, Email/endReminder, Reminder/query, and `reminder` of an Email: our own, for who names our capability.

What changes a reminder changes its Email, so Email/changes and push tell of both.
"""

from collections.abc import Sequence
from typing import Any, Final

from smartmail.domain.ids import AccountId, MailboxId, MessageId
from smartmail.domain.reminders import ReminderRow
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, own_account_of, parse_time, show_time
from smartmail.edge.httpd.jmap.errors import set_error
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.proto.jmap.reminders import (
    EndReminderAnswer,
    EndReminderArguments,
    RemindAnswer,
    RemindArguments,
    ReminderAnswer,
    ReminderArguments,
    ReminderObject,
)
from smartmail.service.mailbox.reminders.keeping import Wish

REMINDER: Final = "reminder"
_NEAR: Final = 1_000
"""Mails of a list among which one that came back is looked for: further down, its conversation stands by its own date."""


async def tell(call: Call, account_id: AccountId, objects: Sequence[dict[str, Any]]) -> None:
    """Put the property into Email objects."""
    numbers = {one["id"]: MessageId(ids.parse(ids.EMAIL, one["id"]) or 0) for one in objects}
    service = call.context.services.reminders.service
    found = await service.of(call.context.actor, account_id, list(numbers.values()))
    for one in objects:
        row = found.get(numbers[one["id"]])
        one[REMINDER] = None if row is None else {"kind": row.kind, "state": row.state, "at": show_time(row.wake_at)}


async def remind(call: Call, arguments: RemindArguments) -> RemindAnswer:
    """Email/remind. Raises accountNotFound, requestTooLarge, invalidArguments (hour), rateLimit (too many wait)."""
    account_id = await own_account_of(call, arguments.account_id)
    known, left = _known(call, arguments.ids)
    wish = Wish(arguments.kind, parse_time(arguments.at), _mailbox(arguments.mailbox_id))
    failures = await call.context.services.reminders.service.remind(call.context.actor, account_id, list(known), wish)
    left |= {known[one]: set_error(error) for one, error in failures.items()}
    return RemindAnswer(
        account_id=arguments.account_id,
        reminded=[text for one, text in known.items() if one not in failures],
        not_reminded=left or None,
    )


async def end(call: Call, arguments: EndReminderArguments) -> EndReminderAnswer:
    """Email/endReminder. Raises accountNotFound, requestTooLarge."""
    account_id = await own_account_of(call, arguments.account_id)
    known, left = _known(call, arguments.ids)
    ended = await call.context.services.reminders.service.end(call.context.actor, account_id, list(known))
    left |= {text: SetError("notFound") for one, text in known.items() if one not in ended}
    return EndReminderAnswer(
        account_id=arguments.account_id, ended=[known[one] for one in ended], not_ended=left or None
    )


async def query(call: Call, arguments: ReminderArguments) -> ReminderAnswer:
    """Reminder/query. Raises accountNotFound."""
    account_id = await own_account_of(call, arguments.account_id)
    rows = await call.context.services.reminders.service.all(call.context.actor, account_id)
    return ReminderAnswer(account_id=arguments.account_id, list=[_show(row) for row in rows])


async def brought_up(
    call: Call, account_id: AccountId, mailbox_id: MailboxId, found: list[MessageId]
) -> list[MessageId]:
    """Return the conversations of a mailbox, newest first, with those where a mail came back standing where it came.

    Each mailbox's plain list is kept in that order by the store; conversations are put together from the mails' own dates.
    """
    services, actor = call.context.services, call.context.actor
    woken = await services.reminders.service.woken_in(actor, account_id, mailbox_id)
    if not woken:
        return found
    listed, _total = await services.queries.window(actor, account_id, mailbox_id, 0, _NEAR)
    places = {one: place for place, one in enumerate(listed)}
    rows = await services.reading.rows(actor, account_id, [one for one in woken if one in places])
    members = await services.reading.threads(actor, account_id, [row.thread_id for row in rows.values()])
    raised = {other: places[one] for one, row in rows.items() for other in members.get(row.thread_id, ())}
    keys = {one: min(places.get(one, _NEAR), raised.get(one, _NEAR)) for one in found}
    # Stable: what lies further down stays as it is.
    return sorted(found, key=keys.__getitem__)


def _show(row: ReminderRow) -> ReminderObject:
    return ReminderObject(ids.show(ids.EMAIL, row.message_id), row.kind, row.state, show_time(row.wake_at))


def _known(call: Call, texts: Sequence[str]) -> tuple[dict[MessageId, str], dict[str, SetError]]:
    """Return (number → id as asked, ids that are none). Raises requestTooLarge."""
    call.context.limits.check_set(len(texts))
    known: dict[MessageId, str] = {}
    left: dict[str, SetError] = {}
    for text in dict.fromkeys(texts):
        number = ids.parse(ids.EMAIL, call.created_ids.resolve(text) or "")
        if number is None:
            left[text] = SetError("notFound")
        else:
            known[MessageId(number)] = text
    return known, left


def _mailbox(text: str | None) -> MailboxId | None:
    if text is None:
        return None
    number = ids.parse(ids.MAILBOX, text)
    if number is None:
        raise MethodError("invalidArguments", "mailboxId")
    return MailboxId(number)
