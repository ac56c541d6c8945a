"""/alarms and /alarm-rules: what is wrong, who sees to it, from which value on, silence, and how it is told."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.alarms import Alarm, Condition
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import (
    Address,
    Asked,
    Count,
    Id,
    Page,
    Time,
    Told,
    milliseconds,
    part,
    time_of,
    time_or_none,
)

SYSTEM = Scope("system")
Value = Annotated[int, Meta(ge=0, le=1 << 40)]


class AlarmTold(Told, frozen=True):
    """An alarm. `value` and `peak` (the worst) in `unit`; `subject` "": the whole installation; `endedAt` null: it stands."""

    id: Id
    condition: str
    subject: str
    level: Literal["warning", "critical"]
    value: int
    peak: int
    unit: str
    since: Time
    told_at: Time | None
    acknowledged_at: Time | None
    acknowledged_by: str
    ended_at: Time | None


class AlarmQuery(Asked, frozen=True):
    """Which alarms: those that stand, or with `days` also those that ended within so many days."""

    days: Annotated[int, Meta(ge=0, le=400)] = 0


class AlarmRuleTold(Told, frozen=True):
    """A condition with its bounds. `direction`: whether much or little is bad. `silentUntil`: nobody is told until then."""

    name: str
    unit: str
    direction: Literal["above", "below"]
    warning: int
    critical: int
    quiet_minutes: Count
    enabled: bool
    silent_until: Time | None


class AlarmRulePatch(Asked, frozen=True):
    """What changes of a condition; null stays. A `silentUntil` that is over ends the silence."""

    warning: Value | None = None
    critical: Value | None = None
    quiet_minutes: Annotated[int, Meta(ge=1, le=43_200)] | None = None
    enabled: bool | None = None
    silent_until: Time | None = None


class AlarmWaysTold(Told, frozen=True):
    """How alarms are told beside by mail to the administrators: `host` takes those about the queue past the queue
    ("": none), to the addresses `to` (else to the administrators).
    """

    host: str
    port: Count
    tls: Literal["none", "starttls", "tls"]
    to: list[str]


class AlarmWaysWanted(Asked, frozen=True):
    """The relay for alarms about the queue; `host` "" forgets it."""

    host: Annotated[str, Meta(max_length=253)] = ""
    port: Annotated[int, Meta(ge=1, le=65_535)] = 25
    tls: Literal["none", "starttls", "tls"] = "starttls"
    to: Annotated[list[Address], Meta(max_length=10)] = []  # noqa: RUF012 -- msgspec copies it


class AlarmTestWanted(Asked, frozen=True):
    """What is tried: the mail to the administrators, or the relay."""

    way: Literal["mail", "relay"] = "mail"


class AlarmTestTold(Told, frozen=True):
    """How many were written to."""

    readers: Count


def _told(one: Alarm, unit: str) -> AlarmTold:
    return AlarmTold(
        str(one.id), one.condition, one.subject, one.level, one.value, one.peak, unit, time_of(one.since),
        time_or_none(one.told_at), time_or_none(one.acknowledged_at), one.acknowledged_by, time_or_none(one.ended_at),
    )  # fmt: skip


def _rule(one: Condition) -> AlarmRuleTold:
    return AlarmRuleTold(
        one.name, one.unit, one.direction, one.warning, one.critical, one.quiet_minutes, one.enabled,
        time_or_none(one.silent_until),
    )  # fmt: skip


async def _page(call: Call, found: list[Alarm]) -> Page[AlarmTold]:
    units = {one.name: one.unit for one in await call.services.alarms.service.conditions(call.actor)}
    # The newest first: ids grow with time, and are told as numbers that shrink.
    return part(found, lambda one: (1 << 62) - one.id, call.page, lambda one: _told(one, units.get(one.condition, "")))


async def _list(call: Call) -> Page[AlarmTold]:
    await call.may(SYSTEM)
    alarms = call.services.alarms.service
    found = await alarms.standing(call.actor)
    if call.query.days:
        found = [*found, *await alarms.history(call.actor, call.query.days)]
    return await _page(call, found)


async def _acknowledge(call: Call) -> AlarmTold:
    await call.may(SYSTEM)
    alarms = call.services.alarms.service
    seen = await alarms.acknowledge(call.actor, call.number())
    units = {one.name: one.unit for one in await alarms.conditions(call.actor)}
    return _told(seen, units.get(seen.condition, ""))


async def _look(call: Call) -> Page[AlarmTold]:
    await call.may(SYSTEM)
    alarms = call.services.alarms.service
    await alarms.look()
    return await _page(call, await alarms.standing(call.actor))


async def _rules(call: Call) -> Page[AlarmRuleTold]:
    await call.may(SYSTEM)
    return part(await call.services.alarms.service.conditions(call.actor), lambda one: one.name, call.page, _rule)


async def _change(call: Call) -> AlarmRuleTold:
    await call.may(SYSTEM)
    body: AlarmRulePatch = call.body
    until = None if body.silent_until is None else milliseconds(body.silent_until)
    made = await call.services.alarms.service.set_condition(
        call.actor, call.path["name"], warning=body.warning, critical=body.critical, quiet_minutes=body.quiet_minutes,
        enabled=body.enabled, silent_until=until,
    )  # fmt: skip
    return _rule(made)


async def _ways(call: Call) -> AlarmWaysTold:
    await call.may(SYSTEM, "node.read")
    relay = await call.services.alarms.service.relay(call.actor)
    return (
        AlarmWaysTold("", 0, "starttls", [])
        if relay is None
        else AlarmWaysTold(relay.host, relay.port, relay.tls, [*relay.to])
    )


async def _set_ways(call: Call) -> AlarmWaysTold:
    await call.may(SYSTEM)
    body: AlarmWaysWanted = call.body
    alarms = call.services.alarms.service
    if body.host:
        await alarms.name_relay(call.actor, body.host, body.port, body.tls, tuple(body.to))
    else:
        await alarms.set_relay(call.actor, None)
    return await _ways(call)


async def _test(call: Call) -> AlarmTestTold:
    await call.may(SYSTEM)
    alarms = call.services.alarms.service
    if call.body.way == "mail":
        return AlarmTestTold(await alarms.try_mail(call.actor))
    await alarms.try_relay(call.actor)
    return AlarmTestTold(1)


OPERATIONS = (
    Operation("GET", "/alarms", "Alarms, newest first.", _list, "node.read", Page[AlarmTold], query=AlarmQuery, paged=True),
    Operation("POST", "/alarms/look", "Measure now.", _look, "node.change", Page[AlarmTold]),
    Operation("POST", "/alarms/test", "Send a test to those who are told of alarms.", _test, "node.change", AlarmTestTold,
              AlarmTestWanted),
    Operation("GET", "/alarms/ways", "How alarms are told.", _ways, "node.read", AlarmWaysTold),
    Operation("PUT", "/alarms/ways", "Name or forget the relay for alarms about the queue.", _set_ways, "node.change",
              AlarmWaysTold, AlarmWaysWanted, fresh=True),
    Operation("POST", "/alarms/{id}/acknowledge", "See to an alarm.", _acknowledge, "node.change", AlarmTold),
    Operation("GET", "/alarm-rules", "All conditions with their bounds.", _rules, "node.read", Page[AlarmRuleTold], paged=True),
    Operation("PATCH", "/alarm-rules/{name}", "Change the bounds of a condition, or silence it.", _change, "node.change",
              AlarmRuleTold, AlarmRulePatch),
)  # fmt: skip
