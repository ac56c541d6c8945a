"""/titles, /posts and a department's people and address: the words of a company, and who sits where."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.organization import Title
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.accounts import AccountTold
from smartmail.edge.httpd.admin.resources.accounts import told as account_told
from smartmail.edge.httpd.admin.shapes import Address, Asked, Count, Id, Page, Told, Word, part
from smartmail.service.organization.posts import PostShown

TitleKind = Literal["position", "duty", "grade", "honorific"]


class TitleTold(Told, frozen=True):
    """A word of a table: 직위 (position), 직책 (duty), 직급 (grade), 호칭 (honorific); the highest-ranking first."""

    id: Id
    kind: str
    name: str
    position: Count


class TitleOrder(Asked, frozen=True):
    """The words of a table in their order; new ones are made, others come behind."""

    kind: TitleKind
    names: Annotated[list[Annotated[str, Meta(min_length=1, max_length=100)]], Meta(min_length=1, max_length=500)]


class TitleName(Asked, frozen=True):
    """What a title is called from now on."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]


class PostTold(Told, frozen=True):
    """A 직책메일: the shared account that whoever has the duty in the department works in."""

    account_id: Id
    address: str
    name: str
    department: str
    duty: str
    holders: list[Id]


class PostNew(Asked, frozen=True):
    """A post to be made."""

    department_id: Id
    duty: Word
    login: Address
    name: Annotated[str, Meta(max_length=200)] = ""


class Below(Asked, frozen=True):
    """`below`: also the people of departments below."""

    below: bool = False


class DepartmentMail(Asked, frozen=True):
    """An address whose mail goes to whoever is in the department."""

    address: Address
    below: bool = True
    post: Literal["anyone", "inside", "members", "moderators"] = "anyone"


class GivenAddress(Told, frozen=True):
    """The address of a list."""

    address: str


async def _titles(call: Call) -> Page[TitleTold]:
    rows = await call.services.organization.titles.list_all(call.actor, await call.may_here())
    return part(rows, lambda one: one.id, call.page, _title)


async def _order(call: Call) -> Page[TitleTold]:
    home, body = await call.may_here(), call.body
    rows = await call.services.organization.titles.set_order(call.actor, home, body.kind, body.names)
    return Page([_title(one) for one in rows if one.kind == body.kind])


async def _rename(call: Call) -> TitleTold:
    home = await call.may_here()
    return _title(await call.services.organization.titles.rename(call.actor, call.number(), home, call.body.name))


async def _remove(call: Call) -> None:
    home = await call.may_here()
    await call.services.organization.titles.remove(call.actor, call.number(), home)


async def _posts(call: Call) -> Page[PostTold]:
    rows = await call.services.organization.posts.list_all(call.actor, await call.may_here())
    return part(rows, lambda one: int(one.account.id), call.page, _post)


async def _new_post(call: Call) -> AccountTold:
    await call.may_here()
    body, number = call.body, await _own_department(call, int(call.body.department_id))
    made = call.services.organization.posts.create(call.actor, number, body.duty, body.login, body.name)
    return account_told(await made)


async def _remove_post(call: Call) -> None:
    home, account_id = await call.may_here(), AccountId(call.number())
    await call.may(Scope("account", str(account_id)))
    rows = await call.services.organization.posts.list_all(call.actor, home)
    if not any(one.account.id == account_id for one in rows):
        raise NotFound
    await call.services.organization.posts.remove(call.actor, account_id)


async def _people(call: Call) -> Page[AccountTold]:
    await call.may_here()
    number = await _own_department(call, call.number())
    rows = await call.services.organization.departments.people(call.actor, number, below=call.query.below)
    found = await call.services.authority.visible(call.actor, "account.read", rows)
    await call.services.witness.listed(call.actor, [one.id for one in found])
    return part(found, lambda one: int(one.id), call.page, account_told)


async def _mail(call: Call) -> GivenAddress:
    await call.may_here()
    body, number = call.body, await _own_department(call, call.number())
    given = call.services.organization.departments.give_mail(
        call.actor, number, body.address, below=body.below, post=body.post
    )
    return GivenAddress(await given)


async def _own_department(call: Call, number: int) -> int:
    rows = await call.services.organization.departments.list_all(call.actor, call.actor.organization_id)
    if not any(one.id == number for one in rows):
        raise NotFound
    return number


def _title(one: Title) -> TitleTold:
    return TitleTold(str(one.id), one.kind, one.name, one.position)


def _post(one: PostShown) -> PostTold:
    account = one.account
    return PostTold(
        str(account.id), account.login, account.name, one.department, one.duty, [str(each.id) for each in one.holders]
    )


_DEPARTMENT = "/departments/{id}"
OPERATIONS = (
    Operation("GET", "/titles", "Titles.", _titles, "organization.read", Page[TitleTold], paged=True),
    Operation("PUT", "/titles", "Order a table.", _order, "organization.change", Page[TitleTold], TitleOrder),
    Operation("PATCH", "/titles/{id}", "Rename one for all.", _rename, "organization.change", TitleTold, TitleName),
    Operation("DELETE", "/titles/{id}", "Remove one that nobody has.", _remove, "organization.change"),
    Operation("GET", "/posts", "Accounts of posts.", _posts, "organization.read", Page[PostTold], paged=True),
    Operation("POST", "/posts", "Make one.", _new_post, "organization.change", AccountTold, PostNew, status=201),
    Operation("DELETE", "/posts/{id}", "Let an account follow its post no more.", _remove_post, "account.change"),
    Operation(
        "GET", f"{_DEPARTMENT}/people", "Its active people.", _people, "organization.read", Page[AccountTold],
        query=Below, paged=True,
    ),
    Operation(
        "POST", f"{_DEPARTMENT}/mail", "Give it an address.", _mail, "organization.change", GivenAddress,
        DepartmentMail, status=201,
    ),
)  # fmt: skip
