"""Composition of the message trace: who records, who answers, who keeps the books, and who tells."""

from dataclasses import dataclass

from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.addressing.approvals import ApprovalService
from smartmail.service.delivery.desk import DeliveryDesk
from smartmail.service.keyring import Keyring
from smartmail.service.policy import PolicyService
from smartmail.service.quarantine import QuarantineService
from smartmail.service.queue import QueueService
from smartmail.service.queue_control import QueueControl
from smartmail.service.submission import SubmissionService
from smartmail.service.tracing.books import BookService
from smartmail.service.tracing.recording import Tracer
from smartmail.service.tracing.service import TraceService

_Teller = DeliveryDesk | QueueService | QueueControl | SubmissionService | QuarantineService | ApprovalService


@dataclass(frozen=True, slots=True)
class Telling:
    """The parts."""

    tracer: Tracer
    service: TraceService
    books: BookService


def compose_trace(
    store: Store,
    keyring: Keyring,
    clock: Clock,
    policy: PolicyService,
    tellers: tuple[_Teller, ...],
) -> Telling:
    """Return the parts; those who have something to tell know whom to tell it."""
    tracer = Tracer(store, keyring, clock)
    for one in tellers:
        one.tracer = tracer
    return Telling(tracer, TraceService(store, keyring, clock, policy), BookService(store, keyring, clock))
