"""How an account logs in: second factors, known devices, countries, sessions, effective policy, simulated logins."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from smartmail.domain.access import Login
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.access import AccessRule, rule_told
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, milliseconds, part

Network = Annotated[str, Meta(min_length=2, max_length=50, examples=["203.0.113.7"])]


class Factor(Output, frozen=True):
    """An enrolled second factor."""

    id: Id
    kind: str
    label: str
    created_at: Time
    last_used_at: Time | None


class AccountFactors(Output, frozen=True):
    """The second factors of an account and the number of unused recovery codes."""

    factors: list[Factor]
    recovery_codes: Count


class LoginCountry(Output, frozen=True):
    """A country from which an account has logged in."""

    country: str
    first_at: Time
    last_at: Time


class EndedSessions(Output, frozen=True):
    """Number of sessions that were ended."""

    ended: Count


class LoginSimulateRequest(Input, frozen=True):
    """A login to simulate; `at`: then, not now."""

    address: Network
    door: Literal["web", "admin", "jmap", "imap", "pop3", "smtp", "sieve", "dav"] = "web"
    proof: Literal["", "password", "app", "token", "certificate"] = ""
    second_factor: bool = False
    device_known: bool = False
    at: Time | None = None


class AccessDecisionRule(Output, frozen=True):
    """An access rule that covers the account, and whether it applies."""

    rule: AccessRule
    why: str


class AccessDecision(Output, frozen=True):
    """The decision about a login, with its reasons."""

    action: str
    reason: str
    country: str
    place: str
    epoch: Count
    rules: list[AccessDecisionRule]


class EffectiveKnob(Output, frozen=True):
    """The effective value of a knob for an account, and the scope of the rule that sets it ("": default)."""

    knob: str
    value: Any
    level: str
    scope: str


api = Resource()
_AT = "/accounts/{id}"


@api.get(f"{_AT}/factors", "Second factors of an account.", "account.sessions", cli="account factors")
async def _factors(call: Call) -> AccountFactors:
    account_id = await call.account()
    rows, codes = await call.services.enrolment.list(call.actor, account_id)
    shown = [Factor.from_row(one) for one in rows]
    return AccountFactors(shown, codes)


@api.post(f"{_AT}/forget-devices", "Remove all known devices.", "account.sessions", cli="account forget-devices")
async def _forget_devices(call: Call) -> EndedSessions:
    account_id = await call.account()
    return EndedSessions(await call.services.devices.forget_all(call.actor, account_id))


@api.post(f"{_AT}/end-sessions", "End all sessions and connections.", "account.sessions", cli="account end-sessions")
async def _end_sessions(call: Call) -> EndedSessions:
    account_id = await call.account()
    return EndedSessions(await call.services.auth.end_all_sessions(call.actor, account_id))


@api.get(f"{_AT}/countries", "Countries of its logins.", "access.read", cli="access countries")
async def _countries(call: Call) -> Page[LoginCountry]:
    account_id = await call.account()
    rows = await call.services.access.rules.countries(call.actor, account_id)
    return part(
        rows, lambda one: one.country, call.page,
        LoginCountry.from_row,
    )  # fmt: skip


@api.post(
    f"{_AT}/simulate-login", "Simulate a login.", "access.read", LoginSimulateRequest, cli="access why door address"
)
async def _try(call: Call) -> AccessDecision:
    account_id, body = await call.account(), call.body
    login = Login(body.door, body.address, body.proof, second_factor=body.second_factor, device_known=body.device_known)
    at = None if body.at is None else milliseconds(body.at)
    found = await call.services.access.rules.why(call.actor, account_id, login, at)
    about = [AccessDecisionRule(rule_told(rule), str(why)) for rule, why in found.rules]
    decision = found.decision
    return AccessDecision.from_row(found, action=decision.action, reason=decision.reason or "", rules=about)


@api.get(f"{_AT}/policy", "Effective policy of an account.", "policy.read", cli="policy effective")
async def _policy(call: Call) -> Page[EffectiveKnob]:
    account_id = await call.account()
    found = await call.services.policy.effective(account_id)
    return part(found.knobs.items(), lambda row: row[0], call.page, lambda row: _effective(*row))


def _effective(knob: str, one: Any) -> EffectiveKnob:
    scope = Scope("system") if one.rule is None else one.rule.scope
    return EffectiveKnob(
        knob, one.value, "" if one.rule is None else scope.level,
        "" if one.rule is None else f"{scope.level}:{scope.subject}".rstrip(":"),
    )  # fmt: skip
