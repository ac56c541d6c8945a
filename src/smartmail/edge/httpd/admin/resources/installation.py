"""What belongs to the installation, read only: certificates, relay clients, spam model, scan engines, geo tables."""

from smartmail.domain.certificate import CertificateRow
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.naming import with_addresses
from smartmail.edge.httpd.admin.shapes import Count, Id, Output, Page, Time, part, time_or_none
from smartmail.formats.spam.counts import ENOUGH, SCRIPTS, Counts, Script
from smartmail.service.flow.addressing.relays import Relay
from smartmail.service.protection.geo import TableInForce

SYSTEM = Scope("system")


class Certificate(Output, frozen=True):
    """A certificate that listeners present."""

    id: str
    names: list[str]
    issuer: str
    since: Time
    until: Time
    source: str


class RelayClient(Output, frozen=True):
    """A machine that may submit messages for an account without authentication."""

    id: Id
    account_id: Id
    networks: list[str]
    purpose: str
    senders: list[str]
    hourly: Count
    ends_at: Time
    last_used_at: Time | None
    cleartext: bool
    stale: bool
    address: str = ""


class SpamModelScript(Output, frozen=True):
    """Lessons in one script. `decides`: such mail may be moved to Junk by training alone; until then `missingGood` and
    `missingBad` lessons are missing.
    """

    script: Script
    good: Count
    bad: Count
    missing_good: Count
    missing_bad: Count
    decides: bool


class SpamModel(Output, frozen=True):
    """Training of an organization's spam filter. `enough`: lessons of each kind from which a script is decided;
    `silent`: too few lessons to be used; `shippedStart`: the shipped model is used as well.
    """

    counts: dict[str, int]
    scripts: list[SpamModelScript]
    enough: Count
    silent: bool
    shipped_start: bool
    taught_at: Time | None


class ScanEngine(Output, frozen=True):
    """A scan engine; `problem` "" if it answers."""

    name: str
    kind: str
    problem: str
    signatures_at: Time | None
    stale: bool


class GeoTable(Output, frozen=True):
    """A table of addresses and countries in use. `version` 0: it came with the program."""

    kind: str
    source: str
    licence: str
    date: str
    ranges: Count
    version: Count


api = Resource(asks="system")


def geo_table(one: TableInForce) -> GeoTable:
    """Return a table in the form of the API."""
    return GeoTable.from_row(one.facts, kind=str(one.facts.kind), ranges=one.ranges, version=one.version)


@api.get("/certificates", "Certificates.", "certificate.read", cli="certificate list")
async def _certificates(call: Call) -> Page[Certificate]:
    rows = await call.services.certificates.rows()
    return part(rows, lambda one: one.id, call.page, certificate_told)


def certificate_told(one: CertificateRow) -> Certificate:
    """Return a certificate as it is told."""
    return Certificate.from_row(one)


@api.get(
    "/relays", "Registered relay clients.", "domain.read", cli="relay list",
    columns="id address purpose networks senders hourly endsAt lastUsedAt cleartext stale", asks="handler",
)  # fmt: skip
async def _relays(call: Call) -> Page[RelayClient]:
    home = await call.may_here()
    rows = [one for one in await call.services.addressing.relays.list_all() if one.row.organization_id == home]
    service = call.services.addressing.relays
    page = part(rows, lambda one: one.row.id, call.page, lambda one: relay_told(one, stale=service.is_stale(one)))
    return await with_addresses(call, page)


def relay_told(one: Relay, *, stale: bool = False) -> RelayClient:
    """Return a relay as it is told."""
    row = one.row
    return RelayClient.from_row(row, purpose=one.text.purpose, senders=list(one.text.senders), stale=stale)


@api.get("/spam-model", "Training of the spam filter.", "spam.read", asks="handler")
async def _model(call: Call) -> SpamModel:
    home = await call.may_here()
    taught = await call.services.learning.taught(home)
    scripts = [_script_lessons(one, taught.counts) for one in SCRIPTS]
    return SpamModel(
        dict(await call.services.learning.stats(home)), scripts, ENOUGH, taught.silent, taught.has_start,
        time_or_none(taught.taught_at),
    )  # fmt: skip


def _script_lessons(script: Script, counts: Counts) -> SpamModelScript:
    good, bad = counts.good[script], counts.bad[script]
    missing = (max(0, ENOUGH - good), max(0, ENOUGH - bad))
    return SpamModelScript(script, good, bad, *missing, not any(missing))


@api.get("/scan-engines", "Scan engines.", "spam.read")
async def _engines(call: Call) -> Page[ScanEngine]:
    rows = await call.services.scanning.status()
    return part(
        rows, lambda one: one.engine.name, call.page,
        lambda one: ScanEngine.from_row(one, name=one.engine.name, kind=one.engine.kind),
    )  # fmt: skip


@api.get("/geo-tables", "Tables of addresses and countries.", "defence.read", cli="geo list")
async def _tables(call: Call) -> Page[GeoTable]:
    rows = await call.services.geo.tables()
    return part(rows, lambda one: str(one.facts.kind), call.page, geo_table)
