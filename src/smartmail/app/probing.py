"""Composition of route probes: the relay's own way of speaking, for an administrator to read."""

from smartmail.app.floor import Floor, Ports
from smartmail.app.flow import Flow
from smartmail.edge.relay.route_probe import ProbeSpeaker
from smartmail.service.operations.route_probe import RouteProbes


def compose_route_probes(ports: Ports, floor: Floor, flow: Flow) -> RouteProbes:
    """Return the service."""
    return RouteProbes(
        ports.store, ports.clock, floor.authority, flow.routing, flow.transport, flow.signing, ProbeSpeaker(ports.host)
    )
