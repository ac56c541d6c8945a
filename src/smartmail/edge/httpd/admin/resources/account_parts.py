"""What belongs to one account: addresses, credentials, sessions, login attempts, why policy is what it is."""

from typing import Any

from smartmail.domain.account import LoginAttempt
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.policy import RuleTold, rule_told
from smartmail.edge.httpd.admin.resources.roles import OutcomeTold, outcome_told
from smartmail.edge.httpd.admin.shapes import (
    Address,
    Asked,
    Id,
    Page,
    Time,
    Told,
    Word,
    cut,
    part,
    time_of,
    time_or_none,
)
from smartmail.service.auth import CredentialInfo, SessionInfo


class AddressTold(Told, frozen=True):
    """An address of an account."""

    address: str


class AddressNew(Asked, frozen=True):
    """Another address that the account has from now on."""

    address: Address


class CredentialTold(Told, frozen=True):
    """A way to prove oneself; never a secret."""

    id: Id
    kind: str
    label: str
    created_at: Time
    expires_at: Time | None
    doors: list[str]
    networks: list[str]
    last_used_at: Time | None


class SessionTold(Told, frozen=True):
    """A signed-in browser."""

    id: str
    created_at: Time
    last_seen_at: Time | None
    expires_at: Time
    address: str
    device: str


class LoginTold(Told, frozen=True):
    """One knock on a door."""

    id: Id
    at: Time
    door: str
    address: str
    result: str


class ResetAsked(Asked, frozen=True):
    """Why somebody's second factors are taken away."""

    reason: Word


class WhyRule(Told, frozen=True):
    """A rule that names the knob, and what became of it."""

    rule: RuleTold
    why: str


class Explanation(Told, frozen=True):
    """Why a knob has its value for an account; the strongest rule comes first."""

    knob: str
    value: Any
    epoch: int
    rules: list[WhyRule]


async def _addresses(call: Call) -> Page[AddressTold]:
    rows = await call.services.directory.addresses(await call.account())
    return part(rows, str, call.page, AddressTold)


async def _add_address(call: Call) -> AddressTold:
    account_id = await call.account()
    return AddressTold(await call.services.administration.add_alias(call.actor, account_id, call.body.address))


async def _credentials(call: Call) -> Page[CredentialTold]:
    rows = await call.services.auth.credentials(call.actor, await call.account())
    return part(rows, lambda one: one.id, call.page, _credential)


async def _delete_credential(call: Call) -> None:
    account_id = await call.account()
    await call.services.auth.delete_credential(call.actor, call.number("credential"), account_id)


async def _sessions(call: Call) -> Page[SessionTold]:
    rows = await call.services.auth.sessions(call.actor, await call.account())
    hide = await _hides_addresses(call)
    return part(rows, lambda one: one.id, call.page, lambda one: _session(one, hide=hide))


async def _end_session(call: Call) -> None:
    account_id = await call.account()
    await call.services.auth.end_session(call.actor, call.path["session"], account_id)


async def _logins(call: Call) -> Page[LoginTold]:
    account_id = await call.account()
    before = call.page.after_number or None
    limit = call.page.limit
    rows = await call.services.auth.login_attempts(call.actor, account_id, before=before, limit=limit + 1)
    hide = await _hides_addresses(call)
    return cut(rows, lambda one: one.id, call.page, lambda one: _login(one, hide=hide))


async def _hides_addresses(call: Call) -> bool:
    """Say whether the reader's role does not show where logins come from."""
    scope = Scope("account", str(call.number()))
    return "login-address" in await call.services.authority.masks(call.actor, "account.sessions", scope)


async def _reset_factors(call: Call) -> OutcomeTold:
    account_id = await call.account()
    return outcome_told(await call.services.factor_resets.reset(call.actor, account_id, call.body.reason))


async def _explain(call: Call) -> Explanation:
    account_id = await call.account()
    found = await call.services.policy.explain(account_id, call.path["knob"])
    rules = [WhyRule(rule_told(rule), str(why)) for rule, why in found.rules]
    return Explanation(found.knob, found.value, found.epoch, rules)


def _credential(one: CredentialInfo) -> CredentialTold:
    return CredentialTold(
        str(one.id), one.kind, one.label, time_of(one.created_at), time_or_none(one.expires_at), list(one.doors),
        list(one.networks), time_or_none(one.last_used_at),
    )  # fmt: skip


def _session(one: SessionInfo, *, hide: bool) -> SessionTold:
    return SessionTold(
        one.id, time_of(one.created_at), time_or_none(one.last_seen_at), time_of(one.expires_at),
        "" if hide else one.address,
        one.device,
    )  # fmt: skip


def _login(one: LoginAttempt, *, hide: bool) -> LoginTold:
    return LoginTold(str(one.id), time_of(one.at), one.door, "" if hide else one.address, one.result)


_AT = "/accounts/{id}"
OPERATIONS = (
    Operation(
        "GET", f"{_AT}/addresses", "Addresses of an account.", _addresses, "account.read", Page[AddressTold], paged=True,
    ),
    Operation(
        "POST", f"{_AT}/addresses", "Give an account another address.", _add_address, "account.change", AddressTold,
        AddressNew, status=201,
    ),
    Operation(
        "GET", f"{_AT}/credentials", "Credentials.", _credentials, "account.sessions", Page[CredentialTold], paged=True,
    ),
    Operation("DELETE", f"{_AT}/credentials/{{credential}}", "Remove one.", _delete_credential, "account.secrets"),
    Operation("GET", f"{_AT}/sessions", "Live sessions.", _sessions, "account.sessions", Page[SessionTold], paged=True),
    Operation(
        "POST", f"{_AT}/factor-reset", "Take second factors away.", _reset_factors, "account.secrets", OutcomeTold,
        ResetAsked, status=202,
    ),
    Operation("DELETE", f"{_AT}/sessions/{{session}}", "End a session.", _end_session, "account.sessions"),
    Operation(
        "GET", f"{_AT}/login-attempts", "Who knocked, newest first.", _logins, "account.sessions", Page[LoginTold],
        paged=True,
    ),
    Operation(
        "GET", f"{_AT}/policy/{{knob}}", "Why a knob has its value.", _explain, "policy.read", Explanation,
    ),
)  # fmt: skip
