"""What a domain wants in DNS and what others report of it; its transport policy; rules for partners' TLS."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.account import DomainRow
from smartmail.domain.errors import NotFound
from smartmail.domain.policy import Scope
from smartmail.domain.transport import PartnerRule, TlsException
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.installation import SYSTEM
from smartmail.edge.httpd.admin.shapes import Asked, Count, Page, Time, Told, milliseconds, part, time_of
from smartmail.service.domain_records import DomainReports, WantedRecord
from smartmail.service.spf_lookups import MOST

Host = Annotated[str, Meta(min_length=1, max_length=253)]
Port = Annotated[int, Meta(ge=1, le=65535)]
Minimum = Literal["1.2", "1.3"]


class DnsRecordTold(Told, frozen=True):
    """A record to publish. `state`: published, missing, different, unanswered, or unasked where nobody looked."""

    purpose: str
    name: str
    kind: str
    text: str
    state: str


class SpfTold(Told, frozen=True):
    """The published SPF record. `lookups` beyond `most` make it void (RFC 7208 §4.6.4); `problem`: "", missing, several,
    loop, unanswered.
    """

    text: str
    lookups: Count
    most: Count
    problem: str


class Looking(Asked, frozen=True):
    """`look`: ask the name service now."""

    look: bool = False


class Days(Asked, frozen=True):
    """Of how many days."""

    days: Annotated[int, Meta(ge=1, le=365)] = 30


class DmarcSourceTold(Told, frozen=True):
    """What came from an address in the domain's name."""

    source: str
    dkim: str
    spf: str
    disposition: str
    messages: Count


class TlsFailureTold(Told, frozen=True):
    """Why sessions with the domain's hosts were not sealed."""

    result: str
    host: str
    address: str
    reporter: str
    sessions: Count


class ReportsTold(Told, frozen=True):
    """What others have reported: DMARC (RFC 9990) by source, TLS (RFC 8460) by failure."""

    dmarc_reports: Count
    tls_reports: Count
    reporters: list[str]
    sources: list[DmarcSourceTold]
    sealed_sessions: Count
    failed_sessions: Count
    failures: list[TlsFailureTold]


class StsTold(Told, frozen=True):
    """The MTA-STS policy of a domain (RFC 8461). `maxAge` in seconds."""

    id: str
    mode: str
    max_age: Count
    mx: list[str]


class StsSet(Asked, frozen=True):
    """The policy to be published; testing first."""

    mode: Literal["none", "testing", "enforce"]
    mx: Annotated[list[Host], Meta(max_length=20)] = []  # noqa: RUF012 -- msgspec copies it
    max_age: Annotated[int, Meta(ge=0, le=31_557_600)] = 604_800


class PartnerTold(Told, frozen=True):
    """Verified TLS is demanded for a domain."""

    domain: str
    minimum: str
    names: list[str]
    defer: bool


class PartnerSet(Asked, frozen=True):
    """The same, to be set. `defer`: mail waits where it cannot be had, instead of going back."""

    minimum: Minimum = "1.2"
    names: Annotated[list[Host], Meta(max_length=20)] = []  # noqa: RUF012
    defer: bool = False


class ExceptionTold(Told, frozen=True):
    """A host that may speak old TLS until a day. `inward`: it comes to us; then `host` is a network."""

    host: str
    port: int
    inward: bool
    until: Time


class ExceptionNew(Asked, frozen=True):
    """The same, to be set."""

    host: Host
    until: Time
    port: Port = 25
    inward: bool = False


class ExceptionWhere(Asked, frozen=True):
    """Which one."""

    host: Host
    port: Port = 25
    inward: bool = False


async def _domain(call: Call) -> DomainRow:
    name = call.path["name"].lower()
    await call.may(Scope("domain", name))
    return await call.services.administration.domain(name)


async def _records(call: Call) -> Page[DnsRecordTold]:
    row, service = await _domain(call), call.services.domain_records
    found = await (service.looked(row) if call.query.look else service.wanted(row))
    numbered = list(enumerate(found, 1))
    return part(numbered, lambda one: one[0], call.page, lambda one: _record(one[1]))


async def _spf(call: Call) -> SpfTold:
    found = await call.services.domain_records.spf(await _domain(call))
    return SpfTold(found.text, found.lookups, MOST, found.problem)


async def _reports(call: Call) -> ReportsTold:
    return _reported(await call.services.domain_records.reports(await _domain(call), call.query.days))


async def _sts(call: Call) -> StsTold:
    row = await _domain(call)
    own = await call.services.transport.rules.own_policy(row.name)
    if own is None:
        raise NotFound
    return StsTold(own.identity, own.policy.mode, own.policy.max_age, list(own.policy.mx))


