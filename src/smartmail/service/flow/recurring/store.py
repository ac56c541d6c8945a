"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_recurring import RecurringStore


class Store(AccountStore, MailReads, Protocol):
    """Its groups."""

    @property
    def recurring(self) -> RecurringStore: ...
