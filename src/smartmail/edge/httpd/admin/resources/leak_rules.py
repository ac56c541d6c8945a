"""/leak-rules: which mail must not leave as it is, and the detectors that rules can name.

A condition is a tree: {"all": [tree…]}, {"any": [tree…]}, {"not": tree} or a leaf, such as
{"fact": "finding", "in": ["kr.rrn"], "least": 1}. An action is written KIND, `delay:MINUTES`, `approve:LINE`,
`review:LINE` (it leaves and is decided on afterwards) or `copy:ADDRESS`.
"""

from typing import Annotated, Any

from msgspec import Meta

from smartmail.domain import leaks
from smartmail.domain.errors import Invalid
from smartmail.domain.leaks import Direction, Exit, LeakAction, Stage
from smartmail.domain.policy import Level
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.policy import ScopeText, scope_of
from smartmail.edge.httpd.admin.resources.roles import OperationOutcome, outcome_told
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, cut, milliseconds, part
from smartmail.service.protection.leaks import DETECTORS, ready_rules

ActionText = Annotated[str, Meta(min_length=3, max_length=320, examples=["block"])]
RuleName = Annotated[str, Meta(min_length=1, max_length=100)]
Condition = Annotated[dict[str, Any], Meta(examples=[{"fact": "finding", "in": ["kr.rrn"]}])]


class LeakRule(Output, frozen=True):
    """A leak rule: which mail must not leave as it is. `exits` empty: all; `stage` log: matches are recorded, nothing else."""

    id: Id
    name: str
    scope: str
    direction: str
    exits: list[str]
    condition: dict[str, Any]
    actions: list[str]
    priority: int
    stage: str
    message: str
    locked: bool
    authority: str | None
    valid_from: Time | None
    valid_until: Time | None


class LeakRuleCreate(Input, frozen=True):
    """A leak rule. `message`: what the sender reads; `priority`: among equally strict rules the smallest is named; a rule with
    `actions` pass and `validUntil` is an exception, granted at the level `authority`.
    """

    name: RuleName
    scope: ScopeText
    condition: Condition
    actions: Annotated[list[ActionText], Meta(min_length=1, max_length=8)]
    direction: Direction = "out"
    exits: Annotated[list[Exit], Meta(max_length=12)] = []  # noqa: RUF012 -- msgspec copies it
    priority: Annotated[int, Meta(ge=0, le=10000)] = 100
    stage: Stage = "log"
    message: Annotated[str, Meta(max_length=1000)] = ""
    locked: bool = False
    authority: Level | None = None
    valid_from: Time | None = None
    valid_until: Time | None = None


class LeakRuleQuery(Input, frozen=True):
    """`epoch`: the rules of a past policy epoch."""

    epoch: Count | None = None


class LeakRevision(Output, frozen=True):
    """A change of leak rules, without those of scopes that the reader may not see."""

    epoch: Count
    at: Time
    actor: str
    action: str
    begun: list[LeakRule]
    ended: list[LeakRule]


class LeakRuleProposeRequest(LeakRuleCreate, frozen=True):
    """A leak rule with a reason, for approval and audit."""

    reason: Annotated[str, Meta(max_length=1000)] = ""


class LeakRuleEndRequest(Input, frozen=True):
    """Why a rule is to be ended."""

    reason: Annotated[str, Meta(max_length=1000)] = ""


class LeakRuleStage(Input, frozen=True):
    """Whether a rule acts (on) or only records its matches (log)."""

    stage: Stage


class LeakRuleReady(Input, frozen=True):
    """For whom the prepared rules for personal information are created."""

    scope: ScopeText


class LeakDetector(Output, frozen=True):
    """A detector that a condition can name."""

    name: str


api = Resource(asks="anywhere")


@api.get(
    "/leak-rules", "Leak rules.", "leak.read", query=LeakRuleQuery, cli="leak-rule list",
    columns="id name scope direction stage actions priority validUntil",
)  # fmt: skip
async def _rules(call: Call) -> Page[LeakRule]:
    _, rules = await call.services.leaks.rules.rules(call.actor, call.query.epoch)
    return part(rules, lambda one: one.id, call.page, _rule)


@api.get(
    "/leak-rules/revisions", "Changes of leak rules, newest first.", "leak.read", cli="leak-rule history",
    columns="epoch at actor action",
)  # fmt: skip
async def _revisions(call: Call) -> Page[LeakRevision]:
    page = call.page
    rows = [
        one for one in await call.services.leaks.rules.revisions(call.actor) if not 0 < page.after_number <= one.epoch
    ]
    return cut(rows, lambda one: one.epoch, page, _revision)


