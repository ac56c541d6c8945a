"""/access-rules and /travel-exemptions: from where accounts may log in, and dated exceptions for travel.

A condition is a tree: {"all": [tree…]}, {"any": [tree…]}, {"not": tree} or a leaf, such as {"fact": "asn", "in": [64500]}.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from smartmail.domain import access
from smartmail.domain.access import Action, Mode, TravelPass, Window
from smartmail.domain.errors import Invalid
from smartmail.domain.policy import Level
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.policy import ScopeText, scope_of
from smartmail.edge.httpd.admin.resources.roles import OperationOutcome, outcome_told
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, milliseconds, part, time_of
from smartmail.service.identity.access.passes import ShownPass

Country = Annotated[str, Meta(pattern="^[A-Z]{2}$", examples=["KR"])]
Network = Annotated[str, Meta(min_length=2, max_length=50)]
Channel = Literal["web", "admin", "jmap", "imap", "pop3", "smtp", "sieve", "dav", "push", "links"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hour = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]


class AccessWindow(Output, frozen=True):
    """Hours and days (none: every day). `until` is exclusive; `zone` in minutes east of UTC."""

    since: str
    until: str
    days: list[str]
    zone: int


class AccessWindowCreate(Input, frozen=True):
    """Hours and days; with `until` not after `since` the window crosses midnight."""

    since: Hour
    until: Hour
    days: Annotated[list[Day], Meta(max_length=7)] = []  # noqa: RUF012 -- msgspec copies it
    zone: Annotated[int, Meta(ge=-840, le=840)] = 540


class AccessRule(Output, frozen=True):
    """An access rule: from where, when and by which access protocol accounts may log in."""

    id: Id
    scope: str
    action: str
    mode: str
    countries: list[str]
    channels: list[str]
    networks: list[str]
    window: AccessWindow | None
    condition: dict[str, Any] | None
    private: bool
    unknown: str
    locked: bool
    authority: str | None
    valid_from: Time | None
    valid_until: Time | None


class AccessRuleCreate(Input, frozen=True):
    """An access rule. `channels` empty: all; `networks` are always allowed; `unknown`: action if a rule about countries
    meets an unknown one, at most as strict as the rule itself; `authority`: the level that grants an exception.
    """

    scope: ScopeText
    action: Action = "deny"
    mode: Mode = "anywhere"
    countries: Annotated[list[Country], Meta(max_length=250)] = []  # noqa: RUF012 -- msgspec copies it
    networks: Annotated[list[Network], Meta(max_length=64)] = []  # noqa: RUF012
    channels: Annotated[list[Channel], Meta(max_length=10)] = []  # noqa: RUF012
    window: AccessWindowCreate | None = None
    condition: dict[str, Any] | None = None
    private: bool = False
    unknown: Action = "notify"
    locked: bool = False
    authority: Level | None = None
    valid_from: Time | None = None
    valid_until: Time | None = None


class AccessRuleQuery(Input, frozen=True):
    """`epoch`: the rules of a past policy epoch."""

    epoch: Count | None = None


class AccessRuleProposeRequest(AccessRuleCreate, frozen=True):
    """An access rule with a reason, for approval and audit."""

    reason: Annotated[str, Meta(max_length=1000)] = ""


class AccessRuleEndRequest(Input, frozen=True):
    """Why a rule is to be ended."""

    reason: Annotated[str, Meta(max_length=1000)] = ""


class AccessRuleDryRunLogin(Output, frozen=True):
    """A past login that a rule would decide differently."""

    login: str
    at: Time
    door: str
    address: str
    before: str
    after: str


class TravelExemption(Output, frozen=True):
    """Permission to sign in from a country for some days."""

    id: Id
    account_id: Id
    address: str
    country: str
    valid_from: Time
    valid_until: Time
    state: str
    reason: str


class TravelExemptionDecision(Input, frozen=True):
    """Whether it is granted."""

    granted: bool


class TravelExemptionState(Output, frozen=True):
    """The new state of a travel exemption."""

    id: Id
    state: str


api = Resource(asks="system")
_PASS = "/travel-exemptions/{id}"  # noqa: S105 -- a path


@api.get(
    "/access-rules", "Access rules.", "access.read", query=AccessRuleQuery, cli="access list",
    columns="id action scope mode countries channels networks window validUntil", asks="anywhere",
)  # fmt: skip
async def _rules(call: Call) -> Page[AccessRule]:
    _, rules = await call.services.access.rules.rules(call.actor, call.query.epoch)
    return part(rules, lambda one: one.id, call.page, rule_told)


@api.post(
    "/access-rules", "Create an access rule.", "access.change", AccessRuleCreate, status=201, cli="access new action",
    asks="handler",
)  # fmt: skip
async def _new(call: Call) -> AccessRule:
    rule = _asked(call.body)
    await call.may(rule.scope)
    return rule_told(await call.services.access.rules.new(call.actor, rule))


@api.post(
    "/access-rules/dry-run", "Dry run of an access rule against past logins.", "access.change", AccessRuleCreate,
    cli="access test action", asks="handler",
)  # fmt: skip
async def _rehearse(call: Call) -> Page[AccessRuleDryRunLogin]:
    rule = _asked(call.body)
    await call.may(rule.scope)
    hidden = await call.services.authority.masks(call.actor, "access.change", rule.scope)
    rows = await call.services.access.rules.rehearse(call.actor, rule)
    return Page([
        AccessRuleDryRunLogin.from_row(one, at=time_of(one.past.at), door=one.past.door, address="" if "login-address" in hidden else one.past.address)
        for one in rows
    ])  # fmt: skip


@api.post(
    "/access-rules/propose", "Create an access rule, with approval where policy requires it.", "access.change",
    AccessRuleProposeRequest, status=202, asks="handler",
)  # fmt: skip
async def _propose(call: Call) -> OperationOutcome:
    rule = _asked(call.body)
    await call.may(rule.scope)
    return outcome_told(await call.services.access.proposing.new(call.actor, rule, call.body.reason))


@api.post(
    "/access-rules/{id}/propose-end", "End an access rule, with approval where policy requires it.", "access.change",
    AccessRuleEndRequest, status=202, asks="anywhere",
)  # fmt: skip
async def _propose_end(call: Call) -> OperationOutcome:
    return outcome_told(await call.services.access.proposing.end(call.actor, call.number(), call.body.reason))


def _asked(body: AccessRuleCreate) -> access.AccessRule:
    window = body.window
    return access.AccessRule(
        scope_of(body.scope), body.action, body.mode, tuple(body.countries), tuple(body.channels), tuple(body.networks),
        None if window is None else Window(
            _minutes(window.since), _minutes(window.until), tuple(sorted({DAYS.index(one) for one in window.days})),
            window.zone,
        ),
        body.condition, private=body.private, unknown=body.unknown, locked=body.locked, authority=body.authority,
        valid_from=None if body.valid_from is None else milliseconds(body.valid_from),
        valid_until=None if body.valid_until is None else milliseconds(body.valid_until),
    )  # fmt: skip


def _minutes(hour: str) -> int:
    if len(hour) != 5:
        raise Invalid("an hour is written 09:00", reason="hour.form")
    return int(hour[:2]) * 60 + int(hour[3:])


@api.delete("/access-rules/{id}", "End an access rule.", "access.change", cli="access end", asks="anywhere")
async def _end(call: Call) -> None:
    await call.services.access.rules.end(call.actor, call.number())


@api.get("/travel-exemptions", "Travel exemptions.", "pass.decide", cli="access passes", asks="anywhere")
async def _passes(call: Call) -> Page[TravelExemption]:
    rows = await call.services.access.passes.of(call.actor, call.home)
    return part(rows, lambda one: one.row.id, call.page, _pass)


@api.post(
    f"{_PASS}/decide", "Grant or decline a travel exemption.", "pass.decide", TravelExemptionDecision,
    cli=("access grant granted=true", "access refuse granted=false"), asks="anywhere",
)  # fmt: skip
async def _decide(call: Call) -> TravelExemptionState:
    return _state(await call.services.access.passes.decide(call.actor, call.number(), granted=call.body.granted))


@api.post(f"{_PASS}/withdraw", "Revoke a travel exemption.", "pass.decide", cli="access withdraw", asks="anywhere")
async def _withdraw(call: Call) -> TravelExemptionState:
    return _state(await call.services.access.passes.withdraw(call.actor, call.number()))


def rule_told(one: access.AccessRule) -> AccessRule:
    """Return a rule as it is told."""
    return AccessRule.from_row(
        one,
        scope=f"{one.scope.level}:{one.scope.subject}".rstrip(":"),
        window=None if one.window is None else _window(one.window),
    )


def _window(one: Window) -> AccessWindow:
    since, until = (f"{minute // 60:02}:{minute % 60:02}" for minute in (one.since, one.until))
    return AccessWindow(since, until, [DAYS[day] for day in one.days], one.zone)


def _pass(one: ShownPass) -> TravelExemption:
    row = one.row
    return TravelExemption.from_row(row, address=one.login, reason=one.reason)


def _state(row: TravelPass) -> TravelExemptionState:
    return TravelExemptionState(str(row.id), row.state)
