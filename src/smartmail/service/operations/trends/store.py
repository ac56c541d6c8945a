"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_settings import SettingStore
from smartmail.ports.store_trends import TrendStore


class Store(AccountStore, SettingStore, TrendStore, Protocol):
    """Its groups."""
