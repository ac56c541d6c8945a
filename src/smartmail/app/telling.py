"""Composition of the message trace: who records, who answers, who keeps the books, and who tells."""

from dataclasses import dataclass

from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.flow.addressing.approvals import ApprovalService
from smartmail.service.flow.delivery.desk import DeliveryDesk
from smartmail.service.flow.quarantine import QuarantineService
from smartmail.service.flow.queue import QueueService
from smartmail.service.flow.queue_control import QueueControl
from smartmail.service.flow.submission import SubmissionService
from smartmail.service.flow.tracing.books import BookService
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.flow.tracing.service import TraceService
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService

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
