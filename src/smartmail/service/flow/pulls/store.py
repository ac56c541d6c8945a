"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_pulls import PullStore


class Store(AccountStore, MailReads, PullStore, Protocol):
    """Its groups."""
