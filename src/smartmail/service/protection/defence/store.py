"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_defence import DefenceStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_factors import FactorStore
from smartmail.ports.store_settings import SettingStore


class Store(AccountStore, DefenceStore, DirectoryStore, DomainStore, FactorStore, SettingStore, Protocol):
    """Its groups."""
