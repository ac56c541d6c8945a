"""/processes and /log-lines: the processes of this node, started anew, and what they logged of late."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.policy import Scope
from smartmail.domain.processes import LogLine, ProcessRow
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Asked, Count, Page, Time, Told, part, time_or_none

SYSTEM = Scope("system")


class ProcessTold(Told, frozen=True):
    """A process of this node. `silentMs`: since its last heartbeat; `memory` null: not known; `deaths` since the start."""

    name: str
    roles: list[str]
    state: Literal["ready", "starting", "stopping", "down"]
    pid: Count
    begun_at: Time | None
    silent_ms: Count
    memory: Count | None
    deaths: Count


class LogTold(Told, frozen=True):
    """A line of the log; what names people or hosts in `fields` is masked."""

    at: str
    level: str
    event: str
    process: str
    fields: dict[str, str]


class LogQuery(Asked, frozen=True):
    """Which lines: of a process, of a level or worse."""

    process: Annotated[str, Meta(max_length=40)] = ""
    level: Literal["debug", "info", "warning", "error"] = "info"


def _told(one: ProcessRow) -> ProcessTold:
    return ProcessTold(
        one.name, list(one.roles), one.state, one.pid, time_or_none(one.begun_at), one.silent_ms, one.memory, one.deaths
    )


def _line(one: LogLine) -> LogTold:
    return LogTold(one.at, one.level, one.event, one.process, one.fields)


async def _list(call: Call) -> Page[ProcessTold]:
    await call.may(SYSTEM)
    return part(await call.services.processes.rows(call.actor), lambda one: one.name, call.page, _told)


async def _restart(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.processes.restart(call.actor, call.path["name"])


async def _lines(call: Call) -> Page[LogTold]:
    await call.may(SYSTEM)
    found = await call.services.processes.lines(
        call.actor, process=call.query.process, level=call.query.level, limit=call.page.limit
    )
    # Only the newest: what is older is in the log of the system that runs the node.
    return Page([_line(one) for one in found])


OPERATIONS = (
    Operation("GET", "/processes", "Processes of this node.", _list, "node.read", Page[ProcessTold], paged=True),
    Operation("POST", "/processes/{name}/restart", "Let a process drain and start anew.", _restart, "node.change",
              status=204, fresh=True),
    Operation("GET", "/log-lines", "Newest lines of the log of this node, newest first.", _lines, "node.read",
              Page[LogTold], query=LogQuery, paged=True),
)  # fmt: skip
