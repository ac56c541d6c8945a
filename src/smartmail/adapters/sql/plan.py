"""How a new message becomes rows: thread, ids, UIDs, counters. No statement is run here."""

from collections.abc import Iterable, Sequence

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.session import Session
from smartmail.adapters.sql.work import UNREAD_MASK, AccountState, MailboxState, Writes
from smartmail.domain.errors import Invalid, NotFound, OverQuota
from smartmail.domain.ids import AccountId, MessageId, ThreadId
from smartmail.domain.message import Added, NewMessage

FIND_REFS = """select r.account_id, r.ref_hash, r.subject_hash, r.thread_id
    from keys(a bigint, r bytea, s bytea) join thread_ref r on
    r.account_id = k.a and r.ref_hash = k.r and r.subject_hash = k.s"""

FIND_THREADS = """select distinct m.account_id, m.thread_id from keys(a bigint, b bigint)
    join message m on m.account_id = k.a and m.thread_id = k.b"""


class Found:
    """Threads that live, as far as new messages ask."""

    __slots__ = ("by_ref", "named")

    def __init__(self) -> None:
        self.by_ref: dict[tuple[int, bytes, bytes], int] = {}
        """(account, reference, subject) → thread."""
        self.named: set[tuple[int, int]] = set()


async def find_threads(session: Session, wanted: Iterable[tuple[AccountId, NewMessage]]) -> Found:
    """Return the threads that the references of several messages already have, or that they name."""
    found = Found()
    refs: dict[tuple[object, ...], None] = {}
    named: dict[tuple[object, ...], None] = {}
    for account_id, new in wanted:
        if new.thread_id is not None:
            named[account_id, new.thread_id] = None
        for ref in new.thread.refs:
            refs[account_id, ref, new.thread.subject] = None
    matches = await session.lookup(FIND_REFS, list(refs)) if refs else ()
    # Threads that have died keep their references until a sweep; they are no match. Asked for by itself: most mail
    # has no match, and in the statement above this would cost SQLite ten times the rest even then.
    asked = dict.fromkeys([*named, *((row[0], row[3]) for row in matches)])
    if asked:
        living = {(row[0], row[1]) for row in await session.lookup(FIND_THREADS, list(asked))}
        found.by_ref = {(a, bytes(r), bytes(s)): t for a, r, s, t in matches if (a, t) in living}
        found.named = living
    return found


def check(account: AccountState, new: NewMessage, promised: int = 0) -> list[MailboxState]:
    """Return the mailboxes of a new message; `promised` octets are spoken for. Nothing is changed yet.
    Raises NotFound, OverQuota, Invalid.
    """
    if not new.mailboxes:
        raise Invalid(detail="a message needs a mailbox")
    boxes = []
    for mailbox_id in dict.fromkeys(new.mailboxes):
        box = account.boxes.get(mailbox_id)
        if box is None:
            raise NotFound
        boxes.append(box)
    bounded = account.quota is not None and not account.lenient and not new.replaces
    if bounded and account.used + promised + new.size > account.quota:
        raise OverQuota
    return boxes


def add(
    writes: Writes,
    account: AccountState,
    boxes: Sequence[MailboxState],
    new: NewMessage,
    found: Found,
    saved_at: int | None = None,
) -> Added:
    """Note all rows of a checked message under the account's current modseq. `saved_at` None: when it was received."""
    modseq = account.modseq
    message_id = account.next_message
    account.next_message += 1
    account.used += new.size
    account.messages += 1
    account.message_state = account.thread_state = modseq
    thread_id = _thread(writes, account, new, found, message_id)
    bits = new.keywords.bits
    writes.messages.append((
        account.id, message_id, thread_id, new.blob.id, new.wrapped_key, new.size, new.received_at, new.sent_at,
        bits, rows.tags_text(new.keywords), int(new.has_attachment), modseq, new.story,
    ))  # fmt: skip
    writes.summaries.append((account.id, message_id, new.blob.id, new.summary))
    if new.inspection:
        writes.inspections.append((account.id, message_id, new.blob.id, new.inspection))
    writes.add_blob(new.blob)
    if new.keywords.tags:
        writes.tagged += [(account.id, number, new.received_at, message_id) for number in new.keywords.tags]
        writes.count_tags(account.id, new.keywords.tags, 1, int(not bits & UNREAD_MASK))
    placed = []
    for box in boxes:
        uid = box.take_uid()
        box.count(1, bits, new.size, deleted=False)
        box.touch(modseq)
        writes.placements.append((account.id, box.id, uid, message_id, new.received_at, modseq, saved_at))
        placed.append((box.id, uid))
    return Added(MessageId(message_id), ThreadId(thread_id), tuple(placed), modseq)


def _thread(writes: Writes, account: AccountState, new: NewMessage, found: Found, message_id: int) -> int:
    """Return the thread of a message: the named one, else the oldest that shares a reference and the subject, else a
    new one with the id of this first message (so older threads have smaller ids).
    """
    subject = new.thread.subject
    known = account.new_refs
    matches = []
    fresh = []
    for ref in dict.fromkeys(new.thread.refs):
        match = known.get((ref, subject)) or found.by_ref.get((account.id, ref, subject))
        if match is None:
            fresh.append(ref)
        else:
            matches.append(match)
    chosen = _chosen(account, new.thread_id, matches, found)
    if chosen is None:
        chosen = message_id
        account.new_threads.add(chosen)
    for ref in fresh:
        # References that have a thread keep it: threads never merge (architecture 1.15).
        known[ref, subject] = chosen
        writes.refs.append((account.id, ref, subject, chosen))
    return chosen


def _chosen(account: AccountState, named: ThreadId | None, matches: list[int], found: Found) -> int | None:
    if named is not None and (named in account.new_threads or (account.id, named) in found.named):
        return named
    return min(matches) if matches else None
