"""TeamTemplate/get, set; TemplatePlace/get: letters to begin with that departments and groups share.

Ids of places are those of scopes in octets that an Id may hold (RFC 8620 §1.2).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from smartmail.domain.errors import Invalid, MailError
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.jmap.context import Call, own_account_of, show_time
from smartmail.edge.httpd.jmap.credentials import digest
from smartmail.edge.httpd.jmap.setting import Refused, Report, converted, refuse, why
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import GetAnswer, GetArguments, SetAnswer, SetArguments
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.proto.jmap.team_templates import (
    PLACE_PROPERTIES,
    TEMPLATE_PROPERTIES,
    TeamTemplateObject,
    TeamTemplatePatch,
    TeamTemplateWish,
    TemplatePlaceObject,
)
from smartmail.service.people.team_templates import HeldTemplate, TemplateText

Object = TeamTemplateObject | TemplatePlaceObject


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """TeamTemplate/get."""
    await own_account_of(call, arguments.account_id)
    return _got(call, arguments, _objects(await _held(call)), TEMPLATE_PROPERTIES)


async def get_places(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """TemplatePlace/get."""
    await own_account_of(call, arguments.account_id)
    places = await call.context.services.team_templates.places(call.context.actor)
    every = {_place_id(one): TemplatePlaceObject(id=_place_id(one), name=name) for one, name in places.items()}
    return _got(call, arguments, every, PLACE_PROPERTIES)


async def set_templates(call: Call, arguments: SetArguments) -> SetAnswer:
    """TeamTemplate/set."""
    await own_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    service, actor = call.context.services.team_templates, call.context.actor
    held, report = await _held(call), Report(call.created_ids)
    before = _state(_objects(held))
    if arguments.if_in_state not in {None, before}:
        raise MethodError("stateMismatch")
    for key, raw in (arguments.create or {}).items():
        try:
            wish = converted(raw, TeamTemplateWish, "placeId")
            made = await service.make(actor, _place(wish.place_id), _text(wish))
            report.made(key, {"id": f"{made.id:x}", "changedAt": show_time(made.changed_at), "mayChange": True})
        except (Refused, MailError) as error:
            report.not_created[key] = _told(error)
    for key, (target, patch) in report.updates(arguments).items():
        try:
            await service.change(actor, _number(target), _patched(held.get(target), patch))
            report.updated[key] = None
        except (Refused, MailError) as error:
            report.not_updated[key] = _told(error)
    for key, target in report.destroys(arguments).items():
        try:
            await service.drop(actor, _number(target))
            report.destroyed.append(key)
        except (Refused, MailError) as error:
            report.not_destroyed[key] = why(error)
    return report.answer(arguments.account_id, before, _state(_objects(await _held(call))))


async def _held(call: Call) -> dict[str, HeldTemplate]:
    found = await call.context.services.team_templates.list_all(call.context.actor)
    return {f"{one.row.id:x}": one for one in found}


def _objects(held: Mapping[str, HeldTemplate]) -> dict[str, Object]:
    return {
        key: TeamTemplateObject(
            id=key, place_id=_place_id(one.row.place), place_name=one.place_name, name=one.text.name,
            subject=one.text.subject, text=one.text.text, html=one.text.html, may_change=one.may_change,
            changed_at=show_time(one.row.changed_at),
        )
        for key, one in held.items()
    }  # fmt: skip


def _text(wish: TeamTemplateWish) -> TemplateText:
    return TemplateText(wish.name, wish.subject, wish.text, wish.html)


def _patched(now: HeldTemplate | None, patch: Mapping[str, Any]) -> TemplateText:
    wish = converted(dict(patch), TeamTemplatePatch, "name")
    words = TemplateText("", "", "", "") if now is None else now.text
    given = {name: value for name, value in msgspec.structs.asdict(wish).items() if value is not msgspec.UNSET}
    return msgspec.structs.replace(words, **given)


def _got(call: Call, arguments: GetArguments, every: Mapping[str, Object], known: Sequence[str]) -> GetAnswer[Any]:
    properties = core.wanted(arguments.properties, known)
    asked = list(every) if arguments.ids is None else list(dict.fromkeys(arguments.ids))
    if arguments.ids is not None:
        call.context.limits.check_get(len(arguments.ids))
    objects = [core.project(every[one], properties) for one in asked if one in every]
    missing = [one for one in asked if one not in every]
    return GetAnswer(account_id=arguments.account_id, state=_state(every), list=objects, not_found=missing)


def _told(error: Refused | MailError) -> SetError:
    return SetError("invalidProperties", error.public) if isinstance(error, Invalid) else why(error)


def _place_id(place: Scope) -> str:
    return f"{place.level[0]}{place.subject.encode().hex()}"


def _place(text: str) -> Scope:
    """Return the scope of an id; whether it is one of the reader's is the service's question. Raises Refused."""
    try:
        subject = bytes.fromhex(text[1:]).decode()
    except ValueError:
        raise refuse("placeId") from None
    if text[:1] not in {"d", "g"} or not subject:
        raise refuse("placeId")
    return Scope("department" if text[0] == "d" else "group", subject)


def _number(text: str) -> int:
    try:
        return int(text, 16) & ((1 << 63) - 1)
    except ValueError:
        raise refuse("id") from None


def _state(every: Mapping[str, Object]) -> str:
    return digest(list(every.values()))
