"""What belongs to one account: addresses, credentials, sessions, login attempts, explanation of its policy."""

from typing import Any

from smartmail.domain import account
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.policy import PolicyRule, rule_told
from smartmail.edge.httpd.admin.resources.roles import OperationOutcome, outcome_told
from smartmail.edge.httpd.admin.shapes import (
    Address,
    Id,
    Input,
    Output,
    Page,
    Time,
    Word,
    cut,
    part,
)
from smartmail.service.identity.auth import SessionInfo


class AccountAddress(Output, frozen=True):
    """An address of an account."""

    address: str


class AccountAddressCreate(Input, frozen=True):
    """An additional address for the account."""

    address: Address


class Credential(Output, frozen=True):
    """A credential, without its secret."""

    id: Id
    kind: str
    label: str
    created_at: Time
    expires_at: Time | None
    doors: list[str]
    scopes: list[str]
    networks: list[str]
    last_used_at: Time | None
    last_used_protocol: str
    last_used_address: str
    last_used_country: str


class Session(Output, frozen=True):
    """A session in a browser."""

    id: str
    created_at: Time
    last_seen_at: Time | None
    expires_at: Time
    address: str
    device: str


class LoginAttempt(Output, frozen=True):
    """A login attempt with its result."""

    id: Id
    at: Time
    door: str
    address: str
    country: str
    result: str
    credential_id: Id | None


class FactorResetRequest(Input, frozen=True):
    """Why the second factors of an account are removed."""

    reason: Word


class KnobExplanationRule(Output, frozen=True):
    """A rule that sets the knob, and whether it applies."""

    rule: PolicyRule
    why: str


class KnobExplanation(Output, frozen=True):
    """Why a knob has its value for an account; the rule with the highest precedence comes first."""

    knob: str
    value: Any
    epoch: int
    rules: list[KnobExplanationRule]


api = Resource()
_AT = "/accounts/{id}"


@api.get(f"{_AT}/addresses", "Addresses of an account.", "account.read", cli="account addresses")
async def _addresses(call: Call) -> Page[AccountAddress]:
    rows = await call.services.directory.addresses(await call.account())
    return part(rows, str, call.page, AccountAddress)


@api.post(
    f"{_AT}/addresses", "Add an address to an account.", "account.change", AccountAddressCreate, status=201,
    cli="account alias address",
)  # fmt: skip
async def _add_address(call: Call) -> AccountAddress:
    account_id = await call.account()
    return AccountAddress(await call.services.administration.add_alias(call.actor, account_id, call.body.address))


@api.get(f"{_AT}/credentials", "Credentials of an account.", "account.sessions", cli="account credentials")
async def _credentials(call: Call) -> Page[Credential]:
    rows = await call.services.auth.credentials(call.actor, await call.account())
    hidden = {"last_used_address": "", "last_used_country": ""} if await _hides_addresses(call) else {}
    return part(
        rows, lambda one: one.id, call.page,
        lambda one: Credential.from_row(one, last_used_protocol=one.last_used_door, **hidden),
    )  # fmt: skip


@api.delete(f"{_AT}/credentials/{{credential}}", "Revoke a credential.", "account.secrets", cli="account revoke")
async def _delete_credential(call: Call) -> None:
    account_id = await call.account()
    await call.services.auth.delete_credential(call.actor, call.number("credential"), account_id)


@api.get(f"{_AT}/sessions", "Sessions of an account.", "account.sessions", cli="account sessions")
async def _sessions(call: Call) -> Page[Session]:
    rows = await call.services.auth.sessions(call.actor, await call.account())
    hide = await _hides_addresses(call)
    return part(rows, lambda one: one.id, call.page, lambda one: _session(one, hide=hide))


@api.post(
    f"{_AT}/factor-reset", "Remove the second factors of an account.", "account.secrets", FactorResetRequest,
    status=202, cli="account reset-factors",
)  # fmt: skip
async def _reset_factors(call: Call) -> OperationOutcome:
    account_id = await call.account()
    return outcome_told(await call.services.factor_resets.reset(call.actor, account_id, call.body.reason))


@api.delete(f"{_AT}/sessions/{{session}}", "End a session.", "account.sessions", cli="account end-session")
async def _end_session(call: Call) -> None:
    account_id = await call.account()
    await call.services.auth.end_session(call.actor, call.path["session"], account_id)


async def _hides_addresses(call: Call) -> bool:
    """Say whether the reader's role does not show where logins come from."""
    scope = Scope("account", str(call.number()))
    return "login-address" in await call.services.authority.masks(call.actor, "account.sessions", scope)


@api.get(f"{_AT}/login-attempts", "Login attempts, newest first.", "account.sessions", cli="account logins")
async def _logins(call: Call) -> Page[LoginAttempt]:
    account_id = await call.account()
    before = call.page.after_number or None
    limit = call.page.limit
    rows = await call.services.auth.login_attempts(call.actor, account_id, before=before, limit=limit + 1)
    hide = await _hides_addresses(call)
    return cut(rows, lambda one: one.id, call.page, lambda one: _login(one, hide=hide))


@api.get(f"{_AT}/policy/{{knob}}", "Explain the value of a knob.", "policy.read", cli="policy explain")
async def _explain(call: Call) -> KnobExplanation:
    account_id = await call.account()
    found = await call.services.policy.explain(account_id, call.path["knob"])
    rules = [KnobExplanationRule(rule_told(rule), str(why)) for rule, why in found.rules]
    return KnobExplanation.from_row(found, rules=rules)


def _session(one: SessionInfo, *, hide: bool) -> Session:
    return Session.from_row(one, address="" if hide else one.address)


def _login(one: account.LoginAttempt, *, hide: bool) -> LoginAttempt:
    return LoginAttempt.from_row(one, **({"address": "", "country": ""} if hide else {}))
