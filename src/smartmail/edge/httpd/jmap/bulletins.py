"""Bulletin/get, Bulletin/set: our own type for what the company tells its people beside mail (공지).

The state is of what the reader sees; it is pushed as `Bulletin`. Bulletins are made in the admin API: here a reader says
that one came up, was closed or was read, and that stays.
"""

from typing import Any, Final, Literal

import msgspec

from smartmail.domain.bulletins import Mark
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.context import Call, show_time
from smartmail.edge.httpd.jmap.object_type import ObjectType, never
from smartmail.edge.httpd.jmap.setting import converted
from smartmail.proto.jmap.bulletins import BulletinObject, BulletinPatch
from smartmail.proto.jmap.core import SetAnswer, SetArguments
from smartmail.service.mailbox.bulletins import ShownBulletin

_MARKS: Final[dict[Literal["is_popped", "is_closed", "is_read"], Mark]] = {
    "is_popped": "popped", "is_closed": "closed", "is_read": "read",
}  # fmt: skip


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """Bulletin/set: only marks of one's own."""
    return await TYPE.set_(call, arguments)


async def _every(call: Call, _: AccountId) -> dict[str, BulletinObject]:
    return {_id(one): _object(one) for one in await call.context.services.bulletins.board.mine(call.context.actor)}


async def _mark(call: Call, _: AccountId, target: str, raw: dict[str, Any]) -> None:
    patch = converted(raw, BulletinPatch, "isRead")
    try:
        number = int(target, 16) & ((1 << 63) - 1)
    except ValueError:
        raise NotFound from None
    for name, mark in _MARKS.items():
        if getattr(patch, name) is not msgspec.UNSET:
            await call.context.services.bulletins.board.mark(call.context.actor, number, mark)


async def _state(call: Call, _: AccountId) -> str:
    state, _due = await call.context.services.bulletins.board.state(call.context.actor)
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


TYPE = ObjectType(
    shape=BulletinObject,
    every=_every,
    state=_state,
    create=never("administrators make bulletins"),
    update=_mark,
    destroy=never("administrators end bulletins"),
)
