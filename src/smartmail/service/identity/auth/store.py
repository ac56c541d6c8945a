"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_defence import DefenceStore
from smartmail.ports.store_directory import CredentialStore, DirectoryStore, SessionStore
from smartmail.ports.store_factors import FactorStore
from smartmail.ports.store_oauth import OauthStore
from smartmail.ports.store_policy import PolicyStore
from smartmail.ports.store_settings import OnceStore, SettingStore


class Store(
    AccountStore,
    AuditLog,
    CredentialStore,
    DefenceStore,
    DirectoryStore,
    FactorStore,
    OauthStore,
    OnceStore,
    PolicyStore,
    SessionStore,
    SettingStore,
    Protocol,
):
    """Its groups."""
