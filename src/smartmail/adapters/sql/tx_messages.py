"""Messages inside a mail transaction: add, keywords, destroy."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from smartmail.adapters.sql import plan, rows, tombstones
from smartmail.adapters.sql.session import Row
from smartmail.adapters.sql.tx_acts import MARK_READ, STORIES, UNREAD_STORIES
from smartmail.adapters.sql.tx_base import TxBase
from smartmail.adapters.sql.vault import DELETED, DISCARDED, DROP_INSPECTIONS, Fate, keep
from smartmail.adapters.sql.work import ADD_TAGGED, UNREAD_MASK
from smartmail.domain.ids import BlobId, MailboxId, MessageId
from smartmail.domain.keywords import DRAFT, SEEN, Keywords
from smartmail.domain.message import Added, MessageRow, NewMessage
from smartmail.domain.trace import ActKind
from smartmail.domain.vault import VaultReason

_MESSAGES = f"select {rows.MESSAGE} from message where account_id = $1 and id = any($2)"
_KEYWORDS = "select id, flags, tags from message where account_id = $1 and id = any($2)"
_NOTE_FILES = "update message set has_attachment = 1 where account_id = $1 and id = any($2)"
_SET_KEYWORDS = f"""update message set flags = $3, tags = $4, modseq = $5,
    story = case when ($3::bigint & {SEEN}) <> 0 then -abs(story) else story end where account_id = $1 and id = any($2)"""
_PLACES = "select message_id, mailbox_id, deleted from placement where account_id = $1 and message_id = any($2)"
_ALL_PLACES = """select p.mailbox_id, p.uid, p.deleted, p.created_modseq, m.flags, m.size, m.id, m.thread_id
    from placement p join message m on m.account_id = p.account_id and m.id = p.message_id
    where p.account_id = $1 and p.message_id = any($2)"""
_DOOMED = """select id, thread_id, blob_id, size, created_modseq, flags, tags, received_at, story from message
    where account_id = $1 and id = any($2)"""
_RECEIVED = "select id, received_at from message where account_id = $1 and id = any($2)"
_UNTAG = "delete from tagged where account_id = $1 and number = $2 and received_at = $3 and message_id = $4"
_DROP_SUMMARIES = "delete from summary where account_id = $1 and message_id = any($2)"


class TxMessages(TxBase):
    """The message methods of ports.store_tx.MailTx."""

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
        saved_at = None if new.received_at == self._now else self._now
        added = plan.add(self._writes, self._state, boxes, new, found, saved_at)
        self._acts.added(added.message_id, new.story, new.mailboxes, carried=new.carried)
        return added

    async def set_keywords(self, changes: Mapping[MessageId, Keywords]) -> list[MessageId]:
        if not changes:
            return []
        await self._sync()
        groups: dict[Keywords, list[MessageId]] = {}
        counted: dict[MessageId, tuple[int, int]] = {}
        changed: list[MessageId] = []
        seen: list[MessageId] = []
        retagged: dict[MessageId, tuple[Keywords, Keywords]] = {}
        for old, wanted, numbers in _moves(await self._held(changes), changes):
            groups.setdefault(wanted, []).extend(numbers)
            changed += numbers
            if old.tags or wanted.tags:
                retagged.update(dict.fromkeys(numbers, (old, wanted)))
            if (old.bits ^ wanted.bits) & UNREAD_MASK:
                counted.update(dict.fromkeys(numbers, (old.bits, wanted.bits)))
            if wanted.bits & ~old.bits & SEEN:
                seen += numbers
        if changed:
            await self._note_read(seen)
            await self._write_keywords(groups)
            await self._touch_holders(changed, self._state.modseq)
            await self._count_keywords(counted)
            await self._retag(retagged)
        return changed

    async def note_read(self, message_ids: Sequence[MessageId]) -> list[MessageId]:
        if not message_ids:
            return []
        await self._sync()
        found = await self._session.rows(STORIES, self._id, list(message_ids))
        fresh = [row for row in found if row[1] > 0]
        if fresh:
            # No client sees that, but acts are told apart by the modseq of their transaction.
            self._state.touch()
            self._acts.read(fresh)
            await self._session.run(MARK_READ, self._id, [row[0] for row in fresh])
        return [MessageId(row[0]) for row in found]

    async def note_files(self, message_ids: Sequence[MessageId]) -> None:
        if message_ids:
            await self._sync()
            await self._session.run(_NOTE_FILES, self._id, list(message_ids))
            await self._touch_messages(message_ids, self._state.touch())

    async def _note_read(self, message_ids: Sequence[MessageId]) -> None:
        """Note messages that are read now and never were: before their rows say so."""
        if message_ids:
            self._acts.read(await self._session.rows(UNREAD_STORIES, self._id, list(message_ids)))

    async def _retag(self, changed: Mapping[MessageId, tuple[Keywords, Keywords]]) -> None:
        """Keep the lists and counters of own keywords in step."""
        added: list[tuple[MessageId, int]] = []
        removed: list[tuple[MessageId, int]] = []
        for number, (old, new) in changed.items():
            was, is_ = int(not old.bits & UNREAD_MASK), int(not new.bits & UNREAD_MASK)
            self._writes.count_tags(self._id, old.tags, -1, -was)
            self._writes.count_tags(self._id, new.tags, 1, is_)
            if old.tags != new.tags:
                added += [(number, tag) for tag in new.tags if tag not in old.tags]
                removed += [(number, tag) for tag in old.tags if tag not in new.tags]
        if not added and not removed:
            return
        ids = list({number for number, _ in (*added, *removed)})
        received = {row[0]: row[1] for row in await self._session.rows(_RECEIVED, self._id, ids)}
        await self._session.many(_UNTAG, [(self._id, tag, received[number], number) for number, tag in removed])
        await self._session.many(ADD_TAGGED, [(self._id, tag, received[number], number) for number, tag in added])

    async def _held(self, message_ids: Iterable[MessageId]) -> Mapping[MessageId, Keywords]:
        """Return the keywords of those messages that exist: as this transaction has read them, else from their rows."""
        unread = [number for number in message_ids if number not in self._keywords]
        if unread:
            for number, bits, tags in await self._session.rows(_KEYWORDS, self._id, unread):
                self._keywords[number] = rows.keywords(bits, tags)
        return self._keywords

    async def _write_keywords(self, groups: Mapping[Keywords, list[MessageId]]) -> None:
        modseq = self._state.touch()
        self._state.message_state = modseq
        for wanted, ids in groups.items():
            await self._session.run(_SET_KEYWORDS, self._id, ids, wanted.bits, rows.tags_text(wanted), modseq)
            self._keywords.update(dict.fromkeys(ids, wanted))

    async def _count_keywords(self, toggled: Mapping[MessageId, tuple[int, int]]) -> None:
        """Move the counters of all mailboxes that hold messages which became read or unread."""
        if not toggled:
            return
        unseen: Counter[MailboxId] = Counter()
        unread: Counter[MailboxId] = Counter()
        places = await self._session.rows(_PLACES, self._id, list(toggled))
        for number, mailbox_id, deleted in places:
            old, new = toggled[number]
            unseen[mailbox_id] += (not new & SEEN) - (not old & SEEN)
            if not deleted:
                unread[mailbox_id] += (not new & UNREAD_MASK) - (not old & UNREAD_MASK)
        for mailbox_id in unseen:
            box = self._state.boxes[mailbox_id]
            box.unseen_placements += unseen[mailbox_id]
            box.unseen += unread[mailbox_id]

    async def destroy_messages(self, message_ids: Sequence[MessageId]) -> list[MessageId]:
        return await self._remove(message_ids, DELETED)

    async def set_aside(
        self, message_ids: Sequence[MessageId], *, reason: VaultReason, replaced_by: MessageId | None = None
    ) -> list[MessageId]:
        return await self._remove(message_ids, Fate(reason, replaced_by))

    async def discard_messages(self, message_ids: Sequence[MessageId]) -> list[MessageId]:
        return await self._remove(message_ids, DISCARDED)

    async def _remove(self, message_ids: Sequence[MessageId], fate: Fate) -> list[MessageId]:
        """Remove messages with all their placements."""
        if not message_ids:
            return []
        await self._sync()
        ids = list(message_ids)
        places = await self._session.rows(_ALL_PLACES, self._id, ids)
        if not places:
            return []
        modseq = self._state.touch()
        await self._load_boxes({row[0] for row in places})
        held_by: dict[MessageId, list[str]] = {}
        for mailbox_id, uid, deleted, created, flags, size, number, thread in places:
            box = self._state.boxes[mailbox_id]
            box.count(-1, flags, size, deleted=deleted != 0)
            box.touch(modseq)
            self._bury_placements(box, [(uid, created, number, thread)])
            held_by.setdefault(number, []).append(str(mailbox_id))
        await self._session.run("delete from placement where account_id = $1 and message_id = any($2)", self._id, ids)
        return await self._destroy({number: ",".join(boxes) for number, boxes in held_by.items()}, fate)

    async def _destroy(self, places: Mapping[MessageId, str], fate: Fate = DELETED) -> list[MessageId]:
        """Remove messages that have no placement any more, with all that hangs on them. `places`: where each was."""
        if not places:
            return []
        message_ids = list(places)
        state = self._state
        modseq = state.touch()
        doomed = await self._session.rows(_DOOMED, self._id, message_ids)
        drafts = {row[0] for row in doomed if row[5] & DRAFT}
        kept = await keep(self._session, self._id, places, drafts, fate, self._now)
        await self._session.run("delete from message where account_id = $1 and id = any($2)", self._id, message_ids)
        await self._session.run(_DROP_SUMMARIES, self._id, message_ids)
        await self._session.run(DROP_INSPECTIONS, self._id, [one for one in message_ids if one not in kept])
        self._writes.drop_blobs(BlobId(row[2]) for row in doomed if row[0] not in kept)
        await self._untag(doomed)
        await self._forget_work(message_ids)
        state.used -= sum(row[3] for row in doomed)
        state.messages -= len(doomed)
        state.unswept += len(doomed)
        if fate.reason != "detached":
            kind: ActKind = "recalled" if fate.reason == "recalled" else "deleted"
            self._acts.gone(kind, [(row[0], row[8]) for row in doomed])
        state.message_state = state.thread_state = modseq
        self._bury(tombstones.MESSAGE, [(row[0], row[4]) for row in doomed])
        self._bury(tombstones.THREAD, [(row[1], row[4]) for row in doomed])
        return message_ids

    async def _untag(self, doomed: Sequence[Row]) -> None:
        """Take messages that go out of the lists and counters of own keywords."""
        gone: list[tuple[int, int, int, int]] = []
        for number, *_, bits, tags, received, _story in doomed:
            own = rows.keywords(bits, tags).tags
            self._writes.count_tags(self._id, own, -1, -int(not bits & UNREAD_MASK))
            gone += [(self._id, tag, received, number) for tag in own]
        await self._session.many(_UNTAG, gone)


def _moves(
    held: Mapping[MessageId, Keywords], changes: Mapping[MessageId, Keywords]
) -> Iterable[tuple[Keywords, Keywords, list[MessageId]]]:
    """Return (old, new, messages) for all messages that get other keywords; known by their addresses, the few
    combinations that there are need not be hashed and compared for every message.
    """
    found: dict[tuple[int, int], list[MessageId]] = {}
    for number, wanted in changes.items():
        old = held.get(number)
        if old is not None and old is not wanted:
            found.setdefault((id(old), id(wanted)), []).append(number)
    pairs = ((held[numbers[0]], changes[numbers[0]], numbers) for numbers in found.values())
    return [(old, wanted, numbers) for old, wanted, numbers in pairs if old != wanted]
