"""Composition of what people learn of their sent mail, and of taking it back."""

from smartmail.app.floor import Floor, Ports
from smartmail.app.flow import Flow
from smartmail.service.sent_mail import SentMailService


def compose_sent_mail(ports: Ports, floor: Floor, flow: Flow) -> SentMailService:
    """Make it over the floor and the stories of mail."""
    return SentMailService(
        ports.store, floor.rights, floor.reading, floor.submissions, flow.telling.service, floor.policy, floor.hints,
        ports.clock,
    )  # fmt: skip
