"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_contacts import ContactStore


class Store(AccountStore, ContactStore, Protocol):
    """Its groups."""
