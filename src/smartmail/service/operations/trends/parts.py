"""Trends as one value: made in app.wiring.operations, handed to the edge and the jobs."""

from dataclasses import dataclass

from smartmail.service.operations.trends.counting import TrendCounter
from smartmail.service.operations.trends.measuring import TrendMeasures
from smartmail.service.operations.trends.showing import TrendView


@dataclass(frozen=True, slots=True)
class TrendServices:
    """Who counts in this process, who measures for all, who shows."""

    counter: TrendCounter
    measures: TrendMeasures
    view: TrendView
