"""/accounts: personal and shared accounts; what belongs to one account is in account_parts."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, UnsetType

from smartmail.domain import account
from smartmail.domain.ids import AccountId
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
    """`find`: a part of name, address, department or title."""

    find: Annotated[str, Meta(max_length=200)] = ""
    state: Literal["", "pending", "active", "suspended", "dormant", "leaving", "closed"] = ""


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
    "/accounts", "Accounts, by id.", "account.read", query=AccountQuery, cli="account list",
    columns="address name kind state administrator messages used quota",
)  # fmt: skip
async def _list(call: Call) -> Page[Account]:
    """Pages go by id over the company; what the caller may not see is passed over, so a page may look far."""
    await call.holds()
    found: list[account.Account] = []
    after = AccountId(call.page.after_number)
    while len(found) <= call.page.limit:
        rows = await _rows(call, after)
        if not rows:
            break
        found += await call.services.authority.visible(call.actor, "account.read", rows)
        after = rows[-1].id
    await call.services.witness.listed(call.actor, [one.id for one in found[: call.page.limit]])
    return cut(found, lambda one: int(one.id), call.page, told)


async def _rows(call: Call, after: AccountId) -> Sequence[account.Account]:
    directory, home, query = call.services.directory, call.home, call.query
    if query.find or query.state:
        # One among 100,000 is looked for where they lie.
        return await directory.find_accounts(home, after, query.find, query.state, STEP)
    return await directory.account_page(home, after, STEP)


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
