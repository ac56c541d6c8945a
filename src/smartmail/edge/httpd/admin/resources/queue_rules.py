"""/queue-rules: settings of the outgoing queue: pauses, limits of destinations, source addresses. For the installation."""

from dataclasses import replace
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from smartmail.domain import queue_rules
from smartmail.domain.queue_rules import DestinationRule
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, DomainName, Input, Output

Seconds = Annotated[int, Meta(ge=1, le=10_000_000)]


class DestinationLimit(Output, frozen=True):
    """Limits of a destination: a domain, a `.suffix` of its hosts, or `*`. `perMinute` 0: unlimited."""

    connections: Count
    per_minute: Count
    source: str


class QueueRules(Output, frozen=True):
    """All queue settings."""

    paused_all: bool
    paused: list[str]
    destinations: dict[str, DestinationLimit]
    sources: dict[str, str]


class QueuePauseRequest(Input, frozen=True):
    """Pause or resume deliveries to a domain (null: all)."""

    paused: bool
    domain: DomainName | None = None


class DestinationLimitUpdate(Input, frozen=True):
    """Limits to set."""

    connections: Annotated[int, Meta(ge=1, le=1000)] = 10
    per_minute: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    source: Annotated[str, Meta(max_length=50)] = ""


class SourceAddress(Input, frozen=True):
    """An address of this installation from which mail of a domain is sent; "": any."""

    address: Annotated[str, Meta(max_length=50)] = ""


class RetrySchedule(Output, frozen=True):
    """Waiting times in seconds: doubled from `first` up to `longest`, given up after `lifetime` (RFC 5321 §4.5.4.1).

    `notice`: when the sender is told of a delay; `grey`: the wait after greylisting.
    """

    first: Count
    longest: Count
    lifetime: Count
    notice: Count
    grey: Count


class RetryScheduleUpdate(Input, frozen=True):
    """A merge patch (RFC 7396), in seconds."""

    first: Seconds | UnsetType = UNSET
    longest: Seconds | UnsetType = UNSET
    lifetime: Seconds | UnsetType = UNSET
    notice: Seconds | UnsetType = UNSET
    grey: Seconds | UnsetType = UNSET


api = Resource(asks="system")
_ONE = "/queue-rules/destinations/{domain}"


@api.get("/queue-rules", "Queue settings.", "queue.read", cli="queue limits")
async def _get(call: Call) -> QueueRules:
    return _told(await call.services.queue_control.rules())


@api.post(
    "/queue-rules/pause", "Pause or resume deliveries.", "queue.change", QueuePauseRequest,
    cli=("queue pause paused=true domain", "queue resume paused=false domain"),
)  # fmt: skip
async def _pause(call: Call) -> QueueRules:
    body = call.body
    return _told(await call.services.queue_control.pause(call.actor, body.domain, paused=body.paused))


@api.put(_ONE, "Limit a destination.", "queue.change", DestinationLimitUpdate, cli="queue limit")
async def _limit(call: Call) -> QueueRules:
    body = call.body
    rule = DestinationRule(body.connections, body.per_minute, body.source)
    return _told(await call.services.queue_control.limit(call.actor, call.path["domain"], rule))


@api.delete(_ONE, "Remove the limit of a destination.", "queue.change", cli="queue unlimit")
async def _unlimit(call: Call) -> None:
    await call.services.queue_control.limit(call.actor, call.path["domain"], None)


@api.put(
    "/queue-rules/sources/{domain}", "Send mail of a domain from one address.", "queue.change", SourceAddress,
    cli="queue source address",
)  # fmt: skip
async def _source(call: Call) -> QueueRules:
    return _told(await call.services.queue_control.source(call.actor, call.path["domain"], call.body.address))


@api.get("/queue-rules/schedule", "Retry times.", "queue.read", cli="queue schedule")
async def _schedule(call: Call) -> RetrySchedule:
    return RetrySchedule.from_row(await call.services.queue_control.schedule(call.actor, None))


@api.patch(
    "/queue-rules/schedule", "Change retry times.", "queue.change", RetryScheduleUpdate, cli="queue set-schedule"
)
async def _set_schedule(call: Call) -> RetrySchedule:
    control, asked = call.services.queue_control, msgspec.to_builtins(call.body)
    changed = replace(await control.schedule(call.actor, None), **asked)
    return RetrySchedule.from_row(await control.schedule(call.actor, changed))


def _told(one: queue_rules.QueueRules) -> QueueRules:
    limits = {name: DestinationLimit.from_row(rule) for name, rule in one.destinations.items()}
    return QueueRules(one.paused_all, sorted(one.paused), limits, dict(one.sources))
