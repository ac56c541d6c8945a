"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_keys import KeyStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_rekeying import RekeyStore
from smartmail.ports.store_settings import SettingStore


class Store(AccountStore, BlobRowStore, DirectoryStore, KeyStore, MailReads, RekeyStore, SettingStore, Protocol):
    """Its groups."""