@api.get(
    "/leak-detectors", "Detectors that leak rules can name.", "leak.read", cli="leak-rule detectors", columns="name"
)
async def _detectors(call: Call) -> Page[LeakDetector]:
    return part(sorted(DETECTORS), lambda one: one, call.page, LeakDetector)


@api.post(
    "/leak-rules", "Create a leak rule.", "leak.change", LeakRuleCreate, status=201, cli="leak-rule new name actions",
    asks="handler",
)  # fmt: skip
async def _new(call: Call) -> LeakRule:
    rule = rule_of(call.body)
    await call.may(rule.scope)
    [made] = await call.services.leaks.rules.new(call.actor, rule)
    return _rule(made)


@api.post(
    "/leak-rules/propose", "Create a leak rule, with approval where policy requires it.", "leak.change",
    LeakRuleProposeRequest, status=202, asks="handler",
)  # fmt: skip
async def _propose(call: Call) -> OperationOutcome:
    rule = rule_of(call.body)
    await call.may(rule.scope)
    return outcome_told(await call.services.leaks.proposing.new(call.actor, rule, call.body.reason))


@api.post(
    "/leak-rules/ready", "Create the prepared rules for personal information, in stage log.", "leak.change", LeakRuleReady,
    status=201, cli="leak-rule ready", asks="handler",
)  # fmt: skip
async def _ready(call: Call) -> Page[LeakRule]:
    scope = scope_of(call.body.scope)
    await call.may(scope)
    made = await call.services.leaks.rules.new(call.actor, *ready_rules(scope, call.language))
    return Page([_rule(one) for one in made])


@api.post(
    "/leak-rules/{id}/stage", "Let a leak rule act, or only record its matches.", "leak.change", LeakRuleStage,
    cli=("leak-rule on stage=on", "leak-rule log stage=log"),
)  # fmt: skip
async def _stage(call: Call) -> LeakRule:
    return _rule(await call.services.leaks.rules.turn(call.actor, call.number(), call.body.stage))


@api.post(
    "/leak-rules/{id}/propose-change", "Replace a leak rule, with approval where policy requires it.", "leak.change",
    LeakRuleProposeRequest, status=202,
)  # fmt: skip
async def _propose_change(call: Call) -> OperationOutcome:
    proposing = call.services.leaks.proposing
    return outcome_told(await proposing.change(call.actor, call.number(), rule_of(call.body), call.body.reason))


@api.post(
    "/leak-rules/{id}/propose-end", "End a leak rule, with approval where policy requires it.", "leak.change",
    LeakRuleEndRequest, status=202,
)  # fmt: skip
async def _propose_end(call: Call) -> OperationOutcome:
    return outcome_told(await call.services.leaks.proposing.end(call.actor, call.number(), call.body.reason))


@api.delete("/leak-rules/{id}", "End a leak rule.", "leak.change", cli="leak-rule end")
async def _end(call: Call) -> None:
    await call.services.leaks.rules.end(call.actor, call.number())


def rule_of(body: LeakRuleCreate) -> leaks.LeakRule:
    """Return the rule that is asked for. Raises Invalid."""
    return leaks.LeakRule(
        scope_of(body.scope), body.name, body.condition, tuple(_action(one) for one in body.actions), body.direction,
        tuple(body.exits), body.priority, body.stage, body.message, body.locked, body.authority,
        None if body.valid_from is None else milliseconds(body.valid_from),
        None if body.valid_until is None else milliseconds(body.valid_until),
    )  # fmt: skip


def _action(text: str) -> LeakAction:
    """Return an action from how it is written. Raises Invalid."""
    kind, _, value = text.partition(":")
    known = next((one for one in leaks.ACTIONS if one == kind), None)
    if (
        known is None
        or (kind == "delay" and not value.isdecimal())
        or (value and kind not in {"delay", "approve", "review", "copy"})
    ):
        raise Invalid(f"{text!r} is no action: {', '.join(leaks.ACTIONS)}", reason="leak.form")
    if known == "delay":
        return LeakAction(known, minutes=int(value[:9]))
    return LeakAction(
        known, line=value if known in {"approve", "review"} else "", address=value if known == "copy" else ""
    )


def action_written(one: LeakAction) -> str:
    """Return an action as it is written."""
    value = one.line or one.address or (str(one.minutes) if one.minutes else "")
    return f"{one.kind}:{value}" if value else one.kind


def _rule(one: leaks.LeakRule) -> LeakRule:
    return LeakRule.from_row(
        one,
        scope=f"{one.scope.level}:{one.scope.subject}".rstrip(":"),
        actions=[action_written(each) for each in one.actions],
    )


def _revision(one: leaks.LeakRevision) -> LeakRevision:
    return LeakRevision.from_row(
        one, begun=[_rule(rule) for rule in one.begun], ended=[_rule(rule) for rule in one.ended]
    )
