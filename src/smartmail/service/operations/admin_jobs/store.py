"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_admin_jobs import AdminJobStore
from smartmail.ports.store_audit import AuditLog, AuditStore


class Store(AccountStore, AdminJobStore, AuditLog, AuditStore, Protocol):
    """Its groups."""
