"""The fence after a restore: mail programs have seen more than what came back, and must not be misled by it.

What was given out between backup and loss would be given out again: a UID for another message under the same UIDVALIDITY
(RFC 9051 §2.3.1.1 forbids it), a modseq for another change. So the fence jumps over all that may have been given out:

- UIDs, ids of messages, mailboxes, identities, submissions, notes, books and cards by `UIDS`. Messages keep their UIDs, so nobody
  loads them again; where 32 bits would not hold the jump, the mailbox gets a new UIDVALIDITY instead.
- modseqs by `MODSEQS`. Every message is marked as changed at the fence, so that clients with CONDSTORE read all flags anew
  (RFC 7162 §3.1), and no body; the change log tells that it reaches back no further than the fence, so that clients ask
  which UIDs are left, and JMAP answers cannotCalculateChanges (RFC 8620 §5.2).

Sign-ins end: what was revoked since the backup has come back, its sessions have not. The task that took the backup is in it as one that
runs: it ends, or the restored node would begin with taking it again.
"""

from typing import Final

from smartmail.adapters.sql import tombstones
from smartmail.adapters.sql.counters import NEXT, STATES
from smartmail.adapters.sql.session import Session
from smartmail.domain.changes import TOMBSTONE_TYPES

UIDS: Final = 1 << 20
MODSEQS: Final = 1 << 32
_HIGHEST_UID: Final = (1 << 32) - (1 << 26)

_MODSEQS: Final = ("modseq", "horizon", "senders_modseq")
_STAY: Final = frozenset({"next_keyword"})
"""Numbers of tags are no ids that clients keep."""

_JUMPS: Final = (
    *(f"{name} = modseq + {MODSEQS}" for name in (*STATES, *_MODSEQS)),
    *(f"{name} = {name} + {UIDS}" for name in NEXT if name not in _STAY),
)

# In a tuple, not one by one: no statement of the running store may read all of a table, and these must.
_FENCE: Final = (
    f"update account set {', '.join((*_JUMPS, 'auth_epoch = auth_epoch + 1'))}",  # our own columns and numbers
    f"""update account set uidvalidity = uidvalidity + 1 where exists
    (select 1 from mailbox b where b.account_id = account.id and b.uidnext > {_HIGHEST_UID})""",
    f"""update mailbox set uidvalidity = (select uidvalidity from account a where a.id = mailbox.account_id)
    where uidnext > {_HIGHEST_UID}""",
    f"update mailbox set uidnext = uidnext + {UIDS} where uidnext <= {_HIGHEST_UID}",
    """update mailbox set modseq = (select a.modseq from account a where a.id = mailbox.account_id),
    highest_modseq = (select a.modseq from account a where a.id = mailbox.account_id)""",
    "update message set modseq = (select a.modseq from account a where a.id = message.account_id)",
    "update placement set modseq = (select a.modseq from account a where a.id = placement.account_id)",
    "delete from tombstone",
    "delete from change_mark",
    "delete from change_horizon",
    """update admin_job set state = 'cancelled', ended_at = coalesce(started_at, created_at), leased_until = 0, worker = ''
    where kind = 'backup.take' and state in ('waiting', 'running')""",
)
_FORGET: Final = (
    """insert into change_horizon (account_id, type, mailbox_id, modseq)
    select id, $1::smallint, 0, modseq from account""",
    """insert into change_horizon (account_id, type, mailbox_id, modseq)
    select b.account_id, $1::smallint, b.id, a.modseq from mailbox b join account a on a.id = b.account_id""",
)
_HOLD: Final = (
    """update queue_recipient set state = 'held', hold_reason = 'administrator', worker = null, line = 0
    where state in ('ready', 'leased')""",
)


async def fence(session: Session) -> None:
    """Move an offline store beyond all that its clients may have seen."""
    for statement in _FENCE:
        await session.run(statement)
    for kind in sorted({*TOMBSTONE_TYPES.values(), tombstones.MESSAGE}):
        await session.run(_FORGET[0], kind)
    await session.run(_FORGET[1], tombstones.PLACEMENT)


async def hold_queue(session: Session) -> None:
    """Hold mail that waits: some of it was sent between backup and loss, and would be sent again."""
    for statement in _HOLD:
        await session.run(statement)
