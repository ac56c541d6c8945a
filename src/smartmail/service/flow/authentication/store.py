"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_authentication import AuthenticationStore
from smartmail.ports.store_directory import DomainStore
from smartmail.ports.store_queue import QueueStore
from smartmail.ports.store_settings import SettingStore


class Store(AuthenticationStore, DomainStore, QueueStore, SettingStore, Protocol):
    """Its groups."""
