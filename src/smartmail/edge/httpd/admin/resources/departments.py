"""/departments and /domain-claims: the tree of an organization, and its unverified domains."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from smartmail.domain import organization
from smartmail.domain.errors import NotFound
from smartmail.domain.organization import TOP
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import DomainName, Id, Input, Output, Page, Time, Word, part, time_of

Position = Annotated[int, Meta(ge=0, le=1_000_000)]
Parent = Annotated[
    str, Meta(pattern="^[0-8]?[0-9]{1,18}$", description="0: at the top.", extra={"names": "/departments"})
]


class Department(Output, frozen=True):
    """A department."""

    id: Id
    code: str
    name: str
    parent_id: str
    position: int


class DepartmentCreate(Input, frozen=True):
    """A department to create; without a code its name is the code."""

    name: Word
    code: Annotated[str, Meta(max_length=100)] = ""
    parent_id: Parent = str(int(TOP))
    position: Position = 0


class DepartmentUpdate(Input, frozen=True):
    """A merge patch (RFC 7396); another parent moves it with all departments below it."""

    name: Word | UnsetType = UNSET
    parent_id: Parent | UnsetType = UNSET
    position: Position | UnsetType = UNSET


class DomainClaim(Output, frozen=True):
    """A domain whose ownership is not verified yet. Publish the TXT record `record` with the value `text`, then verify."""

    name: DomainName
    claimed_at: Time
    record: str
    text: str


class DomainClaimCreate(Input, frozen=True):
    """A domain that the organization is to verify, also where the caller could add it at once."""

    name: DomainName


class VerifiedDomain(Output, frozen=True):
    """A domain that is verified and receives mail."""

    name: DomainName
    state: str


api = Resource(asks="organization")
_CLAIM = "/domain-claims/{name}"


@api.get("/departments", "Departments.", "organization.read", cli="department list")
async def _list(call: Call) -> Page[Department]:
    rows = await call.services.organization.departments.list_all(call.actor, call.home)
    return part(rows, lambda one: one.id, call.page, _told)


@api.post(
    "/departments", "Create a department.", "organization.change", DepartmentCreate, status=201,
    cli="department add name",
)  # fmt: skip
async def _create(call: Call) -> Department:
    home, body = call.home, call.body
    made = call.services.organization.departments.create(
        call.actor, home, body.name, code=body.code, parent_id=int(body.parent_id), position=body.position
    )
    return _told(await made)


async def _own(call: Call) -> int:
    home, number = await call.may_here(), call.number()
    rows = await call.services.organization.departments.list_all(call.actor, home)
    if not any(one.id == number for one in rows):
        raise NotFound
    return number


@api.patch(
    "/departments/{id}", "Rename, move or reorder a department.", "organization.change", DepartmentUpdate,
    cli="department set", asks="handler",
)  # fmt: skip
async def _change(call: Call) -> Department:
    number, body = await _own(call), call.body
    changed = call.services.organization.departments.change(
        call.actor, number, name=None if body.name is UNSET else body.name,
        parent_id=None if body.parent_id is UNSET else int(body.parent_id),
        position=None if body.position is UNSET else body.position,
    )  # fmt: skip
    return _told(await changed)


@api.delete(
    "/departments/{id}", "Remove an empty department.", "organization.change", cli="department remove", asks="handler"
)
async def _remove(call: Call) -> None:
    await call.services.organization.departments.remove(call.actor, await _own(call))


@api.get("/domain-claims", "Unverified domains.", "domain.read", cli="organization claims")
async def _claims(call: Call) -> Page[DomainClaim]:
    rows = await call.services.organization.domains.claims(call.actor, call.home)
    return part(rows, lambda one: one.name, call.page, lambda one: claim_told(call, one))


@api.post(
    "/domain-claims", "Claim a domain.", "domain.change", DomainClaimCreate, status=201, cli="organization claim name"
)
async def _claim(call: Call) -> DomainClaim:
    return claim_told(call, await call.services.organization.domains.claim(call.actor, call.body.name, call.home))


@api.post(f"{_CLAIM}/verify", "Verify a domain by its TXT record.", "domain.change", cli="organization prove")
async def _prove(call: Call) -> VerifiedDomain:
    row = await call.services.organization.domains.prove(call.actor, call.path["name"], call.home)
    return VerifiedDomain(row.name, row.state)


@api.delete(_CLAIM, "Withdraw a domain claim.", "domain.change", cli="organization unclaim")
async def _drop(call: Call) -> None:
    await call.services.organization.domains.drop_claim(call.actor, call.path["name"], call.home)


def claim_told(call: Call, one: organization.DomainClaim) -> DomainClaim:
    """Return a claim with the record that proves it."""
    proof = call.services.organization.domains.proof(one.name, one.organization_id)
    return DomainClaim(one.name, time_of(one.created_at), proof.name, proof.text)


def _told(one: organization.Department) -> Department:
    return Department.from_row(one, parent_id=str(int(one.parent_id)))
