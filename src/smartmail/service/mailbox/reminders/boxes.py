"""The mailboxes of an account by role, and whether a reminder still holds where its message lies."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from smartmail.domain.ids import MailboxId
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.reminders import ReminderRow

_ASIDE: Final = frozenset({"trash", "junk", "drafts"})


class Boxes:
    """Mailboxes as one moment has them."""

    def __init__(self, rows: Sequence[MailboxRow]) -> None:
        self._rows = {row.id: row for row in rows}

    def by_role(self, role: str) -> MailboxId | None:
        """Return the mailbox with a role."""
        return next((row.id for row in self._rows.values() if row.role == role), None)

    def role(self, mailbox_id: MailboxId) -> str | None:
        """Return the role of a mailbox."""
        row = self._rows.get(mailbox_id)
        return None if row is None else row.role

    def known(self, mailbox_id: MailboxId) -> MailboxId | None:
        """Return the mailbox if it is there, else the inbox."""
        return mailbox_id if mailbox_id in self._rows else self.by_role("inbox")

    def names_at_top(self) -> set[bytes]:
        """Return the hashes of names that are taken at the top."""
        return {row.name_hash for row in self._rows.values() if not row.parent_id}

    def holds(self, row: ReminderRow, places: AbstractSet[MailboxId]) -> bool:
        """Say whether a message that lies in `places` is where its reminder left it."""
        if row.state == "woken":
            return row.mailbox_id in places
        if row.kind == "snooze":
            return self.by_role("snoozed") in places
        return any(self.role(one) not in _ASIDE for one in places)
