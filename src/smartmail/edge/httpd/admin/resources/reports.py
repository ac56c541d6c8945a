"""/reports, /availability and /planned-work: what mail came to, what served, and what was announced."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta

from smartmail.domain.errors import NotFound
from smartmail.domain.figures import Period, Report, Tally, Whole
from smartmail.domain.serving import Availability, PlannedWork
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Asked, Count, Id, Page, Time, Told, milliseconds, part, time_of
from smartmail.service.clock import DAY

FILE = "application/octet-stream"
Day = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-10-01"])]
Form = Literal["xlsx", "pdf"]
Language = Literal["ko", "en", "ja", "zh-Hans", "zh-Hant"]
SHOWN = 100


class FigureTally(Told, frozen=True):
    """Sums: copies received and their octets, from outside; messages sent, their octets, recipients, of these taken by other
    systems; copies for the spam mailbox; recipients that bounced; logins and failed ones.
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


class FigureWhole(Told, frozen=True):
    """What only the company has: messages from outside, found to be spam, with malware, refused at the door."""

    incoming: Count
    incoming_octets: Count
    spam: Count
    virus: Count
    rejected: Count


class FigureDay(Told, frozen=True):
    """One day of a report."""

    day: Day
    tally: FigureTally
    whole: FigureWhole | None


class FigurePerson(Told, frozen=True):
    """One person of a report."""

    account_id: Id
    login: str
    name: str
    tally: FigureTally
    used: Count
    growth: int


class FigureDepartment(Told, frozen=True):
    """A department with all below it."""

    name: str
    people: Count
    tally: FigureTally


class ServiceOutage(Told, frozen=True):
    """A service that did not serve; `counted` seconds of it count, announced work does not."""

    since: Time
    until: Time
    counted: float
    planned: float
    open: bool


class ServiceServed(Told, frozen=True):
    """One service in a span, in seconds."""

    service: str
    percent: float
    due: float
    down: float
    outages: list[ServiceOutage]


class FigureReport(Told, frozen=True):
    """A day, week or month. `people` are the hundred with most mail; a file has all. `missing`: days not counted."""

    period: Period
    first: Day
    last: Day
    total: FigureTally
    whole: FigureWhole | None
    days: list[FigureDay]
    departments: list[FigureDepartment]
    people: list[FigurePerson]
    people_count: Count
    outside_in: list[tuple[str, int]]
    outside_out: list[tuple[str, int]]
    countries: list[tuple[str, int, int]]
    dormant: Count
    used: Count
    growth: int
    availability: list[ServiceServed]
    missing: list[str]


class ReportFileAsked(Asked, frozen=True):
    """Which report as a file, and what it is for (ten characters at least)."""

    period: Period
    day: Day
    reason: Annotated[str, Meta(min_length=10, max_length=500)]
    form: Form = "xlsx"
    language: Language = "ko"


class ReportPlanTold(Told, frozen=True):
    """What is mailed to those who may see the company's reports when a span is over."""

    periods: list[Period]
    form: Form


class ReportPlanAsked(Asked, frozen=True):
    """What shall be mailed; none for nothing."""

    periods: Annotated[list[Period], Meta(max_length=3)]
    form: Form = "pdf"


class ServedQuery(Asked, frozen=True):
    """A span; the last thirty days when left out."""

    since: Time | None = None
    until: Time | None = None


class PlannedWorkTold(Told, frozen=True):
    """Work that was announced; no services: all of them."""

    since: Time
    until: Time
    services: list[str]
    announced_at: Time
    actor: str


class PlannedWorkNew(Asked, frozen=True):
    """Work to be announced before it begins."""

    since: Time
    until: Time
    services: Annotated[tuple[str, ...], Meta(max_length=20)] = ()


class PlannedWorkGone(Asked, frozen=True):
    """Work that begins at a time."""

    since: Time


async def _report(call: Call) -> FigureReport:
    await call.holds()
    period: Any = call.path["period"]
    report = await call.services.figures.service.report(
        call.actor, call.actor.organization_id, period, _day(call.path["day"])
    )
    return _told(report)


async def _file(call: Call) -> None:
    """Answer the file: that it was taken is on record before a byte leaves."""
    await call.holds()
    body = call.body
    made = await call.services.figures.telling.take(
        call.actor, call.actor.organization_id, body.period, _day(body.day), body.form, body.language, body.reason
    )
    name = f'attachment; filename="{made.name}"'
    await call.answer.whole(200, made.octets, made.content_type, [("content-disposition", name)])


