"""What this package asks of the store."""

from typing import Protocol

from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_reminders import ReminderStore


class Store(AccountStore, MailReads, Protocol):
    """Its groups."""

    @property
    def reminders(self) -> ReminderStore: ...
