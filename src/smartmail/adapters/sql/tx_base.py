"""What the parts of a mail transaction share: the locked account, its mailboxes, rows that wait."""

from collections.abc import Iterable, Sequence

from smartmail.adapters.sql import rows, tombstones
from smartmail.adapters.sql.session import Session
from smartmail.adapters.sql.tx_acts import Acts
from smartmail.adapters.sql.work import AccountState, MailboxState, Writes, load_mailboxes
from smartmail.domain.account import Account
from smartmail.domain.changes import ChangeType
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import MailboxId, MessageId, ModSeq
from smartmail.domain.keywords import Keywords
from smartmail.ports.acting import Acting

_ALL_MAILBOXES = f"select {rows.MAILBOX} from mailbox where account_id = $1 order by id"
_TOUCH_MESSAGES = "update message set modseq = $3 where account_id = $1 and id = any($2)"
_HOLDERS = "select distinct mailbox_id from placement where account_id = $1 and message_id = any($2)"


class TxBase:
    """State of one `write`."""

    def __init__(self, session: Session, account: AccountState, now: int, acting: Acting | None = None) -> None:
        self._session = session
        self._state = account
        self._id = account.id
        self._now = now
        self._writes = Writes()
        self._acts = Acts(acting)
        self._keywords: dict[MessageId, Keywords] = {}
        """Of messages that this transaction has read or set: nobody else changes them while the account is locked."""
        self._home: dict[MessageId, MailboxId] = {}
        """In which mailbox it has read them."""
        self._has_all_boxes = False

    async def account(self) -> Account:
        return self._state.domain()

    def state_of(self, kind: ChangeType) -> ModSeq:
        """Return the highest modseq of a kind: before any change, or after `finish`."""
        return ModSeq(getattr(self._state, f"{kind}_state"))

    async def finish(self) -> None:
        """Write what is still in memory."""
        await self._acts.finish(self._session, self._id, self._state.modseq, self._now)
        await self._writes.finish(self._session, (self._state,), self._now)

    async def _sync(self) -> None:
        """Write waiting rows, so that the next statement sees them."""
        await self._writes.flush(self._session)
        self._state.new_refs.clear()
        self._state.new_threads.clear()

    async def _load_boxes(self, ids: Iterable[MailboxId]) -> None:
        await load_mailboxes(self._session, {self._id: self._state}, [(self._id, box) for box in ids])

    async def _box(self, mailbox_id: MailboxId) -> MailboxState:
        box = self._state.boxes.get(mailbox_id)
        if box is None:
            await self._load_boxes((mailbox_id,))
            box = self._state.boxes.get(mailbox_id)
        if box is None:
            raise NotFound
        return box

    async def _load_all_boxes(self) -> list[MailboxState]:
        boxes = self._state.boxes
        for row in await self._session.rows(_ALL_MAILBOXES, self._id):
            if row[0] not in boxes:
                boxes[row[0]] = MailboxState(self._id, row)
        self._has_all_boxes = True
        return [boxes[number] for number in sorted(boxes)]

    async def _touch_messages(self, message_ids: Sequence[MessageId], modseq: ModSeq) -> None:
        """Raise messages whose placements changed (JMAP's mailboxIds), and the mailboxes that hold them."""
        if not message_ids:
            return
        await self._session.run(_TOUCH_MESSAGES, self._id, list(message_ids), modseq)
        self._state.message_state = modseq
        await self._touch_holders(message_ids, modseq)

    async def _touch_holders(self, message_ids: Sequence[MessageId], modseq: ModSeq) -> None:
        ids = self._sole_holders(message_ids)
        if ids is None:
            ids = {row[0] for row in await self._session.rows(_HOLDERS, self._id, list(message_ids))}
        await self._load_boxes(ids)
        for number in ids:
            self._state.boxes[number].touch(modseq)

    def _sole_holders(self, message_ids: Sequence[MessageId]) -> set[MailboxId] | None:
        """Return the mailboxes that hold the messages if that is known without asking: no message has two places where
        there are as many places as messages, since none is without.
        """
        state = self._state
        if not self._has_all_boxes or sum(box.placements for box in state.boxes.values()) != state.messages:
            return None
        homes = {self._home.get(number) for number in message_ids}
        return None if None in homes else {home for home in homes if home is not None}

    async def _forget_work(self, message_ids: Sequence[MessageId]) -> None:
        """Let go of assignments and notes on messages that have been removed (tx_sharing)."""

    def _bury(self, kind: int, gone: Iterable[tuple[int, int]], mailbox_id: int = 0) -> None:
        self._writes.bury(self._id, self._state.modseq, kind, gone, mailbox_id)

    def _bury_placements(self, box: MailboxState, gone: Sequence[tuple[int, int, int, int]]) -> None:
        """Note placements that went, each (UID, created_modseq, message, thread)."""
        self._bury(tombstones.PLACEMENT, [(uid, created) for uid, created, _, _ in gone], box.id)
        if self._state.grants_modseq:
            self._bury(tombstones.LEFT, [(number, created) for _, created, number, _ in gone], box.id)
            self._bury(tombstones.THREAD_LEFT, [(thread, created) for _, created, _, thread in gone], box.id)
