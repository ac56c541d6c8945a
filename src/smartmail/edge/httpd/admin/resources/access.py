"""/access-rules and /travel-passes: who may come in from where, and leave to come in from elsewhere for some days.

A condition is a tree: {"all": [tree…]}, {"any": [tree…]}, {"not": tree} or a leaf, such as {"fact": "asn", "in": [64500]}.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from smartmail.domain.access import AccessRule, Action, Mode, TravelPass, Window
from smartmail.domain.errors import Invalid
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.policy import ScopeText, scope_of
from smartmail.edge.httpd.admin.resources.roles import OutcomeTold, outcome_told
from smartmail.edge.httpd.admin.shapes import Asked, Id, Page, Time, Told, milliseconds, part, time_of, time_or_none
from smartmail.service.access.passes import ShownPass

Country = Annotated[str, Meta(pattern="^[A-Z]{2}$", examples=["KR"])]
Network = Annotated[str, Meta(min_length=2, max_length=50)]
Channel = Literal["web", "admin", "jmap", "imap", "pop3", "smtp", "sieve", "dav", "push", "links"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hour = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]


class WindowTold(Told, frozen=True):
    """Hours of days (none: every day), `until` excluded; `zone` in minutes east of UTC."""

    since: str
    until: str
    days: list[str]
    zone: int


class WindowAsked(Asked, frozen=True):
    """The same; with `until` not after `since` it goes over midnight."""

    since: Hour
    until: Hour
    days: Annotated[list[Day], Meta(max_length=7)] = []  # noqa: RUF012 -- msgspec copies it
    zone: Annotated[int, Meta(ge=-840, le=840)] = 540


class AccessRuleTold(Told, frozen=True):
    """A rule of who may come in from where."""

    id: Id
    scope: str
    action: str
    mode: str
    countries: list[str]
    channels: list[str]
    networks: list[str]
    window: WindowTold | None
    condition: dict[str, Any] | None
    private: bool
    unknown: str
    locked: bool
    valid_from: Time | None
    valid_until: Time | None


class AccessRuleNew(Asked, frozen=True):
    """A rule to begin. `channels` empty: all; `networks` are exceptions that it always allows; `unknown`: what a rule about
    countries does where none is known, at most its own action.
    """

    scope: ScopeText
    action: Action = "deny"
    mode: Mode = "anywhere"
    countries: Annotated[list[Country], Meta(max_length=250)] = []  # noqa: RUF012 -- msgspec copies it
    networks: Annotated[list[Network], Meta(max_length=64)] = []  # noqa: RUF012
    channels: Annotated[list[Channel], Meta(max_length=10)] = []  # noqa: RUF012
    window: WindowAsked | None = None
    condition: dict[str, Any] | None = None
    private: bool = False
    unknown: Action = "notify"
    locked: bool = False
    valid_from: Time | None = None
    valid_until: Time | None = None


class AccessRuleProposed(AccessRuleNew, frozen=True):
    """The same with why, for a second person and the audit."""

    reason: Annotated[str, Meta(max_length=1000)] = ""


class EndProposed(Asked, frozen=True):
    """Why a rule shall end."""

    reason: Annotated[str, Meta(max_length=1000)] = ""


class RehearsedTold(Told, frozen=True):
    """A login of the past that a rule would decide otherwise."""

    login: str
    at: Time
    door: str
    address: str
    before: str
    after: str


class PassTold(Told, frozen=True):
    """Leave to come in from a country for some days."""

    id: Id
    account_id: Id
    address: str
    country: str
    valid_from: Time
    valid_until: Time
    state: str
    reason: str


class Granting(Asked, frozen=True):
    """Whether it is granted."""

    granted: bool


class PassState(Told, frozen=True):
    """What became of a pass."""

    id: Id
    state: str


async def _rules(call: Call) -> Page[AccessRuleTold]:
    await call.holds()
    _, rules = await call.services.access.rules.rules(call.actor)
    return part(rules, lambda one: one.id, call.page, rule_told)


async def _new(call: Call) -> AccessRuleTold:
    rule = _asked(call.body)
    await call.may(rule.scope)
    return rule_told(await call.services.access.rules.new(call.actor, rule))


async def _propose(call: Call) -> OutcomeTold:
    rule = _asked(call.body)
    await call.may(rule.scope)
    return outcome_told(await call.services.access.proposing.new(call.actor, rule, call.body.reason))


async def _propose_end(call: Call) -> OutcomeTold:
    await call.holds()
    return outcome_told(await call.services.access.proposing.end(call.actor, call.number(), call.body.reason))


async def _rehearse(call: Call) -> Page[RehearsedTold]:
    rule = _asked(call.body)
    await call.may(rule.scope)
    hidden = await call.services.authority.masks(call.actor, "access.change", rule.scope)
    rows = await call.services.access.rules.rehearse(call.actor, rule)
    return Page([
        RehearsedTold(
            one.login, time_of(one.past.at), one.past.door, "" if "login-address" in hidden else one.past.address,
            one.before, one.after,
        )
        for one in rows
    ])  # fmt: skip


def _asked(body: AccessRuleNew) -> AccessRule:
    window = body.window
    return AccessRule(
        scope_of(body.scope), body.action, body.mode, tuple(body.countries), tuple(body.channels), tuple(body.networks),
        None if window is None else Window(
            _minutes(window.since), _minutes(window.until), tuple(sorted({DAYS.index(one) for one in window.days})),
            window.zone,
        ),
        body.condition, private=body.private, unknown=body.unknown, locked=body.locked,
        valid_from=None if body.valid_from is None else milliseconds(body.valid_from),
        valid_until=None if body.valid_until is None else milliseconds(body.valid_until),
    )  # fmt: skip


def _minutes(hour: str) -> int:
    if len(hour) != 5:
        raise Invalid("an hour is written 09:00")
    return int(hour[:2]) * 60 + int(hour[3:])


async def _end(call: Call) -> None:
    await call.holds()
    await call.services.access.rules.end(call.actor, call.number())


async def _passes(call: Call) -> Page[PassTold]:
    await call.holds()
    rows = await call.services.access.passes.of(call.actor, call.actor.organization_id)
    return part(rows, lambda one: one.row.id, call.page, _pass)


async def _decide(call: Call) -> PassState:
    await call.holds()
    return _state(await call.services.access.passes.decide(call.actor, call.number(), granted=call.body.granted))


async def _withdraw(call: Call) -> PassState:
    await call.holds()
    return _state(await call.services.access.passes.withdraw(call.actor, call.number()))


def rule_told(one: AccessRule) -> AccessRuleTold:
    """Return a rule as it is told."""
    return AccessRuleTold(
        str(one.id), f"{one.scope.level}:{one.scope.subject}".rstrip(":"), one.action, one.mode, list(one.countries),
        list(one.channels), list(one.networks), None if one.window is None else _window(one.window), one.condition,
        one.private, one.unknown, one.locked, time_or_none(one.valid_from), time_or_none(one.valid_until),
    )  # fmt: skip


def _window(one: Window) -> WindowTold:
    since, until = (f"{minute // 60:02}:{minute % 60:02}" for minute in (one.since, one.until))
    return WindowTold(since, until, [DAYS[day] for day in one.days], one.zone)


def _pass(one: ShownPass) -> PassTold:
    row = one.row
    return PassTold(
        str(row.id), str(row.account_id), one.login, row.country, time_of(row.valid_from), time_of(row.valid_until),
        row.state, one.reason,
    )  # fmt: skip


def _state(row: TravelPass) -> PassState:
    return PassState(str(row.id), row.state)


_PASS = "/travel-passes/{id}"  # noqa: S105 -- a path
OPERATIONS = (
    Operation(
        "GET", "/access-rules", "Access rules.", _rules, "access.read", Page[AccessRuleTold], paged=True,
    ),
    Operation(
        "POST", "/access-rules", "Begin a rule.", _new, "access.change", AccessRuleTold, AccessRuleNew, status=201,
    ),
    Operation(
        "POST", "/access-rules/try", "Which past logins would a rule decide otherwise?", _rehearse, "access.change",
        Page[RehearsedTold], AccessRuleNew,
    ),
    Operation(
        "POST", "/access-rules/propose", "Begin a rule, after a second person's consent where policy asks for one.",
        _propose, "access.change", OutcomeTold, AccessRuleProposed, status=202,
    ),
    Operation(
        "POST", "/access-rules/{id}/propose-end", "End a rule, after a second person's consent where policy asks for one.",
        _propose_end, "access.change", OutcomeTold, EndProposed, status=202,
    ),
    Operation("DELETE", "/access-rules/{id}", "End a rule.", _end, "access.change"),
    Operation("GET", "/travel-passes", "Travel passes.", _passes, "pass.decide", Page[PassTold], paged=True),
    Operation("POST", f"{_PASS}/decide", "Grant or refuse.", _decide, "pass.decide", PassState, Granting),
    Operation("POST", f"{_PASS}/withdraw", "Take a pass back.", _withdraw, "pass.decide", PassState),
)  # fmt: skip
