"""Views: a mailbox as IMAP sees it, and what changed in it, shared by all sessions of a process.

One `SharedView` per mailbox holds the lines by ascending UID; each session keeps only its own sequence numbers. It is
brought up to date from the change log, never re-read, while anyone holds it, and for some time after, because clients
come back. Must not know IMAP text.
LIMITS  Views that nobody holds are kept up to `RECENT_LINES` lines per process; the oldest go first.
"""

import asyncio
from bisect import bisect_left
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, MailboxId, ModSeq, Uid
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.message import ViewChanges, ViewEntry
from smartmail.domain.principal import Actor
from smartmail.service.kernel.rights import Rights
from smartmail.service.mailbox.mailstore.store import Store
from smartmail.service.mailbox.sharing.personal import PersonalService

MAX_STEPS = 64
"""Steps kept for sessions that are behind; one that is further behind compares all lines."""
RECENT_LINES = 200_000
"""Some 40 MB; opening a mailbox of 100,000 from the store costs 100 ms."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one refresh brought: from one modseq to the next. UIDs ascending."""

    before: ModSeq
    after: ModSeq
    added: tuple[Uid, ...]
    changed: tuple[Uid, ...]
    vanished: tuple[Uid, ...]


@dataclass(frozen=True, slots=True)
class KnownChange:
    """What one transaction of ours did to a mailbox that was at modseq `before`: to be laid over a view without asking
    the store again.
    """

    before: ModSeq
    changes: ViewChanges


class SharedView:
    """Lines of one mailbox at `highest_modseq`, ascending by UID. Readers must not change it.

    `person_id`: whose marks the lines carry in an account where \\Seen is each person's own; None for the common ones.
    """

    __slots__ = (
        "__weakref__", "account_id", "entries", "highest_modseq", "highest_tag", "lock", "mailbox_id", "person_id", "row",
        "steps", "told_uid", "uids",
    )  # fmt: skip

    def __init__(
        self,
        account_id: AccountId,
        mailbox_id: MailboxId,
        row: MailboxRow,
        entries: list[ViewEntry],
        person_id: AccountId | None = None,
    ) -> None:
        self.account_id = account_id
        self.person_id = person_id
        self.mailbox_id = mailbox_id
        self.row = row
        self.lock = asyncio.Lock()
        self.steps: deque[Step] = deque(maxlen=MAX_STEPS)
        self.told_uid = row.recent_uid
        """Up to which UID some session is known to have been told of the messages (RFC 3501 §2.3.2)."""
        self.load(row, entries)

    def load(self, row: MailboxRow, entries: list[ViewEntry]) -> None:
        """Take a fresh copy of the whole mailbox."""
        self.row = row
        self.entries = entries
        self.uids: list[Uid] = [entry.uid for entry in entries]
        self.highest_modseq = row.highest_modseq
        self.highest_tag = max((entry.keywords.tags[-1] for entry in entries if entry.keywords.tags), default=0)
        """The highest number of an own keyword that a line carries or carried."""
        self.steps.clear()

    def entry(self, uid: Uid) -> ViewEntry | None:
        """Return the line of a UID."""
        at = bisect_left(self.uids, uid)
        return self.entries[at] if at < len(self.uids) and self.uids[at] == uid else None

    def range(self, low: Uid, high: Uid) -> Sequence[ViewEntry]:
        """Return lines with low ≤ UID ≤ high."""
        return self.entries[bisect_left(self.uids, low) : bisect_left(self.uids, high + 1)]

    def apply(self, changes: ViewChanges) -> None:
        """Take changes in: new lines at the end, changed ones in place, vanished ones out.

        Lists are replaced, not edited, when something vanishes: a reader that iterates keeps what it had.
        """
        if changes.vanished:
            self._remove(changes.vanished)
        added, changed = self._take(changes.entries)
        before, self.highest_modseq = self.highest_modseq, changes.highest_modseq
        if before != self.highest_modseq:
            vanished = tuple(sorted(changes.vanished))
            step = Step(before, self.highest_modseq, tuple(sorted(added)), tuple(sorted(changed)), vanished)
            self.steps.append(step)

    def _take(self, entries: Sequence[ViewEntry]) -> tuple[list[Uid], list[Uid]]:
        """Put lines in their places; return the UIDs of new ones and of those that were there."""
        highest = max([entry.keywords.tags[-1] for entry in entries if entry.keywords.tags], default=0)
        self.highest_tag = max(self.highest_tag, highest)
        uids = [entry.uid for entry in entries]
        # A change of a run of messages, as of a whole mailbox, costs one look-up.
        start = bisect_left(self.uids, uids[0]) if uids else 0
        if self.uids[start : start + len(uids)] == uids:
            self.entries[start : start + len(uids)] = entries
            return [], uids
        added, changed = [], []
        for entry in entries:
            at = bisect_left(self.uids, entry.uid)
            if at < len(self.uids) and self.uids[at] == entry.uid:
                self.entries[at] = entry
                changed.append(entry.uid)
            else:
                self.uids.insert(at, entry.uid)
                self.entries.insert(at, entry)
                added.append(entry.uid)
        return added, changed

    def _remove(self, vanished: Sequence[Uid]) -> None:
        if len(vanished) > 64:
            gone = set(vanished)
            self.entries = [entry for entry in self.entries if entry.uid not in gone]
            self.uids = [entry.uid for entry in self.entries]
            return
        entries, uids = self.entries.copy(), self.uids.copy()
        for uid in vanished:
            at = bisect_left(uids, uid)
            if at < len(uids) and uids[at] == uid:
                del entries[at], uids[at]
        self.entries, self.uids = entries, uids

    def steps_since(self, modseq: ModSeq) -> list[Step] | None:
        """Return the steps from `modseq` to now; None when they are not kept any more."""
        if modseq == self.highest_modseq:
            return []
        kept = list(self.steps)
        for at, step in enumerate(kept):
            if step.before == modseq:
                return kept[at:]
        return None


