"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog, AuditStore
from smartmail.ports.store_directory import DomainStore
from smartmail.ports.store_policy import HoldStore
from smartmail.ports.store_records import RecordStore


class Store(AccountStore, AuditLog, AuditStore, DomainStore, HoldStore, RecordStore, Protocol):
    """Its groups."""
