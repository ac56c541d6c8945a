"""DNS records that a domain needs, reports about it, its MTA-STS policy, TLS rules for partners."""

from typing import Annotated, Final, Literal

from msgspec import Meta

from smartmail.domain import transport
from smartmail.domain.account import DomainRow
from smartmail.domain.errors import NotFound
from smartmail.domain.policy import Scope
from smartmail.domain.transport import PartnerRule
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.installation import SYSTEM
from smartmail.edge.httpd.admin.shapes import Count, Input, Output, Page, Time, milliseconds, part
from smartmail.service.people import domain_records
from smartmail.service.people.domain_records import zone
from smartmail.service.protection.spf_lookups import MOST

ZONE: Final = "text/dns"
Host = Annotated[str, Meta(min_length=1, max_length=253)]
Port = Annotated[int, Meta(ge=1, le=65535)]
Minimum = Literal["1.2", "1.3"]


class DnsRecord(Output, frozen=True):
    """A record to publish, or (host, reverse) a check of the mail host. `state`: published, missing, different, unanswered (no reply), unasked (not checked)."""

    purpose: str
    name: str
    kind: str
    text: str
    state: str


class SpfReport(Output, frozen=True):
    """The published SPF record. More `lookups` than `most` make it invalid (RFC 7208 §4.6.4). `problem`: "", missing,
    several, loop, unanswered.
    """

    text: str
    lookups: Count
    most: Count
    problem: str


class DnsRecordQuery(Input, frozen=True):
    """`look`: ask the name service now instead of returning the result of the last check."""

    look: bool = False


class DomainReportQuery(Input, frozen=True):
    """Of how many days."""

    days: Annotated[int, Meta(ge=1, le=365)] = 30


class DmarcSource(Output, frozen=True):
    """Messages that an address sent in the domain's name."""

    source: str
    dkim: str
    spf: str
    disposition: str
    messages: Count


class TlsFailure(Output, frozen=True):
    """Why TLS sessions with the domain's hosts failed."""

    result: str
    host: str
    address: str
    reporter: str
    sessions: Count


class DomainReports(Output, frozen=True):
    """Reports of other systems: DMARC (RFC 9990) by source, TLS (RFC 8460) by failure."""

    dmarc_reports: Count
    tls_reports: Count
    reporters: list[str]
    sources: list[DmarcSource]
    sealed_sessions: Count
    failed_sessions: Count
    failures: list[TlsFailure]


class StsPolicy(Output, frozen=True):
    """The MTA-STS policy of a domain (RFC 8461). `maxAge` in seconds."""

    id: str
    mode: str
    max_age: Count
    mx: list[str]


class StsPolicyUpdate(Input, frozen=True):
    """The MTA-STS policy to publish; start with mode testing."""

    mode: Literal["none", "testing", "enforce"]
    mx: Annotated[list[Host], Meta(max_length=20)] = []  # noqa: RUF012 -- msgspec copies it
    max_age: Annotated[int, Meta(ge=0, le=31_557_600)] = 604_800


class TlsPartner(Output, frozen=True):
    """A domain for which verified TLS is required."""

    domain: str
    minimum: str
    names: list[str]
    defer: bool


class TlsPartnerUpdate(Input, frozen=True):
    """Requirement of verified TLS. `defer`: mail waits while TLS is unavailable instead of being returned."""

    minimum: Minimum = "1.2"
    names: Annotated[list[Host], Meta(max_length=20)] = []  # noqa: RUF012
    defer: bool = False


class TlsAuthorities(Output, frozen=True):
    """Number of authorities that are trusted for mail hosts in addition to those of the system."""

    count: Count


class TlsAuthoritiesUpdate(Input, frozen=True):
    """PEM certificates that replace earlier ones; "": none."""

    file: Annotated[str, Meta(max_length=900_000)] = ""


class TlsException(Output, frozen=True):
    """A host that may use outdated TLS versions until a date. `inward`: for incoming connections; `host` is then a
    network.
    """

    host: str
    port: int
    inward: bool
    until: Time


class TlsExceptionCreate(Input, frozen=True):
    """A host that may use outdated TLS versions until a date."""

    host: Host
    until: Time
    port: Port = 25
    inward: bool = False


class TlsExceptionQuery(Input, frozen=True):
    """Which one."""

    host: Host
    port: Port = 25
    inward: bool = False


api = Resource()
_AT, _PARTNER = "/domains/{name}", "/tls-partners/{domain}"


async def _domain(call: Call) -> DomainRow:
    name = call.path["name"].lower()
    await call.may(Scope("domain", name))
    return await call.services.administration.domain(name)


@api.get(f"{_AT}/dns-records", "DNS records to publish.", "domain.read", query=DnsRecordQuery, cli="domain records")
async def _records(call: Call) -> Page[DnsRecord]:
    row, service = await _domain(call), call.services.domain_records
    found = await (service.looked(row) if call.query.look else service.known(row))
    numbered = list(enumerate(found, 1))
    return part(numbered, lambda one: one[0], call.page, lambda one: DnsRecord.from_row(one[1]))


@api.get(
    f"{_AT}/zone", "DNS records to publish, as lines of a zone file (RFC 1035).", "domain.read", stream=ZONE,
    cli="domain zone",
)  # fmt: skip
async def _zone(call: Call) -> None:
    text = zone(await call.services.domain_records.wanted(await _domain(call)))
    await call.answer.whole(200, text.encode(), ZONE, [])


