"""What other parts of the program see of figures."""

from dataclasses import dataclass

from smartmail.service.operations.figures.service import FigureService
from smartmail.service.operations.figures.serving import ServingService
from smartmail.service.operations.figures.telling import ReportTelling


@dataclass(frozen=True, slots=True)
class FigureParts:
    """Days and reports, files and mail, availability."""

    service: FigureService
    telling: ReportTelling
    serving: ServingService
