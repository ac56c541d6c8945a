"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_defence import DefenceStore
from smartmail.ports.store_directory import DirectoryStore, SessionStore
from smartmail.ports.store_factors import FactorStore
from smartmail.ports.store_settings import OnceStore


class Store(AccountStore, AuditLog, DefenceStore, DirectoryStore, FactorStore, OnceStore, SessionStore, Protocol):
    """Its groups."""
