"""/domains: domains of an organization, their DNS records and DKIM keys."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.account import DomainRow
from smartmail.domain.domain_looks import DomainLook
from smartmail.domain.organization import DomainClaim
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import DomainName, Id, Input, Output, Page, Time, part, time_of

Selector = Annotated[str, Meta(pattern="^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", examples=["sm1"])]


class Domain(Output, frozen=True):
    """A domain whose mail an organization receives. `dns`: the last check of its DNS records: unchecked, complete,
    incomplete (`lacking`: purposes whose records are missing or different), unanswered. `checkedAt` null: never.
    """

    name: DomainName
    organization_id: Id
    state: str
    dns: str
    lacking: list[str]
    checked_at: Time | None


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


api = Resource()
_ONE = "/domains/{name}/signing-keys/{selector}"


async def _domain(call: Call) -> DomainRow:
    name = call.path["name"].lower()
    await call.may(Scope("domain", name))
    return await call.services.administration.domain(name)


@api.get("/domains", "Domains, by name.", "domain.read", cli="domain list")
async def _list(call: Call) -> Page[Domain]:
    own = await call.holds()
    rows = [
        one
        for one in await call.services.directory.domains()
        if own in {None, one.organization_id}
        and await call.services.authority.may(call.actor, "domain.read", Scope("domain", one.name))
    ]
    looks = await call.services.domain_records.looks()
    return part(rows, lambda one: one.name, call.page, lambda one: _told(one, looks.get(one.name)))


def _told(row: DomainRow, look: DomainLook | None) -> Domain:
    if look is None:
        return Domain.from_row(row, dns="unchecked", lacking=[], checked_at=None)
    at = time_of(look.looked_at)
    return Domain.from_row(row, dns=look.verdict, lacking=list(look.lacking), checked_at=at)


@api.post("/domains", "Add a domain.", "domain.change", DomainCreate, status=201, cli="domain add name")
async def _create(call: Call) -> Domain:
    home = await call.may_here()
    # A claim until the company has proved that it is its own; at once by who administers the installation.
    made = await call.services.organization.domains.add(call.actor, call.body.name, home)
    state = "claimed" if isinstance(made, DomainClaim) else made.state
    return Domain(made.name, str(home), state, "unchecked", [], None)


@api.get("/domains/{name}", "One domain.", "domain.read", cli="domain show")
async def _get(call: Call) -> Domain:
    row = await _domain(call)
    return _told(row, (await call.services.domain_records.looks()).get(row.name))


@api.get("/domains/{name}/signing-keys", "DKIM keys with their records.", "signing.read", cli="domain keys")
async def _keys(call: Call) -> Page[SigningKey]:
    rows = await call.services.administration.dkim_records(await _domain(call))
    return part(rows, lambda one: one.selector, call.page, SigningKey.from_row)


@api.post(
    "/domains/{name}/signing-keys", "Create a DKIM key.", "signing.change", SigningKeyCreate, status=201,
    cli="domain new-key selector",
)  # fmt: skip
async def _new_key(call: Call) -> SigningKey:
    row = await _domain(call)
    made = call.services.administration.create_dkim(call.actor, row, call.body.selector, call.body.kind)
    return SigningKey.from_row(await made)


@api.post(
    f"{_ONE}/activate", "Activate a DKIM key.", "signing.change", SigningKeyActivateRequest, cli="domain activate-key"
)
async def _activate(call: Call) -> RetiredKeys:
    row = await _domain(call)
    unchecked = call.body.unchecked
    done = call.services.administration.activate_dkim(call.actor, row, call.path["selector"], unchecked=unchecked)
    return RetiredKeys(await done)


@api.post(f"{_ONE}/retire", "Retire a DKIM key.", "signing.change", cli="domain retire-key")
async def _retire(call: Call) -> None:
    await call.services.administration.retire_dkim(call.actor, await _domain(call), call.path["selector"])


@api.delete(_ONE, "Remove a retired DKIM key.", "signing.change", query=SigningKeyRemoveQuery, cli="domain remove-key")
async def _remove(call: Call) -> None:
    row, now = await _domain(call), call.query.now
    await call.services.administration.remove_dkim(call.actor, row, call.path["selector"], now=now)
