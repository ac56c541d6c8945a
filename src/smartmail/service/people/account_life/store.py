"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_absences import AbsenceStore
from smartmail.ports.store_account_life import AccountLifeStore
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import HoldStore, PolicyStore


class Store(
    AbsenceStore,
    AccountLifeStore,
    AccountStore,
    AuditLog,
    DirectoryStore,
    DomainStore,
    HoldStore,
    OrganizationStore,
    PolicyStore,
    Protocol,
):
    """Its groups."""
