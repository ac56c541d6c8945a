"""/queue-rules: settings of the outgoing queue: pauses, limits of destinations, source addresses. For the installation."""

from typing import Annotated

from msgspec import Meta

from smartmail.domain import queue_rules
from smartmail.domain.queue_rules import DestinationRule
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.installation import SYSTEM
from smartmail.edge.httpd.admin.shapes import Count, DomainName, Input, Output


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


async def _get(call: Call) -> QueueRules:
    await call.may(SYSTEM)
    return _told(await call.services.queue_control.rules())


async def _pause(call: Call) -> QueueRules:
    await call.may(SYSTEM)
    body = call.body
    return _told(await call.services.queue_control.pause(call.actor, body.domain, paused=body.paused))


async def _limit(call: Call) -> QueueRules:
    await call.may(SYSTEM)
    body = call.body
    rule = DestinationRule(body.connections, body.per_minute, body.source)
    return _told(await call.services.queue_control.limit(call.actor, call.path["domain"], rule))


async def _unlimit(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.queue_control.limit(call.actor, call.path["domain"], None)


def _told(one: queue_rules.QueueRules) -> QueueRules:
    limits = {name: DestinationLimit.from_row(rule) for name, rule in one.destinations.items()}
    return QueueRules(one.paused_all, sorted(one.paused), limits, dict(one.sources))


_ONE = "/queue-rules/destinations/{domain}"
OPERATIONS = (
    Operation("GET", "/queue-rules", "Queue settings.", _get, "queue.read", QueueRules),
    Operation(
        "POST",
        "/queue-rules/pause",
        "Pause or resume deliveries.",
        _pause,
        "queue.change",
        QueueRules,
        QueuePauseRequest,
    ),
    Operation("PUT", _ONE, "Limit a destination.", _limit, "queue.change", QueueRules, DestinationLimitUpdate),
    Operation("DELETE", _ONE, "Remove the limit of a destination.", _unlimit, "queue.change"),
)
