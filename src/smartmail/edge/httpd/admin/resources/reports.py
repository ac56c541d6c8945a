"""/reports, /availability and /planned-work: usage reports, availability, announced maintenance."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta

from smartmail.domain.errors import NotFound
from smartmail.domain.figures import Period, Report, Tally, Whole
from smartmail.domain.serving import Availability
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, milliseconds, part
from smartmail.service.kernel.clock import DAY

FILE = "application/octet-stream"
Day = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-10-01"])]
Form = Literal["xlsx", "pdf"]
Language = Literal["ko", "en", "ja", "zh-Hans", "zh-Hant"]
SHOWN = 100


class UsageTotals(Output, frozen=True):
    """Sums: copies received and their bytes, those from outside; messages sent, their bytes and recipients, those
    handed to other systems; spam, bounces, logins and failed logins.
    """

    received: Count
    received_octets: Count
    received_outside: Count
    sent: Count
    sent_octets: Count
    recipients: Count
    handed_over: Count
    spam: Count
    bounced: Count
    logins: Count
    failures: Count


class InboundTotals(Output, frozen=True):
    """Sums of the whole organization: messages from outside, spam, malware, rejected during SMTP."""

    incoming: Count
    incoming_octets: Count
    spam: Count
    virus: Count
    rejected: Count


class UsageReportDay(Output, frozen=True):
    """One day of a report."""

    day: Day
    tally: UsageTotals
    whole: InboundTotals | None


class UsageReportPerson(Output, frozen=True):
    """One person of a report."""

    account_id: Id
    login: str
    name: str
    tally: UsageTotals
    used: Count
    growth: int


class UsageReportDepartment(Output, frozen=True):
    """A department with all departments below it."""

    name: str
    people: Count
    tally: UsageTotals


class ServiceOutage(Output, frozen=True):
    """An outage; `counted` seconds reduce the availability, planned work does not."""

    since: Time
    until: Time
    counted: float
    planned: float
    open: bool


class ServiceAvailability(Output, frozen=True):
    """Availability of a service in a period, in seconds."""

    service: str
    percent: float
    due: float
    down: float
    outages: list[ServiceOutage]


class UsageReport(Output, frozen=True):
    """A day, week or month. `people`: the hundred accounts with the most mail; a file has all. `missing`: days without
    data.
    """

    period: Period
    first: Day
    last: Day
    total: UsageTotals
    whole: InboundTotals | None
    days: list[UsageReportDay]
    departments: list[UsageReportDepartment]
    people: list[UsageReportPerson]
    people_count: Count
    outside_in: list[tuple[str, int]]
    outside_out: list[tuple[str, int]]
    countries: list[tuple[str, int, int]]
    dormant: Count
    used: Count
    growth: int
    availability: list[ServiceAvailability]
    missing: list[str]


class ReportExportRequest(Input, frozen=True):
    """The report to export and its purpose (at least ten characters)."""

    period: Period
    day: Day
    reason: Annotated[str, Meta(min_length=10, max_length=500)]
    form: Form = "xlsx"
    language: Language = "ko"


class ReportCountRequest(Input, frozen=True):
    """The first and the last day to count again out of the rows that are kept."""

    first: Day
    last: Day


class ReportCount(Output, frozen=True):
    """How many days were counted."""

    days: Count


class ReportSchedule(Output, frozen=True):
    """Reports that are mailed at the end of a period to those who may see them."""

    periods: list[Period]
    form: Form


class ReportScheduleUpdate(Input, frozen=True):
    """Periods whose reports are mailed; none: no reports."""

    periods: Annotated[list[Period], Meta(max_length=3)] = []  # noqa: RUF012 -- msgspec copies it
    form: Form = "pdf"


class AvailabilityQuery(Input, frozen=True):
    """A span; the last thirty days when left out."""

    since: Time | None = None
    until: Time | None = None


class PlannedWork(Output, frozen=True):
    """Announced maintenance; no services: all of them."""

    since: Time
    until: Time
    services: list[str]
    announced_at: Time
    actor: str


class PlannedWorkCreate(Input, frozen=True):
    """Maintenance to announce before it begins."""

    since: Time
    until: Time
    services: Annotated[tuple[str, ...], Meta(max_length=20)] = ()


class PlannedWorkQuery(Input, frozen=True):
    """Work that begins at a time."""

    since: Time


api = Resource(asks="anywhere")


@api.get("/reports/{period}/{day}", "Usage report of a day, week or month.", "report.read", cli="report show")
async def _report(call: Call) -> UsageReport:
    period: Any = call.path["period"]
    report = await call.services.figures.service.report(call.actor, call.home, period, _day(call.path["day"]))
    return _told(report)


@api.post(
    "/reports/file", "Export a usage report.", "report.read", ReportExportRequest, stream=FILE,
    cli="report file period day",
)  # fmt: skip
async def _file(call: Call) -> None:
    """Answer the file: that it was taken is on record before a byte leaves."""
    body = call.body
    made = await call.services.figures.telling.take(
        call.actor, call.home, body.period, _day(body.day), body.form, body.language, body.reason
    )
    await call.file(made.octets, made.name, made.content_type)


@api.post(
    "/reports/count", "Count days again.", "report.change", ReportCountRequest, cli="report count first last",
    asks="handler",
)  # fmt: skip
async def _count(call: Call) -> ReportCount:
    home, body = await call.may_here(), call.body
    made = call.services.figures.service.count_again(call.actor, home, _day(body.first), _day(body.last))
    return ReportCount(await made)


@api.get("/report-schedule", "Schedule of mailed reports.", "report.read", cli="report schedule", asks="handler")
async def _plan(call: Call) -> ReportSchedule:
    plan = await call.services.figures.telling.plan(call.actor, await call.may_here())
    return ReportSchedule(list(plan.periods), plan.form)


@api.put(
    "/report-schedule", "Set the schedule of mailed reports.", "report.change", ReportScheduleUpdate,
    cli="report plan periods", asks="handler",
)  # fmt: skip
async def _set_plan(call: Call) -> ReportSchedule:
    home = await call.may_here()
    plan = await call.services.figures.telling.set_plan(call.actor, home, call.body.periods, call.body.form)
    return ReportSchedule(list(plan.periods), plan.form)


@api.get(
    "/availability", "Availability and outages by service.", "report.read", query=AvailabilityQuery,
    cli="report availability",
)  # fmt: skip
async def _availability(call: Call) -> Page[ServiceAvailability]:
    now = int(datetime.now(UTC).timestamp() * 1000)
    until = milliseconds(call.query.until) if call.query.until else now
    since = milliseconds(call.query.since) if call.query.since else until - 30 * DAY
    found = await call.services.figures.serving.look(call.actor, since, until)
    return part(found, lambda one: one.service, call.page, _service)


@api.get("/planned-work", "Announced maintenance.", "report.read", cli="report work")
async def _works(call: Call) -> Page[PlannedWork]:
    works = await call.services.figures.serving.works(call.actor)
    # The newest first: the key counts backwards.
    return part(works, lambda one: (1 << 52) - one.since, call.page, PlannedWork.from_row)


@api.post(
    "/planned-work", "Announce maintenance.", "report.change", PlannedWorkCreate, status=201,
    cli="report announce since until",
)  # fmt: skip
async def _announce(call: Call) -> PlannedWork:
    body = call.body
    made = await call.services.figures.serving.announce(
        call.actor, milliseconds(body.since), milliseconds(body.until), body.services
    )
    return PlannedWork.from_row(made)


@api.delete(
    "/planned-work", "Cancel or end announced maintenance.", "report.change", query=PlannedWorkQuery,
    cli="report withdraw since",
)  # fmt: skip
async def _withdraw(call: Call) -> None:
    await call.services.figures.serving.withdraw(call.actor, milliseconds(call.query.since))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None


def _told(one: Report) -> UsageReport:
    ordered = sorted(one.people, key=lambda each: (-each.tally.received - each.tally.sent, each.login))
    return UsageReport(
        one.period, one.first.isoformat(), one.last.isoformat(), _tally(one.total),
        None if one.whole is None else _whole(one.whole),
        [UsageReportDay(day, _tally(tally), None if one.whole is None else _whole(whole)) for day, tally, whole in one.counted],
        [UsageReportDepartment(name, many, _tally(tally)) for name, many, tally in one.departments],
        [
            UsageReportPerson.from_row(each, tally=_tally(each.tally))
            for each in ordered[:SHOWN]
        ],
        len(ordered), list(one.outside_in), list(one.outside_out), list(one.countries), len(one.dormant), one.used,
        one.growth, [_service(each) for each in one.availability], list(one.missing),
    )  # fmt: skip


def _tally(one: Tally) -> UsageTotals:
    return UsageTotals(*(getattr(one, name) for name in UsageTotals.__struct_fields__))


def _whole(one: Whole) -> InboundTotals:
    return InboundTotals(*(getattr(one, name) for name in InboundTotals.__struct_fields__))


def _service(one: Availability) -> ServiceAvailability:
    outages = [
        ServiceOutage.from_row(each, counted=each.counted_ms / 1000, planned=each.planned_ms / 1000)
        for each in one.outages
    ]
    return ServiceAvailability(one.service, round(one.percent, 6), one.due_ms / 1000, one.down_ms / 1000, outages)
