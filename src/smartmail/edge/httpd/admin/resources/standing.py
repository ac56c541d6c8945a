"""/standing: what needs attention, and what was looked at and is well; the first page of the admin web ranks it.

Alarms say what is wrong with the system (service.operations.alarms: nothing is measured twice here); what waits for a
decision is counted. What nobody could look at is told as unknown, never as well.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, Literal

from smartmail.domain.alarms import Alarm
from smartmail.domain.authority import Permission
from smartmail.domain.errors import MailError
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.installation import SYSTEM
from smartmail.edge.httpd.admin.shapes import Count, Output, Time, time_of
from smartmail.service.kernel.clock import DAY

Level = Literal["critical", "warning", "notice", "clear", "unknown"]
WAVE: Final = 3
"""From so many reports on, phishing is a wave: other people have it too."""
MOST_CASES: Final = 1_000


class StandingItem(Output, frozen=True):
    """Something that is looked at. `name`: an alarm condition (`alarm.queue.length`) or what waits (`approvals`);
    `value`: how much or how many, in the condition's unit; `about`: of what, "" for the whole; `since` null: unknown;
    `due`: of the pending ones, how many lapse within a day. `level` clear: looked at, and well; unknown: nobody can say.
    """

    name: str
    level: Level
    value: Count = 0
    since: Time | None = None
    about: str = ""
    due: Count = 0
    acknowledged_by: str = ""


class Standing(Output, frozen=True):
    """What is looked at, and how many processes were measured lately and how many of them are silent (null: not visible)."""

    items: list[StandingItem]
    processes: Count | None
    silent: Count | None


api = Resource()
Look = Callable[[Call], Awaitable[StandingItem]]


@api.get("/standing", "What needs attention, and what was looked at and is well.")
async def _standing(call: Call) -> Standing:
    call.open_to_all()
    items = [one async for one in _alarms(call)] + [one async for one in _pending(call)]
    if not await call.services.authority.may(call.actor, "node.read", SYSTEM):
        return Standing(items, None, None)
    seen = await call.services.trends.view.processes(call.actor)
    return Standing(items, len(seen), sum(one.silent for one in seen))


async def _alarms(call: Call) -> AsyncIterator[StandingItem]:
    """Alarms that stand, and the conditions that do not."""
    if not await call.services.authority.may(call.actor, "node.read", SYSTEM):
        return
    alarms = call.services.alarms.service
    names = {f"certificate:{one.id}": one.names[0] for one in await call.services.certificates.rows() if one.names}
    standing = await alarms.standing(call.actor)
    for one in standing:
        yield _alarm(one, names)
    met = {one.condition for one in standing}
    for watch in await alarms.watched(call.actor):
        if watch.condition.name == "backup.age" and watch.state == "none":
            yield StandingItem("neverBackup", "warning")
        elif watch.condition.name not in met:
            level: Level = "clear" if watch.state == "clear" else "unknown"
            yield StandingItem(f"alarm.{watch.condition.name}", level)


def _alarm(one: Alarm, names: dict[str, str]) -> StandingItem:
    # What an administrator sees to is still there, and no longer what everybody must look at.
    level: Level = "notice" if one.acknowledged_at is not None else one.level
    about = names.get(one.subject, one.subject)
    return StandingItem(
        f"alarm.{one.condition}", level, one.value, time_of(one.since), about, acknowledged_by=one.acknowledged_by
    )


async def _pending(call: Call) -> AsyncIterator[StandingItem]:
    """What waits for a decision of an administrator."""
    own = Scope("organization", str(call.actor.organization_id))
    for name, permission, look in _LOOKS:
        if await call.services.authority.may(call.actor, permission, own):
            try:
                yield await look(call)
            except MailError:
                yield StandingItem(name, "unknown")


def _now() -> int:
    return int(time.time() * 1000)


def _waiting(name: str, since: list[int], due: int = 0, level: Level = "notice") -> StandingItem:
    if not since:
        return StandingItem(name, "clear")
    return StandingItem(name, "warning" if due else level, len(since), time_of(min(since)), due=due)


async def _approvals(call: Call) -> StandingItem:
    rows = [one.row for one in await call.services.addressing.approvals.list_all("waiting", call.actor.organization_id)]
    soon = _now() + DAY
    return _waiting("approvals", [one.asked_at for one in rows], sum(one.expires_at < soon for one in rows))


async def _proposals(call: Call) -> StandingItem:
    rows = [one.row for one in await call.services.proposals.list_all(call.actor)]
    soon = _now() + DAY
    return _waiting("proposals", [one.created_at for one in rows], sum(one.expires_at < soon for one in rows))


async def _changes(call: Call) -> StandingItem:
    rows = await call.services.policy_changes.changes(call.actor, ("proposed",))
    return _waiting("changes", [one.made_at for one in rows])


async def _passes(call: Call) -> StandingItem:
    rows = await call.services.access.passes.of(call.actor, call.actor.organization_id)
    return _waiting("passes", [one.row.asked_at for one in rows if one.row.state == "asked"])


async def _cases(call: Call) -> StandingItem:
    rows = [one.row for one in await call.services.cases.list_all(call.actor.organization_id, MOST_CASES)]
    waiting = [one for one in rows if one.state in {"open", "examining"}]
    wave = max((one.reports for one in waiting), default=0) >= WAVE
    return _waiting("cases", [one.opened_at for one in waiting], level="critical" if wave else "warning")


async def _reviews(call: Call) -> StandingItem:
    rows = await call.services.reviews.reviews(call.actor, call.actor.organization_id)
    now = _now()
    waiting = [one for one in rows if one.signed_at is None]
    return _waiting("reviews", [one.made_at for one in waiting], sum(one.due_at < now for one in waiting))


async def _held(call: Call) -> StandingItem:
    now = await call.services.trends.view.now(call.actor, "company")
    return StandingItem("held", "notice" if now.held else "clear", now.held)


_LOOKS: Final[tuple[tuple[str, Permission, Look], ...]] = (
    ("cases", "case.read", _cases),
    ("approvals", "queue.read", _approvals),
    ("proposals", "role.read", _proposals),
    ("changes", "policy.read", _changes),
    ("passes", "pass.decide", _passes),
    ("reviews", "audit.read", _reviews),
    ("held", "queue.read", _held),
)
