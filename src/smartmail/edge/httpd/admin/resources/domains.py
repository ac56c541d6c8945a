"""/domains: domains of a company, the records that they want in DNS, and their signing keys."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.account import DomainRow
from smartmail.domain.organization import DomainClaim
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Asked, DomainName, Id, Page, Told, part
from smartmail.service.administration import DkimRecord

Selector = Annotated[str, Meta(pattern="^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", examples=["sm1"])]


class DomainTold(Told, frozen=True):
    """A domain whose mail a company receives."""

    name: DomainName
    organization_id: Id
    state: str


class DomainNew(Asked, frozen=True):
    """A domain to be received for."""

    name: DomainName


class SigningKey(Told, frozen=True):
    """A DKIM key: the TXT record `name` is published with `text`."""

    selector: str
    kind: str
    state: str
    name: str
    text: str


class SigningKeyNew(Asked, frozen=True):
    """A signing key to be made. The first of its kind signs at once."""

    selector: Selector
    kind: Literal["rsa", "ed25519"] = "rsa"


class Activation(Asked, frozen=True):
    """Sign with a key from now on; `unchecked`: also where DNS does not show its record yet."""

    unchecked: bool = False


class Retired(Told, frozen=True):
    """Selectors of the keys that a key took the place of."""

    retired: list[str]


async def _domain(call: Call) -> DomainRow:
    name = call.path["name"].lower()
    await call.may(Scope("domain", name))
    return await call.services.administration.domain(name)


async def _list(call: Call) -> Page[DomainTold]:
    own = await call.services.authority.organization(call.actor, "domain.read")
    call.touched = True
    rows = [
        one
        for one in await call.services.directory.domains()
        if own in {None, one.organization_id}
        and await call.services.authority.may(call.actor, "domain.read", Scope("domain", one.name))
    ]
    return part(rows, lambda one: one.name, call.page, _told)


async def _get(call: Call) -> DomainTold:
    return _told(await _domain(call))


async def _create(call: Call) -> DomainTold:
    home = await call.may_here()
    # A claim until the company has proved that it is its own; at once by who administers the installation.
    made = await call.services.organization.domains.add(call.actor, call.body.name, home)
    return DomainTold(made.name, str(home), "claimed" if isinstance(made, DomainClaim) else made.state)


async def _keys(call: Call) -> Page[SigningKey]:
    rows = await call.services.administration.dkim_records(await _domain(call))
    return part(rows, lambda one: one.selector, call.page, _key)


async def _new_key(call: Call) -> SigningKey:
    row = await _domain(call)
    made = call.services.administration.create_dkim(call.actor, row, call.body.selector, call.body.kind)
    return _key(await made)


async def _activate(call: Call) -> Retired:
    row = await _domain(call)
    unchecked = call.body.unchecked
    done = call.services.administration.activate_dkim(call.actor, row, call.path["selector"], unchecked=unchecked)
    return Retired(await done)


async def _retire(call: Call) -> None:
    await call.services.administration.retire_dkim(call.actor, await _domain(call), call.path["selector"])


async def _remove(call: Call) -> None:
    await call.services.administration.remove_dkim(call.actor, await _domain(call), call.path["selector"])


def _told(row: DomainRow) -> DomainTold:
    return DomainTold(row.name, str(row.organization_id), row.state)


def _key(one: DkimRecord) -> SigningKey:
    return SigningKey(one.selector, one.kind, one.state, one.name, one.text)


_ONE = "/domains/{name}/signing-keys/{selector}"
OPERATIONS = (
    Operation("GET", "/domains", "Domains, by name.", _list, "domain.read", Page[DomainTold], paged=True),
    Operation("POST", "/domains", "Receive for a domain.", _create, "domain.change", DomainTold, DomainNew, status=201),
    Operation("GET", "/domains/{name}", "One domain.", _get, "domain.read", DomainTold),
    Operation(
        "GET", "/domains/{name}/signing-keys", "DKIM keys with their records.", _keys, "signing.read",
        Page[SigningKey], paged=True,
    ),
    Operation(
        "POST", "/domains/{name}/signing-keys", "Make a DKIM key.", _new_key, "signing.change", SigningKey,
        SigningKeyNew, status=201,
    ),
    Operation("POST", f"{_ONE}/activate", "Sign with a key.", _activate, "signing.change", Retired, Activation),
    Operation("POST", f"{_ONE}/retire", "Sign with a key no more.", _retire, "signing.change"),
    Operation("DELETE", _ONE, "Remove a retired key.", _remove, "signing.change"),
)  # fmt: skip
