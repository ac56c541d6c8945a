"""Composition of what people learn of their sent mail, and of taking it back."""

from smartmail.app.floor import Floor, Ports
from smartmail.app.flow import Flow
from smartmail.service.flow.list_withdrawing import ListWithdrawing
from smartmail.service.flow.sent_lists import SentListService
from smartmail.service.flow.sent_mail import SentMailService


def compose_sent_mail(ports: Ports, floor: Floor, flow: Flow) -> SentMailService:
    """Make it over the floor and the stories of mail."""
    lists = SentListService(
        ports.store, floor.book, flow.telling.service, floor.policy, floor.keyring, floor.blobs, floor.hints, ports.clock,
        ports.host,
    )  # fmt: skip
    withdrawing = ListWithdrawing(
        ports.store, floor.keyring, flow.telling.service, flow.telling.tracer, ports.clock
    )  # fmt: skip
    return SentMailService(
        ports.store, floor.rights, floor.reading, floor.submissions, flow.telling.service, floor.policy, floor.hints,
        ports.clock, lists, withdrawing,
    )  # fmt: skip
