"""/queue-rules: what all workers obey on the way out: pauses, limits of destinations, addresses to send from. The installation's."""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.queue_rules import DestinationRule, QueueRules
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.installation import SYSTEM
from smartmail.edge.httpd.admin.shapes import Asked, Count, DomainName, Told


class DestinationTold(Told, frozen=True):
    """Limits of a destination: a domain, a `.suffix` of its hosts, or `*`. `perMinute` 0: no limit."""

    connections: Count
    per_minute: Count
    source: str


class QueueRulesTold(Told, frozen=True):
    """Everything that is set."""

    paused_all: bool
    paused: list[str]
    destinations: dict[str, DestinationTold]
    sources: dict[str, str]


class Pause(Asked, frozen=True):
    """Let nothing go to a domain (null: anywhere), or let it go on."""

    paused: bool
    domain: DomainName | None = None


class DestinationSet(Asked, frozen=True):
    """Limits to be set."""

    connections: Annotated[int, Meta(ge=1, le=1000)] = 10
    per_minute: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    source: Annotated[str, Meta(max_length=50)] = ""


async def _get(call: Call) -> QueueRulesTold:
    await call.may(SYSTEM)
    return _told(await call.services.queue_control.rules())


async def _pause(call: Call) -> QueueRulesTold:
    await call.may(SYSTEM)
    body = call.body
    return _told(await call.services.queue_control.pause(call.actor, body.domain, paused=body.paused))


async def _limit(call: Call) -> QueueRulesTold:
    await call.may(SYSTEM)
    body = call.body
    rule = DestinationRule(body.connections, body.per_minute, body.source)
    return _told(await call.services.queue_control.limit(call.actor, call.path["domain"], rule))


async def _unlimit(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.queue_control.limit(call.actor, call.path["domain"], None)


def _told(one: QueueRules) -> QueueRulesTold:
    limits = {
        name: DestinationTold(rule.connections, rule.per_minute, rule.source) for name, rule in one.destinations.items()
    }
    return QueueRulesTold(one.paused_all, sorted(one.paused), limits, dict(one.sources))


_ONE = "/queue-rules/destinations/{domain}"
OPERATIONS = (
    Operation("GET", "/queue-rules", "What workers obey.", _get, "queue.read", QueueRulesTold),
    Operation("POST", "/queue-rules/pause", "Pause, or go on.", _pause, "queue.change", QueueRulesTold, Pause),
    Operation("PUT", _ONE, "Limit a destination.", _limit, "queue.change", QueueRulesTold, DestinationSet),
    Operation("DELETE", _ONE, "Limit it no more.", _unlimit, "queue.change"),
)
