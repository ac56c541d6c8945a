"""Composition of figures over time."""

from smartmail.app.floor import Floor, Ports
from smartmail.app.flow import Flow
from smartmail.domain.trends import NOBODY
from smartmail.service.operations.trends.counting import TrendCounter
from smartmail.service.operations.trends.measuring import TrendMeasures
from smartmail.service.operations.trends.parts import TrendServices
from smartmail.service.operations.trends.showing import TrendView


def compose_trends(ports: Ports, floor: Floor, flow: Flow) -> TrendServices:
    """Return the parts; what is told to the tracer and to the record of logins is counted from now on."""
    counter = TrendCounter(ports.store, ports.clock)
    flow.telling.tracer.listener = counter.told
    floor.auth.on_attempt(counter.knocked)
    floor.defence.on_refusal = lambda _host: counter.count("connection.refused", NOBODY)
    return TrendServices(
        counter,
        TrendMeasures(ports.store, ports.volumes, ports.clock, counter),
        TrendView(ports.store, ports.clock, floor.authority),
    )
