"""TeamTemplate/get, set; TemplatePlace/get: letters to begin with that departments and groups share.

Ids of places are those of scopes in octets that an Id may hold (RFC 8620 §1.2).
"""

from typing import Any

import msgspec

from smartmail.domain.errors import Invalid, MailError
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.jmap.context import Call, show_time
from smartmail.edge.httpd.jmap.object_type import ObjectType
from smartmail.edge.httpd.jmap.setting import Refused, converted, hexadecimal, refuse, why
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.team_templates import (
    TeamTemplateObject,
    TeamTemplatePatch,
    TeamTemplateWish,
    TemplatePlaceObject,
)
from smartmail.service.people.team_templates import HeldTemplate, TemplateText


async def _templates(call: Call, _: AccountId) -> dict[str, TeamTemplateObject]:
    found = await call.context.services.team_templates.list_all(call.context.actor)
    return {f"{one.row.id:x}": _show(one) for one in found}


def _show(one: HeldTemplate) -> TeamTemplateObject:
    return TeamTemplateObject(
        id=f"{one.row.id:x}", place_id=_place_id(one.row.place), place_name=one.place_name, name=one.text.name,
        subject=one.text.subject, text=one.text.text, html=one.text.html, may_change=one.may_change,
        changed_at=show_time(one.row.changed_at),
    )  # fmt: skip


async def _create(call: Call, _: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    wish = converted(raw, TeamTemplateWish, "placeId")
    service = call.context.services.team_templates
    made = await service.make(call.context.actor, _place(wish.place_id), _text(wish))
    return {"id": f"{made.id:x}", "changedAt": show_time(made.changed_at), "mayChange": True}


async def _update(call: Call, _: AccountId, target: str, patch: dict[str, Any]) -> None:
    service, actor = call.context.services.team_templates, call.context.actor
    number = hexadecimal(target)
    held = next((one.text for one in await service.list_all(actor) if one.row.id == number), None)
    await service.change(actor, number, _patched(held, patch))


async def _destroy(call: Call, _: AccountId, target: str) -> None:
    await call.context.services.team_templates.drop(call.context.actor, hexadecimal(target))


async def _places(call: Call, _: AccountId) -> dict[str, TemplatePlaceObject]:
    places = await call.context.services.team_templates.places(call.context.actor)
    return {_place_id(one): TemplatePlaceObject(id=_place_id(one), name=name) for one, name in places.items()}


def _text(wish: TeamTemplateWish) -> TemplateText:
    return TemplateText(wish.name, wish.subject, wish.text, wish.html)


def _patched(now: TemplateText | None, patch: dict[str, Any]) -> TemplateText:
    wish = converted(patch, TeamTemplatePatch, "name")
    words = TemplateText("", "", "", "") if now is None else now
    given = {name: value for name, value in msgspec.structs.asdict(wish).items() if value is not msgspec.UNSET}
    return msgspec.structs.replace(words, **given)


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


TEMPLATES = ObjectType(
    shape=TeamTemplateObject, every=_templates, create=_create, update=_update, destroy=_destroy, told=_told
)
PLACES = ObjectType(shape=TemplatePlaceObject, every=_places)
