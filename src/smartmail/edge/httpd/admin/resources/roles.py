"""/roles, /role-assignments and /proposals: administrative roles and operations that wait for approval."""

from typing import Annotated, Any

from msgspec import Meta

from smartmail.domain.authority import AdminRole, Appointment, Mask, Permission
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.domain.proposals import ProposalState
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.naming import with_addresses
from smartmail.edge.httpd.admin.resources.policy import ScopeText, scope_of
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, milliseconds, part
from smartmail.service.kernel import proposals
from smartmail.service.kernel.proposals import Outcome

RoleId = Annotated[str, Meta(min_length=1, max_length=50, examples=["helpdesk"], extra={"names": "/roles"})]
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
    author: str
    address: str = ""


class RoleAssignmentCreate(Input, frozen=True):
    """A role to assign to an account. `scope` "": the whole organization."""

    account_id: Id
    role: RoleId
    scope: ScopeText = ""
    expires_at: Time | None = None
    reason: Reason = ""


class HeldRole(Output, frozen=True):
    """What a role permits over a scope, and the fields that it does not show there."""

    role: str
    scope: str
    permissions: list[str]
    masks: list[str]


class RolePreview(Output, frozen=True):
    """What an account may as administrator. Without it there would be left: `administrators`, and `changers`, who may
    change roles; `vacant`: offices that nobody would hold.
    """

    holdings: list[HeldRole]
    administrators: Count
    changers: Count
    vacant: list[str]


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


api = Resource(asks="service")
_CHANGE: Permission = "role.change"
_PROPOSAL = "/proposals/{id}"


def outcome_told(one: Outcome) -> OperationOutcome:
    """Return an outcome as it is told."""
    waits = one.proposal
    return OperationOutcome(one.waits, one.result, None if waits is None else str(waits.row.id))


@api.get("/roles", "Administrative roles.", "role.read", cli="role list", columns="id name masks")
async def _roles(call: Call) -> Page[Role]:
    home = call.home
    return part(await call.services.roles.book.roles(call.actor, home), lambda one: one.id, call.page, _role)


@api.post("/roles", "Create a role.", _CHANGE, RoleCreate, status=201, cli="role add name permissions")
async def _new_role(call: Call) -> Role:
    body = call.body
    made = call.services.roles.book.put(call.actor, call.home, body.name, body.permissions, body.masks)
    return _role(await made)


@api.get("/roles/{id}", "One role.", "role.read", cli="role show")
async def _role_of(call: Call) -> Role:
    home = call.home
    found = [one for one in await call.services.roles.book.roles(call.actor, home) if one.id == call.path["id"]]
    if not found:
        raise NotFound
    return _role(found[0])


@api.put("/roles/{id}", "Change a role.", _CHANGE, RoleCreate, cli="role set")
async def _change_role(call: Call) -> Role:
    body = call.body
    made = call.services.roles.book.put(call.actor, call.home, body.name, body.permissions, body.masks, call.number())
    return _role(await made)


@api.delete("/roles/{id}", "Remove a role that is not assigned.", _CHANGE, cli="role remove")
async def _drop_role(call: Call) -> None:
    await call.services.roles.book.drop(call.actor, call.home, call.number())


@api.get(
    "/role-assignments", "Role assignments.", "role.read", cli="role assignments",
    columns="id address role scope expiresAt author",
)  # fmt: skip
async def _appointments(call: Call) -> Page[RoleAssignment]:
    rows = await call.services.roles.appointments(call.actor, call.home)
    return await with_addresses(call, part(rows, lambda one: one.id, call.page, _appointment))


@api.post(
    "/role-assignments", "Assign a role.", _CHANGE, RoleAssignmentCreate, status=202, cli="role grant accountId role"
)
async def _appoint(call: Call) -> OperationOutcome:
    body = call.body
    until = None if body.expires_at is None else milliseconds(body.expires_at)
    scope = scope_of(body.scope or f"organization:{call.home}")
    done = call.services.roles.appoint(
        call.actor, AccountId(int(body.account_id)), body.role, scope, expires_at=until,
        reason=body.reason,
    )  # fmt: skip
    return outcome_told(await done)


@api.delete("/role-assignments/{id}", "End a role assignment.", _CHANGE, status=202, cli="role revoke")
async def _dismiss(call: Call) -> OperationOutcome:
    return outcome_told(await call.services.roles.dismiss(call.actor, call.number(), call.reason))


@api.get(
    "/accounts/{id}/role-preview", "What an account may as administrator.", "role.read", cli="role preview",
    asks="handler",
)  # fmt: skip
async def _preview(call: Call) -> RolePreview:
    account_id = await call.account()
    seen = await call.services.roles.preview(call.actor, account_id)
    left = await call.services.roles.rehearse(call.actor, account_id)
    held = [HeldRole(one.role, str_of(one.scope), sorted(one.permissions), sorted(one.masks)) for one in seen.holdings]
    return RolePreview(held, left.administrators, left.changers, list(left.vacant))


@api.delete(
    "/accounts/{id}/administrator", "Make an account no administrator of its organization any more.", _CHANGE,
    status=202, cli="role revoke-administrator", asks="handler",
)  # fmt: skip
async def _unmark(call: Call) -> OperationOutcome:
    account_id = await call.account()
    return outcome_told(await call.services.roles.mark(call.actor, account_id, administrator=False, reason=call.reason))


@api.get(
    "/proposals", "Proposals that need the approval of another administrator.", query=ProposalQuery, cli="consent list",
    columns="id state act author reason createdAt expiresAt",
)  # fmt: skip
async def _proposals(call: Call) -> Page[Proposal]:
    rows = await call.services.proposals.list_all(call.actor, call.query.state)
    return part(rows, lambda one: one.row.id, call.page, _proposal)


@api.get(_PROPOSAL, "One proposal.", cli="consent show")
async def _proposal_of(call: Call) -> Proposal:
    return _proposal(await call.services.proposals.get(call.actor, call.number()))


@api.post(f"{_PROPOSAL}/confirm", "Approve a proposal, which performs it.", body=ProposalNote, cli="consent confirm")
async def _confirm(call: Call) -> Proposal:
    return _proposal(await call.services.proposals.confirm(call.actor, call.number(), call.body.note))


@api.post(f"{_PROPOSAL}/refuse", "Decline a proposal.", body=ProposalNote, cli="consent refuse")
async def _refuse(call: Call) -> Proposal:
    return _proposal(await call.services.proposals.refuse(call.actor, call.number(), call.body.note))


@api.post(f"{_PROPOSAL}/withdraw", "Withdraw an own proposal.", cli="consent withdraw")
async def _withdraw(call: Call) -> Proposal:
    return _proposal(await call.services.proposals.withdraw(call.actor, call.number()))


def _role(one: AdminRole) -> Role:
    return Role(one.id, one.name, sorted(one.permissions), sorted(one.masks))


def _appointment(one: Appointment) -> RoleAssignment:
    return RoleAssignment.from_row(one, scope=str_of(one.scope))


def str_of(scope: Scope) -> str:
    """Return a scope as the API names it."""
    return f"{scope.level}:{scope.subject}".rstrip(":")


def _proposal(one: proposals.Proposal) -> Proposal:
    row = one.row
    return Proposal.from_row(
        row,
        scope=str_of(row.scope),
        author=row.named,
        reason=one.reason,
        arguments=dict(one.arguments),
        result=one.result,
        decided_by=row.decider,
    )
