"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_absences import AbsenceStore
from smartmail.ports.store_account_life import AccountLifeStore
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_addressing import AddressingStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_roles import RoleStore


class Store(
    AbsenceStore,
    AccountLifeStore,
    AccountStore,
    AddressingStore,
    AuditLog,
    DirectoryStore,
    DomainStore,
    MailReads,
    OrganizationStore,
    RoleStore,
    Protocol,
):
    """Its groups."""
