"""What a transaction does with delivered messages: noted in its commit, told to their stories later (ports.store_trace).

One row for each transaction, however many messages it touches; none where no message has a story.
"""

from collections.abc import Iterable, Sequence

import msgspec

from smartmail.adapters.sql.session import Session
from smartmail.domain.ids import AccountId, MailboxId, MessageId, ModSeq
from smartmail.domain.trace import ActKind, MailAct
from smartmail.ports.acting import Acting

UNREAD_STORIES = "select id, story from message where account_id = $1 and id = any($2) and story > 0"
STORIES = "select id, story from message where account_id = $1 and id = any($2)"
MARK_READ = "update message set story = -abs(story) where account_id = $1 and id = any($2)"
_ADD = """insert into trace_act (at, account_id, modseq, by_account, door, acts) values ($1, $2, $3, $4, $5, $6)"""

Pairs = Iterable[Sequence[int]]
"""Message and story; stories below 0 are of messages that were read."""


class Acts:
    """The acts of one transaction, by message: what is done twice to one is told once."""

    def __init__(self, acting: Acting | None) -> None:
        self._acting = acting
        self._read: dict[int, int] = {}
        self._placed: dict[int, tuple[int, MailboxId]] = {}
        self._left: set[int] = set()
        self._gone: dict[int, tuple[int, ActKind]] = {}
        self._taken: set[int] = set()
        """Stories of what was taken from the vault: they come back as new messages."""
        self._back: dict[int, tuple[int, MailboxId]] = {}

    def read(self, pairs: Pairs) -> None:
        """Note messages that were read for the first time."""
        self._read.update((message, abs(story)) for message, story in pairs if story)

    def placed(self, mailbox_id: MailboxId, pairs: Pairs) -> None:
        """Note messages that came into a mailbox."""
        self._placed.update((message, (abs(story), mailbox_id)) for message, story in pairs if story)

    def left(self, messages: Iterable[int]) -> None:
        """Note messages that left a mailbox and lie elsewhere."""
        self._left.update(messages)

    def gone(self, kind: ActKind, pairs: Pairs) -> None:
        """Note messages that went altogether."""
        self._gone.update((message, (abs(story), kind)) for message, story in pairs if story)

    def taken(self, stories: Iterable[int]) -> None:
        """Note what was taken from the vault."""
        self._taken.update(abs(story) for story in stories if story)

    def added(self, message_id: MessageId, story: int, mailboxes: tuple[MailboxId, ...], *, carried: bool) -> None:
        """Note a new message: one that was taken from the vault is back, one that was carried here is a copy."""
        if story and abs(story) in self._taken:
            self._back[message_id] = (abs(story), mailboxes[0])
        elif carried:
            self.placed(mailboxes[0], [(message_id, story)])

    def _acts(self) -> list[MailAct]:
        found: dict[tuple[ActKind, int], list[tuple[int, int]]] = {}
        for message, story in self._read.items():
            found.setdefault(("read", 0), []).append((story, message))
        for message, (story, box) in self._placed.items():
            if message not in self._gone:
                kind: ActKind = "moved" if message in self._left else "copied"
                found.setdefault((kind, box), []).append((story, message))
        for message, (story, gone) in self._gone.items():
            found.setdefault((gone, 0), []).append((story, message))
        for message, (story, box) in self._back.items():
            found.setdefault(("restored", box), []).append((story, message))
        return [MailAct(kind, box, tuple(pairs)) for (kind, box), pairs in found.items()]

    async def finish(self, session: Session, account_id: AccountId, modseq: ModSeq, now: int) -> None:
        """Write them, if there are any."""
        acts = self._acts()
        if not acts:
            return
        by, door = (0, "system") if self._acting is None else (self._acting.by, self._acting.door)
        await session.run(_ADD, now, account_id, modseq, by, door, msgspec.msgpack.encode(acts))