async def _set_sts(call: Call) -> StsTold:
    row, body = await _domain(call), call.body
    hosts = tuple(body.mx) or (call.services.domain_records.host,)
    await call.services.transport.rules.set_own_policy(call.actor, row.name, body.mode, body.max_age, hosts)
    return await _sts(call)


async def _drop_sts(call: Call) -> None:
    row = await _domain(call)
    await call.services.transport.rules.drop_own_policy(call.actor, row.name)


async def _partners(call: Call) -> Page[PartnerTold]:
    await call.may(SYSTEM)
    return part(await call.services.transport.rules.partners(), lambda one: one.domain, call.page, _partner)


async def _set_partner(call: Call) -> PartnerTold:
    await call.may(SYSTEM)
    body = call.body
    rule = PartnerRule(call.path["domain"].lower(), body.minimum, tuple(body.names), body.defer)
    return _partner(await call.services.transport.rules.set_partner(call.actor, rule))


async def _drop_partner(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.transport.rules.drop_partner(call.actor, call.path["domain"].lower())


async def _exceptions(call: Call) -> Page[ExceptionTold]:
    await call.may(SYSTEM)
    rules = call.services.transport.rules
    rows = [_exception(one, inward=False) for one in await rules.exceptions()]
    rows += [_exception(one, inward=True) for one in await rules.inward()]
    return part(rows, lambda one: f"{int(one.inward)} {one.host} {one.port:05}", call.page, lambda one: one)


async def _except(call: Call) -> ExceptionTold:
    await call.may(SYSTEM)
    body, rules = call.body, call.services.transport.rules
    wanted = TlsException(body.host.lower(), body.port, milliseconds(body.until))
    made = await (rules.set_inward if body.inward else rules.set_exception)(call.actor, wanted)
    return _exception(made, inward=body.inward)


async def _except_not(call: Call) -> None:
    await call.may(SYSTEM)
    query, rules = call.query, call.services.transport.rules
    await (rules.drop_inward if query.inward else rules.drop_exception)(call.actor, query.host.lower(), query.port)


def _record(one: WantedRecord) -> DnsRecordTold:
    return DnsRecordTold(one.purpose, one.name, one.kind, one.text, one.state)


def _reported(one: DomainReports) -> ReportsTold:
    return ReportsTold(
        one.dmarc, one.tls, list(one.reporters),
        [DmarcSourceTold(row.source, row.dkim, row.spf, row.disposition, row.messages) for row in one.sources],
        one.sealed, one.failed,
        [TlsFailureTold(row.result, row.host, row.address, row.reporter, row.sessions) for row in one.failures],
    )  # fmt: skip


def _partner(one: PartnerRule) -> PartnerTold:
    return PartnerTold(one.domain, one.minimum, list(one.names), one.defer)


def _exception(one: TlsException, *, inward: bool) -> ExceptionTold:
    return ExceptionTold(one.host, one.port, inward, time_of(one.until))


_AT, _PARTNER = "/domains/{name}", "/tls-partners/{domain}"
OPERATIONS = (
    Operation(
        "GET", f"{_AT}/dns-records", "Records to publish.", _records, "domain.read", Page[DnsRecordTold], query=Looking,
        paged=True,
    ),
    Operation("GET", f"{_AT}/spf", "What its SPF record costs.", _spf, "domain.read", SpfTold),
    Operation("GET", f"{_AT}/reports", "What others report.", _reports, "domain.read", ReportsTold, query=Days),
    Operation("GET", f"{_AT}/mta-sts", "Its transport policy.", _sts, "domain.read", StsTold),
    Operation("PUT", f"{_AT}/mta-sts", "Publish one.", _set_sts, "domain.change", StsTold, StsSet),
    Operation("DELETE", f"{_AT}/mta-sts", "Publish none.", _drop_sts, "domain.change"),
    Operation("GET", "/tls-partners", "Where TLS must be.", _partners, "queue.read", Page[PartnerTold], paged=True),
    Operation("PUT", _PARTNER, "Demand it for a domain.", _set_partner, "queue.change", PartnerTold, PartnerSet),
    Operation("DELETE", _PARTNER, "Demand it no more.", _drop_partner, "queue.change"),
    Operation(
        "GET", "/tls-exceptions", "Hosts with old TLS.", _exceptions, "queue.read", Page[ExceptionTold], paged=True
    ),
    Operation("POST", "/tls-exceptions", "Let one be.", _except, "queue.change", ExceptionTold, ExceptionNew),
    Operation("DELETE", "/tls-exceptions", "Let it be no more.", _except_not, "queue.change", query=ExceptionWhere),
)  # fmt: skip
