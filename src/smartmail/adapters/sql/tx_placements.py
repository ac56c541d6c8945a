"""Placements inside a mail transaction: copy, expunge, \\Deleted."""

from collections.abc import Sequence

from smartmail.adapters.sql import rows, tombstones
from smartmail.adapters.sql.tx_messages import TxMessages
from smartmail.adapters.sql.work import UNREAD_MASK
from smartmail.domain.ids import MailboxId, MessageId, Uid
from smartmail.domain.message import Placement, ViewEntry

# The plus makes the planners look by message: walking the mailbox once per message would be quadratic.
_TO_PLACE = """select m.id, m.flags, m.size, m.received_at, m.thread_id, m.created_modseq, (select count(*) from placement o
        where o.account_id = m.account_id and o.message_id = m.id and o.deleted = 0), m.story
    from message m where m.account_id = $1 and m.id = any($2)
    and not exists (select 1 from placement p
        where p.account_id = m.account_id and p.message_id = m.id and +p.mailbox_id = $3)"""
_TO_REMOVE = """select p.uid, p.message_id, p.deleted, p.created_modseq, m.flags, m.size, (select count(*) from placement o
        where o.account_id = p.account_id and o.message_id = p.message_id), m.thread_id, m.created_modseq,
        (select count(*) from placement o
        where o.account_id = p.account_id and o.message_id = p.message_id and o.deleted = 0)
    from placement p join message m on m.account_id = p.account_id and m.id = p.message_id
    where p.account_id = $1 and p.mailbox_id = $2 and p.uid = any($3)"""
_REMOVE = "delete from placement where account_id = $1 and mailbox_id = $2 and uid = any($3)"
_TO_MARK = """select p.uid, p.message_id, m.flags, m.thread_id, m.created_modseq
    from placement p join message m on m.account_id = p.account_id and m.id = p.message_id
    where p.account_id = $1 and p.mailbox_id = $2 and p.uid = any($3) and p.deleted <> $4 order by p.uid"""
_MARK = """update placement set deleted = $4, modseq = $5
    where account_id = $1 and mailbox_id = $2 and uid = any($3)"""
_ENTRIES = f"""select {rows.VIEW} from placement p join message m on m.account_id = p.account_id and m.id = p.message_id
    where p.account_id = $1 and p.mailbox_id = $2 and p.uid = any($3) order by p.uid"""
_PLACEMENTS = f"select {rows.PLACEMENT} from placement where account_id = $1 and message_id = any($2)"


class TxPlacements(TxMessages):
    """The placement methods of ports.store_tx.MailTx."""

    async def entries(self, mailbox_id: MailboxId, uids: Sequence[Uid]) -> list[ViewEntry]:
        if not uids:
            return []
        await self._sync()
        lines = rows.entries(await self._session.rows(_ENTRIES, self._id, mailbox_id, list(uids)))
        self._keywords.update([(line.message_id, line.keywords) for line in lines])
        self._home.update(dict.fromkeys([line.message_id for line in lines], mailbox_id))
        return lines

    async def placements(self, message_ids: Sequence[MessageId]) -> list[Placement]:
        if not message_ids:
            return []
        await self._sync()
        return rows.placements(await self._session.rows(_PLACEMENTS, self._id, list(message_ids)))

    async def place(
        self, mailbox_id: MailboxId, message_ids: Sequence[MessageId], *, at: int | None = None
    ) -> list[tuple[MessageId, Uid]]:
        box = await self._box(mailbox_id)
        if not message_ids:
            return []
        await self._sync()
        self._home.clear()
        ordered = list(dict.fromkeys(message_ids))
        fresh = {row[0]: row for row in await self._session.rows(_TO_PLACE, self._id, ordered, mailbox_id)}
        if not fresh:
            return []
        modseq = self._state.touch()
        placed = []
        waiting = self._writes.placements
        for message_id in ordered:
            if row := fresh.get(message_id):
                uid = box.take_uid()
                box.count(1, row[1], row[2], deleted=False)
                shown_at = row[3] if at is None else at
                waiting.append((self._id, mailbox_id, uid, message_id, shown_at, modseq, self._now))
                placed.append((message_id, uid))
        box.touch(modseq)
        self._acts.placed(mailbox_id, [(row[0], row[7]) for row in fresh.values()])
        self._turned([(row[4], row[5]) for row in fresh.values() if not row[6]])
        # Before the new placements are written: the mailboxes that held the messages until now see them change.
        await self._touch_messages(list(fresh), modseq)
        return placed

    async def remove_placements(self, mailbox_id: MailboxId, uids: Sequence[Uid]) -> list[MessageId]:
        box = await self._box(mailbox_id)
        if not uids:
            return []
        await self._sync()
        self._home.clear()
        found = await self._session.rows(_TO_REMOVE, self._id, mailbox_id, list(uids))
        if not found:
            return []
        modseq = self._state.touch()
        for _, _, deleted, _, flags, size, *_ in found:
            box.count(-1, flags, size, deleted=deleted != 0)
        box.touch(modseq)
        self._bury_placements(box, [(row[0], row[3], row[1], row[7]) for row in found])
        self._acts.left([row[1] for row in found if row[6] > 1])
        # What stays elsewhere is marked deleted everywhere.
        self._turned([(row[7], row[8]) for row in found if not row[2] and row[6] > 1 and row[9] == 1])
        await self._session.run(_REMOVE, self._id, mailbox_id, [row[0] for row in found])
        await self._touch_messages([row[1] for row in found if row[6] > 1], modseq)
        return await self._destroy({row[1]: str(mailbox_id) for row in found if row[6] == 1})

    async def set_deleted(self, mailbox_id: MailboxId, uids: Sequence[Uid], *, deleted: bool) -> list[Uid]:
        box = await self._box(mailbox_id)
        if not uids:
            return []
        await self._sync()
        mark = int(deleted)
        found = await self._session.rows(_TO_MARK, self._id, mailbox_id, list(uids), mark)
        if not found:
            return []
        modseq = self._state.touch()
        changed = [row[0] for row in found]
        sign = -1 if deleted else 1
        box.total += sign * len(changed)
        box.unseen += sign * sum(1 for row in found if not row[2] & UNREAD_MASK)
        await self._session.run(_MARK, self._id, mailbox_id, changed, mark, modseq)
        self._turned([(row[3], row[4]) for row in found])
        await self._touch_messages([row[1] for row in found], modseq)
        return changed

    def _turned(self, threads: Sequence[tuple[int, int]]) -> None:
        """Note threads of which a message goes out of sight, or comes back: one that is marked deleted everywhere does
        not exist for JMAP (AR-2). Each with its message's created_modseq.
        """
        if threads:
            self._state.thread_state = self._state.modseq
            self._bury(tombstones.THREAD, threads)
