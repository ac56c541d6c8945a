"""Composition of alarms and metrics."""

from smartmail.adapters.direct_mail import SmtpDirectMail
from smartmail.app.floor import Floor, Ports
from smartmail.service.kernel.audit import AuditService
from smartmail.service.kernel.notifications import Notices
from smartmail.service.operations.alarms import Alarming, AlarmServices, Measures, MetricsService, Telling, Watched


def compose_alarms(
    ports: Ports, floor: Floor, watched: Watched, audit: AuditService, notices: Notices
) -> AlarmServices:
    """Return the parts. Both measure by the same means."""
    measures = Measures(ports.store, ports.volumes, ports.clock, watched)
    telling = Telling(ports.store, notices, SmtpDirectMail(ports.host), ports.clock, ports.host)
    return AlarmServices(
        Alarming(ports.store, measures, telling, audit, floor.authority, ports.clock),
        MetricsService(ports.store, measures, watched.books, floor.defence, floor.policy, ports.clock),
    )
