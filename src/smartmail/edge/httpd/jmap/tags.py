"""Tag/get, changes, set: our own type for names, colours and the tree of keywords.

The state is that of the definitions. Counts follow the messages: they are those of the moment, and whoever shows them asks
again when the state of Email has changed (tags are few, and counted beforehand).
"""

from typing import Any

import msgspec
from msgspec import UNSET

from smartmail.domain.errors import AlreadyExists, Invalid, MailError
from smartmail.domain.ids import AccountId
from smartmail.domain.tags import Tag
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of, is_own
from smartmail.edge.httpd.jmap.object_type import ObjectType
from smartmail.edge.httpd.jmap.setting import Refused, numbered, refuse, unknown_properties, unsaid, why
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.tags import TagObject, TagWish

_MADE = ("name", "colour", "order", "parentId", "keyword")
_CHANGED = ("name", "colour", "order", "parentId")


async def _every(call: Call, account_id: AccountId) -> dict[str, TagObject]:
    scope = _scope(call, account_id)
    found = await call.context.services.tags.all(call.context.actor, account_id)
    return {ids.show(ids.TAG, tag.id): _show(tag, scope) for tag in found}


def _scope(call: Call, account_id: AccountId) -> str:
    return "personal" if is_own(call, account_id) else "shared"


def _show(tag: Tag, scope: str) -> TagObject:
    return TagObject(
        id=ids.show(ids.TAG, tag.id),
        keyword=tag.keyword,
        name=tag.name,
        colour=tag.colour,
        order=tag.order,
        parent_id=None if tag.parent_id is None else ids.show(ids.TAG, tag.parent_id),
        scope=scope,
        total_emails=tag.messages,
        unread_emails=tag.unread,
    )


async def _create(call: Call, account_id: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    wish = _wish(raw, _MADE)
    if wish.name is UNSET:
        raise refuse("name")
    given: dict[str, Any] = {"colour": wish.colour, "order": wish.order, "keyword": wish.keyword}
    tag = await call.context.services.tags.create(
        call.context.actor, account_id, wish.name, parent_id=_parent(call, wish),
        **{name: value for name, value in given.items() if value is not UNSET},
    )  # fmt: skip
    return unsaid(_show(tag, _scope(call, account_id)), raw)


async def _update(call: Call, account_id: AccountId, target: str, patch: dict[str, Any]) -> None:
    wish = _wish(patch, _CHANGED)
    given: dict[str, Any] = {"name": wish.name, "colour": wish.colour, "order": wish.order}
    await call.context.services.tags.update(
        call.context.actor, account_id, numbered(ids.TAG, target), parent_id=_parent(call, wish), to_root=wish.parent_id is None,
        **{name: value for name, value in given.items() if value is not UNSET},
    )  # fmt: skip


async def _destroy(call: Call, account_id: AccountId, target: str) -> None:
    await call.context.services.tags.destroy(call.context.actor, account_id, numbered(ids.TAG, target))


def _wish(raw: dict[str, Any], known: tuple[str, ...]) -> TagWish:
    bad = unknown_properties(raw, known)
    if bad:
        raise refuse(*bad)
    try:
        return msgspec.convert(raw, TagWish)
    except msgspec.ValidationError as error:
        named = [name for name in raw if f"$.{name}" in str(error)]
        raise refuse(*named or known[:1], description=str(error)[:200]) from None


def _parent(call: Call, wish: TagWish) -> int | None:
    if wish.parent_id is UNSET or wish.parent_id is None:
        return None
    resolved = call.created_ids.resolve(wish.parent_id)
    number = None if resolved is None else ids.parse(ids.TAG, resolved)
    if number is None:
        raise refuse("parentId")
    return number


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid | AlreadyExists):
        return SetError("invalidProperties", error.public)
    return why(error)


TYPE = ObjectType(
    shape=TagObject,
    account=account_of,
    every=_every,
    kind="tag",
    letter=ids.TAG,
    create=_create,
    update=_update,
    destroy=_destroy,
    told=_told,
)
