"""/database: size and tables of the database, maintenance by hand (as a task) and by schedule."""

from typing import Annotated, Literal

from msgspec import Meta, structs

from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.jobs import Task
from smartmail.edge.httpd.admin.resources.jobs import told as job_told
from smartmail.edge.httpd.admin.shapes import Count, Input, Output, Time, time_or_none
from smartmail.service.operations.admin_jobs import DATABASE_CARE
from smartmail.service.operations.database_care import CareDone, CarePlan, DatabaseView

SYSTEM = Scope("system")


class DatabaseTable(Output, frozen=True):
    """A table with its indexes; `rows` as estimated by the database."""

    name: str
    rows: Count
    octets: Count


class MaintenanceRun(Output, frozen=True):
    """A finished maintenance operation. `spared`: bytes freed; `findings` of a check, `troubles`: their number."""

    act: str
    at: Time
    seconds: Count
    good: bool
    spared: Count
    troubles: Count
    findings: list[str]


class Database(Output, frozen=True):
    """The database. `spare`: unused bytes inside; `log` and `disk` null: known only to its own host; `stepwise`:
    incremental vacuum is available; `needed`: free bytes that a compaction needs; `measuredAt`: when the tables were
    measured.
    """

    engine: Literal["sqlite", "postgres"]
    version: str
    octets: Count
    spare: Count
    log: Count | None
    disk: Count | None
    stepwise: bool
    needed: Count
    fits: bool
    measured_at: Time | None
    tables: list[DatabaseTable]
    done: list[MaintenanceRun]
    backup_at: Time | None


class MaintenanceRequest(Input, frozen=True):
    """`check`: integrity check; `optimise`: refresh statistics (ANALYZE); `give-back`: incremental vacuum; `rewrite`:
    compact (VACUUM), which blocks writes while it runs.
    """

    act: Literal["check", "optimise", "give-back", "rewrite"]


class MaintenanceSchedule(Output, frozen=True):
    """Weekly maintenance. `weekday` 0 (Monday) to 6, -1: never; `hour` in UTC."""

    weekday: int
    hour: int
    check: bool
    optimise: bool
    give_back: bool


class MaintenanceScheduleUpdate(Input, frozen=True):
    """The complete schedule of the weekly maintenance. `weekday` 0 (Monday) to 6, -1: never; `hour` in UTC."""

    weekday: Annotated[int, Meta(ge=-1, le=6)]
    hour: Annotated[int, Meta(ge=0, le=23)] = 18
    check: bool = True
    optimise: bool = True
    give_back: bool = True


api = Resource()


def _done(act: str, one: CareDone) -> MaintenanceRun:
    return MaintenanceRun.from_row(one, act=act)


def _told(view: DatabaseView) -> Database:
    facts = view.facts
    return Database.from_row(
        facts,
        needed=view.needed,
        fits=view.fits,
        measured_at=time_or_none(view.measured_at),
        tables=[DatabaseTable(one.name, one.rows, one.octets) for one in view.tables],
        done=[_done(act, one) for act, one in view.done.items()],
        backup_at=time_or_none(view.backup_at),
    )


@api.get("/database", "Size, tables and maintenance of the database.", "node.read", cli="database show")
async def _show(call: Call) -> Database:
    await call.may(SYSTEM)
    return _told(await call.services.database_care.view(call.actor))


@api.post(
    "/database/maintenance", "Run a maintenance operation.", "node.change", MaintenanceRequest, status=202, fresh=True,
    cli=(
        "database check act=check", "database optimise act=optimise", "database give-back act=give-back",
        "database rewrite act=rewrite",
    ),
)  # fmt: skip
async def _act(call: Call) -> Task:
    await call.may(SYSTEM)
    asked = {"act": call.body.act}
    return job_told(await call.services.admin_api.jobs.start(call.actor, DATABASE_CARE, asked))


@api.get("/database-schedule", "Schedule of the weekly maintenance.", "node.read", cli="database schedule")
async def _plan(call: Call) -> MaintenanceSchedule:
    await call.may(SYSTEM, "node.read")
    return MaintenanceSchedule(**structs.asdict(await call.services.database_care.plan(call.actor)))


@api.put(
    "/database-schedule", "Set the schedule of the weekly maintenance.", "node.change", MaintenanceScheduleUpdate,
    cli="database set-schedule weekday",
)  # fmt: skip
async def _set_plan(call: Call) -> MaintenanceSchedule:
    await call.may(SYSTEM)
    await call.services.database_care.set_plan(call.actor, CarePlan(**structs.asdict(call.body)))
    return await _plan(call)
