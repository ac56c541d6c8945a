"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_backup import BackupStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_nodes import LeaseStore


class Store(AccountStore, BackupStore, BlobRowStore, LeaseStore, MailReads, Protocol):
    """Its groups."""
