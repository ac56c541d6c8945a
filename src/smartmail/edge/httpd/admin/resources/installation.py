"""What is the installation's, to be read: certificates, relays, spam model, scan engines, geo tables."""

from smartmail.domain.certificate import CertificateRow
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.naming import with_addresses
from smartmail.edge.httpd.admin.shapes import Count, Id, Page, Time, Told, part, time_of, time_or_none
from smartmail.formats.spam.counts import ENOUGH, SCRIPTS, Counts, Script
from smartmail.service.addressing.relays import Relay

SYSTEM = Scope("system")


class CertificateTold(Told, frozen=True):
    """A certificate that the doors show."""

    id: str
    names: list[str]
    issuer: str
    since: Time
    until: Time
    source: str


class RelayTold(Told, frozen=True):
    """A machine that may send for an account without signing in."""

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


class ScriptLessons(Told, frozen=True):
    """Lessons in one script. `decides`: what the company taught may put such mail into Junk by itself; until then
    `missingGood` and `missingBad` lessons are to come.
    """

    script: Script
    good: Count
    bad: Count
    missing_good: Count
    missing_bad: Count
    decides: bool


class SpamModel(Told, frozen=True):
    """What a company's filter was taught. `enough`: lessons of each sort from which on a script decides; `silent`: too few
    for the company's lessons to count at all; `shippedStart`: the model that is shipped judges beside them.
    """

    counts: dict[str, int]
    scripts: list[ScriptLessons]
    enough: Count
    silent: bool
    shipped_start: bool
    taught_at: Time | None


class EngineTold(Told, frozen=True):
    """A scan engine; `problem` "" when it answers."""

    name: str
    kind: str
    problem: str
    signatures_at: Time | None
    stale: bool


class GeoTable(Told, frozen=True):
    """A table of addresses that is in force."""

    kind: str
    source: str
    licence: str
    date: str
    ranges: Count


async def _certificates(call: Call) -> Page[CertificateTold]:
    await call.may(SYSTEM)
    rows = await call.services.certificates.rows()
    return part(rows, lambda one: one.id, call.page, certificate_told)


def certificate_told(one: CertificateRow) -> CertificateTold:
    """Return a certificate as it is told."""
    return CertificateTold(one.id, list(one.names), one.issuer, time_of(one.since), time_of(one.until), one.source)


async def _relays(call: Call) -> Page[RelayTold]:
    home = await call.may_here()
    rows = [one for one in await call.services.addressing.relays.list_all() if one.row.organization_id == home]
    service = call.services.addressing.relays
    page = part(rows, lambda one: one.row.id, call.page, lambda one: relay_told(one, stale=service.is_stale(one)))
    return await with_addresses(call, page)


def relay_told(one: Relay, *, stale: bool = False) -> RelayTold:
    """Return a relay as it is told."""
    row = one.row
    return RelayTold(
        str(row.id), str(row.account_id), list(row.networks), one.text.purpose, list(one.text.senders), row.hourly,
        time_of(row.ends_at), time_or_none(row.last_used_at), row.cleartext, stale,
    )  # fmt: skip


async def _model(call: Call) -> SpamModel:
    home = await call.may_here()
    taught = await call.services.learning.taught(home)
    scripts = [_script_lessons(one, taught.counts) for one in SCRIPTS]
    return SpamModel(
        dict(await call.services.learning.stats(home)), scripts, ENOUGH, taught.silent, taught.has_start,
        time_or_none(taught.taught_at),
    )  # fmt: skip


def _script_lessons(script: Script, counts: Counts) -> ScriptLessons:
    good, bad = counts.good[script], counts.bad[script]
    missing = (max(0, ENOUGH - good), max(0, ENOUGH - bad))
    return ScriptLessons(script, good, bad, *missing, not any(missing))


async def _engines(call: Call) -> Page[EngineTold]:
    await call.may(SYSTEM)
    rows = await call.services.scanning.status()
    return part(
        rows, lambda one: one.engine.name, call.page,
        lambda one: EngineTold(
            one.engine.name, one.engine.kind, one.problem, time_or_none(one.signatures_at), one.stale
        ),
    )  # fmt: skip


async def _tables(call: Call) -> Page[GeoTable]:
    await call.may(SYSTEM)
    rows = await call.services.geo.tables()
    return part(
        rows, lambda one: str(one.facts.kind), call.page,
        lambda one: GeoTable(str(one.facts.kind), one.facts.source, one.facts.licence, one.facts.date, one.ranges),
    )  # fmt: skip


OPERATIONS = (
    Operation(
        "GET", "/certificates", "Certificates.", _certificates, "certificate.read", Page[CertificateTold], paged=True,
    ),
    Operation("GET", "/relays", "Registered relays.", _relays, "domain.read", Page[RelayTold], paged=True),
    Operation("GET", "/spam-model", "What the filter was taught.", _model, "spam.read", SpamModel),
    Operation("GET", "/scan-engines", "Scan engines.", _engines, "spam.read", Page[EngineTold], paged=True),
    Operation("GET", "/geo-tables", "Tables of addresses.", _tables, "defence.read", Page[GeoTable], paged=True),
)  # fmt: skip
