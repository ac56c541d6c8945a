"""ShareRequest/get, set; ShareOffer/get: our own types for asking to use a shared account (참여 요청)."""

from typing import Any

from smartmail.domain.errors import Invalid, MailError, OverQuota, StateMismatch
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, show_time
from smartmail.edge.httpd.jmap.object_type import ObjectType
from smartmail.edge.httpd.jmap.principals import person_id
from smartmail.edge.httpd.jmap.setting import Refused, converted, hexadecimal, refuse, why
from smartmail.proto.jmap.core import SetAnswer, SetArguments
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.share_requests import (
    ShareOfferObject,
    ShareRequestObject,
    ShareRequestPatch,
    ShareRequestWish,
)


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """ShareRequest/set: ask (create), answer (update), withdraw (destroy)."""
    return await REQUESTS.set_(call, arguments)


async def _create(call: Call, _: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    wish = converted(raw, ShareRequestWish, "sharedAccountId")
    number = ids.parse(ids.ACCOUNT, wish.shared_account_id)
    if number is None:
        raise refuse("sharedAccountId")
    service = call.context.services.share_requests
    row = await service.ask(call.context.actor, AccountId(number), wish.role, wish.reason)
    return {"id": f"{row.id:x}", "state": row.state, "askedAt": show_time(row.asked_at)}


async def _update(call: Call, _: AccountId, target: str, patch: dict[str, Any]) -> None:
    wish = converted(patch, ShareRequestPatch, "state")
    service, actor, number = call.context.services.share_requests, call.context.actor, hexadecimal(target)
    if wish.state == "declined":
        await service.decline(actor, number)
        return
    await service.accept(actor, number, wish.role, wish.sending)


async def _destroy(call: Call, _: AccountId, target: str) -> None:
    await call.context.services.share_requests.withdraw(call.context.actor, hexadecimal(target))


async def _requests(call: Call, _: AccountId) -> dict[str, ShareRequestObject]:
    actor = call.context.actor
    found: dict[str, ShareRequestObject] = {}
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


async def _offers(call: Call, _: AccountId) -> dict[str, ShareOfferObject]:
    every: dict[str, ShareOfferObject] = {}
    for one in await call.context.services.share_requests.offers(call.context.actor):
        key = ids.show(ids.ACCOUNT, one.account.id)
        every[key] = ShareOfferObject(id=key, name=one.account.name, address=one.account.login, role=one.role)
    return every


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid):
        return SetError("invalidProperties", error.public)
    if isinstance(error, OverQuota):
        return SetError("overQuota", error.public)
    if isinstance(error, StateMismatch):
        return SetError("stateMismatch", "it has been answered already")
    return why(error)


REQUESTS = ObjectType(
    shape=ShareRequestObject, every=_requests, create=_create, update=_update, destroy=_destroy, told=_told
)
OFFERS = ObjectType(shape=ShareOfferObject, every=_offers)
