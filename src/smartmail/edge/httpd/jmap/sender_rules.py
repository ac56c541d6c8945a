"""SenderRule/get, set: whom a person lets through and keeps out. A rule is made and destroyed, never changed."""

from typing import Any

from smartmail.domain.errors import Invalid, MailError, OverQuota
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.context import Call, numbers, own_account_of, parse_time, show_time
from smartmail.edge.httpd.jmap.credentials import digest
from smartmail.edge.httpd.jmap.setting import Refused, Report, converted, refuse, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap import numbers as names
from smartmail.proto.jmap.core import GetAnswer, GetArguments, SetAnswer, SetArguments
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.proto.jmap.quarantine import RULE_PROPERTIES, SenderRuleObject, SenderRuleWish
from smartmail.service.protection.filtering.lists import Listed, own_place


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """SenderRule/get."""
    account_id = await own_account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, RULE_PROPERTIES)
    every = await _all(call, account_id)
    if arguments.ids is None:
        found, missing = list(every), list[str]()
    else:
        call.context.limits.check_get(len(arguments.ids))
        asked, missing = numbers(names.SENDER_RULE, arguments.ids)
        found = [number for number in asked if number in every]
        missing += [text for number, text in asked.items() if number not in every]
    objects = [core.project(every[one], properties) for one in found]
    return GetAnswer(account_id=arguments.account_id, state=_state(every), list=objects, not_found=missing)


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """SenderRule/set."""
    account_id = await own_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    before = _state(await _all(call, account_id))
    if arguments.if_in_state not in {None, before}:
        raise MethodError("stateMismatch")
    report, lists = Report(call.created_ids), call.context.services.sender_lists
    for key, raw in (arguments.create or {}).items():
        try:
            report.made(key, await _create(call, account_id, raw))
        except (Refused, MailError) as error:
            report.not_created[key] = _told(error)
    for key in report.updates(arguments):
        report.not_updated[key] = SetError("forbidden", "a rule is made and destroyed; a new one takes its place")
    for key, target in report.destroys(arguments).items():
        try:
            number = names.parse(names.SENDER_RULE, target) or 0
            await lists.remove(call.context.actor, own_place(account_id), number)
            report.destroyed.append(key)
        except MailError as error:
            report.not_destroyed[key] = why(error)
    return report.answer(arguments.account_id, before, _state(await _all(call, account_id)))


async def _create(call: Call, account_id: AccountId, raw: Any) -> dict[str, Any]:
    wish = converted(raw, SenderRuleWish, "subject")
    expires_at = None if wish.expires_at is None else parse_time(wish.expires_at)
    made = await call.context.services.sender_lists.put(
        call.context.actor, own_place(account_id), wish.action, wish.subject, wish.kind, expires_at
    )
    shown = core.project(_show(made), RULE_PROPERTIES)
    return {name: value for name, value in shown.items() if name == "id" or raw.get(name) != value}


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid):
        return why(refuse("subject", description=error.public))
    return SetError("overQuota", error.public) if isinstance(error, OverQuota) else why(error)


async def _all(call: Call, account_id: AccountId) -> dict[int, SenderRuleObject]:
    found = await call.context.services.sender_lists.rules(own_place(account_id))
    return {one.row.id: _show(one) for one in found}


def _state(every: dict[int, SenderRuleObject]) -> str:
    # Hits are no change that anybody needs to hear of.
    return digest([(one.id, one.action, one.expires_at) for one in every.values()])


def _show(one: Listed) -> SenderRuleObject:
    row = one.row
    return SenderRuleObject(
        id=names.show(names.SENDER_RULE, row.id),
        action=row.act,
        kind=row.kind,
        subject=one.subject,
        created_at=show_time(row.created_at),
        expires_at=None if row.expires_at is None else show_time(row.expires_at),
        hits=row.hits,
        last_hit_at=None if row.hit_at is None else show_time(row.hit_at),
    )
