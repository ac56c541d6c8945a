"""/organizations: the companies that the caller administers."""

from smartmail.domain.account import Organization
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Asked, Count, Id, Page, Told, Word, part


class OrganizationTold(Told, frozen=True):
    """A company: one tenant."""

    id: Id
    name: str


class OrganizationName(Asked, frozen=True):
    """What a company is called."""

    name: Word


class Closed(Told, frozen=True):
    """How many accounts were open."""

    accounts: Count


class Sight(Told, frozen=True):
    """A company whose directory is seen beside the own."""

    organization_id: Id


async def _list(call: Call) -> Page[OrganizationTold]:
    own = await call.services.authority.organization(call.actor, "organization.read")
    call.touched = True
    rows = [one for one in await call.services.directory.organizations() if own in {None, one.id}]
    return part(rows, lambda one: int(one.id), call.page, _told)


async def _get(call: Call) -> OrganizationTold:
    number = OrganizationId(call.number())
    await call.may(Scope("organization", str(number)))
    return next(_told(one) for one in await call.services.directory.organizations() if one.id == number)


async def _create(call: Call) -> OrganizationTold:
    await call.may(Scope("system"))
    return _told(await call.services.organization.companies.create(call.actor, call.body.name))


async def _rename(call: Call) -> OrganizationTold:
    number = await _number(call)
    return _told(await call.services.organization.companies.rename(call.actor, number, call.body.name))


async def _close(call: Call) -> Closed:
    await call.may(Scope("system"))
    return Closed(await call.services.organization.companies.close(call.actor, await _number(call)))


async def _sights(call: Call) -> Page[Sight]:
    rows = await call.services.organization.companies.sights(call.actor, await _number(call))
    return part(rows, int, call.page, lambda one: Sight(str(one)))


async def _number(call: Call) -> OrganizationId:
    number = OrganizationId(call.number())
    await call.may(Scope("organization", str(number)))
    return number


def _told(one: Organization) -> OrganizationTold:
    return OrganizationTold(str(one.id), one.name)


OPERATIONS = (
    Operation(
        "GET", "/organizations", "Companies.", _list, "organization.read", Page[OrganizationTold], paged=True,
    ),
    Operation("GET", "/organizations/{id}", "One company.", _get, "organization.read", OrganizationTold),
    Operation(
        "POST", "/organizations", "Make a company.", _create, "company.change", OrganizationTold, OrganizationName,
        status=201,
    ),
    Operation(
        "PATCH", "/organizations/{id}", "Rename one.", _rename, "organization.change", OrganizationTold, OrganizationName
    ),
    Operation("POST", "/organizations/{id}/close", "Close one; data stay.", _close, "company.change", Closed),
    Operation(
        "GET", "/organizations/{id}/sights", "Directories that it sees.", _sights, "organization.read", Page[Sight],
        paged=True,
    ),
)  # fmt: skip
