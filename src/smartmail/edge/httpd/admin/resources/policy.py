"""/policy: knobs, rules, revisions, presets, and the return to an earlier epoch.

A scope is written `system`, or LEVEL:ID: `organization:1`, `domain:a.example`, `department:1:Sales`, `group:3`, `account:7`.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from smartmail.base.i18n import translate
from smartmail.domain.errors import Invalid
from smartmail.domain.policy import LEVELS, PolicyRevision, PolicyRule, Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import (
    Asked,
    Count,
    Page,
    Time,
    Told,
    cut,
    milliseconds,
    part,
    time_of,
    time_or_none,
)

ScopeText = Annotated[str, Meta(min_length=1, max_length=300, examples=["organization:1"])]
KnobName = Annotated[str, Meta(min_length=1, max_length=100, examples=["quota.octets"])]


class KnobTold(Told, frozen=True):
    """One thing that policy decides. `help`: what it does, in the reader's language; `zeroIsNone`: 0 is no limit."""

    name: str
    default: Any
    levels: list[str]
    help: str
    kind: Literal["flag", "count", "choice", "names", "networks", "text"]
    choices: list[str]
    least: int | None
    most: int | None
    zero_is_none: bool


class RuleTold(Told, frozen=True):
    """A knob set for a scope; with `validUntil` a dated exception."""

    knob: str
    scope: str
    value: Any
    locked: bool
    valid_from: Time | None
    valid_until: Time | None


class RuleSet(Asked, frozen=True):
    """A rule to begin; it replaces what the scope had, unless it is dated. `value` as the knob's kind has it."""

    knob: KnobName
    scope: ScopeText
    value: bool | int | str | list[str]
    locked: bool = False
    valid_from: Time | None = None
    valid_until: Time | None = None


class RuleWhere(Asked, frozen=True):
    """A rule by its knob and scope."""

    knob: KnobName
    scope: ScopeText


class Epoch(Told, frozen=True):
    """The number of the policy as it is from now on."""

    epoch: Count


class EpochAsked(Asked, frozen=True):
    """The number of an earlier policy."""

    epoch: Annotated[int, Meta(ge=0, le=1 << 53)]


class RevisionTold(Told, frozen=True):
    """One change of the policy; rules of others' scopes are left out."""

    epoch: Count
    at: Time
    actor: str
    action: str
    reason: str
    begun: list[RuleTold]
    ended: list[RuleTold]


class ObedienceTold(Told, frozen=True):
    """How many processes there are, how many lag behind, and how long it took all to obey (null: not yet known)."""

    epoch: Count
    processes: Count
    lagging: Count
    took_ms: int | None


class PresetTold(Told, frozen=True):
    """Values that belong together, each with its reason in the reader's language."""

    name: str
    title: str
    values: dict[str, Any]
    reasons: dict[str, str]


class PresetWhere(Asked, frozen=True):
    """Where a preset shall hold. `clear`: rules of narrower scopes that say otherwise end."""

    scope: ScopeText
    clear: bool = False


class PresetApplied(Told, frozen=True):
    """The number of the policy as it is from now on, and the rules of narrower scopes that say otherwise than the preset:
    where they hold it does not.
    """

    epoch: Count
    shadowed: list[RuleTold]


def rule_told(rule: PolicyRule) -> RuleTold:
    """Return a rule as it is told."""
    where = rule.scope.level if rule.scope.level == "system" else f"{rule.scope.level}:{rule.scope.subject}"
    return RuleTold(
        rule.knob, where, rule.value, rule.locked, time_or_none(rule.valid_from), time_or_none(rule.valid_until),
    )  # fmt: skip


def scope_of(text: str) -> Scope:
    """Return the scope of a text. Raises Invalid."""
    level, _, subject = text.partition(":")
    known = next((one for one in LEVELS if one == level), None)
    if known is None or (known == "system") == bool(subject):
        raise Invalid(f"a scope is system or LEVEL:ID, LEVEL one of {', '.join(LEVELS[1:])}")
    return Scope(known, subject)


async def _knobs(call: Call) -> Page[KnobTold]:
    await call.services.authority.organization(call.actor, "policy.read")
    call.touched = True
    rows = call.services.governing.knobs()
    return part(rows, lambda one: one.name, call.page, lambda one: _knob(one, call.language))


def _knob(one: Any, language: str) -> KnobTold:
    kind = one.kind
    name = type(kind).__name__.lower()
    return KnobTold(
        one.name, one.default, list(one.levels), _words(language, one.help_key),
        name if name in {"flag", "count", "choice", "names", "networks"} else "text",  # type: ignore[arg-type]
        list(getattr(kind, "words", ()) or getattr(kind, "names", ())), getattr(kind, "least", None),
        getattr(kind, "most", None), bool(getattr(kind, "zero_is_none", False)),
    )  # fmt: skip


