"""/routes, /known-recipients, /smarthosts, /journals and changes of /relays: routing of an organization's domains.

SECURITY  Passwords of smarthosts go in and never out.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from smartmail.domain import addressing
from smartmail.domain.addressing import RelayText, System
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.installation import SYSTEM, RelayClient, relay_told
from smartmail.edge.httpd.admin.shapes import (
    Address,
    Count,
    DomainName,
    Id,
    Input,
    Output,
    Page,
    Time,
    milliseconds,
    part,
)

HostName = Annotated[str, Meta(pattern="^[A-Za-z0-9.:_-]{1,253}$", examples=["mx.a.example"])]
Port = Annotated[int, Meta(ge=1, le=65535)]
Networks = Annotated[list[Annotated[str, Meta(min_length=2, max_length=50)]], Meta(max_length=100)]
Hourly = Annotated[int, Meta(ge=0, le=1_000_000, description="Messages in an hour; 0: no limit.")]


class RouteHost(Output, frozen=True):
    """A host; lower priority values are tried first."""

    host: str
    port: int
    priority: int


class MailSystem(Output, frozen=True):
    """Another mail system. `unknown`: receives mail for unknown recipients; `copy`: receives a copy of all mail."""

    hosts: list[RouteHost]
    verify: str
    networks: list[str]
    unknown: bool
    copy: bool


class DomainRoute(Output, frozen=True):
    """Routing of a domain. `aliasOf`: the domain is an alias of another one; `smarthost`: relay for its outgoing mail."""

    domain: DomainName
    alias_of: str
    subaddress: bool
    relay: MailSystem | None
    other: MailSystem | None
    smarthost: "Smarthost | None"
    journal: str


class RouteHostCreate(Input, frozen=True):
    """A host."""

    host: HostName
    port: Port = 25
    priority: Annotated[int, Meta(ge=0, le=65535)] = 10


class MailSystemCreate(Input, frozen=True):
    """Another mail system. `verify`: how its recipients are checked: not at all, by asking it, or by a list."""

    hosts: Annotated[list[RouteHostCreate], Meta(min_length=1, max_length=20)]
    verify: Literal["none", "ask", "list"] = "ask"
    networks: Networks = []  # noqa: RUF012 -- msgspec copies it
    unknown: bool = True
    copy: bool = False


class Smarthost(Output, frozen=True):
    """A relay for outgoing mail."""

    host: str
    port: int
    username: str
    verify_tls: bool


class SmarthostCreate(Input, frozen=True):
    """A relay for outgoing mail."""

    host: HostName
    port: Port = 587
    username: Annotated[str, Meta(max_length=200)] = ""
    password: Annotated[str, Meta(max_length=1000)] = ""
    verify_tls: bool = True


class DomainRouteUpdate(Input, frozen=True):
    """A merge patch (RFC 7396): absent fields are unchanged, null removes."""

    alias_of: DomainName | UnsetType | None = UNSET
    subaddress: bool | UnsetType = UNSET
    relay: MailSystemCreate | UnsetType | None = UNSET
    other: MailSystemCreate | UnsetType | None = UNSET
    smarthost: SmarthostCreate | UnsetType | None = UNSET
    # The journal has a permission of its own: /journals.


class KnownRecipients(Input, frozen=True):
    """Addresses of people in another mail system, one a line; lines that begin with # are ignored."""

    addresses: Annotated[str, Meta(min_length=3, max_length=900_000)]


class KnownRecipientCount(Output, frozen=True):
    """How many of them were new."""

    new: Count


class SmarthostRoute(Output, frozen=True):
    """The relay for all mail to an external domain."""

    domain: str
    smarthost: Smarthost


class Journal(Output, frozen=True):
    """Address that receives a copy of every accepted message. `domain` "": of the whole organization."""

    domain: str
    address: str


class JournalUpdate(Input, frozen=True):
    """A journal to set."""

    address: Address
    domain: Annotated[str, Meta(max_length=253)] = ""


class JournalQuery(Input, frozen=True):
    """Which one."""

    domain: Annotated[str, Meta(max_length=253)] = ""


class RelayClientCreate(Input, frozen=True):
    """A machine that may submit messages for an account without authentication, from its networks, until a date."""

    account_id: Id
    purpose: Annotated[str, Meta(min_length=1, max_length=200)]
    senders: Annotated[list[Annotated[str, Meta(min_length=2, max_length=320)]], Meta(min_length=1, max_length=50)]
    networks: Annotated[Networks, Meta(min_length=1)]
    ends_at: Time
    hourly: Hourly = 100
    cleartext: bool = False


