"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import CredentialStore, DirectoryStore
from smartmail.ports.store_policy import PolicyStore
from smartmail.ports.store_policy_changes import PolicyChangeStore


class Store(AccountStore, CredentialStore, DirectoryStore, PolicyChangeStore, PolicyStore, Protocol):
    """Its groups."""
