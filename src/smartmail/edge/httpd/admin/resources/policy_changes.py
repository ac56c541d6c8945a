"""/policy-changes: changes of the policy that are made, shown to another administrator, and applied at their time."""

from typing import Annotated, Any

from msgspec import Meta

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.policy_changes import PolicyChange, Unset
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.policy import RuleSet, RuleTold, RuleWhere, rule_told, scope_of
from smartmail.edge.httpd.admin.shapes import (
    Asked,
    Count,
    Id,
    Page,
    Time,
    Told,
    milliseconds,
    part,
    time_of,
    time_or_none,
)


class ChangeTold(Told, frozen=True):
    """A change that waits, or what became of it."""

    id: Id
    state: str
    author: str
    reason: str
    made_at: Time
    apply_at: Time | None
    begin: list[RuleTold]
    unset: list[str]


class ChangeNew(Asked, frozen=True):
    """A change to be made as a draft; `applyAt` null: as soon as somebody applies it."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    begin: Annotated[list[RuleSet], Meta(max_length=200)] = []  # noqa: RUF012 -- msgspec copies it
    unset: Annotated[list[RuleWhere], Meta(max_length=200)] = []  # noqa: RUF012
    apply_at: Time | None = None


class LineTold(Told, frozen=True):
    """One line of what a change does."""

    knob: str
    scope: str
    before: Any
    after: Any


class ShiftTold(Told, frozen=True):
    """For whom what would change."""

    account_id: Id
    login: str
    knob: str
    before: Any
    after: Any


class RehearsalTold(Told, frozen=True):
    """What a change would do: for how many of `accounts` a value changes; which past logins and sends would differ."""

    accounts: Count
    changed: Count
    by_knob: dict[str, int]
    examples: list[ShiftTold]
    decisions: Count
    differently: Count


class Submission(Asked, frozen=True):
    """Let a draft go on; `ask`: to another administrator even where none has to agree."""

    ask: bool = False


def _rule(one: RuleSet) -> PolicyRule:
    return PolicyRule(
        one.knob, scope_of(one.scope), tuple(one.value) if isinstance(one.value, list) else one.value,
        locked=one.locked, valid_from=None if one.valid_from is None else milliseconds(one.valid_from),
        valid_until=None if one.valid_until is None else milliseconds(one.valid_until),
    )  # fmt: skip


async def _list(call: Call) -> Page[ChangeTold]:
    await call.holds()
    rows = await call.services.policy_changes.changes(call.actor)
    return part(rows, lambda one: one.id, call.page, lambda one: _told(call, one))


async def _get(call: Call) -> ChangeTold:
    await call.holds()
    return _told(call, await call.services.policy_changes.change(call.actor, call.number()))


async def _difference(call: Call) -> Page[LineTold]:
    await call.holds()
    change = await call.services.policy_changes.change(call.actor, call.number())
    lines = enumerate(await call.services.policy_changes.difference(change), 1)
    return part(
        lines, lambda row: row[0], call.page,
        lambda row: LineTold(
            row[1].knob, f"{row[1].scope.level}:{row[1].scope.subject}".rstrip(":"), row[1].before, row[1].after
        ),
    )  # fmt: skip


async def _rehearse(call: Call) -> RehearsalTold:
    await call.holds()
    change = await call.services.policy_changes.change(call.actor, call.number())
    home = change.organization_id
    scope = Scope("system") if home is None else Scope("organization", str(home))
    whole = await call.services.authority.may(call.actor, "policy.read", scope)
    service = call.services.rehearsals
    told = await service.rehearse(change.begin, change.unset, organization_id=home, at=change.apply_at)
    past = await service.replay(change.begin, change.unset, organization_id=home)
    examples = [ShiftTold(str(one.account_id), one.login, one.knob, one.before, one.after) for one in told.examples]
    if not whole:
        # Who administers a part is shown those of the part; the counts are of all that the change is for.
        examples = [
            one for one in examples
            if await call.services.authority.may(call.actor, "policy.read", Scope("account", one.account_id))
        ]  # fmt: skip
    return RehearsalTold(told.asked, told.changed, dict(told.by_knob), examples, past.looked_at, past.differently)


async def _stage(call: Call) -> ChangeTold:
    await call.holds()
    body = call.body
    at = None if body.apply_at is None else milliseconds(body.apply_at)
    unset = [Unset(one.knob, scope_of(one.scope)) for one in body.unset]
    made = call.services.policy_changes.stage(call.actor, [_rule(one) for one in body.begin], unset, body.reason, at)
    return _told(call, await made)


async def _submit(call: Call) -> ChangeTold:
    await call.holds()
    return _told(call, await call.services.policy_changes.submit(call.actor, call.number(), ask=call.body.ask))


async def _approve(call: Call) -> ChangeTold:
    await call.holds()
    return _told(call, await call.services.policy_changes.approve(call.actor, call.number()))


async def _refuse(call: Call) -> None:
    await call.holds()
    await call.services.policy_changes.refuse(call.actor, call.number())


async def _withdraw(call: Call) -> None:
    await call.holds()
    await call.services.policy_changes.withdraw(call.actor, call.number())


def _told(call: Call, one: PolicyChange) -> ChangeTold:
    return ChangeTold(
        str(one.id), one.state, one.author, call.services.policy_changes.reason(one), time_of(one.made_at),
        time_or_none(one.apply_at), [rule_told(rule) for rule in one.begin],
        [f"{gone.knob} {gone.scope.level}:{gone.scope.subject}".rstrip(":") for gone in one.unset],
    )  # fmt: skip


_ONE = "/policy-changes/{id}"
OPERATIONS = (
    Operation("GET", "/policy-changes", "Staged changes.", _list, "policy.read", Page[ChangeTold], paged=True),
    Operation("POST", "/policy-changes", "Make a draft.", _stage, "policy.change", ChangeTold, ChangeNew, status=201),
    Operation("GET", _ONE, "One change.", _get, "policy.read", ChangeTold),
    Operation("GET", f"{_ONE}/difference", "What it does.", _difference, "policy.read", Page[LineTold], paged=True),
    Operation("POST", f"{_ONE}/rehearsal", "What it would do, and to whom.", _rehearse, "policy.read", RehearsalTold),
    Operation("POST", f"{_ONE}/submit", "Let it go on.", _submit, "policy.change", ChangeTold, Submission),
    Operation("POST", f"{_ONE}/approve", "Agree.", _approve, "policy.change", ChangeTold),
    Operation("POST", f"{_ONE}/refuse", "Refuse.", _refuse, "policy.change"),
    Operation("POST", f"{_ONE}/withdraw", "Take it back.", _withdraw, "policy.change"),
)
