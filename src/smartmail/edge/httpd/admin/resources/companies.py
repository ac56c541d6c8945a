"""/companies: all companies of the installation for who administers it; a new one with domain and first administrator.

SECURITY  The link of the first administrator is told once; nothing else of what is inside a company is told here.
"""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.ids import OrganizationId
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.accounts import Language
from smartmail.edge.httpd.admin.resources.installation import SYSTEM
from smartmail.edge.httpd.admin.resources.organizations import Closed
from smartmail.edge.httpd.admin.shapes import Asked, DomainName, Id, Page, Told, Word, part
from smartmail.service.organization import CompanyShown, Opening


class CompanyTold(Told, frozen=True):
    """A company: its state and its domains."""

    id: Id
    name: str
    state: str
    domains: list[str]


class CompanyNew(Asked, frozen=True):
    """A company to be opened. `local`: its first administrator's address before the @; `person`: their name."""

    name: Word
    domain: DomainName
    local: Annotated[str, Meta(min_length=1, max_length=64)]
    person: Word
    language: Language | Literal[""] = ""


class CompanyOpened(Told, frozen=True):
    """The company, its administrator's address, and the link (24 hours, once) by which they choose their password."""

    id: Id
    name: str
    login: str
    token: str
    url: str


async def _list(call: Call) -> Page[CompanyTold]:
    await call.may(SYSTEM)
    rows = await call.services.opening.shown(call.actor)
    return part(rows, lambda one: int(one.company.id), call.page, _told)


async def _open(call: Call) -> CompanyOpened:
    await call.may(SYSTEM)
    body = call.body
    asked = Opening(body.name, body.domain, body.local, body.person, body.language)
    made = await call.services.opening.open(call.actor, asked)
    url = f"{call.site}/setup#{made.token}" if call.site else ""
    return CompanyOpened(str(made.company.id), made.company.name, made.administrator.login, made.token, url)


async def _close(call: Call) -> Closed:
    await call.may(SYSTEM)
    return Closed(await call.services.opening.close(call.actor, OrganizationId(call.number())))


def _told(one: CompanyShown) -> CompanyTold:
    return CompanyTold(str(one.company.id), one.company.name, one.company.state, list(one.domains))


OPERATIONS = (
    Operation("GET", "/companies", "All companies.", _list, "company.change", Page[CompanyTold], paged=True),
    Operation(
        "POST", "/companies", "Open a company with domain and administrator.", _open, "company.change", CompanyOpened,
        CompanyNew, status=201, fresh=True,
    ),
    Operation(
        "POST", "/companies/{id}/close", "Close one; data stay.", _close, "company.change", Closed, fresh=True
    ),
)  # fmt: skip
