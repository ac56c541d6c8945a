"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_proposals import ProposalStore
from smartmail.ports.store_settings import OnceStore


class Store(AccountStore, OnceStore, ProposalStore, Protocol):
    """Its groups."""
