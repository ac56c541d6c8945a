"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_parcels import ParcelStore


class Store(AccountStore, AuditLog, MailReads, ParcelStore, Protocol):
    """Its groups."""
