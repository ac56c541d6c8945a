"""/alarms and /alarm-rules: active alarms, their bounds, silence, and additional channels for notifications."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain import alarms
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import (
    Address,
    Count,
    Id,
    Input,
    Output,
    Page,
    Time,
    milliseconds,
    part,
)

SYSTEM = Scope("system")
Value = Annotated[int, Meta(ge=0, le=1 << 40)]


class Alarm(Output, frozen=True):
    """An alarm. `value` and `peak` (the worst) in `unit`; `subject` "": the whole installation; `endedAt` null: still
    active.
    """

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


class AlarmQuery(Input, frozen=True):
    """Which alarms: those that stand, or with `days` also those that ended within so many days."""

    days: Annotated[int, Meta(ge=0, le=400)] = 0


class AlarmRule(Output, frozen=True):
    """An alarm rule with its bounds. `direction`: whether values above or below are bad. `silentUntil`: end of the
    silence, until which nobody is notified.
    """

    name: str
    unit: str
    direction: Literal["above", "below"]
    warning: int
    critical: int
    quiet_minutes: Count
    enabled: bool
    silent_until: Time | None


class AlarmRuleUpdate(Input, frozen=True):
    """Changed fields of an alarm rule; null: unchanged. A `silentUntil` in the past ends the silence."""

    warning: Value | None = None
    critical: Value | None = None
    quiet_minutes: Annotated[int, Meta(ge=1, le=43_200)] | None = None
    enabled: bool | None = None
    silent_until: Time | None = None


class AlarmChannels(Output, frozen=True):
    """Additional channel for alarms: `host` is a relay that takes those about the queue past the queue ("": none), to
    the addresses `to` (default: the administrators).
    """

    host: str
    port: Count
    tls: Literal["none", "starttls", "tls"]
    to: list[str]


class AlarmChannelsUpdate(Input, frozen=True):
    """The relay for alarms about the queue; `host` "" removes it."""

    host: Annotated[str, Meta(max_length=253)] = ""
    port: Annotated[int, Meta(ge=1, le=65_535)] = 25
    tls: Literal["none", "starttls", "tls"] = "starttls"
    to: Annotated[list[Address], Meta(max_length=10)] = []  # noqa: RUF012 -- msgspec copies it


class AlarmTestRequest(Input, frozen=True):
    """Channel to test: mail to the administrators, or the relay."""

    way: Literal["mail", "relay"] = "mail"


class AlarmTestResult(Output, frozen=True):
    """Number of recipients notified."""

    readers: Count


api = Resource(asks="system")


def _told(one: alarms.Alarm, unit: str) -> Alarm:
    return Alarm.from_row(one, unit=unit)


async def _page(call: Call, found: list[alarms.Alarm]) -> Page[Alarm]:
    units = {one.name: one.unit for one in await call.services.alarms.service.conditions(call.actor)}
    # The newest first: ids grow with time, and are told as numbers that shrink.
    return part(found, lambda one: (1 << 62) - one.id, call.page, lambda one: _told(one, units.get(one.condition, "")))


@api.get(
    "/alarms", "Alarms, newest first.", "node.read", query=AlarmQuery, cli="alarm list",
    columns="id condition subject level value unit peak since acknowledgedBy endedAt",
)  # fmt: skip
async def _list(call: Call) -> Page[Alarm]:
    alarms = call.services.alarms.service
    found = await alarms.standing(call.actor)
    if call.query.days:
        found = [*found, *await alarms.history(call.actor, call.query.days)]
    return await _page(call, found)


@api.post("/alarms/measure", "Measure all alarm rules now.", "node.change", cli="alarm measure")
async def _look(call: Call) -> Page[Alarm]:
    alarms = call.services.alarms.service
    await alarms.look()
    return await _page(call, await alarms.standing(call.actor))


@api.post("/alarms/test", "Send a test notification.", "node.change", AlarmTestRequest, cli="alarm test")
async def _test(call: Call) -> AlarmTestResult:
    alarms = call.services.alarms.service
    if call.body.way == "mail":
        return AlarmTestResult(await alarms.try_mail(call.actor))
    await alarms.try_relay(call.actor)
    return AlarmTestResult(1)


@api.get("/alarms/channels", "Additional channels for alarms.", "node.read", cli="alarm relay", asks="handler")
async def _ways(call: Call) -> AlarmChannels:
    await call.may(SYSTEM, "node.read")
    relay = await call.services.alarms.service.relay(call.actor)
    return AlarmChannels("", 0, "starttls", []) if relay is None else AlarmChannels.from_row(relay)


@api.put(
    "/alarms/channels", "Set or remove the relay for alarms about the queue.", "node.change", AlarmChannelsUpdate,
    fresh=True, cli=("alarm set-relay", "alarm remove-relay host="),
)  # fmt: skip
async def _set_ways(call: Call) -> AlarmChannels:
    body: AlarmChannelsUpdate = call.body
    alarms = call.services.alarms.service
    if body.host:
        await alarms.name_relay(call.actor, body.host, body.port, body.tls, tuple(body.to))
    else:
        await alarms.set_relay(call.actor, None)
    return await _ways(call)


@api.post("/alarms/{id}/acknowledge", "Acknowledge an alarm.", "node.change", cli="alarm acknowledge")
async def _acknowledge(call: Call) -> Alarm:
    alarms = call.services.alarms.service
    seen = await alarms.acknowledge(call.actor, call.number())
    units = {one.name: one.unit for one in await alarms.conditions(call.actor)}
    return _told(seen, units.get(seen.condition, ""))


@api.get("/alarm-rules", "Alarm rules.", "node.read", cli="alarm rules")
async def _rules(call: Call) -> Page[AlarmRule]:
    return part(
        await call.services.alarms.service.conditions(call.actor), lambda one: one.name, call.page, AlarmRule.from_row
    )


@api.patch("/alarm-rules/{name}", "Change or silence an alarm rule.", "node.change", AlarmRuleUpdate, cli="alarm set")
async def _change(call: Call) -> AlarmRule:
    body: AlarmRuleUpdate = call.body
    until = None if body.silent_until is None else milliseconds(body.silent_until)
    made = await call.services.alarms.service.set_condition(
        call.actor, call.path["name"], warning=body.warning, critical=body.critical, quiet_minutes=body.quiet_minutes,
        enabled=body.enabled, silent_until=until,
    )  # fmt: skip
    return AlarmRule.from_row(made)