class RelayClientUpdate(Input, frozen=True):
    """A merge patch (RFC 7396)."""

    ends_at: Time | UnsetType = UNSET
    hourly: Hourly | UnsetType = UNSET


api = Resource()
_ROUTE, _RELAY, _WAY = "/routes/{domain}", "/relays/{id}", "/smarthosts/{domain}"


@api.get(
    "/routes", "Routing of the organization's domains.", "domain.read", cli="route list",
    columns="domain aliasOf subaddress relay other smarthost journal",
)  # fmt: skip
async def _routes(call: Call) -> Page[DomainRoute]:
    own = await call.holds()
    may = call.services.authority.may
    rows = [
        one.name
        for one in await call.services.directory.domains()
        if own in {None, one.organization_id} and await may(call.actor, "domain.read", Scope("domain", one.name))
    ]
    wanted = part(rows, str, call.page, str)
    return Page([await _route(call, one) for one in wanted.items], wanted.next)


@api.get(_ROUTE, "Routing of one domain.", "domain.read", cli="route show")
async def _one(call: Call) -> DomainRoute:
    return await _route(call, await _domain(call))


@api.patch(_ROUTE, "Change the routing of a domain.", "domain.change", DomainRouteUpdate, cli="route set")
async def _change(call: Call) -> DomainRoute:
    name, body, systems = await _domain(call), call.body, call.services.addressing.systems
    if body.alias_of:
        # Before the service looks at it: another company's domain answers like none.
        await call.may(Scope("domain", body.alias_of.lower()), "domain.change")
    if body.alias_of is not UNSET:
        await systems.set_alias(call.actor, name, body.alias_of)
    if body.subaddress is not UNSET:
        await systems.set_subaddress(call.actor, name, on=body.subaddress)
    if body.relay is not UNSET:
        await systems.set_relay(call.actor, name, None if body.relay is None else _system(body.relay))
    if body.other is not UNSET:
        await systems.set_other(call.actor, name, None if body.other is None else _system(body.other))
    if body.smarthost is not UNSET:
        await _set_smarthost(call, "from", name, body.smarthost)
    return await _route(call, name)


@api.post(
    "/known-recipients", "Store who has an account in another mail system, for `verify` list.", "domain.change",
    KnownRecipients, cli="route known addresses",
)  # fmt: skip
async def _know(call: Call) -> KnownRecipientCount:
    await call.holds()
    lines = (line.strip() for line in call.body.addresses.splitlines())
    addresses = [line for line in lines if line and not line.startswith("#")]
    return KnownRecipientCount(await call.services.addressing.stand_ins.put_known(call.actor, addresses))


@api.get(
    "/smarthosts", "Relays for mail to external domains.", "queue.read", cli="route smarthosts",
    columns="domain smarthost",
)  # fmt: skip
async def _ways(call: Call) -> Page[SmarthostRoute]:
    await call.may(SYSTEM)
    hosts = await call.services.addressing.systems.smarthosts()
    rows = [(key.removeprefix("to "), host) for key, host in hosts.items() if key.startswith("to ")]
    return part(rows, lambda one: one[0], call.page, lambda one: SmarthostRoute(one[0], _smarthost(one[1])))


@api.put(_WAY, "Send mail for a domain through a relay.", "queue.change", SmarthostCreate, cli="route smarthost host")
async def _put_way(call: Call) -> SmarthostRoute:
    await call.may(SYSTEM)
    name = call.path["domain"].lower()
    await _set_smarthost(call, "to", name, call.body)
    hosts = await call.services.addressing.systems.smarthosts()
    found = [(key, host) for key, host in hosts.items() if key.startswith("to ") and key.endswith(name)]
    return SmarthostRoute(
        name, _smarthost(found[0][1]) if found else Smarthost(call.body.host, call.body.port, "", True)
    )


@api.delete(_WAY, "Send mail for a domain directly again.", "queue.change", cli="route direct")
async def _drop_way(call: Call) -> None:
    await call.may(SYSTEM)
    name = call.path["domain"].lower()
    if f"to {name}" not in await call.services.addressing.systems.smarthosts():
        raise NotFound
    await call.services.addressing.systems.set_smarthost(call.actor, "to", name, None)


