"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_directory import DomainStore
from smartmail.ports.store_queue import QueueStore
from smartmail.ports.store_transport import TransportStore


class Store(DomainStore, QueueStore, TransportStore, Protocol):
    """Its groups."""
