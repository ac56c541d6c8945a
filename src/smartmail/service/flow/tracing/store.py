"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_settings import SettingStore
from smartmail.ports.store_trace import TraceStore


class Store(AccountStore, DirectoryStore, MailReads, SettingStore, TraceStore, Protocol):
    """Its groups."""