async def _set_smarthost(call: Call, direction: str, name: str, asked: SmarthostCreate | None) -> None:
    host, password = None, ""
    if asked is not None:
        host = addressing.Smarthost(asked.host, asked.port, asked.username, verify_tls=asked.verify_tls)
        password = asked.password
    await call.services.addressing.systems.set_smarthost(call.actor, direction, name, host, password)


@api.get("/journals", "Journals.", "hold.read", cli="route journals")
async def _journals(call: Call) -> Page[Journal]:
    home = await call.may_here()
    own = {f"domain {one.name}" for one in await call.services.directory.domains() if one.organization_id == home}
    found = (await call.services.addressing.journals.journals()).items()
    rows = [
        Journal(name.removeprefix("domain ") if name in own else "", address)
        for name, address in found
        if name in own or name == f"organization {home}"
    ]
    return part(rows, lambda one: f".{one.domain}", call.page, lambda one: one)


@api.put("/journals", "Set a journal address.", "hold.change", JournalUpdate, cli="route journal address")
async def _set_journal(call: Call) -> Journal:
    home, body = await call.may_here(), call.body
    if body.domain:
        await call.may(Scope("domain", body.domain.lower()))
    await call.services.addressing.journals.set(
        call.actor, address=body.address, domain=body.domain, organization_id=home
    )
    return Journal(body.domain.lower(), body.address)


@api.delete("/journals", "Remove a journal address.", "hold.change", query=JournalQuery, cli="route end-journal")
async def _end_journal(call: Call) -> None:
    home, domain = await call.may_here(), call.query.domain
    if domain:
        await call.may(Scope("domain", domain.lower()))
    await call.services.addressing.journals.set(call.actor, address=None, domain=domain, organization_id=home)


@api.post(
    "/relays", "Register a relay client.", "domain.change", RelayClientCreate, status=201, cli="relay add accountId"
)
async def _new_relay(call: Call) -> RelayClient:
    body, home = call.body, await call.may_here()
    account_id = AccountId(int(body.account_id))
    await call.may(Scope("account", str(account_id)), "account.read")
    owner = await call.services.directory.account(account_id)
    if owner.organization_id != home:
        raise NotFound
    made = call.services.addressing.relays.register(
        call.actor, owner, RelayText(body.purpose, tuple(body.senders)), tuple(body.networks), hourly=body.hourly,
        ends_at=milliseconds(body.ends_at), cleartext=body.cleartext,
    )  # fmt: skip
    return relay_told(await made)


@api.patch(
    _RELAY, "Change end date or limit of a relay client.", "domain.change", RelayClientUpdate, cli="relay change"
)
async def _change_relay(call: Call) -> RelayClient:
    await call.may_here()
    body = call.body
    done = call.services.addressing.relays.prolong(
        call.actor, call.number(), ends_at=None if body.ends_at is UNSET else milliseconds(body.ends_at),
        hourly=None if body.hourly is UNSET else body.hourly,
    )  # fmt: skip
    return relay_told(await done)


@api.delete(_RELAY, "Remove a relay client.", "domain.change", cli="relay remove")
async def _remove_relay(call: Call) -> None:
    await call.may_here()
    await call.services.addressing.relays.remove(call.actor, call.number())


async def _domain(call: Call) -> str:
    name = call.path["domain"].lower()
    await call.may(Scope("domain", name))
    return (await call.services.administration.domain(name)).name


async def _route(call: Call, name: str) -> DomainRoute:
    rules = await call.services.addressing.systems.rules(name)
    host = (await call.services.addressing.systems.smarthosts()).get(f"from {name}")
    journal = (await call.services.addressing.journals.journals()).get(f"domain {name}", "")
    return DomainRoute(
        name, rules.alias_of or "", rules.subaddress, None if rules.relay is None else _told(rules.relay),
        None if rules.other is None else _told(rules.other), None if host is None else _smarthost(host), journal,
    )  # fmt: skip


def _system(one: MailSystemCreate) -> System:
    return System(
        tuple((each.host, each.port, each.priority) for each in one.hosts), one.verify, tuple(one.networks),
        unknown=one.unknown, copy=one.copy,
    )  # fmt: skip


def _told(one: System) -> MailSystem:
    return MailSystem.from_row(one, hosts=[RouteHost(*each) for each in one.hosts])


def _smarthost(one: addressing.Smarthost) -> Smarthost:
    return Smarthost.from_row(one)
