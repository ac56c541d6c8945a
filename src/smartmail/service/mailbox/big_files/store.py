"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_big_files import BigFileStore


class Store(AccountStore, BigFileStore, Protocol):
    """Its groups."""
