"""Which mailboxes count otherwise because of what happened elsewhere (RFC 8621 §2 unreadThreads).

A thread is unread in every mailbox that holds a message of it while any of its messages is: marking one in the archive
changes the count of the inbox, which itself has not changed. Read from the logs of messages and threads.
"""

from smartmail.domain.ids import AccountId, MailboxId, MessageId, ModSeq, ThreadId
from smartmail.edge.httpd.jmap.context import Call

MAX_LOOKED_AT = 5_000
"""Changed messages; beyond, every mailbox is told as changed."""


async def counted_otherwise(call: Call, account_id: AccountId, since: ModSeq) -> set[MailboxId] | None:
    """Return mailboxes of threads in which something happened after `since`; None for "any may be"."""
    reading, actor = call.context.services.reading, call.context.actor
    messages = await reading.changes(actor, account_id, "message", since, MAX_LOOKED_AT)
    threads = await reading.changes(actor, account_id, "thread", since, MAX_LOOKED_AT)
    if messages is None or threads is None or messages.more or threads.more:
        return None
    touched = [MessageId(one) for one in (*messages.created, *messages.updated)]
    rows = await reading.rows(actor, account_id, touched)
    named = {row.thread_id for row in rows.values()} | {ThreadId(one) for one in (*threads.created, *threads.updated)}
    members = await reading.threads(actor, account_id, sorted(named))
    placed = await reading.placed(actor, account_id, [one for ids in members.values() for one in ids])
    return {box for boxes in placed.values() for box in boxes}
