"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_absences import AbsenceStore
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_addressing import AddressingStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_directory import CredentialStore, DirectoryStore, DomainStore
from smartmail.ports.store_directory_import import DirectoryImportStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore
from smartmail.ports.store_sharing import SharingStore


class Store(
    AbsenceStore,
    AccountStore,
    AddressingStore,
    AuditLog,
    CredentialStore,
    DirectoryImportStore,
    DirectoryStore,
    DomainStore,
    GroupStore,
    OrganizationStore,
    SharingStore,
    Protocol,
):
    """Its groups."""