def _words(language: str, key: str) -> str:
    """Return a text, "" where there is none."""
    try:
        return translate(language, key)
    except KeyError:
        return ""


async def _visible(call: Call, rules: "tuple[PolicyRule, ...] | list[PolicyRule]") -> list[PolicyRule]:
    """What holds for the system holds for everybody; other rules are for who may read them there."""
    may = call.services.authority.may
    return [one for one in rules if one.scope.level == "system" or await may(call.actor, "policy.read", one.scope)]


async def _rules(call: Call) -> Page[RuleTold]:
    await call.services.authority.organization(call.actor, "policy.read")
    call.touched = True
    _, rules = await call.services.governing.rules()
    return part(await _visible(call, rules), lambda one: one.id, call.page, rule_told)


async def _set(call: Call) -> Epoch:
    body, scope = call.body, scope_of(call.body.scope)
    await call.may(scope)
    rule = PolicyRule(
        body.knob, scope, tuple(body.value) if isinstance(body.value, list) else body.value, locked=body.locked,
        valid_from=None if body.valid_from is None else milliseconds(body.valid_from),
        valid_until=None if body.valid_until is None else milliseconds(body.valid_until),
    )  # fmt: skip
    return Epoch(await call.services.governing.set_knob(call.actor, rule))


async def _unset(call: Call) -> Epoch:
    scope = scope_of(call.query.scope)
    await call.may(scope)
    return Epoch(await call.services.governing.unset_knob(call.actor, call.query.knob, scope))


async def _revisions(call: Call) -> Page[RevisionTold]:
    await call.services.authority.organization(call.actor, "policy.read")
    call.touched = True
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


def _revision(one: PolicyRevision, begun: list[PolicyRule], ended: list[PolicyRule], reason: str) -> RevisionTold:
    return RevisionTold(
        one.epoch, time_of(one.at), one.actor, one.action, reason, [rule_told(rule) for rule in begun],
        [rule_told(rule) for rule in ended],
    )  # fmt: skip


async def _obedience(call: Call) -> ObedienceTold:
    """How far the newest epoch has come; names of processes are the installation's, so only counts are told."""
    await call.services.authority.organization(call.actor, "policy.read")
    call.touched = True
    found = await call.services.policy_acks.obedience()
    return ObedienceTold(found.epoch, len(found.living), len(found.lagging), found.took_ms)


async def _return(call: Call) -> Epoch:
    await call.holds()
    return Epoch(await call.services.governing.return_to(call.actor, call.body.epoch))


async def _presets(call: Call) -> Page[PresetTold]:
    await call.services.authority.organization(call.actor, "policy.read")
    call.touched = True
    rows, language = call.services.governing.presets().items(), call.language
    return part(
        rows, lambda row: row[0], call.page,
        lambda row: PresetTold(
            row[0], _words(language, f"preset.title.{row[0]}"), {knob: one.value for knob, one in row[1].items()},
            {knob: _words(language, one.reason) for knob, one in row[1].items()},
        ),
    )  # fmt: skip


async def _apply(call: Call) -> PresetApplied:
    scope, name, governing = scope_of(call.body.scope), call.path["name"], call.services.governing
    await call.may(scope)
    epoch = await governing.apply_preset(call.actor, name, scope, clear=call.body.clear)
    shadows = await _visible(call, await governing.preset_shadows(name, scope))
    return PresetApplied(epoch, [rule_told(one) for one in shadows])


OPERATIONS = (
    Operation("GET", "/policy/knobs", "What policy decides.", _knobs, "policy.read", Page[KnobTold], paged=True),
    Operation("GET", "/policy/rules", "Rules in force.", _rules, "policy.read", Page[RuleTold], paged=True),
    Operation("POST", "/policy/rules", "Set a knob for a scope.", _set, "policy.change", Epoch, RuleSet),
    Operation("DELETE", "/policy/rules", "Take a rule back.", _unset, "policy.change", Epoch, query=RuleWhere),
    Operation(
        "GET", "/policy/revisions", "Changes, newest first.", _revisions, "policy.read", Page[RevisionTold], paged=True,
    ),
    Operation("GET", "/policy/obedience", "How far the newest epoch is.", _obedience, "policy.read", ObedienceTold),
    Operation("POST", "/policy/return", "Go back to an epoch.", _return, "policy.change", Epoch, EpochAsked),
    Operation("GET", "/policy/presets", "Presets.", _presets, "policy.read", Page[PresetTold], paged=True),
    Operation(
        "POST", "/policy/presets/{name}/apply", "Let a scope start from a preset.", _apply, "policy.change",
        PresetApplied, PresetWhere,
    ),
)  # fmt: skip
