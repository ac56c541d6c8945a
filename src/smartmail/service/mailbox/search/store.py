"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_search import SearchStore


class Store(AccountStore, BlobRowStore, MailReads, SearchStore, Protocol):
    """Its groups."""
