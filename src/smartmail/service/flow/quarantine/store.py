"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog, AuditStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_quarantine import QuarantineStore
from smartmail.ports.store_queue import QueueControlStore


class Store(AccountStore, AuditLog, AuditStore, BlobRowStore, QuarantineStore, QueueControlStore, Protocol):
    """Its groups."""