async def _plan(call: Call) -> ReportPlanTold:
    plan = await call.services.figures.telling.plan(call.actor, await call.may_here())
    return ReportPlanTold(list(plan.periods), plan.form)


async def _set_plan(call: Call) -> ReportPlanTold:
    home = await call.may_here()
    plan = await call.services.figures.telling.set_plan(call.actor, home, call.body.periods, call.body.form)
    return ReportPlanTold(list(plan.periods), plan.form)


async def _availability(call: Call) -> Page[ServiceServed]:
    await call.holds()
    now = int(datetime.now(UTC).timestamp() * 1000)
    until = milliseconds(call.query.until) if call.query.until else now
    since = milliseconds(call.query.since) if call.query.since else until - 30 * DAY
    found = await call.services.figures.serving.look(call.actor, since, until)
    return part(found, lambda one: one.service, call.page, _service)


async def _works(call: Call) -> Page[PlannedWorkTold]:
    await call.holds()
    works = await call.services.figures.serving.works(call.actor)
    # The newest first: the key counts backwards.
    return part(works, lambda one: (1 << 52) - one.since, call.page, _work)


async def _announce(call: Call) -> PlannedWorkTold:
    await call.holds()
    body = call.body
    made = await call.services.figures.serving.announce(
        call.actor, milliseconds(body.since), milliseconds(body.until), body.services
    )
    return _work(made)


async def _withdraw(call: Call) -> None:
    await call.holds()
    await call.services.figures.serving.withdraw(call.actor, milliseconds(call.query.since))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None


def _told(one: Report) -> FigureReport:
    ordered = sorted(one.people, key=lambda each: (-each.tally.received - each.tally.sent, each.login))
    return FigureReport(
        one.period, one.first.isoformat(), one.last.isoformat(), _tally(one.total),
        None if one.whole is None else _whole(one.whole),
        [FigureDay(day, _tally(tally), None if one.whole is None else _whole(whole)) for day, tally, whole in one.counted],
        [FigureDepartment(name, many, _tally(tally)) for name, many, tally in one.departments],
        [
            FigurePerson(str(each.account_id), each.login, each.name, _tally(each.tally), each.used, each.growth)
            for each in ordered[:SHOWN]
        ],
        len(ordered), list(one.outside_in), list(one.outside_out), list(one.countries), len(one.dormant), one.used,
        one.growth, [_service(each) for each in one.availability], list(one.missing),
    )  # fmt: skip


def _tally(one: Tally) -> FigureTally:
    return FigureTally(*(getattr(one, name) for name in FigureTally.__struct_fields__))


def _whole(one: Whole) -> FigureWhole:
    return FigureWhole(*(getattr(one, name) for name in FigureWhole.__struct_fields__))


def _service(one: Availability) -> ServiceServed:
    outages = [
        ServiceOutage(
            time_of(each.since), time_of(each.until), each.counted_ms / 1000, each.planned_ms / 1000, each.open
        )
        for each in one.outages
    ]
    return ServiceServed(one.service, round(one.percent, 6), one.due_ms / 1000, one.down_ms / 1000, outages)


def _work(one: PlannedWork) -> PlannedWorkTold:
    return PlannedWorkTold(
        time_of(one.since), time_of(one.until), list(one.services), time_of(one.announced_at), one.actor
    )


OPERATIONS = (
    Operation("GET", "/reports/{period}/{day}", "What a day, week or month came to.", _report, "report.read", FigureReport),
    Operation("POST", "/reports/file", "A report as a file.", _file, "report.read", body=ReportFileAsked, stream=FILE),
    Operation("GET", "/report-plan", "What is mailed.", _plan, "report.read", ReportPlanTold),
    Operation("PUT", "/report-plan", "Say what is mailed.", _set_plan, "report.change", ReportPlanTold, body=ReportPlanAsked),
    Operation(
        "GET", "/availability", "What served and what did not.", _availability, "report.read", Page[ServiceServed],
        query=ServedQuery, paged=True,
    ),
    Operation("GET", "/planned-work", "Announced work.", _works, "report.read", Page[PlannedWorkTold], paged=True),
    Operation(
        "POST", "/planned-work", "Announce work.", _announce, "report.change", PlannedWorkTold, body=PlannedWorkNew, status=201,
    ),
    Operation("DELETE", "/planned-work", "Take work back, or end it.", _withdraw, "report.change", query=PlannedWorkGone),
)  # fmt: skip
