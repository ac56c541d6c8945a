"""/route-probes: a connection along the route that mail takes, line by line, optionally with a test message."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.route_probe import Probe
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.installation import SYSTEM
from smartmail.edge.httpd.admin.shapes import Address, Count, Input, Output


class RouteProbeCreate(Input, frozen=True):
    """The recipient to test. `host` "": the regular route; `send`: send a test message."""

    to: Address
    host: Annotated[str, Meta(max_length=253, pattern=r"^[A-Za-z0-9.:_-]*$")] = ""
    port: Annotated[int, Meta(ge=1, le=65535)] = 25
    send: bool = False


class RouteProbeLine(Output, frozen=True):
    """A line of the dialog. `at`: milliseconds since its start; `by`: us, host, or note (a remark)."""

    at: Count
    by: Literal["us", "host", "note"]
    text: str


class RouteProbe(Output, frozen=True):
    """Result of a test. `tls` and `cipher` "" without TLS; `verified`: how the host was verified (none, dane, sts, …)."""

    outcome: Literal["accepted", "refused", "later", "answered", "failed", "insecure", "local", "nowhere"]
    host: str
    address: str
    port: Count
    tls: str
    cipher: str
    verified: str
    lines: list[RouteProbeLine]


api = Resource()


@api.post("/route-probes", "Connect to the next host and return the dialog.", "queue.change", RouteProbeCreate)
async def _probe(call: Call) -> RouteProbe:
    await call.may(SYSTEM)
    body = call.body
    via = (body.host, body.port) if body.host else None
    return _told(await call.services.route_probes.probe(call.actor, body.to, via, send=body.send))


def _told(one: Probe) -> RouteProbe:
    lines = [RouteProbeLine.from_row(line) for line in one.lines]
    return RouteProbe.from_row(one, tls=one.tls.version, cipher=one.tls.cipher, verified=one.tls.verified, lines=lines)
