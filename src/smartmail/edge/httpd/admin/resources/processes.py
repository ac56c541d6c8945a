"""/processes and /log-lines: the processes of this node, their restart and their log."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.policy import Scope
from smartmail.domain.tasks import HeldTask
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Input, Output, Page, Time, part, time_of

SYSTEM = Scope("system")


class Process(Output, frozen=True):
    """A process of this node. `silentMs`: time since its last heartbeat; `memory` in bytes, null: unknown; `deaths`:
    restarts since the start.
    """

    name: str
    roles: list[str]
    state: Literal["ready", "starting", "stopping", "down"]
    pid: Count
    begun_at: Time | None
    silent_ms: Count
    memory: Count | None
    deaths: Count


class RunningTask(Output, frozen=True):
    """Work that a process of any node holds. `key`: its number or name in its kind; `total` 0: not known; `leasedUntil`: when
    another process may continue it, unless the lease is renewed.
    """

    kind: str
    key: str
    worker: str
    done: Count
    total: Count
    leased_until: Time


class LogEntry(Output, frozen=True):
    """A line of the log; persons and hosts in `fields` are masked."""

    at: str
    level: str
    event: str
    process: str
    fields: dict[str, str]


class LogQuery(Input, frozen=True):
    """Which lines: of a process, of a level or worse."""

    process: Annotated[str, Meta(max_length=40)] = ""
    level: Literal["debug", "info", "warning", "error"] = "info"


api = Resource(asks="system")


@api.get("/processes", "Processes of this node.", "node.read")
async def _list(call: Call) -> Page[Process]:
    return part(await call.services.processes.rows(call.actor), lambda one: one.name, call.page, Process.from_row)


def _task(one: HeldTask) -> RunningTask:
    return RunningTask(one.kind, one.key, one.worker, one.done, one.total, time_of(one.leased_until))


@api.get("/running-tasks", "Work that processes hold now, of all kinds, and its progress.", "node.read")
async def _tasks(call: Call) -> Page[RunningTask]:
    found = await call.services.processes.tasks(call.actor)
    return part(found, lambda one: f"{one.kind} {one.key}", call.page, _task)


@api.post("/processes/{name}/restart", "Drain and restart a process.", "node.change", status=204, fresh=True)
async def _restart(call: Call) -> None:
    await call.services.processes.restart(call.actor, call.path["name"])


@api.get("/log-lines", "Log of this node, newest first.", "node.read", query=LogQuery)
async def _lines(call: Call) -> Page[LogEntry]:
    found = await call.services.processes.lines(
        call.actor, process=call.query.process, level=call.query.level, limit=call.page.limit
    )
    # Only the newest: what is older is in the log of the system that runs the node.
    return Page([LogEntry.from_row(one) for one in found])
