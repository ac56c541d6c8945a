"""Unit of work: what a transaction changes, kept in memory and written in few statements.

An account's row is locked (PostgreSQL) or the writer is alone (SQLite), so counters, UIDs and ids are counted here and
written once at the end; new rows wait in `Writes` and go out in one statement per table, for any number of accounts.
Must not know: who called, what the sealed bytes mean.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

from smartmail.adapters.sql import rows, tombstones
from smartmail.adapters.sql.counters import COUNTED, ON_ROW, Counters
from smartmail.adapters.sql.session import Row, Session, row_of
from smartmail.domain.account import Account
from smartmail.domain.ids import AccountId, BlobId, MailboxId, ModSeq, Uid
from smartmail.domain.keywords import DRAFT, SEEN
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.message import BlobRow

Now = Callable[[], int]
"""Milliseconds of Unix time: for blobs that die and for UIDVALIDITY."""
ClockFault = Callable[[], str]
"""Why this node may take no leases by its clock, for its administrator; "" where it may."""

_READ = (*(name for name in COUNTED if name not in ON_ROW), "grants_modseq", "lenient")
LOCK_ACCOUNTS = f"select {rows.ACCOUNT}, {', '.join(_READ)} from account where id = any($1) order by id for update"
LOCK_ACCOUNT = f"select {rows.ACCOUNT}, {', '.join(_READ)} from account where id = $1 for update"
SAVE_ACCOUNT = f"""update account set {", ".join(f"{name} = ${number}" for number, name in enumerate(COUNTED, start=2))}
    where id = $1"""
FIND_MAILBOXES = f"""select m.account_id, {rows.MAILBOX.qualified("m")}
    from keys(a bigint, b bigint) join mailbox m on m.account_id = k.a and m.id = k.b"""
SAVE_MAILBOX = """update mailbox set uidnext = $3, placements = $4, total = $5, unseen = $6, unseen_placements = $7,
    size = $8, highest_modseq = $9 where account_id = $1 and id = $2"""
ADD_MESSAGE = """insert into message (account_id, id, thread_id, blob_id, wrapped_key, size, received_at, sent_at, flags,
    tags, has_attachment, created_modseq, modseq, story) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12,
    $13)"""
ADD_INSPECTION = "insert into inspection (account_id, message_id, blob_id, sealed) values ($1, $2, $3, $4)"
ADD_SUMMARY = "insert into summary (account_id, message_id, blob_id, sealed) values ($1, $2, $3, $4)"
ADD_PLACEMENT = """insert into placement (account_id, mailbox_id, uid, message_id, deleted, received_at, created_modseq,
    modseq, saved_at) values ($1, $2, $3, $4, 0, $5, $6, $6, $7)"""
# A row of a thread that has died is taken over; one of a living thread is never in the list (plan.py looked).
ADD_REF = """insert into thread_ref (account_id, ref_hash, subject_hash, thread_id) values ($1, $2, $3, $4)
    on conflict (account_id, ref_hash, subject_hash) do update set thread_id = excluded.thread_id"""
ADD_BLOB = """insert into blob (id, volume_id, location, size, refs, newer_key) values ($1, $2, $3, $4, $5, $6)
    on conflict (id) do update set refs = blob.refs + excluded.refs, dead_since = null"""
DROP_BLOB = """update blob set refs = refs - $2, dead_since = case when refs = $2 then $3::bigint end where id = $1"""
ADD_TOMBSTONE = "insert into tombstone (account_id, modseq, type, mailbox_id, gone) values ($1, $2, $3, $4, $5)"
ADD_TAGGED = "insert into tagged (account_id, number, received_at, message_id) values ($1, $2, $3, $4)"
COUNT_KEYWORD = """update keyword set messages = messages + $3, unread = unread + $4
    where account_id = $1 and number = $2"""
ADD_DELIVERY_KEY = """insert into delivery_key (account_id, key, at) values ($1, $2, $3)
    on conflict (account_id, key) do update set at = excluded.at"""

UNREAD_MASK = SEEN | DRAFT
"""RFC 8621 §2: unreadEmails have neither $seen nor $draft."""
MAX_UIDVALIDITY = 0xFFFFFFFF


class MailboxState:
    """A mailbox whose counters may change. Attributes as in domain.mailbox.MailboxRow."""

    __slots__ = (
        "account_id", "created_modseq", "dirty", "highest_modseq", "id", "modseq", "name_hash", "parent_id",
        "placements", "recent_uid", "role", "sealed_name", "size", "sort_order", "subscribed", "total", "uidnext", "uidvalidity",
        "unseen", "unseen_placements",
    )  # fmt: skip

    def __init__(self, account_id: int, row: Row) -> None:
        self.account_id = account_id
        (self.id, self.parent_id, self.role, self.sealed_name, self.name_hash, self.subscribed, self.sort_order,
         self.uidvalidity, self.uidnext, self.placements, self.total, self.unseen, self.unseen_placements, self.size,
         self.created_modseq, self.modseq, self.highest_modseq, self.recent_uid) = row  # fmt: skip
        self.dirty = False

    def row(self) -> MailboxRow:
        """Return it as others see it."""
        return MailboxRow(
            self.id, self.parent_id, self.role, self.sealed_name, self.name_hash, bool(self.subscribed),
            self.sort_order, self.uidvalidity, self.uidnext, self.placements, self.total, self.unseen,
            self.unseen_placements, self.size, self.created_modseq, self.modseq, self.highest_modseq, self.recent_uid,
        )  # fmt: skip

    def touch(self, modseq: ModSeq) -> None:
        """Note that something in it changed."""
        self.highest_modseq = modseq
        self.dirty = True

    def take_uid(self) -> Uid:
        """Return the next UID; it is never given again."""
        uid: Uid = self.uidnext
        self.uidnext = Uid(uid + 1)
        return uid

    def count(self, sign: int, flags: int, size: int, *, deleted: bool) -> None:
        """Count one placement in (1) or out (-1)."""
        self.placements += sign
        self.size += sign * size
        if not flags & SEEN:
            self.unseen_placements += sign
        if not deleted:
            self.total += sign
            if not flags & UNREAD_MASK:
                self.unseen += sign

    def saved(self) -> tuple[Any, ...]:
        """Return the arguments of SAVE_MAILBOX."""
        return (self.account_id, self.id, self.uidnext, self.placements, self.total, self.unseen,
                self.unseen_placements, self.size, self.highest_modseq)  # fmt: skip


class AccountState(Counters):
    """A locked account whose counters may change."""

    __slots__ = (
        *COUNTED, "boxes", "dirty", "grants_modseq", "id", "lenient", "new_refs", "new_threads", "quota", "row", "state", "touched",
    )  # fmt: skip
    grants_modseq: ModSeq
    lenient: bool

    def __init__(self, row: Row) -> None:
        self.row = row
        self.id: AccountId = row[0]
        self.state: str = row[3]
        self.modseq: ModSeq = row[9]
        self.quota, self.used, self.messages = row[11:14]
        for name, value in zip(_READ, row[19:], strict=True):
            setattr(self, name, value)
        self.boxes: dict[MailboxId, MailboxState] = {}
        self.new_refs: dict[tuple[bytes, bytes], int] = {}
        self.new_threads: set[int] = set()
        self.touched = False
        self.dirty = False

    def domain(self) -> Account:
        """Return it as others see it."""
        values = list(self.row[:19])
        values[9], values[12], values[13] = self.modseq, self.used, self.messages
        return rows.account(values)

    def touch(self) -> ModSeq:
        """Return the modseq of this transaction, raising the counter at its first change."""
        if not self.touched:
            self.modseq = ModSeq(self.modseq + 1)
            self.touched = self.dirty = True
        return self.modseq

    def next_uidvalidity(self, now: int) -> int:
        """Return a value above all former ones: seconds of Unix time, so that an account made anew under an old
        login has new ones too, or one more than the last (RFC 3501 §2.3.1.1).
        """
        seconds = now // 1000
        value = max(int(self.uidvalidity) + 1, seconds if 0 < seconds <= MAX_UIDVALIDITY else 1)
        self.uidvalidity = value
        self.dirty = True
        return value

    def saved(self) -> tuple[Any, ...]:
        """Return the arguments of SAVE_ACCOUNT."""
        return _saved(self)


_saved: Callable[[AccountState], tuple[Any, ...]] = attrgetter("id", *COUNTED)


class Writes:
    """Rows that wait to be written, of any number of accounts."""

    def __init__(self) -> None:
        self.messages: list[tuple[Any, ...]] = []
        self.summaries: list[tuple[Any, ...]] = []
        self.inspections: list[tuple[Any, ...]] = []
        self.placements: list[tuple[Any, ...]] = []
        self.refs: list[tuple[Any, ...]] = []
        self.delivery_keys: list[tuple[Any, ...]] = []
        self.tagged: list[tuple[Any, ...]] = []
        self.tag_counts: dict[tuple[int, int], tuple[int, int]] = {}
        """(account, number of an own keyword) → how many messages, and unread ones, more carry it."""
        self.blobs: dict[BlobId, tuple[BlobRow, int]] = {}
        self.dropped: dict[BlobId, int] = {}
        self.tombstones: dict[tuple[int, int, int, int], list[tuple[int, int]]] = {}

    def add_blob(self, blob: BlobRow) -> None:
        """Count one reference more."""
        held = self.blobs.get(blob.id)
        self.blobs[blob.id] = (blob, held[1] + 1 if held else 1)

    def drop_blobs(self, blob_ids: Iterable[BlobId]) -> None:
        """Count one reference less for each."""
        for blob_id in blob_ids:
            self.dropped[blob_id] = self.dropped.get(blob_id, 0) + 1

    def count_tags(self, account_id: int, tags: Iterable[int], messages: int, unread: int) -> None:
        """Count messages in or out of own keywords."""
        for number in tags:
            held = self.tag_counts.get((account_id, number), (0, 0))
            self.tag_counts[account_id, number] = (held[0] + messages, held[1] + unread)

    def bury(
        self, account_id: int, modseq: int, kind: int, gone: Iterable[tuple[int, int]], mailbox_id: int = 0
    ) -> None:
        """Leave tombstones: (number, created_modseq) each."""
        self.tombstones.setdefault((account_id, modseq, kind, mailbox_id), []).extend(gone)

    async def flush(self, session: Session) -> None:
        """Write the rows, so that statements of the same transaction see them."""
        if self.messages:
            await _many(session, ADD_MESSAGE, self.messages)
            await _many(session, ADD_SUMMARY, self.summaries)
        if self.inspections:
            await _many(session, ADD_INSPECTION, self.inspections)
        if self.refs:
            await _many(session, ADD_REF, self.refs)
        if self.placements:
            await _many(session, ADD_PLACEMENT, self.placements)
        if self.tagged:
            await _many(session, ADD_TAGGED, self.tagged)
        if self.delivery_keys:
            await _many(session, ADD_DELIVERY_KEY, self.delivery_keys)

    async def finish(self, session: Session, accounts: Iterable[AccountState], now: int) -> None:
        """Write everything that is still in memory; the transaction can be committed then."""
        await self.flush(session)
        await self._flush_blobs(session, now)
        if self.tag_counts:
            sets = [(*key, *counts) for key, counts in sorted(self.tag_counts.items()) if counts != (0, 0)]
            await session.many(COUNT_KEYWORD, sets)
            self.tag_counts.clear()
        if self.tombstones:
            packed = [(*key, tombstones.pack(gone)) for key, gone in self.tombstones.items()]
            await session.many(ADD_TOMBSTONE, packed)
            self.tombstones.clear()
        boxes: list[tuple[Any, ...]] = []
        changed: list[tuple[Any, ...]] = []
        for account in accounts:
            for box in account.boxes.values():
                if box.dirty:
                    account.mailbox_state = max(account.mailbox_state, box.highest_modseq)
                    account.dirty = True
                    boxes.append(box.saved())
            if account.dirty:
                changed.append(account.saved())
        if boxes:
            await session.many(SAVE_MAILBOX, boxes)
        if changed:
            await session.many(SAVE_ACCOUNT, changed)

    async def _flush_blobs(self, session: Session, now: int) -> None:
        # Sorted: two transactions that touch the same blobs then wait for each other instead of deadlocking.
        if self.blobs:
            held = [(b, n) for _, (b, n) in sorted(self.blobs.items())]
            sets = [(b.id, b.volume_id, b.location, b.size, n, b.newer_key or None) for b, n in held]
            await session.many(ADD_BLOB, sets)
            self.blobs.clear()
        if self.dropped:
            await session.many(DROP_BLOB, [(blob_id, n, now) for blob_id, n in sorted(self.dropped.items())])
            self.dropped.clear()


async def _many(session: Session, sql: str, waiting: list[tuple[Any, ...]]) -> None:
    await session.many(sql, waiting)
    waiting.clear()


async def lock_account(session: Session, account_id: AccountId) -> AccountState:
    """Read an account for change. Raises NotFound."""
    return AccountState(await row_of(session, LOCK_ACCOUNT, account_id))


async def load_mailboxes(session: Session, accounts: dict[AccountId, AccountState],
                         wanted: Sequence[tuple[AccountId, MailboxId]]) -> None:  # fmt: skip
    """Read those mailboxes that exist and are not held yet."""
    missing = [key for key in wanted if key[1] not in accounts[key[0]].boxes]
    if not missing:
        return
    for row in await session.lookup(FIND_MAILBOXES, missing):
        state = MailboxState(row[0], row[1:])
        accounts[AccountId(row[0])].boxes[MailboxId(state.id)] = state
