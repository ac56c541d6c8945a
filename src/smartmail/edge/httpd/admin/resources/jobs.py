"""/tasks: long-running work, its progress, and cancelling it."""

from typing import Any

from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Count, Id, Output, Page, Time, cut, time_of, time_or_none
from smartmail.service.admin_jobs import JobView


class Task(Output, frozen=True):
    """A task. `state`: waiting, running, done, failed (`error` has the code), cancelled. `total` 0: not known."""

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


def told(view: JobView) -> Task:
    """Return a job as it is told."""
    row = view.row
    return Task(
        str(row.id), row.kind, row.state, row.done, row.total, time_of(row.created_at), time_or_none(row.started_at),
        time_or_none(row.ended_at), row.cancelling, row.error, view.result,
    )  # fmt: skip


async def _list(call: Call) -> Page[Task]:
    home = await call.may_here()
    rows = await call.services.admin_api.jobs.list_all(home, call.page.after_number, call.page.limit + 1)
    return cut(rows, lambda one: one.row.id, call.page, told)


async def _get(call: Call) -> Task:
    home = await call.may_here()
    return told(await call.services.admin_api.jobs.job(home, call.number()))


async def _cancel(call: Call) -> Task:
    home = await call.may_here()
    return told(await call.services.admin_api.jobs.cancel(call.actor, home, call.number()))


OPERATIONS = (
    Operation("GET", "/tasks", "Tasks, newest first.", _list, "organization.read", Page[Task], paged=True),
    Operation("GET", "/tasks/{id}", "One task.", _get, "organization.read", Task),
    Operation("POST", "/tasks/{id}/cancel", "Cancel a task.", _cancel, "organization.change", Task),
)
