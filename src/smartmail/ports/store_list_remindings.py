"""The store's part for reminding those who have not read a mail to a list."""

from typing import Protocol

from smartmail.domain.ids import AccountId, MessageId


class ListRemindingStore(Protocol):
    """When the author of a mail last reminded its readers."""

    async def list_reminding(self, account_id: AccountId, message_id: MessageId) -> int:
        """Return when it was, in milliseconds; 0 for never."""
        ...

    async def note_list_reminding(self, account_id: AccountId, message_id: MessageId, at: int, before: int) -> bool:
        """Note that it is now; False, and nothing is noted, where the last time was not before `before`."""
        ...

    async def forget_list_reminding(self, account_id: AccountId, message_id: MessageId) -> None:
        """Take a note back."""
        ...
