"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_filters import FilterStore
from smartmail.ports.store_mail import DeliveryStore


class Store(AccountStore, DeliveryStore, DirectoryStore, FilterStore, Protocol):
    """Its groups."""
