"""Taking one copy of a sent mail back: out of the queue while it waits there, else out of the mailbox of a colleague.

STRATEGIES  The queue first: what leaves it meanwhile lies in a mailbox when that is looked at. A copy is known by its story,
            which is in its row from the moment that it lies there; what the stories tell comes a moment later.
            Whether it was read is asked in the transaction that takes it (service.mailbox.mailstore.first_reads): one of both wins.
SECURITY    Where policy does not tell whether somebody has read, why a copy stayed is not told either.
Must not know who may recall, or JMAP.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import MailError
from smartmail.domain.ids import MessageId
from smartmail.domain.principal import Actor
from smartmail.domain.trace import time_of
from smartmail.ports.acting import act_on
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_trace import TraceStore
from smartmail.ports.store_tx import MailTx
from smartmail.ports.store_vault import VaultStore
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.kernel.push import Hints


class _Store(AccountStore, MailReads, TraceStore, VaultStore, Protocol): ...


Recalled = Literal["recalled", "cancelled", "read", "gone", "outside", "failed", "large"]
"""`failed`: it could not be taken back now, or policy does not tell why it stayed."""
Reading = Literal["read", "unread", "unknown"]
_TELLING: frozenset[Recalled] = frozenset({"read", "gone"})


class Taken(NamedTuple):
    """What became of a copy, and whether it had been read when that was decided, as far as that may be told."""

    result: Recalled
    reading: Reading = "unknown"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy in a mailbox of ours."""

    account: Account
    message_id: MessageId


class CopyRecall:
    """Takes copies out of mailboxes."""

    def __init__(self, store: _Store, hints: Hints, clock: Clock) -> None:
        self._store = store
        self._hints = hints
        self._clock = clock

    async def take(
        self, actor: Actor, inside: Account, told: Sequence[MessageId], stories: Collection[int], *,
        even_read: bool, tells: bool, carried: Sequence[Copy] = (),
    ) -> Taken:  # fmt: skip
        """Take a colleague's copies back. `told`: those that the stories know of; `carried`: those that they put into other
        accounts, taken first, so that where one stays the others stay too; `tells`: why one stayed may be told.
        """
        done = await self._take_all(actor, [*carried, *(Copy(inside, one) for one in told)], even_read=even_read)
        if done.result == "gone":
            # Its story may not be told yet, or it is another since it came out of the vault.
            since = min(map(time_of, stories), default=0) - MINUTE
            found = await self._store.messages_of_stories(inside.id, sorted(stories), since)
            done = await self._take_all(actor, [Copy(inside, one) for one in found], even_read=even_read)
        if tells:
            return done
        if done.result not in _TELLING or (done.result == "gone" and await self._was_recalled(inside, told)):
            # That it was taken back tells that it was unread where one that was read stays.
            return Taken(done.result, done.reading if done.result == "recalled" and not even_read else "unknown")
        return Taken("failed")

    async def _take_all(self, actor: Actor, copies: Sequence[Copy], *, even_read: bool) -> Taken:
        whole = Taken("gone")
        for copy in copies:
            one = await self.take_one(actor, copy, even_read=even_read)
            if one.result in {"read", "failed"}:
                return one
            if one.result == "recalled":
                whole = one if whole.reading != "read" else whole
        return whole

    async def take_one(self, actor: Actor, copy: Copy, *, even_read: bool) -> Taken:
        """Take one copy back: recalled, read, gone or failed."""
        rows = await self._store.messages(copy.account.id, [copy.message_id])
        if not rows:
            return Taken("gone")
        if rows[0].was_read and not even_read:
            return Taken("read", "read")
        record = AuditRecord(
            self._clock.now(), f"account:{actor.account_id}", "mail.recalled", f"message:{copy.message_id}",
            door=actor.origin.door,
        )  # fmt: skip

        async def body(tx: MailTx) -> Taken:
            # Asked again inside: who has read it meanwhile keeps it.
            now = await tx.messages([copy.message_id])
            if now and now[0].was_read and not even_read:
                return Taken("read", "read")
            if not now or not await tx.set_aside([copy.message_id], reason="recalled"):
                return Taken("gone")
            await tx.audit(record)
            return Taken("recalled", "read" if now[0].was_read else "unread")

        act_on(copy.account.id, actor)
        try:
            done = await self._store.write(copy.account.id, body)
        except MailError:
            return Taken("failed")
        if done.result == "recalled":
            self._hints.account_changed(copy.account.id)
        return done

    async def _was_recalled(self, inside: Account, told: Sequence[MessageId]) -> bool:
        """Whether a copy is gone because it was recalled before: that tells nothing of its reader."""
        rows = await self._store.vault_rows(inside.id, list(told)) if told else []
        return any(row.reason == "recalled" for row in rows)
