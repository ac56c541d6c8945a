"""/domains: domains of an organization, their DNS records and DKIM keys."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.account import DomainRow
from smartmail.domain.organization import DomainClaim
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import DomainName, Id, Input, Output, Page, part
from smartmail.service.people.administration import DkimRecord

Selector = Annotated[str, Meta(pattern="^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", examples=["sm1"])]


class Domain(Output, frozen=True):
    """A domain whose mail an organization receives."""

    name: DomainName
    organization_id: Id
    state: str


class DomainCreate(Input, frozen=True):
    """A domain to receive mail for."""

    name: DomainName


class SigningKey(Output, frozen=True):
    """A DKIM key. Publish the TXT record `name` with the value `text`."""

    selector: str
    kind: str
    state: str
    name: str
    text: str


class SigningKeyCreate(Input, frozen=True):
    """A DKIM key to create. The first one of its kind is activated at once."""

    selector: Selector
    kind: Literal["rsa", "ed25519"] = "rsa"


class SigningKeyActivateRequest(Input, frozen=True):
    """Activate a key. `unchecked`: even if its record is not visible in DNS yet."""

    unchecked: bool = False


class SigningKeyRemoveQuery(Input, frozen=True):
    """`now`: even if mail that it signed may still be on its way."""

    now: bool = False


class RetiredKeys(Output, frozen=True):
    """Selectors of the keys that were replaced."""

    retired: list[str]


async def _domain(call: Call) -> DomainRow:
    name = call.path["name"].lower()
    await call.may(Scope("domain", name))
    return await call.services.administration.domain(name)


async def _list(call: Call) -> Page[Domain]:
    own = await call.services.authority.organization(call.actor, "domain.read")
    call.touched = True
    rows = [
        one
        for one in await call.services.directory.domains()
        if own in {None, one.organization_id}
        and await call.services.authority.may(call.actor, "domain.read", Scope("domain", one.name))
    ]
    return part(rows, lambda one: one.name, call.page, _told)


async def _get(call: Call) -> Domain:
    return _told(await _domain(call))


async def _create(call: Call) -> Domain:
    home = await call.may_here()
    # A claim until the company has proved that it is its own; at once by who administers the installation.
    made = await call.services.organization.domains.add(call.actor, call.body.name, home)
    return Domain(made.name, str(home), "claimed" if isinstance(made, DomainClaim) else made.state)


async def _keys(call: Call) -> Page[SigningKey]:
    rows = await call.services.administration.dkim_records(await _domain(call))
    return part(rows, lambda one: one.selector, call.page, _key)


async def _new_key(call: Call) -> SigningKey:
    row = await _domain(call)
    made = call.services.administration.create_dkim(call.actor, row, call.body.selector, call.body.kind)
    return _key(await made)


async def _activate(call: Call) -> RetiredKeys:
    row = await _domain(call)
    unchecked = call.body.unchecked
    done = call.services.administration.activate_dkim(call.actor, row, call.path["selector"], unchecked=unchecked)
    return RetiredKeys(await done)


async def _retire(call: Call) -> None:
    await call.services.administration.retire_dkim(call.actor, await _domain(call), call.path["selector"])


async def _remove(call: Call) -> None:
    row, now = await _domain(call), call.query.now
    await call.services.administration.remove_dkim(call.actor, row, call.path["selector"], now=now)


def _told(row: DomainRow) -> Domain:
    return Domain.from_row(row)


def _key(one: DkimRecord) -> SigningKey:
    return SigningKey.from_row(one)


_ONE = "/domains/{name}/signing-keys/{selector}"
OPERATIONS = (
    Operation(
        "GET", "/domains", "Domains, by name.", _list, "domain.read", Page[Domain], paged=True,
        commands=("domain list",),
    ),
    Operation(
        "POST", "/domains", "Add a domain.", _create, "domain.change", Domain, DomainCreate, status=201,
        commands=("domain add name",),
    ),
    Operation("GET", "/domains/{name}", "One domain.", _get, "domain.read", Domain, commands=("domain show",)),
    Operation(
        "GET", "/domains/{name}/signing-keys", "DKIM keys with their records.", _keys, "signing.read",
        Page[SigningKey], paged=True, commands=("domain keys",),
    ),
    Operation(
        "POST", "/domains/{name}/signing-keys", "Create a DKIM key.", _new_key, "signing.change", SigningKey,
        SigningKeyCreate, status=201, commands=("domain new-key selector",),
    ),
    Operation(
        "POST", f"{_ONE}/activate", "Activate a DKIM key.", _activate, "signing.change", RetiredKeys,
        SigningKeyActivateRequest, commands=("domain activate-key",),
    ),
    Operation(
        "POST", f"{_ONE}/retire", "Retire a DKIM key.", _retire, "signing.change", commands=("domain retire-key",),
    ),
    Operation(
        "DELETE", _ONE, "Remove a retired DKIM key.", _remove, "signing.change", query=SigningKeyRemoveQuery,
        commands=("domain remove-key",),
    ),
)  # fmt: skip
