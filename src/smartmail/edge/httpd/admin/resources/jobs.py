"""/tasks: long-running work, its progress, and cancelling it."""

from typing import Any, Final

from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Id, Output, Page, Time, cut
from smartmail.service.flow.leak_dry_run import LEAK_DRY_RUN
from smartmail.service.operations.admin_jobs import JobView

ELSEWHERE: Final = frozenset({LEAK_DRY_RUN})
"""Kinds whose result asks for another right than tasks do."""


class Task(Output, frozen=True):
    """A task. `state`: waiting, running, done, failed (`error` has the code, `detail` the reason in words, if any; `reasons`
    and `facts` as in an error), cancelled. `total` 0: not known.
    """

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
    detail: str
    reasons: list[str]
    facts: dict[str, str | int]
    result: dict[str, Any] | None


api = Resource(asks="organization")


def told(view: JobView) -> Task:
    """Return a job as it is told."""
    row = view.row
    result = None if row.kind in ELSEWHERE else view.result
    return Task.from_row(row, detail=view.detail, reasons=list(view.reasons), facts=dict(view.facts), result=result)


@api.get(
    "/tasks", "Tasks, newest first.", "organization.read", cli="job list",
    columns="id kind state done total error createdAt",
)  # fmt: skip
async def _list(call: Call) -> Page[Task]:
    rows = await call.services.admin_api.jobs.list_all(call.home, call.page.after_number, call.page.limit + 1)
    return cut(rows, lambda one: one.row.id, call.page, told)


@api.get("/tasks/{id}", "One task.", "organization.read", cli="job show")
async def _get(call: Call) -> Task:
    return told(await call.services.admin_api.jobs.job(call.home, call.number()))


@api.post("/tasks/{id}/cancel", "Cancel a task.", "organization.change", cli="job cancel")
async def _cancel(call: Call) -> Task:
    return told(await call.services.admin_api.jobs.cancel(call.actor, call.home, call.number()))
