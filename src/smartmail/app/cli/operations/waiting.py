"""Waits for a task that a command began: a running server does it, or this process where none does."""

import asyncio
from typing import Final

from smartmail.app.cli.progress import Progress
from smartmail.domain.ids import OrganizationId
from smartmail.edge.httpd.admin.resources.jobs import Task, told
from smartmail.service.operations.admin_jobs import JobService

POLL_S: Final = 0.5
PATIENCE_POLLS: Final = 20
"""A server that runs has taken a task long before."""
_WRONG: Final = ("troubles", "missing", "lost", "failed")


async def ended(
    jobs: JobService, home: OrganizationId, task_id: int, *, shown: bool = True, patience: int = PATIENCE_POLLS
) -> Task:
    """Return a task when it has ended, with its progress on standard error meanwhile."""
    progress: Progress | None = None
    while (one := told(await jobs.job(home, task_id))).ended_at is None:
        progress = progress or Progress(one.kind, 1, shown=shown)
        progress.told(one.done, one.done, "steps", total=one.total or 1)
        if one.state == "waiting" and patience <= 0:
            await jobs.turn()
        patience -= 1
        await asyncio.sleep(POLL_S)
    # What else was taken up here is not left in the middle.
    await jobs.settle()
    if progress is not None:
        progress.end()
    return one


def is_good(task: Task) -> bool:
    """Say whether it was done, and found nothing wrong where it looked for that."""
    result = task.result or {}
    return task.state == "done" and bool(result.get("good", True)) and not any(result.get(name) for name in _WRONG)
