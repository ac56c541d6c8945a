"""ShareRequest/get, set; ShareOffer/get: our own types for asking to use a shared account (참여 요청)."""

from collections.abc import Mapping, Sequence
from typing import Any

from smartmail.domain.errors import Invalid, MailError, OverQuota, StateMismatch
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, own_account_of, show_time
from smartmail.edge.httpd.jmap.credentials import digest
from smartmail.edge.httpd.jmap.principals import person_id
from smartmail.edge.httpd.jmap.setting import Acts, Refused, Report, converted, refuse, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import GetAnswer, GetArguments, SetAnswer, SetArguments
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.proto.jmap.share_requests import (
    OFFER_PROPERTIES,
    REQUEST_PROPERTIES,
    ShareOfferObject,
    ShareRequestObject,
    ShareRequestPatch,
    ShareRequestWish,
)

Object = ShareRequestObject | ShareOfferObject


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """ShareRequest/get."""
    await own_account_of(call, arguments.account_id)
    return _got(call, arguments, await _requests(call), REQUEST_PROPERTIES)


async def get_offers(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """ShareOffer/get."""
    await own_account_of(call, arguments.account_id)
    every: dict[str, Object] = {}
    for one in await call.context.services.share_requests.offers(call.context.actor):
        key = ids.show(ids.ACCOUNT, one.account.id)
        every[key] = ShareOfferObject(id=key, name=one.account.name, address=one.account.login, role=one.role)
    return _got(call, arguments, every, OFFER_PROPERTIES)


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """ShareRequest/set: ask (create), answer (update), withdraw (destroy)."""
    await own_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    service, actor = call.context.services.share_requests, call.context.actor
    before = digest(list((await _requests(call)).values()))
    if arguments.if_in_state not in {None, before}:
        raise MethodError("stateMismatch")

    async def create(raw: dict[str, Any]) -> dict[str, Any]:
        wish = converted(raw, ShareRequestWish, "sharedAccountId")
        number = ids.parse(ids.ACCOUNT, wish.shared_account_id)
        if number is None:
            raise refuse("sharedAccountId")
        row = await service.ask(actor, AccountId(number), wish.role, wish.reason)
        return {"id": f"{row.id:x}", "state": row.state, "askedAt": show_time(row.asked_at)}

    async def update(target: str, patch: dict[str, Any]) -> None:
        wish = converted(patch, ShareRequestPatch, "state")
        number = _number(target)
        if wish.state == "declined":
            await service.decline(actor, number)
            return
        await service.accept(actor, number, wish.role, wish.sending)

    async def destroy(target: str) -> None:
        await service.withdraw(actor, _number(target))

    report = Report(call.created_ids)
    await report.carry_out(arguments, Acts(create, update, destroy, _told))
    return report.answer(arguments.account_id, before, digest(list((await _requests(call)).values())))


async def _requests(call: Call) -> dict[str, Object]:
    actor = call.context.actor
    found: dict[str, Object] = {}
    for one in await call.context.services.share_requests.listed(actor):
        row = one.row
        found[f"{row.id:x}"] = ShareRequestObject(
            id=f"{row.id:x}", shared_account_id=ids.show(ids.ACCOUNT, row.account_id), account_name=one.account.name,
            account_address=one.account.login, principal_id=person_id(row.person_id), person_name=one.person.name,
            person_address=one.person.login, department=one.person.department, role=row.role, reason=one.reason,
            state=row.state, asked_at=show_time(row.asked_at),
            decided_at=show_time(row.decided_at) if row.decided_at else None, decided_by=one.decider,
            is_mine=row.person_id == actor.account_id, may_decide=one.may_decide,
        )  # fmt: skip
    return found


def _got(call: Call, arguments: GetArguments, every: Mapping[str, Object], known: Sequence[str]) -> GetAnswer[Any]:
    properties = core.wanted(arguments.properties, known)
    if arguments.ids is not None:
        call.context.limits.check_get(len(arguments.ids))
    asked = list(every) if arguments.ids is None else list(dict.fromkeys(arguments.ids))
    return GetAnswer(
        account_id=arguments.account_id,
        state=digest(list(every.values())),
        list=[core.project(every[one], properties) for one in asked if one in every],
        not_found=[one for one in asked if one not in every],
    )


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid):
        return SetError("invalidProperties", error.public)
    if isinstance(error, OverQuota):
        return SetError("overQuota", error.public)
    if isinstance(error, StateMismatch):
        return SetError("stateMismatch", "it has been answered already")
    return why(error)


def _number(text: str) -> int:
    try:
        return int(text, 16) & ((1 << 63) - 1)
    except ValueError:
        raise refuse("id") from None
