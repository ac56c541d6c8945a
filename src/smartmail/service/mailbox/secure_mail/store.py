"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_secure_mail import SecureMailStore


class Store(AccountStore, BlobRowStore, Protocol):
    """Its groups."""

    @property
    def secure_mail(self) -> SecureMailStore:
        """Letters, tickets, views."""
        ...
