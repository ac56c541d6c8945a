"""/database: what the database holds, its care by hand as work with progress, and by week."""

from typing import Annotated, Literal

from msgspec import Meta, structs

from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.jobs import JobTold
from smartmail.edge.httpd.admin.resources.jobs import told as job_told
from smartmail.edge.httpd.admin.shapes import Asked, Count, Time, Told, time_of, time_or_none
from smartmail.service.admin_jobs import DATABASE_CARE
from smartmail.service.database_care import CareDone, CarePlan, DatabaseView

SYSTEM = Scope("system")


class DatabaseTableTold(Told, frozen=True):
    """A table with its indexes; `rows` as the database reckons them."""

    name: str
    rows: Count
    octets: Count


class CareDoneTold(Told, frozen=True):
    """How an act went. `spared`: octets that came free; `findings` of a check, `troubles` how many there were."""

    act: str
    at: Time
    seconds: Count
    good: bool
    spared: Count
    troubles: Count
    findings: list[str]


class DatabaseTold(Told, frozen=True):
    """The database. `spare`: octets inside that hold nothing; `log` and `disk` null: only its own host knows; `stepwise`:
    spare room can be given back while mail goes on; `needed`: free octets that a rewrite needs; `measuredAt`: of when
    the tables are.
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
    tables: list[DatabaseTableTold]
    done: list[CareDoneTold]
    backup_at: Time | None


class DatabaseCareWanted(Asked, frozen=True):
    """`check` reads everything; `optimise` counts anew what ways are planned by; `give-back` returns spare room in steps;
    `rewrite` writes everything anew, and mail waits for it.
    """

    act: Literal["check", "optimise", "give-back", "rewrite"]


class DatabasePlanTold(Told, frozen=True):
    """The week's care. `weekday` 0 (Monday) to 6, -1: never by itself; `hour` in UTC."""

    weekday: int
    hour: int
    check: bool
    optimise: bool
    give_back: bool


class DatabasePlanWanted(Asked, frozen=True):
    """The week's care as it shall be."""

    weekday: Annotated[int, Meta(ge=-1, le=6)]
    hour: Annotated[int, Meta(ge=0, le=23)] = 18
    check: bool = True
    optimise: bool = True
    give_back: bool = True


def _done(act: str, one: CareDone) -> CareDoneTold:
    return CareDoneTold(act, time_of(one.at), one.seconds, one.good, one.spared, one.troubles, list(one.findings))


def _told(view: DatabaseView) -> DatabaseTold:
    facts = view.facts
    return DatabaseTold(
        facts.engine, facts.version, facts.octets, facts.spare, facts.log, facts.disk, facts.stepwise, view.needed,
        view.fits, time_or_none(view.measured_at),
        [DatabaseTableTold(one.name, one.rows, one.octets) for one in view.tables],
        [_done(act, one) for act, one in view.done.items()], time_or_none(view.backup_at),
    )  # fmt: skip


async def _show(call: Call) -> DatabaseTold:
    await call.may(SYSTEM)
    return _told(await call.services.database_care.view(call.actor))


async def _act(call: Call) -> JobTold:
    await call.may(SYSTEM)
    asked = {"act": call.body.act}
    return job_told(await call.services.admin_api.jobs.start(call.actor, DATABASE_CARE, asked))


async def _plan(call: Call) -> DatabasePlanTold:
    await call.may(SYSTEM, "node.read")
    return DatabasePlanTold(**structs.asdict(await call.services.database_care.plan(call.actor)))


async def _set_plan(call: Call) -> DatabasePlanTold:
    await call.may(SYSTEM)
    await call.services.database_care.set_plan(call.actor, CarePlan(**structs.asdict(call.body)))
    return await _plan(call)


OPERATIONS = (
    Operation("GET", "/database", "The database: its size, its tables, what was done for it.", _show, "node.read",
              DatabaseTold),
    Operation("POST", "/database/care", "Check the database, count anew, give room back, or write it anew.", _act,
              "node.change", JobTold, DatabaseCareWanted, status=202, fresh=True),
    Operation("GET", "/database-plan", "The week's care of the database.", _plan, "node.read", DatabasePlanTold),
    Operation("PUT", "/database-plan", "Set the week's care of the database.", _set_plan, "node.change",
              DatabasePlanTold, DatabasePlanWanted),
)  # fmt: skip
