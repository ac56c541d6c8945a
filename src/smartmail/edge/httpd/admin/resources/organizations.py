"""/organizations: the organizations that the caller administers."""

from smartmail.domain import account
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
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


api = Resource()
_VISIBLE = "/organizations/{id}/visible-organizations/{organization}"


@api.get("/organizations", "Organizations.", "organization.read")
async def _list(call: Call) -> Page[Organization]:
    own = await call.holds()
    rows = [one for one in await call.services.directory.organizations() if own in {None, one.id}]
    return part(rows, lambda one: int(one.id), call.page, _told)


@api.get("/organizations/{id}", "One organization.", "organization.read")
async def _get(call: Call) -> Organization:
    number = OrganizationId(call.number())
    await call.may(Scope("organization", str(number)))
    return next(_told(one) for one in await call.services.directory.organizations() if one.id == number)


@api.post(
    "/organizations", "Create an organization.", "company.change", OrganizationRequest, status=201,
    cli="organization add name",
)  # fmt: skip
async def _create(call: Call) -> Organization:
    await call.may(Scope("system"))
    return _told(await call.services.organization.companies.create(call.actor, call.body.name))


@api.patch(
    "/organizations/{id}", "Rename an organization.", "organization.change", OrganizationRequest,
    cli="organization rename name",
)  # fmt: skip
async def _rename(call: Call) -> Organization:
    number = await _number(call)
    return _told(await call.services.organization.companies.rename(call.actor, number, call.body.name))


@api.post(
    "/organizations/{id}/close", "Close an organization; its data are kept.", "company.change", cli="organization close"
)
async def _close(call: Call) -> CloseResult:
    await call.may(Scope("system"))
    return CloseResult(await call.services.organization.companies.close(call.actor, await _number(call)))


@api.get(
    "/organizations/{id}/visible-organizations", "Organizations whose directory is visible to it.", "organization.read",
    cli="organization visible",
)  # fmt: skip
async def _sights(call: Call) -> Page[VisibleOrganization]:
    rows = await call.services.organization.companies.sights(call.actor, await _number(call))
    return part(rows, int, call.page, lambda one: VisibleOrganization(str(one)))


@api.put(
    _VISIBLE, "Let an organization see the directory of another one; nothing is shared.", "company.change",
    cli="organization show-directory",
)  # fmt: skip
async def _show_directory(call: Call) -> None:
    await _set_visible(call, on=True)


@api.delete(
    _VISIBLE, "Hide the directory of another organization again.", "company.change", cli="organization hide-directory"
)
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
