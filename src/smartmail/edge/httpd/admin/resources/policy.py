"""/policy: knobs, rules, revisions, presets, and rollback to an earlier epoch.

A scope is written `system`, or LEVEL:ID: `organization:1`, `domain:a.example`, `department:1:Sales`, `group:3`, `account:7`.
"""

from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from smartmail.base.i18n import translate
from smartmail.domain import policy
from smartmail.domain.errors import Invalid
from smartmail.domain.policy import LEVELS, Level, Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import (
    Count,
    Input,
    Output,
    Page,
    Time,
    cut,
    milliseconds,
    part,
)

ScopeText = Annotated[str, Meta(min_length=1, max_length=300, examples=["organization:1"], extra={"names": "scope"})]
KnobName = Annotated[str, Meta(min_length=1, max_length=100, examples=["quota.octets"])]


class Knob(Output, frozen=True):
    """A policy knob. `title` and `help`: its short name and description in the reader's language; `unit`: what its number
    counts; `zeroIsNone`: 0 is below `least` and may be set all the same; `zero`: what 0 means (null: it cannot be set).
    """

    name: str
    title: str
    default: Any
    levels: list[str]
    help: str
    kind: Literal["flag", "count", "choice", "names", "networks", "countries", "days", "text"]
    choices: list[str]
    least: int | None
    most: int | None
    zero_is_none: bool
    unit: str | None
    zero: str | None


class PolicyRule(Output, frozen=True):
    """The value of a knob for a scope; with `validUntil` a dated exception, granted at the level `authority`."""

    knob: str
    scope: str
    value: Any
    locked: bool
    authority: str | None
    valid_from: Time | None
    valid_until: Time | None


class PolicyRuleCreate(Input, frozen=True):
    """A policy rule to set; it replaces the rule of the same scope unless it is dated. `value` has the type of the
    knob, or is its text (`on`, `off`, `20`, names with spaces between). `authority`: level at which an exception is granted;
    locks of weaker levels give way to it.
    """

    knob: KnobName
    value: bool | int | str | list[str]
    scope: ScopeText = "system"
    locked: bool = False
    authority: Level | None = None
    valid_from: Time | None = None
    valid_until: Time | None = None


class PolicyRuleQuery(Input, frozen=True):
    """A rule, by knob and scope."""

    knob: KnobName
    scope: ScopeText = "system"


class PolicyRulesQuery(Input, frozen=True):
    """Which rules: of a scope, or all."""

    scope: ScopeText | None = None


class PolicyEpoch(Output, frozen=True):
    """The new epoch of the policy."""

    epoch: Count


class PolicyRollbackRequest(Input, frozen=True):
    """The epoch to return to."""

    epoch: Annotated[int, Meta(ge=0, le=1 << 53)]


class PolicyRevision(Output, frozen=True):
    """A change of the policy, without rules of scopes that the reader may not see."""

    epoch: Count
    at: Time
    actor: str
    action: str
    reason: str
    begun: list[PolicyRule]
    ended: list[PolicyRule]


class PolicyRollout(Output, frozen=True):
    """How far an epoch is applied: number of processes, of those that lag behind, and the time until all had applied it
    in milliseconds (null: not known yet). `behind` names those that lag behind, to operators of the installation.
    """

    epoch: Count
    processes: Count
    lagging: Count
    took_ms: int | None
    behind: list[str]


class PolicyPreset(Output, frozen=True):
    """A set of knob values, each with its reason in the reader's language."""

    name: str
    title: str
    values: dict[str, Any]
    reasons: dict[str, str]


class PolicyPresetApplyRequest(Input, frozen=True):
    """The scope to which a preset is applied. `clear`: remove rules of narrower scopes that override it."""

    scope: ScopeText = "system"
    clear: bool = False


class PolicyResult(Output, frozen=True):
    """The new epoch, and rules of narrower scopes that override what was set."""

    epoch: Count
    shadowed: list[PolicyRule]


api = Resource()


def rule_told(rule: policy.PolicyRule) -> PolicyRule:
    """Return a rule as it is told."""
    where = rule.scope.level if rule.scope.level == "system" else f"{rule.scope.level}:{rule.scope.subject}"
    return PolicyRule.from_row(rule, scope=where)


def scope_of(text: str) -> Scope:
    """Return the scope of a text. Raises Invalid."""
    level, _, subject = text.partition(":")
    known = next((one for one in LEVELS if one == level), None)
    if known is None or (known == "system") == bool(subject):
        raise Invalid(f"a scope is system or LEVEL:ID, LEVEL one of {', '.join(LEVELS[1:])}", reason="scope.form")
    return Scope(known, subject)


@api.get(
    "/policy/knobs", "Policy knobs.", "policy.read", cli="policy knobs",
    columns="name title default unit choices least most",
)  # fmt: skip
async def _knobs(call: Call) -> Page[Knob]:
    await call.holds()
    rows = call.services.governing.knobs()
    return part(rows, lambda one: one.name, call.page, lambda one: _knob(one, call.language))


_KINDS: Final = frozenset({"flag", "count", "choice", "names", "networks", "countries", "days"})


def _knob(one: Any, language: str) -> Knob:
    kind = one.kind
    name = type(kind).__name__.lower()
    return Knob(
        one.name, _words(language, one.title_key), one.default, list(one.levels), _words(language, one.help_key),
        name if name in _KINDS else "text",  # type: ignore[arg-type]
        list(getattr(kind, "words", ()) or getattr(kind, "names", ())), getattr(kind, "least", None),
        getattr(kind, "most", None), bool(getattr(kind, "zero_is_none", False)), one.unit, one.zero,
    )  # fmt: skip


