"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_audit import AuditLog, AuditStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_figures import FigureStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_settings import SettingStore


class Store(AuditLog, AuditStore, DirectoryStore, DomainStore, FigureStore, OrganizationStore, SettingStore, Protocol):
    """Its groups."""
