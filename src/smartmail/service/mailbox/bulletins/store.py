"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_bulletins import BulletinStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore
from smartmail.ports.store_push import PushStore


class Store(AccountStore, AuditLog, DirectoryStore, DomainStore, GroupStore, OrganizationStore, PushStore, Protocol):
    """Its groups."""

    bulletins: BulletinStore
