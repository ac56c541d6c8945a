"""Counters of an account: the one list that locking, saving, states and the fence after a restore are made of.

A type with a state of its own (JMAP, push) is a member of `domain.changes.ChangeType`, a column in a migration and a line
here: what forgot it in one of the four places would tell clients that nothing has changed.
Must not know: what a transaction changes.
"""

from typing import Final, get_args

from smartmail.domain.changes import ChangeType
from smartmail.domain.ids import ModSeq


class Counters:
    """Columns of `account` that a transaction counts in memory and writes once at its end.

    `next_*`: the number that the next of a kind gets, never given twice. `*_state`: the modseq of the last change of a kind.
    """

    __slots__ = ()

    modseq: ModSeq
    used: int
    messages: int
    uidvalidity: int
    unswept: int
    next_mailbox: int
    next_message: int
    next_keyword: int
    next_identity: int
    next_submission: int
    next_note: int
    next_contact: int
    mailbox_state: ModSeq
    message_state: ModSeq
    thread_state: ModSeq
    identity_state: ModSeq
    submission_state: ModSeq
    assignment_state: ModSeq
    note_state: ModSeq
    tag_state: ModSeq
    notice_state: ModSeq
    address_book_state: ModSeq
    contact_state: ModSeq


COUNTED: Final = tuple(Counters.__annotations__)
ON_ROW: Final = frozenset({"modseq", "used", "messages"})
"""Those that `rows.ACCOUNT` reads already."""
KINDS: Final[tuple[ChangeType, ...]] = get_args(ChangeType)
STATES: Final = tuple(f"{kind}_state" for kind in KINDS)
NEXT: Final = tuple(name for name in COUNTED if name.startswith("next_"))
