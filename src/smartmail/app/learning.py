"""Composition of learning: the service that learns, and the inspectors that judge by what was learned."""

from dataclasses import dataclass

from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.filtering.content import ContentInspector
from smartmail.service.filtering.learning import LearningService
from smartmail.service.filtering.models import Models
from smartmail.service.filtering.reading import MessageReader
from smartmail.service.filtering.verdict import VerdictInspector
from smartmail.service.inspection.specimen import Inspector
from smartmail.service.keyring import Keyring
from smartmail.service.policy import PolicyService
from smartmail.service.sealed_blobs import SealedBlobs


@dataclass(frozen=True, slots=True)
class Learning:
    """What `compose_learning` makes. `inspectors`: content filter and verdict, the last judges of the chain."""

    service: LearningService
    inspectors: tuple[Inspector, ...]


def compose_learning(
    store: Store, keyring: Keyring, blobs: SealedBlobs, policy: PolicyService, clock: Clock
) -> Learning:
    """Return both; they share the models that are open."""
    models = Models(store, keyring, clock)
    service = LearningService(store, keyring, MessageReader(store, blobs), models, clock)
    return Learning(service, (ContentInspector(models), VerdictInspector(policy)))
