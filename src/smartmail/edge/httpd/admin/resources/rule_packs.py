"""/rule-pack: rules against spam brought by file, seen before they count, taken back."""

import base64
import binascii
from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.errors import Invalid
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Asked, Count, Time, Told, time_of
from smartmail.formats.rule_pack import MAX_OCTETS, RulePack
from smartmail.service.rule_packs import PackPreview

SYSTEM = Scope("system")
MAX_BODY = MAX_OCTETS * 4 // 3 + 4_096


class RulePackTold(Told, frozen=True):
    """A pack. `weights`: rules of the program that weigh otherwise under it."""

    id: str
    made_at: Time
    notes: str
    rules: Count
    weights: Count


class RulePackState(Told, frozen=True):
    """The pack in force and the one that the way back leads to; `trusted`: a key of the vendor is pinned."""

    current: RulePackTold | None
    before: RulePackTold | None
    trusted: bool


class RuleChangeTold(Told, frozen=True):
    """What becomes of one rule. `title` "" for one of the program; `own`: a weight of an administrator goes before it."""

    rule: str
    title: str
    change: Literal["added", "removed", "weight", "words"]
    before: float | None
    after: float | None
    own: bool


class RulePackSeen(Told, frozen=True):
    """A pack and what it changes."""

    pack: RulePackTold
    changes: list[RuleChangeTold]


class RulePackFile(Asked, frozen=True):
    """The file, in base64."""

    content: Annotated[str, Meta(max_length=MAX_BODY)]


class RulePackBack(Told, frozen=True):
    """The pack that is in force again, "" for none."""

    id: str


def _pack(one: RulePack | None) -> RulePackTold | None:
    return None if one is None else _told(one)


def _told(one: RulePack) -> RulePackTold:
    return RulePackTold(one.id, time_of(one.made_at), one.notes, len(one.rules), len(one.weights))


def _seen(one: PackPreview) -> RulePackSeen:
    changes = [
        RuleChangeTold(each.rule, each.title, each.change, each.before, each.after, each.own) for each in one.changes
    ]
    return RulePackSeen(_told(one.pack), changes)


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("`content` is no base64") from None


async def _may(call: Call) -> None:
    await call.may(SYSTEM)


async def _state(call: Call) -> RulePackState:
    await call.may(SYSTEM)
    state = await call.services.rule_packs.state(call.actor)
    return RulePackState(_pack(state.current), _pack(state.before), state.trusted)


async def _check(call: Call) -> RulePackSeen:
    await call.may(SYSTEM)
    return _seen(await call.services.rule_packs.preview(call.actor, _octets(call.body.content)))


async def _apply(call: Call) -> RulePackSeen:
    await call.may(SYSTEM)
    return _seen(await call.services.rule_packs.apply(call.actor, _octets(call.body.content)))


async def _back(call: Call) -> RulePackBack:
    await call.may(SYSTEM)
    return RulePackBack(await call.services.rule_packs.back(call.actor))


OPERATIONS = (
    Operation("GET", "/rule-pack", "The pack of rules in force, and the one before.", _state, "spam.read", RulePackState),
    Operation("POST", "/rule-pack/check", "Say what a file would change.", _check, "spam.change", RulePackSeen,
              RulePackFile, body_octets=MAX_BODY, first=_may),
    Operation("POST", "/rule-pack/apply", "Put a pack in force in all processes.", _apply, "spam.change", RulePackSeen,
              RulePackFile, body_octets=MAX_BODY, first=_may, fresh=True),
    Operation("POST", "/rule-pack/back", "Go back to what was before.", _back, "spam.change", RulePackBack, fresh=True),
)  # fmt: skip
