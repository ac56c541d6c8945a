"""Mailboxes inside a mail transaction."""

from operator import attrgetter

from smartmail.adapters.sql import tombstones
from smartmail.adapters.sql.metadata import DROP_ANNOTATIONS
from smartmail.adapters.sql.tx_placements import TxPlacements
from smartmail.adapters.sql.work import MailboxState
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.ids import NO_PARENT, MailboxId, MessageId
from smartmail.domain.mailbox import MailboxRow, NewMailbox

_MAILBOX_STATE_VALUES = attrgetter("id", "parent_id", "role", "sealed_name", "name_hash", "subscribed", "sort_order")
_ADD = """insert into mailbox (account_id, id, parent_id, role, sealed_name, name_hash, subscribed, sort_order,
    uidvalidity, uidnext, placements, total, unseen, unseen_placements, size, created_modseq, modseq, highest_modseq)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 0, 0, 0, 0, 0, $10, $10, $10)"""
_CLASH = """select 1 from mailbox where account_id = $1 and id <> $2
    and ((parent_id = $3 and name_hash = $4) or role = $5)"""
_CHANGE = """update mailbox set parent_id = $3, role = $4, sealed_name = $5, name_hash = $6, subscribed = $7,
    sort_order = $8, modseq = $9, highest_modseq = $9 where account_id = $1 and id = $2"""
_UIDS = "select uid from placement where account_id = $1 and mailbox_id = $2 order by uid limit $3"
_CHUNK = 1_000
"""Placements removed in one step: on SQLite the event loop gets a turn between them."""


class TxMailboxes(TxPlacements):
    """The mailbox methods of ports.store_tx.MailTx."""

    async def mailboxes(self) -> list[MailboxRow]:
        return [box.row() for box in await self._load_all_boxes()]

    async def create_mailbox(self, new: NewMailbox) -> MailboxRow:
        await self._need_parent(new.parent_id)
        await self._refuse_clash(0, new.parent_id, new.name_hash, new.role)
        state = self._state
        modseq = state.touch()
        number = MailboxId(state.next_mailbox)
        state.next_mailbox += 1
        state.mailbox_state = modseq
        uidvalidity = state.next_uidvalidity(self._now)
        subscribed = int(new.subscribed)
        await self._session.run(
            _ADD, self._id, number, new.parent_id, new.role, new.sealed_name, new.name_hash, subscribed,
            new.sort_order, uidvalidity, modseq,
        )  # fmt: skip
        row = (number, new.parent_id, new.role, new.sealed_name, new.name_hash, subscribed, new.sort_order,
               uidvalidity, 1, 0, 0, 0, 0, 0, modseq, modseq, modseq, 0)  # fmt: skip
        state.boxes[number] = MailboxState(self._id, row)
        return state.boxes[number].row()

    async def update_mailbox(
        self,
        mailbox_id: MailboxId,
        *,
        parent_id: MailboxId | None = None,
        sealed_name: bytes | None = None,
        name_hash: bytes | None = None,
        role: str | None = None,
        subscribed: bool | None = None,
        sort_order: int | None = None,
    ) -> MailboxRow:
        box = await self._box(mailbox_id)
        parent = box.parent_id if parent_id is None else parent_id
        hashed = box.name_hash if name_hash is None else name_hash
        role = box.role if role is None else (role or None)
        if parent_id is not None:
            await self._need_parent(parent)
        await self._refuse_clash(mailbox_id, parent, hashed, role)
        box.parent_id, box.name_hash, box.role = parent, hashed, role
        if sealed_name is not None:
            box.sealed_name = sealed_name
        if subscribed is not None:
            box.subscribed = int(subscribed)
        if sort_order is not None:
            box.sort_order = sort_order
        return await self._save(box)

    async def _save(self, box: MailboxState) -> MailboxRow:
        modseq = self._state.touch()
        box.modseq = self._state.mailbox_state = modseq
        box.touch(modseq)
        await self._session.run(_CHANGE, self._id, *_MAILBOX_STATE_VALUES(box), modseq)
        return box.row()

    async def destroy_mailbox(self, mailbox_id: MailboxId) -> list[MessageId]:
        box = await self._box(mailbox_id)
        await self._sync()
        destroyed: list[MessageId] = []
        while uids := await self._session.rows(_UIDS, self._id, mailbox_id, _CHUNK):
            destroyed += await self.remove_placements(mailbox_id, [row[0] for row in uids])
        self._state.mailbox_state = self._state.touch()
        await self._session.run("delete from mailbox where account_id = $1 and id = $2", self._id, mailbox_id)
        await self._session.run(DROP_ANNOTATIONS, self._id, mailbox_id)
        del self._state.boxes[mailbox_id]
        self._bury(tombstones.MAILBOX, [(mailbox_id, box.created_modseq)])
        return destroyed

    async def _need_parent(self, parent_id: MailboxId) -> None:
        if parent_id != NO_PARENT:
            try:
                await self._box(parent_id)
            except NotFound:
                raise NotFound(detail="no such parent") from None

    async def _refuse_clash(self, mailbox_id: int, parent_id: MailboxId, name_hash: bytes, role: str | None) -> None:
        if await self._session.row(_CLASH, self._id, mailbox_id, parent_id, name_hash, role):
            raise AlreadyExists