_Key = tuple[AccountId, MailboxId, AccountId | None]


class ViewService:
    """Opens views and brings them up to date."""

    def __init__(self, store: Store, rights: Rights) -> None:
        self._store = store
        self._rights = rights
        self._personal = PersonalService(store)
        self._open: WeakValueDictionary[_Key, SharedView] = WeakValueDictionary()
        self._recent: OrderedDict[SharedView, int] = OrderedDict()
        self._recent_lines = 0

    async def open(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId) -> SharedView:
        """Return the shared view of a mailbox, up to date. Raises NotFound, Forbidden."""
        person_id = await self._person(actor, account_id, mailbox_id)
        key = (account_id, mailbox_id, person_id)
        view = self._open.get(key)
        if view is not None:
            try:
                await self.refresh(view)
            except NotFound:
                self._forget(view)
                raise
        else:
            row, entries = await self._store.view(account_id, mailbox_id)
            entries = await self._seen_by(person_id, account_id, entries)
            made = SharedView(account_id, mailbox_id, row, entries, person_id)
            view = self._open.setdefault(key, made)
        self._remember(view)
        return view

    async def _person(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId) -> AccountId | None:
        """Return the actor when they have marks of their own in the account. Raises NotFound, Forbidden."""
        if actor.account_id == account_id:
            return None
        await self._rights.require(actor, account_id, "r", mailbox_id)
        return actor.account_id if (await self._rights.access(actor, account_id)).personal else None

    async def _seen_by(
        self, person_id: AccountId | None, account_id: AccountId, entries: Sequence[ViewEntry]
    ) -> list[ViewEntry]:
        if person_id is None:
            return entries if isinstance(entries, list) else list(entries)
        return await self._personal.lines(person_id, account_id, entries)

    def _remember(self, view: SharedView) -> None:
        self._forget(view)
        self._recent[view] = lines = len(view.entries) + 10
        self._recent_lines += lines
        while self._recent_lines > RECENT_LINES:
            self._recent_lines -= self._recent.popitem(last=False)[1]

    def _forget(self, view: SharedView) -> None:
        self._recent_lines -= self._recent.pop(view, 0)

    async def refresh(self, view: SharedView) -> bool:
        """Bring a view up to date; say whether anything changed. Raises NotFound when the mailbox has gone."""
        async with view.lock:
            changes = await self._store.view_changes(view.account_id, view.mailbox_id, view.highest_modseq)
            if not changes.complete:
                row, entries = await self._store.view(view.account_id, view.mailbox_id)
                view.load(row, await self._seen_by(view.person_id, view.account_id, entries))
                return True
            if view.person_id is not None and changes.entries:
                own = await self._seen_by(view.person_id, view.account_id, changes.entries)
                changes = replace(changes, entries=own)
            moved = changes.highest_modseq != view.highest_modseq
            view.apply(changes)
            return moved

    def take_in(self, view: SharedView, known: Sequence[KnownChange]) -> bool:
        """Lay changes of ours over a view; False when others came in between and only `refresh` can tell."""
        if view.lock.locked():
            return False
        for one in known:
            if view.highest_modseq != one.before:
                return False
            view.apply(one.changes)
        return True

    async def changes(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId, since: ModSeq) -> ViewChanges:
        """Return what changed in a mailbox after a modseq (CONDSTORE). Raises NotFound.

        A client may know of messages that came after the modseq that it names: those that have gone are told too.
        """
        person_id = await self._person(actor, account_id, mailbox_id)
        changes = await self._store.view_changes(account_id, mailbox_id, since, everything=True)
        if person_id is None:
            return changes
        return replace(changes, entries=await self._seen_by(person_id, account_id, changes.entries))

    async def mailbox(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId) -> MailboxRow:
        """Return a mailbox's row with its counters. Raises NotFound."""
        await self._rights.require(actor, account_id, "l", mailbox_id)
        for row in await self._store.mailboxes(account_id):
            if row.id == mailbox_id:
                return await self._counted_for(actor, account_id, row)
        raise NotFound

    async def _counted_for(self, actor: Actor, account_id: AccountId, row: MailboxRow) -> MailboxRow:
        own = await self._personal.unseen(actor, account_id)
        if row.id not in own:
            return row
        unseen, lines = own[row.id]
        return replace(row, unseen=unseen, unseen_placements=lines)
