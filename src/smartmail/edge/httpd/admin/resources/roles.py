"""/roles, /appointments and /proposals: who administers what, and acts that wait for a second person."""

from typing import Annotated, Any

from msgspec import Meta

from smartmail.domain.authority import AdminRole, Appointment, Mask, Permission
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.naming import with_addresses
from smartmail.edge.httpd.admin.resources.policy import ScopeText, scope_of
from smartmail.edge.httpd.admin.shapes import Asked, Id, Page, Time, Told, milliseconds, part, time_of, time_or_none
from smartmail.service.proposals import Outcome, Proposal

RoleId = Annotated[str, Meta(min_length=1, max_length=50, examples=["helpdesk"])]
Reason = Annotated[str, Meta(max_length=500)]


class RoleTold(Told, frozen=True):
    """A named set of permissions, and what it does not show."""

    id: str
    name: str
    permissions: list[str]
    masks: list[str]


class RoleNew(Asked, frozen=True):
    """A role of the company's own."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    permissions: Annotated[list[Permission], Meta(max_length=100)]
    masks: Annotated[list[Mask], Meta(max_length=20)] = []  # noqa: RUF012 -- msgspec copies it


class AppointmentTold(Told, frozen=True):
    """That an account holds a role over a scope."""

    id: Id
    account_id: Id
    role: str
    scope: str
    begun_at: Time
    expires_at: Time | None
    address: str = ""


class AppointmentNew(Asked, frozen=True):
    """Let an account hold a role."""

    account_id: Id
    role: RoleId
    scope: ScopeText
    expires_at: Time | None = None
    reason: Reason = ""


class OutcomeTold(Told, frozen=True):
    """What came of an act: done, with its result, or a proposal that waits for another administrator."""

    waits: bool
    result: str
    proposal_id: Id | None


class ProposalTold(Told, frozen=True):
    """An act that needs two persons."""

    id: Id
    act: str
    state: str
    scope: str
    author: str
    reason: str
    arguments: dict[str, Any]
    created_at: Time
    expires_at: Time
    result: str


class Note(Asked, frozen=True):
    """Words for the author."""

    note: Reason = ""


def outcome_told(one: Outcome) -> OutcomeTold:
    """Return an outcome as it is told."""
    waits = one.proposal
    return OutcomeTold(one.waits, one.result, None if waits is None else str(waits.row.id))


async def _roles(call: Call) -> Page[RoleTold]:
    home = call.actor.organization_id
    call.touched = True
    return part(await call.services.roles.book.roles(call.actor, home), lambda one: one.id, call.page, _role)


async def _new_role(call: Call) -> RoleTold:
    call.touched = True
    body = call.body
    made = call.services.roles.book.put(call.actor, call.actor.organization_id, body.name, body.permissions, body.masks)
    return _role(await made)


async def _change_role(call: Call) -> RoleTold:
    call.touched = True
    body = call.body
    made = call.services.roles.book.put(
        call.actor, call.actor.organization_id, body.name, body.permissions, body.masks, call.number()
    )
    return _role(await made)


async def _drop_role(call: Call) -> None:
    call.touched = True
    await call.services.roles.book.drop(call.actor, call.actor.organization_id, call.number())


async def _appointments(call: Call) -> Page[AppointmentTold]:
    call.touched = True
    rows = await call.services.roles.appointments(call.actor, call.actor.organization_id)
    return await with_addresses(call, part(rows, lambda one: one.id, call.page, _appointment))


async def _appoint(call: Call) -> OutcomeTold:
    call.touched = True
    body = call.body
    until = None if body.expires_at is None else milliseconds(body.expires_at)
    done = call.services.roles.appoint(
        call.actor, AccountId(int(body.account_id)), body.role, scope_of(body.scope), expires_at=until,
        reason=body.reason,
    )  # fmt: skip
    return outcome_told(await done)


async def _dismiss(call: Call) -> OutcomeTold:
    call.touched = True
    return outcome_told(await call.services.roles.dismiss(call.actor, call.number(), call.reason))


async def _proposals(call: Call) -> Page[ProposalTold]:
    call.touched = True
    rows = await call.services.proposals.list_all(call.actor, None)
    return part(rows, lambda one: one.row.id, call.page, _proposal)


async def _proposal_of(call: Call) -> ProposalTold:
    call.touched = True
    return _proposal(await call.services.proposals.get(call.actor, call.number()))


async def _confirm(call: Call) -> ProposalTold:
    call.touched = True
    return _proposal(await call.services.proposals.confirm(call.actor, call.number(), call.body.note))


async def _refuse(call: Call) -> ProposalTold:
    call.touched = True
    return _proposal(await call.services.proposals.refuse(call.actor, call.number(), call.body.note))


async def _withdraw(call: Call) -> ProposalTold:
    call.touched = True
    return _proposal(await call.services.proposals.withdraw(call.actor, call.number()))


def _role(one: AdminRole) -> RoleTold:
    return RoleTold(one.id, one.name, sorted(one.permissions), sorted(one.masks))


def _appointment(one: Appointment) -> AppointmentTold:
    where = f"{one.scope.level}:{one.scope.subject}".rstrip(":")
    return AppointmentTold(
        str(one.id), str(one.account_id), one.role, where, time_of(one.begun_at), time_or_none(one.expires_at)
    )


def _proposal(one: Proposal) -> ProposalTold:
    row = one.row
    return ProposalTold(
        str(row.id), row.act, row.state, f"{row.scope.level}:{row.scope.subject}".rstrip(":"), row.named, one.reason,
        dict(one.arguments), time_of(row.created_at), time_of(row.expires_at), one.result,
    )  # fmt: skip


_CHANGE: Permission = "role.change"
_PROPOSAL = "/proposals/{id}"
OPERATIONS = (
    Operation("GET", "/roles", "Roles.", _roles, "role.read", Page[RoleTold], paged=True),
    Operation("POST", "/roles", "Make a role.", _new_role, _CHANGE, RoleTold, RoleNew, status=201),
    Operation("PUT", "/roles/{id}", "Change a role.", _change_role, _CHANGE, RoleTold, RoleNew),
    Operation("DELETE", "/roles/{id}", "Remove a role that nobody holds.", _drop_role, _CHANGE),
    Operation(
        "GET", "/appointments", "Who holds which role.", _appointments, "role.read", Page[AppointmentTold], paged=True,
    ),
    Operation("POST", "/appointments", "Appoint.", _appoint, _CHANGE, OutcomeTold, AppointmentNew, status=202),
    Operation("DELETE", "/appointments/{id}", "End an appointment.", _dismiss, _CHANGE, OutcomeTold, status=202),
    Operation("GET", "/proposals", "Acts that need two persons.", _proposals, None, Page[ProposalTold], paged=True),
    Operation("GET", _PROPOSAL, "One proposal.", _proposal_of, None, ProposalTold),
    Operation("POST", f"{_PROPOSAL}/confirm", "Consent: the act is done.", _confirm, None, ProposalTold, Note),
    Operation("POST", f"{_PROPOSAL}/refuse", "Say no.", _refuse, None, ProposalTold, Note),
    Operation("POST", f"{_PROPOSAL}/withdraw", "Take one's own back.", _withdraw, None, ProposalTold),
)  # fmt: skip
