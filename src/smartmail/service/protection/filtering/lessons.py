"""What people do with their mail, heard as lessons: moves to and from Junk, $junk, $notjunk and $phishing, from any client.

Called inside the transaction of the act. Must not know models.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from smartmail.domain.ids import MailboxId, MessageId
from smartmail.domain.keywords import JUNK, NOT_JUNK, PHISHING, Keywords
from smartmail.ports.store_tx import MailTx

_SAYS_SPAM = JUNK | PHISHING
_ABOUT = _SAYS_SPAM | NOT_JUNK


async def note_marked(tx: MailTx, changed: Iterable[tuple[MessageId, Keywords, Keywords]]) -> None:
    """Note what changes of keywords (message, before, after) say."""
    wishes: dict[MessageId, bool] = {}
    for message_id, before, after in changed:
        if (before.bits ^ after.bits) & _ABOUT:
            wish = wish_of(before.bits, after.bits)
            if wish is not None:
                wishes[message_id] = wish
    if wishes:
        await tx.note_lessons(wishes)


def wish_of(before: int, after: int) -> bool | None:
    """Return what a change of keyword bits says: spam, good, or nothing."""
    if after & ~before & NOT_JUNK:
        return False
    if after & ~before & _SAYS_SPAM:
        return True
    # Only $junk taken away is a word; $notjunk taken away says nothing.
    return False if before & ~after & _SAYS_SPAM and not after & _SAYS_SPAM else None


async def note_moved(
    tx: MailTx, moved: Mapping[MessageId, tuple[AbstractSet[MailboxId], AbstractSet[MailboxId]]]
) -> None:
    """Note what moves (message → mailboxes that it came into, mailboxes that it left) say."""
    touched = {box for into, left in moved.values() for box in (*into, *left)}
    roles = {row.id: row.role for row in await tx.mailboxes() if row.id in touched} if touched else {}
    wishes: dict[MessageId, bool] = {}
    for message_id, (into, left) in moved.items():
        arrives = {roles.get(box) for box in into - left}
        if "junk" in arrives:
            wishes[message_id] = True
        # Emptying Junk into the trash is no acquittal.
        elif arrives - {"trash"} and "junk" in {roles.get(box) for box in left - into}:
            wishes[message_id] = False
    if wishes:
        await tx.note_lessons(wishes)
