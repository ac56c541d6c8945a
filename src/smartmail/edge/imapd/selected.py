"""A selected mailbox: the shared lines of the process and this session's own sequence numbers."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from smartmail.domain.ids import AccountId, MailboxId, ModSeq, Uid
from smartmail.domain.message import ViewEntry
from smartmail.domain.principal import Actor
from smartmail.edge.imapd.flags import FlagTexts
from smartmail.proto.imap import wire
from smartmail.proto.imap.view import MailboxView, Ranges, UidPool
from smartmail.service.catalogue import Services
from smartmail.service.mailstore.views import SharedView

_pools: WeakKeyDictionary[SharedView, UidPool] = WeakKeyDictionary()
_texts: dict[AccountId, FlagTexts] = {}
MAX_TEXTS = 10_000


def flag_texts(account_id: AccountId) -> FlagTexts:
    """Return the process's flag texts of an account."""
    texts = _texts.get(account_id)
    if texts is None:
        while len(_texts) >= MAX_TEXTS:
            del _texts[next(iter(_texts))]
        texts = _texts[account_id] = FlagTexts()
    return texts


class Selected:
    """One selected mailbox of one session. `modseq`: up to where the session's view has come."""

    def __init__(self, services: Services, actor: Actor, shared: SharedView, *, read_only: bool) -> None:
        self._services = services
        self.actor = actor
        self.shared = shared
        self.read_only = read_only
        self.texts = flag_texts(shared.account_id)
        pool = _pools.get(shared)
        if pool is None:
            pool = _pools[shared] = UidPool()
        self.view = MailboxView(pool.make(shared.uids))
        self.modseq: ModSeq = shared.highest_modseq

    @property
    def account_id(self) -> AccountId:
        """The account that the mailbox belongs to."""
        return self.shared.account_id

    @property
    def mailbox_id(self) -> MailboxId:
        """The mailbox's id."""
        return self.shared.mailbox_id

    async def sync(self) -> None:
        """Take in what happened since. Raises NotFound when the mailbox has gone."""
        await self._services.views.refresh(self.shared)
        steps = self.shared.steps_since(self.modseq)
        if steps is None:
            self._compare()
        else:
            for step in steps:
                self.view.apply(step.added, step.vanished, step.changed)
        self.modseq = self.shared.highest_modseq

    def _compare(self) -> None:
        """Find out what happened by comparing all lines: the steps are not kept any more."""
        here = set(self.shared.uids)
        known = set(self.view.uids)
        changed = [entry.uid for entry in self.shared.entries if entry.modseq > self.modseq]
        self.view.apply(sorted(here - known), sorted(known - here), changed)

    async def learn_keywords(self) -> None:
        """Read the spelling of own keywords."""
        self.texts.learn(await self._services.keywords.names(self.account_id))

    def entries(self, ranges: Ranges) -> list[tuple[int, ViewEntry]]:
        """Return (sequence number, line) of the messages in index ranges that still exist."""
        found: list[tuple[int, ViewEntry]] = []
        for start, stop in ranges:
            lines = self.block(start, stop)
            if len(lines) == stop - start:
                found.extend(zip(range(start + 1, stop + 1), lines, strict=True))
            else:
                found.extend((self.view.sequence(line.uid), line) for line in lines)
        return found

    def block(self, start: int, stop: int) -> Sequence[ViewEntry]:
        """Return the lines of one index range that still exist; a line that this session cannot know is left out."""
        uids = self.view.uids
        lines = self.shared.range(Uid(uids[start]), Uid(uids[stop - 1]))
        if len(lines) == stop - start:
            return lines
        return [line for line in lines if self.view.sequence(line.uid)]

    def updates(self, command_name: str | None, *, modseq: bool) -> bytes:
        """Return the untagged lines that are due now."""
        due = self.view.updates(command_name)
        if not due:
            return b""
        pieces = [wire.expunge_lines(due.expunged)] if due.expunged else []
        if due.exists is not None:
            pieces.append(wire.exists_line(due.exists))
        pieces += [
            self.flags_line(number, entry, modseq=modseq)
            for number, uid in due.flags
            if (entry := self.shared.entry(Uid(uid))) is not None
        ]
        return b"".join(pieces)

    def flags_line(self, number: int, entry: ViewEntry, *, modseq: bool, uid: bool = True) -> bytes:
        """Return `* n FETCH (UID FLAGS MODSEQ)` for one line."""
        items = [b"UID %d" % entry.uid] if uid else []
        items.append(b"FLAGS (%b)" % self.texts.one(entry).encode("ascii"))
        if modseq:
            items.append(b"MODSEQ (%d)" % entry.modseq)
        return wire.fetch_line(number, items)
