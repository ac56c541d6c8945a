"""How an account comes in: second factors, known devices, countries, all sessions, what policy comes to, a login that is tried."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from smartmail.domain.access import Login
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.access import AccessRuleTold, rule_told
from smartmail.edge.httpd.admin.shapes import Asked, Count, Id, Page, Time, Told, part, time_of, time_or_none

Network = Annotated[str, Meta(min_length=2, max_length=50, examples=["203.0.113.7"])]


class FactorTold(Told, frozen=True):
    """A second factor that is enrolled."""

    id: Id
    kind: str
    label: str
    created_at: Time
    last_used_at: Time | None


class Factors(Told, frozen=True):
    """All of an account, and how many recovery codes are left."""

    factors: list[FactorTold]
    recovery_codes: Count


class CountryTold(Told, frozen=True):
    """A country that an account has logged in from."""

    country: str
    first_at: Time
    last_at: Time


class Ended(Told, frozen=True):
    """How many were ended."""

    ended: Count


class LoginTry(Asked, frozen=True):
    """A login that is only thought of."""

    address: Network
    door: Literal["web", "admin", "jmap", "imap", "pop3", "smtp", "sieve", "dav"] = "web"
    proof: Literal["", "password", "app", "token", "certificate"] = ""
    second_factor: bool = False
    device_known: bool = False


class AccessWhyRule(Told, frozen=True):
    """A rule that is about the account, and what became of it."""

    rule: AccessRuleTold
    why: str


class AccessAnswer(Told, frozen=True):
    """What would happen, and why."""

    action: str
    reason: str
    country: str
    place: str
    epoch: Count
    rules: list[AccessWhyRule]


class EffectiveTold(Told, frozen=True):
    """What one knob comes to for an account: its value, and the rule's scope ("": nobody has set it)."""

    knob: str
    value: Any
    level: str
    scope: str


async def _factors(call: Call) -> Factors:
    account_id = await call.account()
    rows, codes = await call.services.enrolment.list(call.actor, account_id)
    shown = [
        FactorTold(str(one.id), one.kind, one.label, time_of(one.created_at), time_or_none(one.last_used_at))
        for one in rows
    ]
    return Factors(shown, codes)


async def _forget_devices(call: Call) -> Ended:
    account_id = await call.account()
    return Ended(await call.services.devices.forget_all(call.actor, account_id))


async def _countries(call: Call) -> Page[CountryTold]:
    account_id = await call.account()
    rows = await call.services.access.rules.countries(call.actor, account_id)
    return part(
        rows, lambda one: one.country, call.page,
        lambda one: CountryTold(one.country, time_of(one.first_at), time_of(one.last_at)),
    )  # fmt: skip


async def _try(call: Call) -> AccessAnswer:
    account_id, body = await call.account(), call.body
    login = Login(body.door, body.address, body.proof, second_factor=body.second_factor, device_known=body.device_known)
    found = await call.services.access.rules.why(call.actor, account_id, login)
    about = [AccessWhyRule(rule_told(rule), str(why)) for rule, why in found.rules]
    decision = found.decision
    return AccessAnswer(decision.action, decision.reason or "", found.country, found.place, found.epoch, about)


async def _end_sessions(call: Call) -> Ended:
    account_id = await call.account()
    return Ended(await call.services.auth.end_all_sessions(call.actor, account_id))


async def _policy(call: Call) -> Page[EffectiveTold]:
    account_id = await call.account()
    found = await call.services.policy.effective(account_id)
    return part(found.knobs.items(), lambda row: row[0], call.page, lambda row: _effective(*row))


def _effective(knob: str, one: Any) -> EffectiveTold:
    scope = Scope("system") if one.rule is None else one.rule.scope
    return EffectiveTold(
        knob, one.value, "" if one.rule is None else scope.level,
        "" if one.rule is None else f"{scope.level}:{scope.subject}".rstrip(":"),
    )  # fmt: skip


_AT = "/accounts/{id}"
OPERATIONS = (
    Operation("GET", f"{_AT}/factors", "Second factors.", _factors, "account.sessions", Factors),
    Operation("POST", f"{_AT}/forget-devices", "Know no device any more.", _forget_devices, "account.sessions", Ended),
    Operation("POST", f"{_AT}/end-sessions", "End all sessions and connections.", _end_sessions, "account.sessions", Ended),
    Operation(
        "GET", f"{_AT}/countries", "Countries of its logins.", _countries, "access.read", Page[CountryTold], paged=True,
    ),
    Operation("POST", f"{_AT}/try-login", "What would a login come to?", _try, "access.read", AccessAnswer, LoginTry),
    Operation(
        "GET", f"{_AT}/policy", "All that holds for it.", _policy, "policy.read", Page[EffectiveTold], paged=True,
    ),
)  # fmt: skip
