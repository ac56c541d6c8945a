"""Composition of learning: the service that learns, and the inspectors that judge by what was learned."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from smartmail.formats.spam.model import Weights
from smartmail.formats.spam.start import unpacked
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.kernel.inspection.specimen import Inspector
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.protection.filtering.content import ContentInspector
from smartmail.service.protection.filtering.learning import LearningService
from smartmail.service.protection.filtering.models import Models
from smartmail.service.protection.filtering.reading import MessageReader
from smartmail.service.protection.filtering.verdict import VerdictInspector


@dataclass(frozen=True, slots=True)
class Learning:
    """What `compose_learning` makes. `inspectors`: content filter and verdict, the last judges of the chain."""

    service: LearningService
    inspectors: tuple[Inspector, ...]


@cache
def shipped_start() -> Weights:
    """Return the model that new installations begin with; read once."""
    return unpacked((files("smartmail.formats.spam") / "start.model").read_bytes())


def compose_learning(
    store: Store, keyring: Keyring, blobs: SealedBlobs, policy: PolicyService, clock: Clock
) -> Learning:
    """Return both; they share the models that are open."""
    models = Models(store, keyring, clock, shipped_start())
    service = LearningService(store, keyring, MessageReader(store, blobs), models, clock)
    return Learning(service, (ContentInspector(models), VerdictInspector(policy)))