def _words(language: str, key: str) -> str:
    """Return a text, "" where there is none."""
    try:
        return translate(language, key)
    except KeyError:
        return ""


async def _visible(
    call: Call, rules: "tuple[policy.PolicyRule, ...] | list[policy.PolicyRule]"
) -> list[policy.PolicyRule]:
    """What holds for the system holds for everybody; other rules are for who may read them there."""
    may = call.services.authority.may
    return [one for one in rules if one.scope.level == "system" or await may(call.actor, "policy.read", one.scope)]


@api.get("/policy/rules", "Policy rules in force.", "policy.read", query=PolicyRulesQuery, cli="policy list")
async def _rules(call: Call) -> Page[PolicyRule]:
    await call.holds()
    _, rules = await call.services.governing.rules()
    wanted = None if call.query.scope is None else scope_of(call.query.scope)
    found = await _visible(call, [one for one in rules if wanted in {None, one.scope}])
    return part(found, lambda one: one.id, call.page, rule_told)


def rule_of(call: Call, body: PolicyRuleCreate) -> policy.PolicyRule:
    """Return a rule that was sent. Raises Invalid."""
    value = tuple(body.value) if isinstance(body.value, list) else body.value
    if isinstance(value, str):
        value = call.services.governing.read_value(body.knob, value)
    return policy.PolicyRule(
        body.knob, scope_of(body.scope), value, locked=body.locked, authority=body.authority,
        valid_from=None if body.valid_from is None else milliseconds(body.valid_from),
        valid_until=None if body.valid_until is None else milliseconds(body.valid_until),
    )  # fmt: skip


@api.post("/policy/rules", "Set a knob for a scope.", "policy.change", PolicyRuleCreate, cli="policy set knob value")
async def _set(call: Call) -> PolicyResult:
    governing, scope = call.services.governing, scope_of(call.body.scope)
    await call.may(scope)
    rule = rule_of(call, call.body)
    epoch = await governing.set_knob(call.actor, rule)
    shadows = [] if rule.dated else await governing.shadowing(scope, {rule.knob: rule.value})
    return PolicyResult(epoch, [rule_told(one) for one in await _visible(call, shadows)])


@api.delete("/policy/rules", "Remove a policy rule.", "policy.change", query=PolicyRuleQuery, cli="policy unset knob")
async def _unset(call: Call) -> PolicyEpoch:
    scope = scope_of(call.query.scope)
    await call.may(scope)
    return PolicyEpoch(await call.services.governing.unset_knob(call.actor, call.query.knob, scope))


@api.get("/policy/revisions", "Policy changes, newest first.", "policy.read", cli="policy history")
async def _revisions(call: Call) -> Page[PolicyRevision]:
    await call.holds()
    before, found = call.page.after_number, []
    staged = await call.services.policy_changes.changes(call.actor)
    reasons = {one.epoch: call.services.policy_changes.reason(one) for one in staged if one.epoch is not None}
    for one in await call.services.governing.revisions(1000):
        if before and one.epoch >= before:
            continue
        begun, ended = await _visible(call, one.begun), await _visible(call, one.ended)
        if begun or ended:
            found.append((one, begun, ended))
    return cut(found, lambda row: row[0].epoch, call.page, lambda row: _revision(*row, reasons.get(row[0].epoch, "")))


def _revision(
    one: policy.PolicyRevision, begun: list[policy.PolicyRule], ended: list[policy.PolicyRule], reason: str
) -> PolicyRevision:
    return PolicyRevision.from_row(
        one, reason=reason, begun=[rule_told(rule) for rule in begun], ended=[rule_told(rule) for rule in ended]
    )


@api.get("/policy/rollout", "Rollout of the newest policy.", "policy.read", cli="policy rollout")
async def _obedience(call: Call) -> PolicyRollout:
    """How far the newest epoch has come; names of processes are for who operates the installation."""
    await call.holds()
    found = await call.services.policy_acks.obedience()
    operates = await call.services.authority.may(call.actor, "policy.read", Scope("system"))
    behind = [f"{one.node}/{one.process}: epoch {one.epoch} {one.error}".strip() for one in found.lagging]
    return PolicyRollout(found.epoch, len(found.living), len(found.lagging), found.took_ms, behind if operates else [])


@api.post(
    "/policy/rollback", "Roll the policy back to an epoch.", "policy.change", PolicyRollbackRequest,
    cli="policy rollback epoch",
)  # fmt: skip
async def _return(call: Call) -> PolicyEpoch:
    await call.holds()
    return PolicyEpoch(await call.services.governing.return_to(call.actor, call.body.epoch))


@api.get("/policy/presets", "Policy presets.", "policy.read", cli="policy presets")
async def _presets(call: Call) -> Page[PolicyPreset]:
    await call.holds()
    rows, language = call.services.governing.presets().items(), call.language
    return part(
        rows, lambda row: row[0], call.page,
        lambda row: PolicyPreset(
            row[0], _words(language, f"preset.title.{row[0]}"), {knob: one.value for knob, one in row[1].items()},
            {knob: _words(language, one.reason) for knob, one in row[1].items()},
        ),
    )  # fmt: skip


@api.post(
    "/policy/presets/{name}/apply", "Apply a preset to a scope.", "policy.change", PolicyPresetApplyRequest,
    cli="policy preset",
)  # fmt: skip
async def _apply(call: Call) -> PolicyResult:
    scope, name, governing = scope_of(call.body.scope), call.path["name"], call.services.governing
    await call.may(scope)
    epoch = await governing.apply_preset(call.actor, name, scope, clear=call.body.clear)
    shadows = await _visible(call, await governing.preset_shadows(name, scope))
    return PolicyResult(epoch, [rule_told(one) for one in shadows])
