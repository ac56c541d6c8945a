"""Messages inside a mail transaction: add, keywords, destroy."""

# ruff: noqa: S608 (statements are made of this package's own column lists only)

from collections import Counter
from collections.abc import Mapping, Sequence

from smartmail.adapters.sql import plan, rows, tombstones
from smartmail.adapters.sql.tx_base import TxBase
from smartmail.adapters.sql.work import UNREAD_MASK
from smartmail.domain.ids import BlobId, MailboxId, MessageId
from smartmail.domain.keywords import SEEN, Keywords
from smartmail.domain.message import Added, MessageRow, NewMessage

_MESSAGES = f"select {rows.MESSAGE} from message where account_id = $1 and id = any($2)"
_KEYWORDS = "select id, flags, tags from message where account_id = $1 and id = any($2)"
_SET_KEYWORDS = "update message set flags = $3, tags = $4, modseq = $5 where account_id = $1 and id = any($2)"
_PLACES = "select message_id, mailbox_id, deleted from placement where account_id = $1 and message_id = any($2)"
_ALL_PLACES = """select p.mailbox_id, p.uid, p.deleted, p.created_modseq, m.flags, m.size, m.id
    from placement p join message m on m.account_id = p.account_id and m.id = p.message_id
    where p.account_id = $1 and p.message_id = any($2)"""
_DROP_ALL_PLACES = "delete from placement where account_id = $1 and message_id = any($2)"
_DOOMED = "select id, thread_id, blob_id, size, created_modseq from message where account_id = $1 and id = any($2)"
_DROP_MESSAGES = "delete from message where account_id = $1 and id = any($2)"
_DROP_SUMMARIES = "delete from summary where account_id = $1 and message_id = any($2)"


class TxMessages(TxBase):
    """The message methods of ports.store.MailTx."""

    async def messages(self, message_ids: Sequence[MessageId]) -> list[MessageRow]:
        if not message_ids:
            return []
        await self._sync()
        return rows.messages(await self._session.rows(_MESSAGES, self._id, list(message_ids)))

    async def add_message(self, new: NewMessage) -> Added:
        await self._load_boxes(new.mailboxes)
        boxes = plan.check(self._state, new)
        found = await plan.find_threads(self._session, [(self._id, new)])
        self._state.touch()
        return plan.add(self._writes, self._state, boxes, new, found)

    async def set_keywords(self, changes: Mapping[MessageId, Keywords]) -> list[MessageId]:
        if not changes:
            return []
        await self._sync()
        groups: dict[tuple[int, str | None], list[MessageId]] = {}
        toggled: dict[MessageId, tuple[int, int]] = {}
        for number, bits, tags in await self._session.rows(_KEYWORDS, self._id, list(changes)):
            wanted = changes[number]
            target = (wanted.bits, rows.tags_text(wanted))
            if target != (bits, tags):
                groups.setdefault(target, []).append(number)
                toggled[number] = (bits, wanted.bits)
        if not toggled:
            return []
        await self._write_keywords(groups)
        await self._count_keywords(toggled)
        return list(toggled)

    async def _write_keywords(self, groups: Mapping[tuple[int, str | None], list[MessageId]]) -> None:
        modseq = self._state.touch()
        self._state.message_state = modseq
        for (bits, tags), ids in groups.items():
            await self._session.run(_SET_KEYWORDS, self._id, ids, bits, tags, modseq)

    async def _count_keywords(self, toggled: Mapping[MessageId, tuple[int, int]]) -> None:
        """Move the counters of all mailboxes that hold the messages."""
        modseq = self._state.modseq
        unseen: Counter[MailboxId] = Counter()
        unread: Counter[MailboxId] = Counter()
        places = await self._session.rows(_PLACES, self._id, list(toggled))
        for number, mailbox_id, deleted in places:
            old, new = toggled[number]
            unseen[mailbox_id] += (not new & SEEN) - (not old & SEEN)
            if not deleted:
                unread[mailbox_id] += (not new & UNREAD_MASK) - (not old & UNREAD_MASK)
        await self._load_boxes(unseen)
        for mailbox_id in unseen:
            box = self._state.boxes[mailbox_id]
            box.unseen_placements += unseen[mailbox_id]
            box.unseen += unread[mailbox_id]
            box.touch(modseq)

    async def destroy_messages(self, message_ids: Sequence[MessageId]) -> list[MessageId]:
        if not message_ids:
            return []
        await self._sync()
        ids = list(message_ids)
        places = await self._session.rows(_ALL_PLACES, self._id, ids)
        if not places:
            return []
        modseq = self._state.touch()
        await self._load_boxes({row[0] for row in places})
        for mailbox_id, uid, deleted, created, flags, size, _ in places:
            box = self._state.boxes[mailbox_id]
            box.count(-1, flags, size, deleted=deleted != 0)
            box.touch(modseq)
            self._bury_placements(box, [(uid, created)])
        await self._session.run(_DROP_ALL_PLACES, self._id, ids)
        return await self._destroy(list(dict.fromkeys(row[6] for row in places)))

    async def _destroy(self, message_ids: list[MessageId]) -> list[MessageId]:
        """Remove messages that have no placement any more, with all that hangs on them."""
        if not message_ids:
            return []
        state = self._state
        modseq = state.touch()
        doomed = await self._session.rows(_DOOMED, self._id, message_ids)
        await self._session.run(_DROP_MESSAGES, self._id, message_ids)
        await self._session.run(_DROP_SUMMARIES, self._id, message_ids)
        self._writes.drop_blobs(BlobId(row[2]) for row in doomed)
        state.used -= sum(row[3] for row in doomed)
        state.messages -= len(doomed)
        state.unswept += len(doomed)
        state.message_state = state.thread_state = modseq
        self._bury(tombstones.MESSAGE, [(row[0], row[4]) for row in doomed])
        self._bury(tombstones.THREAD, [(row[1], row[4]) for row in doomed])
        return message_ids
