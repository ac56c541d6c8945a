"""/backups, /backup-runs, /backup-schedule and message restores, as tasks with progress."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, structs

from smartmail.domain import backup
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.jobs import Task
from smartmail.edge.httpd.admin.resources.jobs import told as job_told
from smartmail.edge.httpd.admin.shapes import (
    Count,
    Id,
    Input,
    Output,
    Page,
    Time,
    milliseconds,
    time_of,
)
from smartmail.service.operations.admin_jobs import BACKUP_BRING, BACKUP_REHEARSE, BACKUP_TAKE, BACKUP_VERIFY
from smartmail.service.operations.backup.planning import Wish
from smartmail.service.operations.backup.service import BackupLine

SYSTEM = Scope("system")
Text = Annotated[str, Meta(max_length=1000)]
Why = Annotated[str, Meta(min_length=10, max_length=1000, description="Ten characters at least; kept with the record.")]
AsOf = Annotated[datetime, Meta(tz=True, examples=["2026-11-26T09:00:00Z"], extra={"day": "end"})]
Number = Annotated[int, Meta(ge=0, le=400)]
MAX_RUNS = 500


class Backup(Output, frozen=True):
    """A finished backup. `whole` false: blobs were missing, or its manifest cannot be read."""

    id: str
    taken_at: Time
    accounts: Count
    messages: Count
    row_octets: Count
    missing: Count
    whole: bool


class BackupCreate(Input, frozen=True):
    """Why the backup is made now."""

    reason: Text = ""


class BackupRun(Output, frozen=True):
    """A run: a backup, its verification, a restore test, a restore. `facts`: counters, without content."""

    id: Id
    kind: str
    state: str
    backup: str
    begun_at: Time
    ended_at: Time | None
    facts: dict[str, Any]


class BackupFinding(Output, frozen=True):
    """A problem."""

    trouble: str
    object: str
    meaning: str


class BackupStatus(Output, frozen=True):
    """Whether the backups are reliable. `rehearsal`: the last restore test, whatever its result."""

    green: bool
    place: str
    backup_at: Time | None
    rehearsal_at: Time | None
    findings: list[BackupFinding]
    rehearsal: BackupRun | None


class BackupSchedule(Output, frozen=True):
    """Location and time of backups. `source`: `file` (the node file), `set` (set here), `none`. `hour` in UTC, -1: only
    by hand; `rate` in bytes per second, 0: unlimited; `rehearseDays` 0: no automatic restore test.
    """

    source: str
    place: str
    directory: str
    bucket: str
    endpoint: str
    region: str
    prefix: str
    access_key: str
    hour: int
    keep_days: Count
    keep_weeks: Count
    keep_months: Count
    rate: Count
    rehearse_days: Count


class BackupScheduleUpdate(Input, frozen=True):
    """The complete schedule: a directory or a bucket. `secretKey` "" keeps the one of the same endpoint, bucket and
    user.
    """

    directory: Text = ""
    bucket: Text = ""
    endpoint: Text = ""
    region: Text = "us-east-1"
    prefix: Text = ""
    access_key: Text = ""
    secret_key: Text = ""
    hour: Annotated[int, Meta(ge=-1, le=23)] = 18
    keep_days: Annotated[int, Meta(ge=1, le=400)] = 7
    keep_weeks: Number = 4
    keep_months: Number = 12
    rate: Annotated[int, Meta(ge=0, le=1 << 40)] = 0
    rehearse_days: Number = 7


class MessageRestoreCreate(Input, frozen=True):
    """Messages to restore: all of an account, a mailbox (its path from the top), or one message (`messageId`, or its
    Message-ID header as `headerId`), as of a day; only what is missing in its place, or with `beside` everything into a
    separate mailbox.
    """

    reason: Why
    mailbox: Annotated[list[Annotated[str, Meta(min_length=1, max_length=255)]], Meta(max_length=20)] = []  # noqa: RUF012 -- msgspec copies it
    message_id: Id | None = None
    header_id: Annotated[str, Meta(max_length=998)] = ""
    at: AsOf | None = None
    beside: bool = False


class MessageRestoreAllCreate(Input, frozen=True):
    """Messages to restore for all accounts of the organization."""

    reason: Why
    at: AsOf | None = None
    beside: bool = False


api = Resource(asks="system")


def _told(one: BackupLine) -> Backup:
    whole = one.manifest_ok and not one.missing
    return Backup(one.name, time_of(one.made_at), one.accounts, one.messages, one.octets_of_rows, one.missing, whole)


def _run(one: backup.BackupRun) -> BackupRun:
    return BackupRun.from_row(one, backup=one.snapshot, facts=dict(one.facts))


@api.get("/backups", "Backups, newest first.", "backup.read", cli="backup list")
async def _list(call: Call) -> Page[Backup]:
    if (await call.services.backups.plan()).place is None:
        return Page([])
    # Newest first; names are times, all of one length.
    found = [
        one
        for one in await call.services.backups.backups(call.actor)
        if not call.page.after or one.name < call.page.after
    ]
    shown = found[: call.page.limit]
    return Page([_told(one) for one in shown], shown[-1].name if len(found) > call.page.limit else None)


@api.post("/backups", "Make a backup now.", "backup.run", BackupCreate, status=202, cli="backup take")
async def _take(call: Call) -> Task:
    return job_told(await call.services.admin_api.jobs.start(call.actor, BACKUP_TAKE, {"reason": call.body.reason}))


@api.get("/backups/status", "Whether the backups are reliable.", "backup.read")
async def _standing(call: Call) -> BackupStatus:
    one = await call.services.backups.standing(call.actor)
    runs = [run for run in await call.services.backups.runs(call.actor, MAX_RUNS) if run.kind == "rehearsal"]
    return BackupStatus.from_row(
        one,
        place=(await call.services.backups.plan()).words,
        findings=[BackupFinding(found.trouble, found.object, found.meaning) for found in one.findings],
        rehearsal=_run(runs[0]) if runs else None,
    )


@api.post(
    "/backups/{name}/verify", "Verify a backup, by its id or `newest`.", "backup.run", status=202, cli="backup verify"
)
async def _verify(call: Call) -> Task:
    return job_told(await call.services.admin_api.jobs.start(call.actor, BACKUP_VERIFY, {"backup": _named(call)}))


def _named(call: Call) -> str:
    return "" if call.path["name"] == "newest" else call.path["name"]


@api.post(
    "/backups/{name}/restore-test", "Restore test of a backup, by its id or `newest`, in a sandbox.", "backup.run",
    status=202, cli="backup rehearse",
)  # fmt: skip
async def _rehearse(call: Call) -> Task:
    return job_told(await call.services.admin_api.jobs.start(call.actor, BACKUP_REHEARSE, {"backup": _named(call)}))


@api.get("/backup-runs", "Backup runs, newest first.", "backup.read", cli="backup runs")
async def _runs(call: Call) -> Page[BackupRun]:
    after = call.page.after_number
    found = [one for one in await call.services.backups.runs(call.actor, MAX_RUNS) if not after or one.id < after]
    shown = found[: call.page.limit]
    return Page([_run(one) for one in shown], str(shown[-1].id) if len(found) > call.page.limit else None)


@api.get("/backup-schedule", "Location and schedule of backups.", "backup.read", cli="backup schedule", asks="handler")
async def _plan(call: Call) -> BackupSchedule:
    await call.may(SYSTEM, "backup.read")
    wish, plan = await call.services.backups.plans.wish(call.actor), await call.services.backups.plan()
    source = "set" if wish is not None else "file" if plan.place is not None else "none"
    keeping = plan.keeping
    one = wish or Wish()
    return BackupSchedule(
        source, plan.words, one.directory, one.bucket, one.endpoint, one.region, one.prefix, one.access_key,
        -1 if plan.hour is None else plan.hour, keeping.days, keeping.weeks, keeping.months, plan.rate,
        plan.rehearse_days,
    )  # fmt: skip


@api.put(
    "/backup-schedule", "Set location and schedule of backups; the location is tested first.", "backup.run",
    BackupScheduleUpdate, fresh=True, cli="backup set-schedule",
)  # fmt: skip
async def _set_plan(call: Call) -> BackupSchedule:
    asked = structs.asdict(call.body)
    secret = asked.pop("secret_key")
    await call.services.backups.plans.set(call.actor, Wish(**asked), secret)
    return await _plan(call)


@api.delete(
    "/backup-schedule", "Return to the settings of the node file.", "backup.run", fresh=True,
    cli="backup reset-schedule",
)  # fmt: skip
async def _drop_plan(call: Call) -> None:
    await call.services.backups.plans.set(call.actor, None)


@api.post(
    "/accounts/{id}/message-restores", "Restore messages of an account.", "backup.restore", MessageRestoreCreate,
    status=202, cli="backup bring", asks="handler",
)  # fmt: skip
async def _bring(call: Call) -> Task:
    account_id = await call.account()
    body: MessageRestoreCreate = call.body
    asked = {
        "account": int(account_id), "mailbox": body.mailbox, "message": int(body.message_id) if body.message_id else None,
        "header_id": body.header_id, "at": None if body.at is None else milliseconds(body.at), "beside": body.beside, "reason": body.reason,
    }  # fmt: skip
    return job_told(await call.services.admin_api.jobs.start(call.actor, BACKUP_BRING, asked))


@api.post(
    "/message-restores", "Restore messages of all accounts.", "backup.restore", MessageRestoreAllCreate, status=202,
    asks="organization",
)  # fmt: skip
async def _bring_all(call: Call) -> Task:
    body: MessageRestoreAllCreate = call.body
    asked: dict[str, Any] = {
        "account": None, "mailbox": [], "message": None, "beside": body.beside, "reason": body.reason,
        "at": None if body.at is None else milliseconds(body.at),
    }  # fmt: skip
    return job_told(await call.services.admin_api.jobs.start(call.actor, BACKUP_BRING, asked))
