"""/roles, /role-assignments and /proposals: administrative roles and operations that wait for approval."""

from typing import Annotated, Any

from msgspec import Meta

from smartmail.domain.authority import AdminRole, Appointment, Mask, Permission
from smartmail.domain.ids import AccountId
from smartmail.domain.proposals import ProposalState
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.naming import with_addresses
from smartmail.edge.httpd.admin.resources.policy import ScopeText, scope_of
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Time, milliseconds, part
from smartmail.service.kernel import proposals
from smartmail.service.kernel.proposals import Outcome

RoleId = Annotated[str, Meta(min_length=1, max_length=50, examples=["helpdesk"])]
Reason = Annotated[str, Meta(max_length=500)]


class Role(Output, frozen=True):
    """An administrative role: a set of permissions, and the fields that it does not show."""

    id: str
    name: str
    permissions: list[str]
    masks: list[str]


class RoleCreate(Input, frozen=True):
    """A role of the organization."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    permissions: Annotated[list[Permission], Meta(max_length=100)]
    masks: Annotated[list[Mask], Meta(max_length=20)] = []  # noqa: RUF012 -- msgspec copies it


class RoleAssignment(Output, frozen=True):
    """An assignment of a role to an account over a scope."""

    id: Id
    account_id: Id
    role: str
    scope: str
    begun_at: Time
    expires_at: Time | None
    address: str = ""


class RoleAssignmentCreate(Input, frozen=True):
    """A role to assign to an account."""

    account_id: Id
    role: RoleId
    scope: ScopeText
    expires_at: Time | None = None
    reason: Reason = ""


class OperationOutcome(Output, frozen=True):
    """Result of an operation: done, or pending as a proposal until another administrator approves it."""

    waits: bool
    result: str
    proposal_id: Id | None


class Proposal(Output, frozen=True):
    """An operation that needs the approval of another administrator."""

    id: Id
    act: str
    state: str
    scope: str
    author: str
    reason: str
    arguments: dict[str, Any]
    created_at: Time
    expires_at: Time
    due_at: Time | None
    decided_by: str
    decided_at: Time | None
    result: str


class ProposalQuery(Input, frozen=True):
    """In which state; null: in any."""

    state: ProposalState | None = None


class ProposalNote(Input, frozen=True):
    """A note for the author."""

    note: Reason = ""


def outcome_told(one: Outcome) -> OperationOutcome:
    """Return an outcome as it is told."""
    waits = one.proposal
    return OperationOutcome(one.waits, one.result, None if waits is None else str(waits.row.id))


async def _roles(call: Call) -> Page[Role]:
    home = call.actor.organization_id
    call.touched = True
    return part(await call.services.roles.book.roles(call.actor, home), lambda one: one.id, call.page, _role)


async def _new_role(call: Call) -> Role:
    call.touched = True
    body = call.body
    made = call.services.roles.book.put(call.actor, call.actor.organization_id, body.name, body.permissions, body.masks)
    return _role(await made)


async def _change_role(call: Call) -> Role:
    call.touched = True
    body = call.body
    made = call.services.roles.book.put(
        call.actor, call.actor.organization_id, body.name, body.permissions, body.masks, call.number()
    )
    return _role(await made)


async def _drop_role(call: Call) -> None:
    call.touched = True
    await call.services.roles.book.drop(call.actor, call.actor.organization_id, call.number())


async def _appointments(call: Call) -> Page[RoleAssignment]:
    call.touched = True
    rows = await call.services.roles.appointments(call.actor, call.actor.organization_id)
    return await with_addresses(call, part(rows, lambda one: one.id, call.page, _appointment))


async def _appoint(call: Call) -> OperationOutcome:
    call.touched = True
    body = call.body
    until = None if body.expires_at is None else milliseconds(body.expires_at)
    done = call.services.roles.appoint(
        call.actor, AccountId(int(body.account_id)), body.role, scope_of(body.scope), expires_at=until,
        reason=body.reason,
    )  # fmt: skip
    return outcome_told(await done)


async def _dismiss(call: Call) -> OperationOutcome:
    call.touched = True
    return outcome_told(await call.services.roles.dismiss(call.actor, call.number(), call.reason))


async def _proposals(call: Call) -> Page[Proposal]:
    call.touched = True
    rows = await call.services.proposals.list_all(call.actor, call.query.state)
    return part(rows, lambda one: one.row.id, call.page, _proposal)


async def _proposal_of(call: Call) -> Proposal:
    call.touched = True
    return _proposal(await call.services.proposals.get(call.actor, call.number()))


async def _confirm(call: Call) -> Proposal:
    call.touched = True
    return _proposal(await call.services.proposals.confirm(call.actor, call.number(), call.body.note))


async def _refuse(call: Call) -> Proposal:
    call.touched = True
    return _proposal(await call.services.proposals.refuse(call.actor, call.number(), call.body.note))


async def _withdraw(call: Call) -> Proposal:
    call.touched = True
    return _proposal(await call.services.proposals.withdraw(call.actor, call.number()))


def _role(one: AdminRole) -> Role:
    return Role(one.id, one.name, sorted(one.permissions), sorted(one.masks))


def _appointment(one: Appointment) -> RoleAssignment:
    where = f"{one.scope.level}:{one.scope.subject}".rstrip(":")
    return RoleAssignment.from_row(one, scope=where)


def _proposal(one: proposals.Proposal) -> Proposal:
    row = one.row
    return Proposal.from_row(
        row,
        scope=f"{row.scope.level}:{row.scope.subject}".rstrip(":"),
        author=row.named,
        reason=one.reason,
        arguments=dict(one.arguments),
        result=one.result,
        decided_by=row.decider,
    )


_CHANGE: Permission = "role.change"
_PROPOSAL = "/proposals/{id}"
OPERATIONS = (
    Operation("GET", "/roles", "Administrative roles.", _roles, "role.read", Page[Role], paged=True),
    Operation("POST", "/roles", "Create a role.", _new_role, _CHANGE, Role, RoleCreate, status=201),
    Operation("PUT", "/roles/{id}", "Change a role.", _change_role, _CHANGE, Role, RoleCreate),
    Operation("DELETE", "/roles/{id}", "Remove a role that is not assigned.", _drop_role, _CHANGE),
    Operation(
        "GET", "/role-assignments", "Role assignments.", _appointments, "role.read", Page[RoleAssignment], paged=True,
    ),
    Operation(
        "POST", "/role-assignments", "Assign a role.", _appoint, _CHANGE, OperationOutcome, RoleAssignmentCreate,
        status=202,
    ),
    Operation(
        "DELETE", "/role-assignments/{id}", "End a role assignment.", _dismiss, _CHANGE, OperationOutcome, status=202,
    ),
    Operation(
        "GET", "/proposals", "Proposals that need the approval of another administrator.", _proposals, None,
        Page[Proposal], paged=True, query=ProposalQuery, commands=("consent list",), columns=("id", "state", "act", "author", "reason", "createdAt", "expiresAt"),
    ),
    Operation("GET", _PROPOSAL, "One proposal.", _proposal_of, None, Proposal, commands=("consent show",)),
    Operation(
        "POST", f"{_PROPOSAL}/confirm", "Approve a proposal, which performs it.", _confirm, None, Proposal,
        ProposalNote, commands=("consent confirm",),
    ),
    Operation("POST", f"{_PROPOSAL}/refuse", "Decline a proposal.", _refuse, None, Proposal, ProposalNote, commands=("consent refuse",)),
    Operation("POST", f"{_PROPOSAL}/withdraw", "Withdraw an own proposal.", _withdraw, None, Proposal, commands=("consent withdraw",)),
)  # fmt: skip
