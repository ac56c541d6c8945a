"""Tag/get, changes, set: our own type for names, colours and the tree of keywords.

The state is that of the definitions. Counts follow the messages: they are those of the moment, and whoever shows them asks
again when the state of Email has changed (tags are few, and counted beforehand).
"""

from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET

from smartmail.domain.errors import AlreadyExists, Invalid, MailError
from smartmail.domain.ids import AccountId
from smartmail.domain.tags import Tag
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of, changes_answer, changes_since, is_own, numbers, state_of
from smartmail.edge.httpd.jmap.setting import Acts, Refused, Report, in_state, refuse, unknown_properties, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import ChangesAnswer, ChangesArguments, GetAnswer, GetArguments, SetAnswer, SetArguments
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.tags import TAG_PROPERTIES, TagObject, TagWish

_MADE = ("name", "colour", "order", "parentId", "keyword")
_CHANGED = ("name", "colour", "order", "parentId")


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """Tag/get."""
    account_id = await account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, TAG_PROPERTIES)
    state = await state_of(call, account_id, "tag")
    every = {tag.id: tag for tag in await call.context.services.tags.all(call.context.actor, account_id)}
    if arguments.ids is None:
        found, missing = list(every), list[str]()
    else:
        call.context.limits.check_get(len(arguments.ids))
        asked, missing = numbers(ids.TAG, arguments.ids)
        found = [number for number in asked if number in every]
        missing += [text for number, text in asked.items() if number not in every]
    scope = "personal" if account_id == call.context.actor.account_id else "shared"
    objects = [core.project(_show(every[one], scope), properties) for one in found]
    return GetAnswer(account_id=arguments.account_id, state=state, list=objects, not_found=missing)


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


async def changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """Tag/changes."""
    account_id = await account_of(call, arguments.account_id)
    return changes_answer(arguments, await changes_since(call, arguments, account_id, "tag"), ids.TAG)


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """Tag/set."""
    account_id = await account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    before = await state_of(call, account_id, "tag")
    report = Report(call.created_ids)
    with in_state(account_id, "tag", before, arguments.if_in_state, own=is_own(call, account_id)):
        acts = Acts(
            partial(_create, call, account_id),
            partial(_update, call, account_id),
            partial(_destroy, call, account_id),
            _told,
        )
        await report.carry_out(arguments, acts)
    return report.answer(arguments.account_id, before, await state_of(call, account_id, "tag"))


async def _create(call: Call, account_id: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    wish = _wish(raw, _MADE)
    if wish.name is UNSET:
        raise refuse("name")
    given: dict[str, Any] = {"colour": wish.colour, "order": wish.order, "keyword": wish.keyword}
    tag = await call.context.services.tags.create(
        call.context.actor, account_id, wish.name, parent_id=_parent(call, wish),
        **{name: value for name, value in given.items() if value is not UNSET},
    )  # fmt: skip
    scope = "personal" if account_id == call.context.actor.account_id else "shared"
    shown = core.project(_show(tag, scope), TAG_PROPERTIES)
    return {name: value for name, value in shown.items() if raw.get(name, UNSET) != value}


async def _update(call: Call, account_id: AccountId, target: str, patch: dict[str, Any]) -> None:
    wish = _wish(patch, _CHANGED)
    given: dict[str, Any] = {"name": wish.name, "colour": wish.colour, "order": wish.order}
    await call.context.services.tags.update(
        call.context.actor, account_id, _number(target), parent_id=_parent(call, wish), to_root=wish.parent_id is None,
        **{name: value for name, value in given.items() if value is not UNSET},
    )  # fmt: skip


async def _destroy(call: Call, account_id: AccountId, target: str) -> None:
    await call.context.services.tags.destroy(call.context.actor, account_id, _number(target))


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


def _number(target: str) -> int:
    number = ids.parse(ids.TAG, target)
    if number is None:
        raise Refused(SetError("notFound"))
    return number


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid | AlreadyExists):
        return SetError("invalidProperties", error.public)
    return why(error)
