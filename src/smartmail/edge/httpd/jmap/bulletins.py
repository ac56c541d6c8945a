"""Bulletin/get, Bulletin/set: our own type for what the company tells its people beside mail (공지).

The state is of what the reader sees; it is pushed as `Bulletin`. Bulletins are made in the admin API: here a reader says
that one came up, was closed or was read, and that stays.
"""

from typing import Any, Final, Literal

import msgspec

from smartmail.domain.bulletins import Mark
from smartmail.domain.errors import MailError, NotFound
from smartmail.edge.httpd.jmap.context import Call, own_account_of, show_time
from smartmail.edge.httpd.jmap.setting import Refused, Report, converted, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap.bulletins import BULLETIN_PROPERTIES, BulletinObject, BulletinPatch
from smartmail.proto.jmap.core import GetAnswer, GetArguments, SetAnswer, SetArguments
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.service.mailbox.bulletins import ShownBulletin

_MARKS: Final[dict[Literal["is_popped", "is_closed", "is_read"], Mark]] = {
    "is_popped": "popped", "is_closed": "closed", "is_read": "read",
}  # fmt: skip


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """Bulletin/get."""
    await own_account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, BULLETIN_PROPERTIES)
    if arguments.ids is not None:
        call.context.limits.check_get(len(arguments.ids))
    state = await _state(call)
    every = {_id(one): _object(one) for one in await call.context.services.bulletins.board.mine(call.context.actor)}
    asked = list(every) if arguments.ids is None else list(dict.fromkeys(arguments.ids))
    objects = [core.project(every[one], properties) for one in asked if one in every]
    missing = [one for one in asked if one not in every]
    return GetAnswer(account_id=arguments.account_id, state=state, list=objects, not_found=missing)


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """Bulletin/set: only marks of one's own."""
    await own_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    before = await _state(call)
    if arguments.if_in_state not in {None, before}:
        raise MethodError("stateMismatch")
    report = Report(call.created_ids)
    for key in arguments.create or {}:
        report.not_created[key] = SetError("forbidden", "administrators make bulletins")
    for key, (target, patch) in report.updates(arguments).items():
        try:
            await _mark(call, target, converted(dict(patch), BulletinPatch, "isRead"))
            report.updated[key] = None
        except (Refused, MailError) as error:
            report.not_updated[key] = why(error)
    for key in report.destroys(arguments):
        report.not_destroyed[key] = SetError("forbidden", "administrators end bulletins")
    return report.answer(arguments.account_id, before, await _state(call))


async def _mark(call: Call, target: str, patch: BulletinPatch) -> None:
    try:
        number = int(target, 16) & ((1 << 63) - 1)
    except ValueError:
        raise NotFound from None
    for name, mark in _MARKS.items():
        if getattr(patch, name) is not msgspec.UNSET:
            await call.context.services.bulletins.board.mark(call.context.actor, number, mark)


async def _state(call: Call) -> str:
    state, _ = await call.context.services.bulletins.board.state(call.context.actor)
    return state


def _id(one: ShownBulletin) -> str:
    return f"{one.row.id:x}"


def _object(one: ShownBulletin) -> BulletinObject:
    row, marks = one.row, one.marks
    return BulletinObject(
        id=_id(one), title=one.text.title, body=one.text.body, place_level=row.place.level, place_name=one.place_name,
        shown_from=show_time(row.shown_from), shown_until=show_time(row.shown_until),
        changed_at=show_time(row.changed_at), is_pinned=row.pinned, is_popup=row.popup, must_read=row.must_read,
        is_popped=bool(marks.popped_at), is_closed=bool(marks.closed_at),
        read_at=show_time(marks.read_at) if marks.read_at else None,
    )  # fmt: skip
