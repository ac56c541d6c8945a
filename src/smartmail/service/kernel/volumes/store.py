"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_nodes import NodeStore
from smartmail.ports.store_settings import SettingStore
from smartmail.ports.store_volumes import VolumeStore


class Store(BlobRowStore, NodeStore, SettingStore, VolumeStore, Protocol):
    """Its groups."""
