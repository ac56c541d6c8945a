"""What a person sees of somebody else's account: pure functions over rows and the person's access.

What may not be seen does not exist: no id, no name of a hidden parent, no count of it comes out of here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from smartmail.domain.changes import Changes
from smartmail.domain.ids import NO_PARENT, MailboxId, MessageId, ModSeq, ThreadId
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.rights import Access


def shown_to(
    rows: Sequence[MailboxRow],
    access: Access,
    subscribed: Mapping[MailboxId, bool],
    unseen: Mapping[MailboxId, tuple[int, int]],
) -> list[MailboxRow]:
    """Return the mailboxes that may be seen, with the person's own subscription and counters. `unseen`: see
    `SharingStore.person_unseen`.
    """
    seen = {row.id for row in rows if access.has("l", row.id)}
    found: list[MailboxRow] = []
    for row in rows:
        if row.id not in seen:
            continue
        parent = row.parent_id if row.parent_id in seen else NO_PARENT
        shown = replace(row, parent_id=parent, subscribed=subscribed.get(row.id, True))
        if row.id in access.personal:
            count, lines = unseen.get(row.id, (0, 0))
            shown = replace(shown, unseen=count, unseen_placements=lines)
        found.append(shown)
    return found


def mailbox_changes(changes: Changes, access: Access) -> Changes:
    """Return what happened to mailboxes as the person sees it.

    One that was shared and is not any more, or has gone, changed the rights: nothing before that is told at all.
    """

    def seen(ids: Iterable[int]) -> list[int]:
        return [one for one in ids if access.has("l", MailboxId(one))]

    return replace(changes, created=seen(changes.created), updated=seen(changes.updated), destroyed=())


def message_changes(changes: Changes, since: ModSeq, seen: Mapping[int, ModSeq], left: Collection[int]) -> Changes:
    """Return what happened to messages as the person sees it. `seen`: see `since_when`; `left`: what went out of the
    mailboxes that they may read.

    What came into sight is created (RFC 8620 §5.2 lets an object that a client knows be told as created again), what went
    out of sight is destroyed; what never was in sight is not told.
    """
    new = set(changes.created)
    created = [one for one in (*changes.created, *changes.updated) if one in seen and (one in new or seen[one] > since)]
    known = set(created)
    updated = [one for one in changes.updated if one in seen and one not in known]
    return replace(changes, created=created, updated=updated, destroyed=[one for one in left if one not in seen])


def thread_changes(
    changes: Changes, since: ModSeq, seen: Mapping[int, ModSeq], touched: Iterable[int], left: Collection[int]
) -> Changes:
    """Return what happened to threads as the person sees it. `changes` are those of messages; `seen`: since when the
    person sees a message of the thread; `touched`: threads of messages that came or changed; `left`: of those that went.
    """
    created = [one for one in touched if one in seen and seen[one] > since and one not in left]
    known = set(created)
    updated = [one for one in {*touched, *left} if one in seen and one not in known]
    return replace(changes, created=created, updated=updated, destroyed=[one for one in left if one not in seen])


def threads_since(members: Iterable[tuple[ThreadId, MessageId]], messages: Mapping[int, ModSeq]) -> dict[int, ModSeq]:
    """Return for each thread with a message that may be read since when the first of them may."""
    found: dict[int, ModSeq] = {}
    for thread_id, message_id in members:
        if message_id in messages:
            at = messages[message_id]
            found[thread_id] = min(found.get(thread_id, at), at)
    return found
