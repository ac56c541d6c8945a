"""/route-probes: a look along the way that mail takes, line by line; with a test mail if that is wished."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.route_probe import Probe
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.installation import SYSTEM
from smartmail.edge.httpd.admin.shapes import Address, Asked, Count, Told


class RouteProbeAsked(Asked, frozen=True):
    """To whom mail would go. `host` "": the way that such mail takes; `send`: give the host a test mail."""

    to: Address
    host: Annotated[str, Meta(max_length=253, pattern=r"^[A-Za-z0-9.:_-]*$")] = ""
    port: Annotated[int, Meta(ge=1, le=65535)] = 25
    send: bool = False


class ProbeLineTold(Told, frozen=True):
    """One line: `at` milliseconds after the beginning with this host; `by`: us, host, or note (about it)."""

    at: Count
    by: Literal["us", "host", "note"]
    text: str


class RouteProbeTold(Told, frozen=True):
    """What came of it. `tls` and `cipher` "" for clear text; `verified`: what proved the host (none, dane, sts, …)."""

    outcome: Literal["accepted", "refused", "later", "answered", "failed", "insecure", "local", "nowhere"]
    host: str
    address: str
    port: Count
    tls: str
    cipher: str
    verified: str
    lines: list[ProbeLineTold]


async def _probe(call: Call) -> RouteProbeTold:
    await call.may(SYSTEM)
    body = call.body
    via = (body.host, body.port) if body.host else None
    return _told(await call.services.route_probes.probe(call.actor, body.to, via, send=body.send))


def _told(one: Probe) -> RouteProbeTold:
    lines = [ProbeLineTold(line.at, line.by, line.text) for line in one.lines]
    return RouteProbeTold(
        one.outcome, one.host, one.address, one.port, one.tls.version, one.tls.cipher, one.tls.verified, lines
    )


OPERATIONS = (
    Operation(
        "POST", "/route-probes", "Speak to the next host and tell what was said.", _probe, "queue.change", RouteProbeTold,
        RouteProbeAsked,
    ),
)  # fmt: skip
