"""Composition of figures: reports and availability."""

from smartmail.app.floor import Floor, Ports
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.kernel.notifications import Notices
from smartmail.service.operations.figures import FigureParts, FigureService, ReportTelling, ServingService


def compose_figures(ports: Ports, floor: Floor, texts: RecordTexts, notices: Notices) -> FigureParts:
    """Return the parts."""
    serving = ServingService(ports.store, floor.authority, ports.serving, ports.clock)
    service = FigureService(ports.store, floor.keyring, floor.authority, serving, ports.clock)
    telling = ReportTelling(ports.store, service, floor.authority, texts, notices, ports.clock)
    return FigureParts(service, telling, serving)
