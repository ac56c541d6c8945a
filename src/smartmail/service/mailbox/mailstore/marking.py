"""Flags on lines of a mailbox: the arithmetic of one STORE inside a transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from smartmail.domain.ids import AccountId, MailboxId, MessageId, ModSeq, Uid
from smartmail.domain.keywords import NONE, SEEN, Keywords
from smartmail.domain.message import Added, ViewChanges, ViewEntry
from smartmail.domain.rights import EVERY
from smartmail.domain.sharing import PersonKeywords
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.keyring import Sealer
from smartmail.service.mailbox.mailstore.keywords import number_keywords
from smartmail.service.mailbox.mailstore.views import KnownChange
from smartmail.service.mailbox.sharing.personal import PERSONAL_BITS, laid_over, parted
from smartmail.service.protection.filtering.lessons import note_marked

FlagMode = Literal["add", "remove", "replace"]


@dataclass(frozen=True, slots=True)
class FlagChange:
    """Names of keywords, and \\Deleted apart because it belongs to the placement. For replace, `deleted` is the new
    value; for add and remove it says whether \\Deleted was named.
    """

    mode: FlagMode
    names: tuple[str, ...]
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Marker:
    """Who marks: the rights held, and for a person with marks of their own in somebody else's account, who that is and
    in which mailboxes \\Seen and star are each person's own.
    """

    allowed: frozenset[str] = EVERY
    person_id: AccountId | None = None
    personal: frozenset[MailboxId] = frozenset()

    def may_some(self, change: FlagChange) -> bool:
        """Say whether some part of a change may be made (RFC 4314 §4: STORE fails only when none may)."""
        named = {needed_for(name) for name in change.names} | ({"t"} if change.deleted else set())
        if change.mode == "replace" or not named:
            named |= {"s", "w", "t"}
        return bool(named & self.allowed)

    def may_change(self, held: Keywords, wanted: Keywords) -> Keywords:
        """Return the wanted keywords, with those as held that may not be changed."""
        bits, tags = wanted.bits, wanted.tags
        if "s" not in self.allowed:
            bits = bits & ~SEEN | held.bits & SEEN
        if "w" not in self.allowed:
            bits, tags = bits & SEEN | held.bits & ~SEEN, held.tags
        return Keywords(bits, tags)

    def given(self, keywords: Keywords, mailboxes: Iterable[MailboxId]) -> tuple[Keywords, Keywords]:
        """Return what a new message gets of these keywords, and what its person alone."""
        keywords = self.may_change(NONE, keywords)
        if self.personal.isdisjoint(mailboxes):
            return keywords, NONE
        return keywords.without(PERSONAL_BITS, ()), Keywords(keywords.bits & PERSONAL_BITS)


OWNER = Marker()


def needed_for(name: str) -> str:
    """Return the right that setting a keyword needs."""
    return "s" if name.lower() == "$seen" else "w"


@dataclass(frozen=True, slots=True)
class Flagged:
    """Outcome of `store_flags`: the lines before and as they are now, in one order, unchanged ones as the same objects;
    and UIDs left alone because they had changed after `unchanged_since` (RFC 7162 §3.1.3 MODIFIED).
    """

    before: list[ViewEntry] = field(default_factory=list)
    entries: list[ViewEntry] = field(default_factory=list)
    modified: list[Uid] = field(default_factory=list)
    known: list[KnownChange] = field(default_factory=list)

    def extend(self, other: "Flagged") -> None:
        """Take the outcome of a further block of the same change."""
        self.before.extend(other.before)
        self.entries.extend(other.entries)
        self.modified.extend(other.modified)
        self.known.extend(other.known)


async def mark(
    tx: MailTx,
    keys: Sealer,
    mailbox_id: MailboxId,
    uids: Sequence[Uid],
    change: FlagChange,
    unchanged_since: ModSeq | None,
    marker: Marker = OWNER,
) -> Flagged:
    """Apply one change of flags to lines of a mailbox. Raises NotFound, Invalid, RateLimited."""
    highest = await highest_modseq(tx, mailbox_id)
    common = await tx.entries(mailbox_id, uids)
    marks = await PersonMarks.read(tx, marker.person_id, {line.message_id: line.keywords for line in common})
    lines = common if marks is None else [line._replace(keywords=marks.seen(line.message_id)) for line in common]
    modified: list[Uid] = []
    if unchanged_since is not None:
        modified = [line.uid for line in lines if line.modseq > unchanged_since]
        lines = [line for line in lines if line.modseq <= unchanged_since]
    now = await _apply(tx, keys, mailbox_id, lines, change, marker, marks)
    changed = [new for old, new in zip(lines, now, strict=True) if old is not new]
    known = [KnownChange(highest, ViewChanges(changed, (), changed[0].modseq))] if changed else []
    return Flagged(lines, now, modified, known)


async def highest_modseq(tx: MailTx, mailbox_id: MailboxId) -> ModSeq:
    """Return the mailbox's highest modseq as the transaction finds it; 0 for one that does not exist."""
    return next((row.highest_modseq for row in await tx.mailboxes() if row.id == mailbox_id), ModSeq(0))


