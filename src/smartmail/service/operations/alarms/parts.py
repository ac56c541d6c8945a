"""Alarms as one value: made in app.wiring.operations, handed to the edge, the jobs and the command line."""

from dataclasses import dataclass

from smartmail.service.operations.alarms.metrics import MetricsService
from smartmail.service.operations.alarms.service import Alarming


@dataclass(frozen=True, slots=True)
class AlarmServices:
    """Who looks and tells, and who shows what was measured."""

    service: Alarming
    metrics: MetricsService
