"""/companies: all organizations of the installation; a new one with domain and first administrator.

SECURITY  The link of the first administrator is told once; nothing else of what is inside a company is told here.
"""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.ids import OrganizationId
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.accounts import Language
from smartmail.edge.httpd.admin.resources.organizations import CloseResult
from smartmail.edge.httpd.admin.shapes import DomainName, Id, Input, Output, Page, Word, part
from smartmail.service.people.organization import CompanyShown, Opening


class Company(Output, frozen=True):
    """An organization with its state and domains."""

    id: Id
    name: str
    state: str
    domains: list[str]


class CompanyCreate(Input, frozen=True):
    """An organization to create. `local`: the part before the @ of its first administrator's address; `person`: their
    name.
    """

    name: Word
    domain: DomainName
    local: Annotated[str, Meta(min_length=1, max_length=64)]
    person: Word
    language: Language | Literal[""] = ""


class CompanyCreated(Output, frozen=True):
    """The organization, its administrator's address, and a link (valid for 24 hours, once) that sets the first
    password.
    """

    id: Id
    name: str
    login: str
    token: str
    url: str


api = Resource(asks="system")


@api.get("/companies", "All organizations with their domains.", "company.change", cli="organization list")
async def _list(call: Call) -> Page[Company]:
    rows = await call.services.opening.shown(call.actor)
    return part(rows, lambda one: int(one.company.id), call.page, _told)


@api.post(
    "/companies", "Create an organization with domain and administrator.", "company.change", CompanyCreate, status=201,
    fresh=True, cli="organization open name domain local person",
)  # fmt: skip
async def _open(call: Call) -> CompanyCreated:
    body = call.body
    asked = Opening(body.name, body.domain, body.local, body.person, body.language)
    made = await call.services.opening.open(call.actor, asked)
    url = f"{call.site}/setup#{made.token}" if call.site else ""
    return CompanyCreated(str(made.company.id), made.company.name, made.administrator.login, made.token, url)


@api.post("/companies/{id}/close", "Close an organization; its data are kept.", "company.change", fresh=True)
async def _close(call: Call) -> CloseResult:
    return CloseResult(await call.services.opening.close(call.actor, OrganizationId(call.number())))


def _told(one: CompanyShown) -> Company:
    return Company.from_row(one.company, domains=list(one.domains))