@api.get(f"{_AT}/spf", "The published SPF record and its lookups.", "domain.read", cli="domain spf")
async def _spf(call: Call) -> SpfReport:
    found = await call.services.domain_records.spf(await _domain(call))
    return SpfReport.from_row(found, most=MOST)


@api.get(
    f"{_AT}/reports", "DMARC and TLS reports of other systems.", "domain.read", query=DomainReportQuery,
    cli="domain reports",
)  # fmt: skip
async def _reports(call: Call) -> DomainReports:
    return _reported(await call.services.domain_records.reports(await _domain(call), call.query.days))


@api.get(f"{_AT}/mta-sts", "The MTA-STS policy of a domain.", "domain.read", cli="domain tls")
async def _sts(call: Call) -> StsPolicy:
    row = await _domain(call)
    own = await call.services.transport.rules.own_policy(row.name)
    if own is None:
        raise NotFound
    return StsPolicy.from_row(own.policy, id=own.identity)


@api.put(f"{_AT}/mta-sts", "Publish an MTA-STS policy.", "domain.change", StsPolicyUpdate, cli="domain set-tls mode")
async def _set_sts(call: Call) -> StsPolicy:
    row, body = await _domain(call), call.body
    hosts = tuple(body.mx) or (await call.services.domain_records.host(),)
    await call.services.transport.rules.set_own_policy(call.actor, row.name, body.mode, body.max_age, hosts)
    return await _sts(call)


@api.delete(f"{_AT}/mta-sts", "Withdraw the MTA-STS policy.", "domain.change", cli="domain end-tls")
async def _drop_sts(call: Call) -> None:
    row = await _domain(call)
    await call.services.transport.rules.drop_own_policy(call.actor, row.name)


@api.get("/tls-partners", "Domains for which TLS is required.", "queue.read", cli="partner list")
async def _partners(call: Call) -> Page[TlsPartner]:
    await call.may(SYSTEM)
    return part(await call.services.transport.rules.partners(), lambda one: one.domain, call.page, TlsPartner.from_row)


@api.put(_PARTNER, "Require TLS for a domain.", "queue.change", TlsPartnerUpdate, cli="partner tls")
async def _set_partner(call: Call) -> TlsPartner:
    await call.may(SYSTEM)
    body = call.body
    rule = PartnerRule(call.path["domain"].lower(), body.minimum, tuple(body.names), body.defer)
    return TlsPartner.from_row(await call.services.transport.rules.set_partner(call.actor, rule))


@api.delete(_PARTNER, "Stop requiring TLS for a domain.", "queue.change", cli="partner remove")
async def _drop_partner(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.transport.rules.drop_partner(call.actor, call.path["domain"].lower())


@api.get("/tls-exceptions", "Hosts that may use outdated TLS versions.", "queue.read", cli="partner exceptions")
async def _exceptions(call: Call) -> Page[TlsException]:
    await call.may(SYSTEM)
    rules = call.services.transport.rules
    rows = [_exception(one, inward=False) for one in await rules.exceptions()]
    rows += [_exception(one, inward=True) for one in await rules.inward()]
    return part(rows, lambda one: f"{int(one.inward)} {one.host} {one.port:05}", call.page, lambda one: one)


@api.post(
    "/tls-exceptions", "Allow outdated TLS versions for a host.", "queue.change", TlsExceptionCreate,
    cli="partner exception host",
)  # fmt: skip
async def _except(call: Call) -> TlsException:
    await call.may(SYSTEM)
    body, rules = call.body, call.services.transport.rules
    wanted = transport.TlsException(body.host.lower(), body.port, milliseconds(body.until))
    made = await (rules.set_inward if body.inward else rules.set_exception)(call.actor, wanted)
    return _exception(made, inward=body.inward)


@api.delete(
    "/tls-exceptions", "Remove a TLS exception.", "queue.change", query=TlsExceptionQuery,
    cli="partner end-exception host",
)  # fmt: skip
async def _except_not(call: Call) -> None:
    await call.may(SYSTEM)
    query, rules = call.query, call.services.transport.rules
    await (rules.drop_inward if query.inward else rules.drop_exception)(call.actor, query.host.lower(), query.port)


@api.get("/tls-authorities", "Authorities trusted for mail hosts.", "queue.read", cli="partner authorities")
async def _authorities(call: Call) -> TlsAuthorities:
    await call.may(SYSTEM)
    return TlsAuthorities((await call.services.transport.rules.authorities()).count("-----BEGIN CERTIFICATE-----"))


@api.put(
    "/tls-authorities", "Replace the authorities trusted for mail hosts.", "queue.change", TlsAuthoritiesUpdate,
    fresh=True, cli="partner set-authorities file",
)  # fmt: skip
async def _set_authorities(call: Call) -> TlsAuthorities:
    await call.may(SYSTEM)
    await call.services.transport.rules.set_authorities(call.actor, call.body.file)
    return await _authorities(call)


def _reported(one: domain_records.DomainReports) -> DomainReports:
    return DomainReports(
        one.dmarc, one.tls, list(one.reporters),
        [DmarcSource.from_row(row) for row in one.sources],
        one.sealed, one.failed,
        [TlsFailure.from_row(row) for row in one.failures],
    )  # fmt: skip


def _exception(one: transport.TlsException, *, inward: bool) -> TlsException:
    return TlsException.from_row(one, inward=inward)
