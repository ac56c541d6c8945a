"""RecurringMail/get, set: letters that are sent again and again. A plan that changes is a change of its Email."""

from datetime import date
from typing import Any

from msgspec import UNSET

from smartmail.domain.errors import Invalid, MailError, PolicyRejected
from smartmail.domain.ids import AccountId, IdentityId, MessageId
from smartmail.domain.recurring import Rule
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, show_time
from smartmail.edge.httpd.jmap.object_type import ObjectType
from smartmail.edge.httpd.jmap.setting import Refused, converted, numbered, refuse, unsaid, why
from smartmail.proto.jmap.errors import SetError, invalid_properties
from smartmail.proto.jmap.recurring import (
    RECURRING_PROPERTIES,
    RecurringMailObject,
    RecurringMailPatch,
    RecurringMailWish,
)
from smartmail.service.flow.outgoing.reaching import Unreachable
from smartmail.service.flow.recurring.keeping import Wish
from smartmail.service.flow.recurring.texts import OpenPlan


async def _create(call: Call, account_id: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    wish = converted(raw, RecurringMailWish, "emailId")
    made = await call.context.services.recurring.service.add(call.context.actor, account_id, _wish(call, wish))
    return unsaid(_show(made), raw)


async def _update(call: Call, account_id: AccountId, target: str, patch: dict[str, Any]) -> None:
    given = converted(patch, RecurringMailPatch, "state")
    service, actor = call.context.services.recurring.service, call.context.actor
    one = next((one for one in await service.all(actor, account_id) if _id(one) == target), None)
    if one is None:
        raise Refused(SetError("notFound"))
    rule = _patched(one.text.rule, given)
    state = None if given.state is UNSET else given.state
    await service.change(actor, account_id, one.row.message_id, rule, state)


async def _destroy(call: Call, account_id: AccountId, target: str) -> None:
    message_id = MessageId(numbered(ids.EMAIL, target))
    await call.context.services.recurring.service.end(call.context.actor, account_id, message_id)


def _wish(call: Call, wish: RecurringMailWish) -> Wish:
    email = ids.parse(ids.EMAIL, call.created_ids.resolve(wish.email_id) or "")
    identity = ids.parse(ids.IDENTITY, wish.identity_id)
    if email is None or identity is None:
        raise refuse("emailId" if email is None else "identityId")
    rule = Rule(
        wish.every, _minute(wish.time), wish.time_zone, tuple(wish.days), wish.day or 0, _date(wish.until),
        wish.count or 0, wish.on_holiday,
    )  # fmt: skip
    return Wish(MessageId(email), IdentityId(identity), rule)


def _patched(rule: Rule, wish: RecurringMailPatch) -> Rule | None:
    """Return the rule with what is given; None where nothing of it is."""
    new = Rule(
        rule.every if wish.every is UNSET else wish.every,
        rule.minute if wish.time is UNSET else _minute(wish.time),
        rule.zone if wish.time_zone is UNSET else wish.time_zone,
        rule.days if wish.days is UNSET else tuple(wish.days),
        rule.day if wish.day is UNSET else wish.day or 0,
        rule.until if wish.until is UNSET else _date(wish.until),
        rule.count if wish.count is UNSET else wish.count or 0,
        rule.on_holiday if wish.on_holiday is UNSET else wish.on_holiday,
    )
    return None if new == rule else new


def _minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _date(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise refuse("until") from None


async def _every(call: Call, account_id: AccountId) -> dict[str, RecurringMailObject]:
    found = await call.context.services.recurring.service.all(call.context.actor, account_id)
    return {_id(one): _show(one) for one in found}


def _id(one: OpenPlan) -> str:
    return ids.show(ids.EMAIL, one.row.message_id)


def _show(one: OpenPlan) -> RecurringMailObject:
    row, rule = one.row, one.text.rule
    return RecurringMailObject(
        id=_id(one), email_id=_id(one), identity_id=ids.show(ids.IDENTITY, one.text.identity_id), every=rule.every,
        days=list(rule.days), day=rule.day or None, time=f"{rule.minute // 60:02}:{rule.minute % 60:02}",
        time_zone=rule.zone, until=None if rule.until is None else rule.until.isoformat(), count=rule.count or None,
        on_holiday=rule.on_holiday, state=row.state, reason=row.reason, next_at=show_time(row.next_at) if row.state == "active" else None,
        ends_at=show_time(one.text.ends_at), turns=row.turns,
    )  # fmt: skip


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Unreachable):
        return SetError("invalidRecipients", error.public, invalid_recipients=error.addresses)
    if isinstance(error, Invalid):
        name = error.public.partition(":")[0]
        return invalid_properties(*([name] if name in RECURRING_PROPERTIES else []), description=error.public)
    return SetError("forbidden", error.public) if isinstance(error, PolicyRejected) else why(error)


TYPE = ObjectType(shape=RecurringMailObject, every=_every, create=_create, update=_update, destroy=_destroy, told=_told)
