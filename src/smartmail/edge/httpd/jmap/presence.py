"""Presence/get, changes, set: our own type for who is replying to a shared message right now ("답장 중").

A client creates one when Reply is pressed and learns in the answer who else is at it, renews it by an empty update within
`leaseSeconds`, and destroys it when the draft is sent or given up. The state is a digest of what the actor sees.
"""

import re
from typing import Any, Final

import msgspec

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of, show_time
from smartmail.edge.httpd.jmap.object_type import ObjectType
from smartmail.edge.httpd.jmap.principals import person_id
from smartmail.edge.httpd.jmap.setting import Acts, Refused, Report, refuse
from smartmail.proto.jmap.core import ChangesAnswer, ChangesArguments, GetAnswer, GetArguments, SetAnswer, SetArguments
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.work import Presence as Shown
from smartmail.proto.jmap.work import PresenceCreate
from smartmail.service.mailbox.sharing.presence import LEASE_MS, Presence

_ID: Final = re.compile(r"(e[1-9][0-9]{0,17})-(u[1-9][0-9]{0,17})")


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """Presence/get: those of others."""
    return await TYPE.get(call, arguments)


async def _every(call: Call, account_id: AccountId) -> dict[str, Shown]:
    found = await call.context.services.presence.who(call.context.actor, account_id)
    return {_name(one): await _show(call, one) for one in found}


async def _state(call: Call, account_id: AccountId) -> str:
    return await call.context.services.presence.state(call.context.actor, account_id)


def _name(one: Presence) -> str:
    return f"{ids.show(ids.EMAIL, one.message_id)}-{person_id(one.person_id)}"


async def _show(call: Call, one: Presence) -> Shown:
    try:
        name = (await call.context.services.directory.account(one.person_id)).name
    except NotFound:
        name = ""
    email = ids.show(ids.EMAIL, one.message_id)
    return Shown(_name(one), email, person_id(one.person_id), name, show_time(one.since), show_time(one.until))


async def changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """Presence/changes: after any change all leases are read again."""
    return await TYPE.changes(call, arguments)


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """Presence/set. `others` in an answer: who else is replying, the earliest first."""
    account_id = await account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    before, report = await _state(call, account_id), Report(call.created_ids)

    async def create(raw: dict[str, Any]) -> dict[str, Any]:
        return await _begin(call, account_id, _wanted(call, raw))

    async def renew(target: str, patch: dict[str, Any]) -> dict[str, Any]:
        if patch:
            raise refuse(*patch)
        return await _begin(call, account_id, _own(call, target))

    async def destroy(target: str) -> None:
        await call.context.services.presence.end(call.context.actor, account_id, _own(call, target))

    await report.carry_out(arguments, Acts(create, renew, destroy))
    return report.answer(arguments.account_id, before, await _state(call, account_id))


def _wanted(call: Call, raw: Any) -> MessageId:
    try:
        wish = msgspec.convert(raw, PresenceCreate)
    except msgspec.ValidationError:
        raise refuse("emailId") from None
    number = ids.parse(ids.EMAIL, call.created_ids.resolve(wish.email_id) or "")
    if number is None:
        raise refuse("emailId")
    return MessageId(number)


def _own(call: Call, target: str) -> MessageId:
    """Return the message of a presence of the actor's own; those of others are theirs."""
    match = _ID.fullmatch(target)
    if match is None or match[2] != person_id(call.context.actor.account_id):
        raise Refused(SetError("notFound"))
    return MessageId(ids.parse(ids.EMAIL, match[1]) or 0)


async def _begin(call: Call, account_id: AccountId, message_id: MessageId) -> dict[str, Any]:
    actor = call.context.actor
    others = await call.context.services.presence.begin(actor, account_id, message_id)
    return {
        "id": f"{ids.show(ids.EMAIL, message_id)}-{person_id(actor.account_id)}",
        "leaseSeconds": LEASE_MS // 1000,
        "others": [await _show(call, one) for one in others],
    }


TYPE = ObjectType(shape=Shown, account=account_of, every=_every, state=_state)
