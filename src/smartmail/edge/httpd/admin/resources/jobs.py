"""/jobs: long work, how far it is, and its end before its time."""

from typing import Any

from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Count, Id, Page, Time, Told, cut, time_of, time_or_none
from smartmail.service.admin_jobs import JobView


class JobTold(Told, frozen=True):
    """Long work. `state`: waiting, running, done, failed (`error` has the code), cancelled. `total` 0: not known."""

    id: Id
    kind: str
    state: str
    done: Count
    total: Count
    created_at: Time
    started_at: Time | None
    ended_at: Time | None
    cancelling: bool
    error: str
    result: dict[str, Any] | None


def told(view: JobView) -> JobTold:
    """Return a job as it is told."""
    row = view.row
    return JobTold(
        str(row.id), row.kind, row.state, row.done, row.total, time_of(row.created_at), time_or_none(row.started_at),
        time_or_none(row.ended_at), row.cancelling, row.error, view.result,
    )  # fmt: skip


async def _list(call: Call) -> Page[JobTold]:
    home = await call.may_here()
    rows = await call.services.admin_api.jobs.list_all(home, call.page.after_number, call.page.limit + 1)
    return cut(rows, lambda one: one.row.id, call.page, told)


async def _get(call: Call) -> JobTold:
    home = await call.may_here()
    return told(await call.services.admin_api.jobs.job(home, call.number()))


async def _cancel(call: Call) -> JobTold:
    home = await call.may_here()
    return told(await call.services.admin_api.jobs.cancel(call.actor, home, call.number()))


OPERATIONS = (
    Operation("GET", "/jobs", "Long work, newest first.", _list, "organization.read", Page[JobTold], paged=True),
    Operation("GET", "/jobs/{id}", "One job.", _get, "organization.read", JobTold),
    Operation("POST", "/jobs/{id}/cancel", "End a job before its time.", _cancel, "organization.change", JobTold),
)
