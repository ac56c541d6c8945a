"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_admin_jobs import AdminJobStore
from smartmail.ports.store_audit import AuditLog, AuditStore
from smartmail.ports.store_directory import DirectoryStore


class Store(AccountStore, AdminJobStore, AuditLog, AuditStore, DirectoryStore, Protocol):
    """Its groups."""
