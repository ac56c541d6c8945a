"""/titles, /role-accounts, people and list of a department: titles of an organization and who holds them."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain import organization
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.accounts import Account
from smartmail.edge.httpd.admin.resources.accounts import told as account_told
from smartmail.edge.httpd.admin.shapes import Address, Count, Id, Input, Output, Page, Word, part
from smartmail.service.people.organization.posts import PostShown

DepartmentId = Annotated[str, Meta(pattern="^[0-8]?[0-9]{1,18}$", extra={"names": "/departments"})]
TitleKind = Literal["position", "duty", "grade", "honorific"]


class Title(Output, frozen=True):
    """An entry of the tables 직위 (position), 직책 (duty), 직급 (grade), 호칭 (honorific); the highest-ranking first."""

    id: Id
    kind: str
    name: str
    position: Count


class TitleOrderUpdate(Input, frozen=True):
    """The entries of a table in order; unknown ones are created, omitted ones follow."""

    kind: TitleKind
    names: Annotated[list[Annotated[str, Meta(min_length=1, max_length=100)]], Meta(min_length=1, max_length=500)]


class TitleUpdate(Input, frozen=True):
    """The new name of a title."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]


class RoleAccount(Output, frozen=True):
    """A role account (직책메일): the shared account of the holders of a duty in a department."""

    account_id: Id
    address: str
    name: str
    department: str
    duty: str
    holders: list[Id]
    holder_addresses: list[str]


class RoleAccountCreate(Input, frozen=True):
    """A role account to create."""

    department_id: DepartmentId
    duty: Word
    login: Address
    name: Annotated[str, Meta(max_length=200)] = ""


class DepartmentPeopleQuery(Input, frozen=True):
    """`below`: also the people of departments below."""

    below: bool = False


class DepartmentListCreate(Input, frozen=True):
    """An address that delivers to the people of the department."""

    address: Address
    below: bool = True
    post: Literal["anyone", "inside", "members", "moderators"] = "anyone"


class DepartmentListAddress(Output, frozen=True):
    """The address of the distribution list."""

    address: str


api = Resource(asks="organization")
_DEPARTMENT = "/departments/{id}"


@api.get("/titles", "Titles.", "organization.read", cli="organization titles")
async def _titles(call: Call) -> Page[Title]:
    rows = await call.services.organization.titles.list_all(call.actor, call.home)
    return part(rows, lambda one: one.id, call.page, _title)


@api.put(
    "/titles", "Set the entries of a title table.", "organization.change", TitleOrderUpdate,
    cli="organization order kind names",
)  # fmt: skip
async def _order(call: Call) -> Page[Title]:
    home, body = call.home, call.body
    rows = await call.services.organization.titles.set_order(call.actor, home, body.kind, body.names)
    return Page([_title(one) for one in rows if one.kind == body.kind])


@api.patch("/titles/{id}", "Rename a title.", "organization.change", TitleUpdate)
async def _rename(call: Call) -> Title:
    return _title(await call.services.organization.titles.rename(call.actor, call.number(), call.home, call.body.name))


@api.delete("/titles/{id}", "Remove an unused title.", "organization.change")
async def _remove(call: Call) -> None:
    await call.services.organization.titles.remove(call.actor, call.number(), call.home)


@api.get(
    "/role-accounts", "Role accounts.", "organization.read", cli="department posts",
    columns="address department duty holderAddresses",
)  # fmt: skip
async def _posts(call: Call) -> Page[RoleAccount]:
    rows = await call.services.organization.posts.list_all(call.actor, call.home)
    return part(rows, lambda one: int(one.account.id), call.page, _post)


@api.post(
    "/role-accounts", "Create a role account.", "organization.change", RoleAccountCreate, status=201,
    cli="department post departmentId duty login",
)  # fmt: skip
async def _new_post(call: Call) -> Account:
    body, number = call.body, await _own_department(call, int(call.body.department_id))
    made = call.services.organization.posts.create(call.actor, number, body.duty, body.login, body.name)
    return account_told(await made)


@api.delete("/role-accounts/{id}", "Detach an account from its post.", "account.change", cli="department remove-post")
async def _remove_post(call: Call) -> None:
    home, account_id = call.home, AccountId(call.number())
    await call.may(Scope("account", str(account_id)))
    rows = await call.services.organization.posts.list_all(call.actor, home)
    if not any(one.account.id == account_id for one in rows):
        raise NotFound
    await call.services.organization.posts.remove(call.actor, account_id)


@api.get(
    f"{_DEPARTMENT}/people", "Active people of a department.", "organization.read", query=DepartmentPeopleQuery,
    cli="department people", columns="address name title department state",
)  # fmt: skip
async def _people(call: Call) -> Page[Account]:
    number = await _own_department(call, call.number())
    rows = await call.services.organization.departments.people(call.actor, number, below=call.query.below)
    found = await call.services.authority.visible(call.actor, "account.read", rows)
    await call.services.witness.listed(call.actor, [one.id for one in found])
    return part(found, lambda one: int(one.id), call.page, account_told)


@api.post(
    f"{_DEPARTMENT}/mail", "Create the distribution list of a department.", "organization.change", DepartmentListCreate,
    status=201, cli="department mail address",
)  # fmt: skip
async def _mail(call: Call) -> DepartmentListAddress:
    body, number = call.body, await _own_department(call, call.number())
    given = call.services.organization.departments.give_mail(
        call.actor, number, body.address, below=body.below, post=body.post
    )
    return DepartmentListAddress(await given)


async def _own_department(call: Call, number: int) -> int:
    rows = await call.services.organization.departments.list_all(call.actor, call.actor.organization_id)
    if not any(one.id == number for one in rows):
        raise NotFound
    return number


def _title(one: organization.Title) -> Title:
    return Title.from_row(one)


def _post(one: PostShown) -> RoleAccount:
    account = one.account
    return RoleAccount.from_row(
        one,
        account_id=str(account.id),
        address=account.login,
        name=account.name,
        holders=[str(each.id) for each in one.holders],
        holder_addresses=[each.login for each in one.holders],
    )