async def _apply(
    tx: MailTx,
    keys: Sealer,
    mailbox_id: MailboxId,
    lines: list[ViewEntry],
    change: FlagChange,
    marker: Marker,
    marks: "PersonMarks | None",
) -> list[ViewEntry]:
    """Return the lines as they are after the change, unchanged ones as the same objects."""
    if not lines:
        return lines
    wanted = await number_keywords(tx, keys, change.names)
    targets = _targets(lines, wanted, change.mode, marker)
    touched = set(await (tx.set_keywords(targets) if marks is None else marks.set(targets)))
    await note_marked(
        tx, [(one.message_id, one.keywords, targets[one.message_id]) for one in lines if one.message_id in touched]
    )
    marked: set[Uid] = set()
    value = change.deleted if change.mode == "replace" else change.mode == "add"
    if (change.deleted or change.mode == "replace") and "t" in marker.allowed:
        uids = [line.uid for line in lines if line.deleted != value]
        marked = set(await tx.set_deleted(mailbox_id, uids, deleted=value))
    if not touched and not marked:
        return lines
    modseq = (await tx.account()).modseq
    made = ViewEntry._make
    return [
        made((
            uid,
            message_id,
            targets[message_id] if message_id in touched else keywords,
            value if uid in marked else deleted,
            modseq,
        ))
        if message_id in touched or uid in marked
        else line
        for line in lines
        for uid, message_id, keywords, deleted, _modseq in (line,)
    ]  # fmt: skip


def _targets(lines: Sequence[ViewEntry], wanted: Keywords, mode: FlagMode, marker: Marker) -> dict[MessageId, Keywords]:
    """Return the new keywords of those messages that get other ones."""
    # A mailbox has few combinations, each one object: known by its address it need not be hashed for every line.
    known: dict[int, Keywords] = {}
    targets: dict[MessageId, Keywords] = {}
    for _uid, message_id, held, _deleted, _modseq in lines:
        new = known.get(id(held))
        if new is None:
            new = known[id(held)] = _changed(held, wanted, mode, marker)
        if new is not held:
            targets[message_id] = new
    return targets


@lru_cache(4096)
def _changed(held: Keywords, wanted: Keywords, mode: FlagMode, marker: Marker) -> Keywords:
    """Return the keywords after a change: `held` itself when nothing changes."""
    if mode == "add":
        new = held.with_(wanted.bits, wanted.tags)
    elif mode == "remove":
        new = held.without(wanted.bits, wanted.tags)
    else:
        new = wanted
    if marker is not OWNER:
        new = marker.may_change(held, new)
    return held if new == held else new


class PersonMarks:
    """A person's own marks on messages of somebody else's account, inside one transaction."""

    def __init__(
        self,
        tx: MailTx,
        person_id: AccountId,
        common: Mapping[MessageId, Keywords],
        own: Mapping[MessageId, PersonKeywords],
    ) -> None:
        self._tx = tx
        self._person_id = person_id
        self._common = common
        self._own = own

    @classmethod
    async def read(
        cls, tx: MailTx, person_id: AccountId | None, common: Mapping[MessageId, Keywords]
    ) -> "PersonMarks | None":
        """Read what the person set; None for nobody in particular. `common`: the messages' own keywords."""
        if person_id is None:
            return None
        own = {one.message_id: one for one in await tx.person_keywords(person_id, list(common))}
        return cls(tx, person_id, common, own)

    def seen(self, message_id: MessageId) -> Keywords:
        """Return a message's keywords as the person sees them."""
        own = self._own.get(message_id)
        return self._common[message_id] if own is None else laid_over(self._common[message_id], own)

    async def set(self, targets: Mapping[MessageId, Keywords]) -> list[MessageId]:
        """Make messages look like this for the person; return those that changed."""
        shared: dict[MessageId, Keywords] = {}
        persons: dict[MessageId, Keywords] = {}
        for message_id, wanted in targets.items():
            own = self._own.get(message_id)
            if own is None:
                shared[message_id] = wanted
            else:
                shared[message_id], persons[message_id] = parted(wanted, self._common[message_id], own)
        changed = await self._tx.set_keywords(shared)
        return [*changed, *await self._tx.set_person_keywords(self._person_id, persons)]


async def mark_deleted(tx: MailTx, added: Sequence[Added]) -> None:
    """Mark new placements \\Deleted, as an APPEND with that flag wants."""
    uids: dict[MailboxId, list[Uid]] = {}
    for one in added:
        for mailbox_id, uid in one.placements:
            uids.setdefault(mailbox_id, []).append(uid)
    for mailbox_id, marked in uids.items():
        await tx.set_deleted(mailbox_id, marked, deleted=True)
