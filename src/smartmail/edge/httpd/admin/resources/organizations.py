"""/organizations: the organizations that the caller administers."""

from smartmail.domain import account
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Word, part


class Organization(Output, frozen=True):
    """An organization: one tenant."""

    id: Id
    name: str


class OrganizationRequest(Input, frozen=True):
    """Name of an organization."""

    name: Word


class CloseResult(Output, frozen=True):
    """Number of accounts that were open."""

    accounts: Count


class VisibleOrganization(Output, frozen=True):
    """An organization whose directory is visible in addition to the own one."""

    organization_id: Id


async def _list(call: Call) -> Page[Organization]:
    own = await call.services.authority.organization(call.actor, "organization.read")
    call.touched = True
    rows = [one for one in await call.services.directory.organizations() if own in {None, one.id}]
    return part(rows, lambda one: int(one.id), call.page, _told)


async def _get(call: Call) -> Organization:
    number = OrganizationId(call.number())
    await call.may(Scope("organization", str(number)))
    return next(_told(one) for one in await call.services.directory.organizations() if one.id == number)


async def _create(call: Call) -> Organization:
    await call.may(Scope("system"))
    return _told(await call.services.organization.companies.create(call.actor, call.body.name))


async def _rename(call: Call) -> Organization:
    number = await _number(call)
    return _told(await call.services.organization.companies.rename(call.actor, number, call.body.name))


async def _close(call: Call) -> CloseResult:
    await call.may(Scope("system"))
    return CloseResult(await call.services.organization.companies.close(call.actor, await _number(call)))


async def _sights(call: Call) -> Page[VisibleOrganization]:
    rows = await call.services.organization.companies.sights(call.actor, await _number(call))
    return part(rows, int, call.page, lambda one: VisibleOrganization(str(one)))


async def _show_directory(call: Call) -> None:
    await _set_visible(call, on=True)


async def _hide_directory(call: Call) -> None:
    await _set_visible(call, on=False)


async def _set_visible(call: Call, *, on: bool) -> None:
    """For the installation's administrators: a company must not put its people into the directory of another one."""
    await call.may(Scope("system"))
    shown = OrganizationId(call.number("organization"))
    await call.services.organization.companies.set_sight(call.actor, shown, OrganizationId(call.number()), on=on)


async def _number(call: Call) -> OrganizationId:
    number = OrganizationId(call.number())
    await call.may(Scope("organization", str(number)))
    return number


def _told(one: account.Organization) -> Organization:
    return Organization(str(one.id), one.name)


_VISIBLE = "/organizations/{id}/visible-organizations/{organization}"
OPERATIONS = (
    Operation(
        "GET", "/organizations", "Organizations.", _list, "organization.read", Page[Organization], paged=True,
    ),
    Operation("GET", "/organizations/{id}", "One organization.", _get, "organization.read", Organization),
    Operation(
        "POST", "/organizations", "Create an organization.", _create, "company.change", Organization,
        OrganizationRequest, status=201, commands=("organization add name",),
    ),
    Operation(
        "PATCH", "/organizations/{id}", "Rename an organization.", _rename, "organization.change", Organization,
        OrganizationRequest, commands=("organization rename name",),
    ),
    Operation(
        "POST", "/organizations/{id}/close", "Close an organization; its data are kept.", _close, "company.change",
        CloseResult, commands=("organization close",),
    ),
    Operation(
        "GET", "/organizations/{id}/visible-organizations", "Organizations whose directory is visible to it.", _sights,
        "organization.read", Page[VisibleOrganization], paged=True, commands=("organization visible",),
    ),
    Operation(
        "PUT", _VISIBLE, "Let an organization see the directory of another one; nothing is shared.", _show_directory,
        "company.change", commands=("organization show-directory",),
    ),
    Operation(
        "DELETE", _VISIBLE, "Hide the directory of another organization again.", _hide_directory, "company.change",
        commands=("organization hide-directory",),
    ),
)  # fmt: skip
