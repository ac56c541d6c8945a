"""QuarantineItem/get, query, set: what is held of one's own mail; let it out by an update, throw it away by a destroy.

The state is a digest of what lies there: nothing is kept for it, so there is no /changes.
"""

from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET

from smartmail.domain.account import Account
from smartmail.domain.errors import Forbidden, PolicyRejected
from smartmail.domain.quarantine import HeldRow
from smartmail.edge.httpd.jmap.context import Call, own_account_of, parse_time, show_time
from smartmail.edge.httpd.jmap.object_type import digest, never
from smartmail.edge.httpd.jmap.setting import Acts, Refused, carried_out, refuse
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import GetAnswer, GetArguments, QueryAnswer, QueryArguments, SetAnswer, SetArguments
from smartmail.proto.jmap.emails import EmailAddress
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.filters import matches, parse_filter, parse_sort
from smartmail.proto.jmap.quarantine import (
    QUARANTINE_PROPERTIES,
    QUARANTINE_SORTS,
    QuarantineFilter,
    QuarantineObject,
    QuarantineRelease,
)
from smartmail.service.flow.quarantine import Deed, HeldItem
from smartmail.service.flow.quarantine.items import show_id
from smartmail.service.kernel.clock import DAY
from smartmail.service.protection.filtering.explaining import explain

_LETTER = "q"
_REASONS = 20


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """QuarantineItem/get; without ids the newest ones."""
    account_id = await own_account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, QUARANTINE_PROPERTIES)
    service = call.context.services.quarantine
    rows = await service.own_rows(account_id)
    if arguments.ids is None:
        asked = [_id(row) for row in rows[: call.context.limits.max_objects_in_get]]
    else:
        call.context.limits.check_get(len(arguments.ids))
        asked = list(dict.fromkeys(arguments.ids))
    items = {_LETTER + one.id: one for one in await service.own(account_id, [one[1:] for one in asked if _is_id(one)])}
    account = await call.context.services.directory.account(account_id)
    days = await call.context.services.quarantine.days(account)
    objects = [core.project(await _show(call, items[one], account, days), properties) for one in asked if one in items]
    return GetAnswer(
        account_id=arguments.account_id, state=_state(rows), list=objects,
        not_found=[one for one in asked if one not in items],
    )  # fmt: skip


async def query(call: Call, arguments: QueryArguments) -> QueryAnswer:
    """QuarantineItem/query: by the time of coming, the newest first unless asked otherwise."""
    account_id = await own_account_of(call, arguments.account_id)
    tree = parse_filter(arguments.filter, QuarantineFilter)
    order = parse_sort(arguments.sort, QUARANTINE_SORTS, call.context.limits.collations)
    rows = await call.context.services.quarantine.own_rows(account_id)
    found = [_id(row) for row in rows if matches(tree, partial(_matches, row))]
    if order and order[0].is_ascending:
        found.reverse()
    position, window = core.window(found, arguments, call.context.limits.max_objects_in_get)
    return QueryAnswer(
        account_id=arguments.account_id, query_state=_state(rows), can_calculate_changes=False, position=position,
        ids=window, total=len(found) if arguments.calculate_total else UNSET,
    )  # fmt: skip


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """QuarantineItem/set: `isReleased` lets one out, which ends it here; destroy throws it away."""
    account_id = await own_account_of(call, arguments.account_id)
    service, actor = call.context.services.quarantine, call.context.actor

    async def state() -> str:
        return _state(await service.own_rows(account_id))

    async def release(target: str, patch: dict[str, Any]) -> None:
        try:
            wish = msgspec.convert(patch, QuarantineRelease)
        except msgspec.ValidationError as error:
            raise refuse("isReleased", description=str(error)[:200]) from None
        try:
            await service.release_own(actor, target[1:], Deed(learn=wish.learn, allow=wish.allow_sender))
        except (Forbidden, PolicyRejected) as error:
            # What may not be let out is told as forbidden, whoever forbids it.
            raise Refused(SetError("forbidden", error.public)) from None

    async def destroy(target: str) -> None:
        await service.delete_own(actor, target[1:])

    acts = Acts(never("what lies here came by mail"), release, destroy)
    return await carried_out(call, arguments, account_id, state, acts)


def _is_id(text: str) -> bool:
    return text.startswith(_LETTER)


def _id(row: HeldRow) -> str:
    return _LETTER + show_id(row.entry.id, row.recipient.number)


def _state(rows: list[HeldRow]) -> str:
    return digest([_id(row) for row in rows])


def _matches(row: HeldRow, wish: QuarantineFilter) -> bool:
    at = row.entry.created_at
    return (wish.after is UNSET or at >= parse_time(wish.after)) and (
        wish.before is UNSET or at < parse_time(wish.before)
    )


async def _show(call: Call, item: HeldItem, account: Account, days: int) -> QuarantineObject:
    inspection, summary, entry = item.inspection, item.summary, item.row.entry
    senders = [EmailAddress(one.address, one.name or None) for one in summary.from_ if one.address]
    return QuarantineObject(
        id=_LETTER + item.id,
        from_=senders or None,
        to=item.recipient,
        subject=summary.subject,
        preview=summary.preview,
        received_at=show_time(entry.created_at),
        expires_at=show_time(entry.created_at + days * DAY),
        size=entry.size,
        has_attachment=summary.has_files,
        nature=inspection.nature,
        score=inspection.score,
        virus=inspection.virus or None,
        reasons=[
            {"rule": one.rule, "weight": one.weight, "text": one.text}
            for one in explain(inspection, account.language, _REASONS)
        ],
        may_release=await call.context.services.quarantine.may_release(item),
    )
