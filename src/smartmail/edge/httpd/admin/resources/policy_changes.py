"""/policy-changes: staged changes of the policy: drafted, approved, applied at their time."""

from typing import Annotated, Any

from msgspec import Meta

from smartmail.domain.policy import Scope
from smartmail.domain.policy_changes import PolicyChange, Unset
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.policy import (
    PolicyRule,
    PolicyRuleCreate,
    PolicyRuleQuery,
    rule_of,
    rule_told,
    scope_of,
)
from smartmail.edge.httpd.admin.shapes import (
    Count,
    Id,
    Input,
    Output,
    Page,
    Time,
    milliseconds,
    part,
)


class StagedChange(Output, frozen=True):
    """A staged change and its state."""

    id: Id
    state: str
    author: str
    reason: str
    made_at: Time
    apply_at: Time | None
    begin: list[PolicyRule]
    unset: list[str]


class StagedChangeCreate(Input, frozen=True):
    """A staged change to create as a draft. `applyAt` null: when it is applied by hand."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    begin: Annotated[list[PolicyRuleCreate], Meta(max_length=200)] = []  # noqa: RUF012 -- msgspec copies it
    unset: Annotated[list[PolicyRuleQuery], Meta(max_length=200)] = []  # noqa: RUF012
    apply_at: Time | None = None


class StagedChangeLine(Output, frozen=True):
    """One line of the difference that a change makes."""

    knob: str
    scope: str
    before: Any
    after: Any


class EffectiveValueChange(Output, frozen=True):
    """A changed value for an account."""

    account_id: Id
    login: str
    knob: str
    before: Any
    after: Any


class StagedChangeDryRun(Output, frozen=True):
    """Effect of a change: for how many of `accounts` a value changes, and which past logins and messages would be
    decided differently.
    """

    accounts: Count
    changed: Count
    by_knob: dict[str, int]
    examples: list[EffectiveValueChange]
    decisions: Count
    differently: Count


class StagedChangeSubmitRequest(Input, frozen=True):
    """Submit a draft. `ask`: request approval of another administrator even if none is required."""

    ask: bool = False


api = Resource(asks="anywhere")
_ONE = "/policy-changes/{id}"


@api.get(
    "/policy-changes", "Staged changes.", "policy.read", cli="policy changes",
    columns="id state author reason madeAt applyAt",
)  # fmt: skip
async def _list(call: Call) -> Page[StagedChange]:
    rows = await call.services.policy_changes.changes(call.actor)
    return part(rows, lambda one: one.id, call.page, lambda one: _told(call, one))


@api.post("/policy-changes", "Create a staged change as a draft.", "policy.change", StagedChangeCreate, status=201)
async def _stage(call: Call) -> StagedChange:
    body = call.body
    at = None if body.apply_at is None else milliseconds(body.apply_at)
    unset = [Unset(one.knob, scope_of(one.scope)) for one in body.unset]
    made = call.services.policy_changes.stage(
        call.actor, [rule_of(call, one) for one in body.begin], unset, body.reason, at
    )
    return _told(call, await made)


@api.get(_ONE, "One staged change.", "policy.read", cli="policy change")
async def _get(call: Call) -> StagedChange:
    return _told(call, await call.services.policy_changes.change(call.actor, call.number()))


@api.get(f"{_ONE}/difference", "Difference that a staged change makes.", "policy.read", cli="policy difference")
async def _difference(call: Call) -> Page[StagedChangeLine]:
    change = await call.services.policy_changes.change(call.actor, call.number())
    lines = enumerate(await call.services.policy_changes.difference(change), 1)
    return part(
        lines, lambda row: row[0], call.page,
        lambda row: StagedChangeLine(
            row[1].knob, f"{row[1].scope.level}:{row[1].scope.subject}".rstrip(":"), row[1].before, row[1].after
        ),
    )  # fmt: skip


@api.post(f"{_ONE}/dry-run", "Dry run of a staged change.", "policy.read")
async def _rehearse(call: Call) -> StagedChangeDryRun:
    change = await call.services.policy_changes.change(call.actor, call.number())
    home = change.organization_id
    scope = Scope("system") if home is None else Scope("organization", str(home))
    whole = await call.services.authority.may(call.actor, "policy.read", scope)
    service = call.services.rehearsals
    told = await service.rehearse(change.begin, change.unset, organization_id=home, at=change.apply_at)
    past = await service.replay(change.begin, change.unset, organization_id=home)
    examples = [EffectiveValueChange.from_row(one) for one in told.examples]
    if not whole:
        # Who administers a part is shown those of the part; the counts are of all that the change is for.
        examples = [
            one for one in examples
            if await call.services.authority.may(call.actor, "policy.read", Scope("account", one.account_id))
        ]  # fmt: skip
    return StagedChangeDryRun(told.asked, told.changed, dict(told.by_knob), examples, past.looked_at, past.differently)


@api.post(f"{_ONE}/submit", "Submit a staged change.", "policy.change", StagedChangeSubmitRequest, cli="policy submit")
async def _submit(call: Call) -> StagedChange:
    return _told(call, await call.services.policy_changes.submit(call.actor, call.number(), ask=call.body.ask))


@api.post(f"{_ONE}/approve", "Approve a staged change.", "policy.change", cli="policy approve")
async def _approve(call: Call) -> StagedChange:
    return _told(call, await call.services.policy_changes.approve(call.actor, call.number()))


@api.post(f"{_ONE}/refuse", "Decline a staged change.", "policy.change", cli="policy refuse")
async def _refuse(call: Call) -> None:
    await call.services.policy_changes.refuse(call.actor, call.number())


@api.post(f"{_ONE}/withdraw", "Withdraw a staged change.", "policy.change", cli="policy withdraw")
async def _withdraw(call: Call) -> None:
    await call.services.policy_changes.withdraw(call.actor, call.number())


def _told(call: Call, one: PolicyChange) -> StagedChange:
    return StagedChange.from_row(
        one,
        reason=call.services.policy_changes.reason(one),
        begin=[rule_told(rule) for rule in one.begin],
        unset=[f"{gone.knob} {gone.scope.level}:{gone.scope.subject}".rstrip(":") for gone in one.unset],
    )
