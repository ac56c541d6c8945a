"""/rule-pack: rule packs against spam: upload, preview, activation, rollback."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Input, Output, Time, decoded
from smartmail.formats import rule_pack
from smartmail.formats.rule_pack import MAX_OCTETS
from smartmail.service.operations.rule_packs import PackPreview

SYSTEM = Scope("system")
MAX_BODY = MAX_OCTETS * 4 // 3 + 4_096


class RulePack(Output, frozen=True):
    """A rule pack. `weights`: changed weights of built-in rules."""

    id: str
    made_at: Time
    notes: str
    rules: Count
    weights: Count


class RulePackState(Output, frozen=True):
    """The rule pack in use and the previous one; `trusted`: whether a vendor key is pinned."""

    current: RulePack | None
    before: RulePack | None
    trusted: bool


class RulePackChange(Output, frozen=True):
    """Change of one rule. `title` "" for a built-in rule; `own`: weight set by an administrator, which has precedence."""

    rule: str
    title: str
    change: Literal["added", "removed", "weight", "words"]
    before: float | None
    after: float | None
    own: bool


class RulePackPreview(Output, frozen=True):
    """A rule pack and the changes that it makes."""

    pack: RulePack
    changes: list[RulePackChange]


class RulePackUpload(Input, frozen=True):
    """The file in base64."""

    file: Annotated[str, Meta(max_length=MAX_BODY)]


class RulePackRollback(Output, frozen=True):
    """The rule pack in use after the rollback, "" for none."""

    id: str


api = Resource(asks="system")
_NO_FILE = "`file` is no base64"


def _pack(one: rule_pack.RulePack | None) -> RulePack | None:
    return None if one is None else _told(one)


def _told(one: rule_pack.RulePack) -> RulePack:
    return RulePack.from_row(one, rules=len(one.rules), weights=len(one.weights))


def _seen(one: PackPreview) -> RulePackPreview:
    changes = [RulePackChange.from_row(each) for each in one.changes]
    return RulePackPreview(_told(one.pack), changes)


@api.get("/rule-pack", "The rule pack in use and the previous one.", "spam.read", cli="rules show")
async def _state(call: Call) -> RulePackState:
    state = await call.services.rule_packs.state(call.actor)
    return RulePackState(_pack(state.current), _pack(state.before), state.trusted)


@api.post(
    "/rule-pack/check", "Preview the changes of a rule pack.", "spam.change", RulePackUpload, body_octets=MAX_BODY,
    cli="rules check file",
)  # fmt: skip
async def _check(call: Call) -> RulePackPreview:
    return _seen(await call.services.rule_packs.preview(call.actor, decoded(call.body.file, _NO_FILE)))


@api.post(
    "/rule-pack/apply", "Activate a rule pack in all processes.", "spam.change", RulePackUpload, body_octets=MAX_BODY,
    fresh=True, cli="rules apply file",
)  # fmt: skip
async def _apply(call: Call) -> RulePackPreview:
    return _seen(await call.services.rule_packs.apply(call.actor, decoded(call.body.file, _NO_FILE)))


@api.post("/rule-pack/rollback", "Roll back to the previous rule pack.", "spam.change", fresh=True, cli="rules back")
async def _back(call: Call) -> RulePackRollback:
    return RulePackRollback(await call.services.rule_packs.back(call.actor))
