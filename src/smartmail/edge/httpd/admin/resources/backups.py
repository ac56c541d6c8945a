"""/backups, /backup-runs, /backup-plan and mail that is brought back: what the commands of backups do, as work with progress."""

from typing import Annotated, Any

from msgspec import Meta, structs

from smartmail.domain.backup import BackupRun
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.jobs import JobTold
from smartmail.edge.httpd.admin.resources.jobs import told as job_told
from smartmail.edge.httpd.admin.shapes import (
    Asked,
    Count,
    Id,
    Page,
    Time,
    Told,
    milliseconds,
    time_of,
    time_or_none,
)
from smartmail.service.admin_jobs import BACKUP_BRING, BACKUP_REHEARSE, BACKUP_TAKE, BACKUP_VERIFY
from smartmail.service.backup.planning import Wish
from smartmail.service.backup.service import BackupLine

SYSTEM = Scope("system")
Text = Annotated[str, Meta(max_length=1000)]
Why = Annotated[str, Meta(min_length=10, max_length=1000, description="Ten characters at least; kept with the record.")]
Number = Annotated[int, Meta(ge=0, le=400)]
MAX_RUNS = 500


class BackupTold(Told, frozen=True):
    """A finished backup. `whole` false: blobs were missing, or its manifest does not open."""

    id: str
    taken_at: Time
    accounts: Count
    messages: Count
    row_octets: Count
    missing: Count
    whole: bool


class BackupReason(Asked, frozen=True):
    """Why it is taken now."""

    reason: Text = ""


class BackupRunTold(Told, frozen=True):
    """What was done: a backup, its verification, a rehearsal, a restore. `facts`: counts, never content."""

    id: Id
    kind: str
    state: str
    backup: str
    begun_at: Time
    ended_at: Time | None
    facts: dict[str, Any]


class BackupFindingTold(Told, frozen=True):
    """What is wrong."""

    trouble: str
    object: str
    meaning: str


class BackupStandingTold(Told, frozen=True):
    """Whether one can rely on the backups. `rehearsal`: the newest, whatever came of it."""

    green: bool
    place: str
    backup_at: Time | None
    rehearsal_at: Time | None
    findings: list[BackupFindingTold]
    rehearsal: BackupRunTold | None


