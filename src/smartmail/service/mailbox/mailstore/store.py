"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_sharing import SharingStore
from smartmail.ports.store_trace import TraceStore
from smartmail.ports.store_vault import VaultStore


class Store(AccountStore, BlobRowStore, MailReads, SharingStore, TraceStore, VaultStore, Protocol):
    """Its groups."""
