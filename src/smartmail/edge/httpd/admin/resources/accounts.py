"""/accounts: personal and shared accounts; what belongs to one account is in account_parts."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from smartmail.domain import account
from smartmail.domain.admin_api import AccountMarks, AccountOrder, FactorMark
from smartmail.domain.authority import Permission
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.organization import lineage
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Address, Count, Id, Input, Output, Page, cut
from smartmail.formats.address import split_address
from smartmail.service.flow.directory import NewPerson

Language = Literal["ko", "en", "ja", "zh-Hans", "zh-Hant"]
STEP: Final = 500
Octets = Annotated[int, Meta(ge=1, le=1 << 53, description="Octets.", extra={"unit": "bytes"})]
Size = Annotated[int, Meta(ge=0, extra={"unit": "bytes"})]


class Account(Output, frozen=True):
    """An account. `quota` null: unlimited. Sizes in bytes."""

    id: Id
    organization_id: Id
    kind: str
    state: str
    address: str
    name: str
    language: str
    department: str
    title: str
    administrator: bool
    quota: Size | None
    used: Size
    messages: Count
    factors: list[str] | None = None
    """What it proves itself with besides the password, in lists of who may see that; null: not told."""


class AccountCreate(Input, frozen=True):
    """An account to create; without a name the part before the @ is its name. Without a password it can be used only after
    a setup link was opened. Nobody signs in as a shared account or a resource (a room, a thing).
    """

    address: Address
    name: Annotated[str, Meta(max_length=200)] = ""
    language: Language | Literal[""] = ""
    department: Annotated[str, Meta(max_length=200)] = ""
    title: Annotated[str, Meta(max_length=200)] = ""
    kind: Literal["person", "shared", "resource"] = "person"
    quota: Octets | None = None
    password: Annotated[str, Meta(min_length=8, max_length=1024)] | None = None


class AccountUpdate(Input, frozen=True):
    """A merge patch (RFC 7396): absent fields are unchanged; `quota` null removes the limit."""

    quota: Octets | UnsetType | None = UNSET
    state: Literal["active", "closed"] | UnsetType = UNSET


class AccountQuery(Input, frozen=True):
    """`find`: a part of name, address, department or title; `departmentId`: in it or below it; `factor`: what it proves
    itself with besides the password, for who may see that.
    """

    find: Annotated[str, Meta(max_length=200)] = ""
    state: Literal["", "pending", "active", "suspended", "dormant", "leaving", "closed"] = ""
    kind: Literal["", "person", "shared", "resource"] = ""
    domain: Annotated[str, Meta(max_length=253)] = ""
    department_id: Id | None = None
    factor: FactorMark = ""


class AccountListQuery(AccountQuery, frozen=True):
    """Which accounts, in which order. `ids`: these alone, between commas, at most 100."""

    ids: Annotated[str, Meta(max_length=2000, pattern="^([0-9]{1,19}(,[0-9]{1,19}){0,99})?$")] = ""
    order: AccountOrder = "id"
    descending: bool = False


class AccountCount(Output, frozen=True):
    """How many accounts fit, and how many the caller sees at all."""

    found: Count
    total: Count


class SetupLink(Output, frozen=True):
    """A link that sets the password once, within 24 hours."""

    token: str
    url: str


class PasswordUpdate(Input, frozen=True):
    """A new password. App passwords, tokens, client certificates and connected programs are revoked unless
    `keepPrograms`.
    """

    password: Annotated[str, Meta(min_length=1, max_length=1024)]
    keep_programs: bool = False


api = Resource()


def told(one: account.Account) -> Account:
    """Return an account as it is told."""
    return Account.from_row(
        one, address=one.login, administrator=one.is_admin, used=max(one.used, 0), messages=max(one.messages, 0)
    )


@api.get(
    "/accounts", "Accounts, by id or in another order.", "account.read", query=AccountListQuery, cli="account list",
    columns="address name kind state administrator messages used quota",
)  # fmt: skip
async def _list(call: Call) -> Page[Account]:
    """Pages go over the company; what the caller may not see is passed over, so a page may look far."""
    await call.holds()
    query, found = call.query, list[account.Account]()
    if query.ids:
        found = await _named(call, query.ids)
    else:
        async for some in _seen(call, await _marks(call, query), query.order, descending=query.descending):
            found += some
            if len(found) > call.page.limit:
                break
    shown = found[: call.page.limit]
    await call.services.witness.listed(call.actor, [one.id for one in shown])
    page = cut(found, lambda one: int(one.id), call.page, told)
    kinds = await _factors(call, shown)
    return Page([msgspec.structs.replace(one, factors=kinds.get(one.id)) for one in page.items], page.next)


@api.get("/account-count", "How many accounts fit.", "account.read", query=AccountQuery, cli="account count")
async def _count(call: Call) -> AccountCount:
    await call.holds()
    marks = await _marks(call, call.query)
    if await call.services.authority.may(call.actor, _asked(marks), Scope("organization", str(call.home))):
        counted = call.services.directory.count_accounts
        return AccountCount(await counted(call.home, marks), await counted(call.home, AccountMarks()))
    found, total = [sum([len(some) async for some in _seen(call, one)]) for one in (marks, AccountMarks())]
    return AccountCount(found, total)


def _asked(marks: AccountMarks) -> Permission:
    """Who may not see how somebody logs in does not learn it by asking for those who lack a second factor."""
    return "account.sessions" if marks.factor else "account.read"


async def _seen(
    call: Call, marks: AccountMarks, order: AccountOrder = "id", *, descending: bool = False
) -> AsyncIterator[list[account.Account]]:
    """Yield what fits and the caller may see, part by part."""
    after = AccountId(call.page.after_number)
    while rows := await call.services.directory.find_accounts(
        call.home, marks, after, STEP, order, descending=descending
    ):
        yield await call.services.authority.visible(call.actor, _asked(marks), rows)
        after = rows[-1].id


async def _named(call: Call, ids: str) -> list[account.Account]:
    """Return the accounts of these ids; who is not there, or may not be seen, is left out."""
    rows = []
    for number in dict.fromkeys(ids.split(",")):
        try:
            rows.append(await call.services.directory.account(AccountId(int(number))))
        except NotFound:
            continue
    return await call.services.authority.visible(call.actor, "account.read", rows)


async def _marks(call: Call, query: AccountQuery) -> AccountMarks:
    below: tuple[int, ...] = ()
    if query.department_id is not None:
        rows = await call.services.organization.departments.list_all(call.actor, call.home)
        by_id, top = {one.id: one for one in rows}, int(query.department_id)
        below = tuple(one.id for one in rows if any(each.id == top for each in lineage(by_id, one.id))) or (-1,)
    return AccountMarks(query.find, query.state, query.kind, query.domain, below, query.factor)


async def _factors(call: Call, rows: Sequence[account.Account]) -> dict[str, list[str]]:
    """Return kinds of proof by account id, of those of which the caller may see how they log in."""
    try:
        seen = await call.services.authority.visible(call.actor, "account.sessions", rows)
    except Forbidden:
        return {}
    kinds = await call.services.directory.factor_kinds([one.id for one in seen])
    return {str(number): list[str](of) for number, of in kinds.items()}


@api.post("/accounts", "Create an account.", "account.change", AccountCreate, status=201, cli="account add address")
async def _create(call: Call) -> Account:
    body = call.body
    local, domain = split_address(body.address)
    await call.may(Scope("domain", domain.lower()))
    person = NewPerson(
        body.address, body.name or local, body.language, body.department, body.title, quota=body.quota, kind=body.kind
    )
    return told(await call.services.provisioning.person(person, body.password, by=call.actor.named))


@api.get("/accounts/{id}", "One account.", "account.read", cli="account show")
async def _get(call: Call) -> Account:
    return told(await call.services.directory.account(await call.account()))


@api.patch(
    "/accounts/{id}", "Change quota or state of an account.", "account.change", AccountUpdate,
    cli=("account set", "account close state=closed", "account reopen state=active"),
)  # fmt: skip
async def _change(call: Call) -> Account:
    account_id = await call.account()
    administration = call.services.administration
    if call.body.quota is not UNSET:
        await administration.set_quota(call.actor, account_id, call.body.quota)
    if call.body.state == "closed":
        await administration.close(call.actor, account_id)
    elif call.body.state == "active":
        await administration.reopen(call.actor, account_id)
    return told(await call.services.directory.account(account_id))


@api.post(
    "/accounts/{id}/setup-link", "Create a link that sets the first password.", "account.secrets", status=201,
    cli="account setup-link",
)  # fmt: skip
async def _link(call: Call) -> SetupLink:
    token = await call.services.administration.setup_link(call.actor, await call.account())
    return SetupLink(token, f"{call.site}/setup#{token}" if call.site else "")


@api.put(
    "/accounts/{id}/password", "Replace the password and end all sessions.", "account.secrets", PasswordUpdate,
    cli="account passwd",
)  # fmt: skip
async def _password(call: Call) -> None:
    account_id = await call.account()
    await call.services.administration.set_password(
        call.actor, account_id, call.body.password, keep_programs=call.body.keep_programs
    )