class BackupPlanTold(Told, frozen=True):
    """Where backups go and when. `source`: `file` (the node file's section), `set` (set here), `none`. `hour` in UTC, -1:
    by hand only; `rate` octets a second, 0: no bound; `rehearseDays` 0: no rehearsal by itself.
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


class BackupPlanWanted(Asked, frozen=True):
    """The plan as it shall be: a directory or a bucket. `secretKey` "" keeps the one of the same endpoint, bucket and user."""

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


class Bringing(Asked, frozen=True):
    """What of a person's mail comes back: all, a mailbox (its path, from the top), or one message (`messageId`, or the
    Message-ID of its header as `headerId`), as of a day; what is missing in place, or with `beside` all of it in a mailbox of its own.
    """

    reason: Why
    mailbox: Annotated[list[Annotated[str, Meta(min_length=1, max_length=255)]], Meta(max_length=20)] = []  # noqa: RUF012 -- msgspec copies it
    message_id: Id | None = None
    header_id: Annotated[str, Meta(max_length=998)] = ""
    at: Time | None = None
    beside: bool = False


class BringingAll(Asked, frozen=True):
    """The same for everybody of the company."""

    reason: Why
    at: Time | None = None
    beside: bool = False


def _told(one: BackupLine) -> BackupTold:
    whole = one.manifest_ok and not one.missing
    return BackupTold(
        one.name, time_of(one.made_at), one.accounts, one.messages, one.octets_of_rows, one.missing, whole
    )


def _run(one: BackupRun) -> BackupRunTold:
    return BackupRunTold(
        str(one.id),
        one.kind,
        one.state,
        one.snapshot,
        time_of(one.begun_at),
        time_or_none(one.ended_at),
        dict(one.facts),
    )


async def _list(call: Call) -> Page[BackupTold]:
    await call.may(SYSTEM)
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


async def _take(call: Call) -> JobTold:
    await call.may(SYSTEM)
    return job_told(await call.services.admin_api.jobs.start(call.actor, BACKUP_TAKE, {"reason": call.body.reason}))


async def _verify(call: Call) -> JobTold:
    await call.may(SYSTEM)
    return job_told(await call.services.admin_api.jobs.start(call.actor, BACKUP_VERIFY, {"backup": call.path["name"]}))


async def _rehearse(call: Call) -> JobTold:
    await call.may(SYSTEM)
    return job_told(
        await call.services.admin_api.jobs.start(call.actor, BACKUP_REHEARSE, {"backup": call.path["name"]})
    )


async def _runs(call: Call) -> Page[BackupRunTold]:
    await call.may(SYSTEM)
    after = call.page.after_number
    found = [one for one in await call.services.backups.runs(call.actor, MAX_RUNS) if not after or one.id < after]
    shown = found[: call.page.limit]
    return Page([_run(one) for one in shown], str(shown[-1].id) if len(found) > call.page.limit else None)


async def _standing(call: Call) -> BackupStandingTold:
    await call.may(SYSTEM)
    one = await call.services.backups.standing(call.actor)
    runs = [run for run in await call.services.backups.runs(call.actor, MAX_RUNS) if run.kind == "rehearsal"]
    return BackupStandingTold(
        one.green, (await call.services.backups.plan()).words, time_or_none(one.backup_at),
        time_or_none(one.rehearsal_at), [BackupFindingTold(found.trouble, found.object, found.meaning) for found in one.findings],
        _run(runs[0]) if runs else None,
    )  # fmt: skip


async def _plan(call: Call) -> BackupPlanTold:
    await call.may(SYSTEM, "backup.read")
    wish, plan = await call.services.backups.plans.wish(call.actor), await call.services.backups.plan()
    source = "set" if wish is not None else "file" if plan.place is not None else "none"
    keeping = plan.keeping
    one = wish or Wish()
    return BackupPlanTold(
        source, plan.words, one.directory, one.bucket, one.endpoint, one.region, one.prefix, one.access_key,
        -1 if plan.hour is None else plan.hour, keeping.days, keeping.weeks, keeping.months, plan.rate,
        plan.rehearse_days,
    )  # fmt: skip


async def _set_plan(call: Call) -> BackupPlanTold:
    await call.may(SYSTEM)
    asked = structs.asdict(call.body)
    secret = asked.pop("secret_key")
    await call.services.backups.plans.set(call.actor, Wish(**asked), secret)
    return await _plan(call)


async def _drop_plan(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.backups.plans.set(call.actor, None)


async def _bring(call: Call) -> JobTold:
    account_id = await call.account()
    body: Bringing = call.body
    asked = {
        "account": int(account_id), "mailbox": body.mailbox, "message": int(body.message_id) if body.message_id else None,
        "header_id": body.header_id, "at": None if body.at is None else milliseconds(body.at), "beside": body.beside, "reason": body.reason,
    }  # fmt: skip
    return job_told(await call.services.admin_api.jobs.start(call.actor, BACKUP_BRING, asked))


async def _bring_all(call: Call) -> JobTold:
    await call.may_here()
    body: BringingAll = call.body
    asked: dict[str, Any] = {
        "account": None, "mailbox": [], "message": None, "beside": body.beside, "reason": body.reason,
        "at": None if body.at is None else milliseconds(body.at),
    }  # fmt: skip
    return job_told(await call.services.admin_api.jobs.start(call.actor, BACKUP_BRING, asked))


OPERATIONS = (
    Operation("GET", "/backups", "Backups, newest first.", _list, "backup.read", Page[BackupTold], paged=True),
    Operation("POST", "/backups", "Take a backup now.", _take, "backup.run", JobTold, BackupReason, status=202),
    Operation("GET", "/backups/standing", "Whether one can rely on the backups.", _standing, "backup.read", BackupStandingTold),
    Operation("POST", "/backups/{name}/verify", "Read a backup back and name what is wrong.", _verify, "backup.run",
              JobTold, status=202),
    Operation("POST", "/backups/{name}/rehearsal", "Restore a backup into a sandbox, compare, read everything.", _rehearse,
              "backup.run", JobTold, status=202),
    Operation("GET", "/backup-runs", "What was done, newest first.", _runs, "backup.read", Page[BackupRunTold], paged=True),
    Operation("GET", "/backup-plan", "Where backups go and when.", _plan, "backup.read", BackupPlanTold),
    Operation("PUT", "/backup-plan", "Set where backups go and when; the place is tried first.", _set_plan, "backup.run",
              BackupPlanTold, BackupPlanWanted, fresh=True),
    Operation("DELETE", "/backup-plan", "Let the node file say it again.", _drop_plan, "backup.run", fresh=True),
    Operation("POST", "/accounts/{id}/mail-restores", "Bring mail of a person back.", _bring, "backup.restore", JobTold,
              Bringing, status=202),
    Operation("POST", "/mail-restores", "Bring mail of everybody back.", _bring_all, "backup.restore", JobTold, BringingAll,
              status=202),
)  # fmt: skip
