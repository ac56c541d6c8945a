"""Flags on lines of a mailbox: the arithmetic of one STORE inside a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from smartmail.domain.ids import MailboxId, ModSeq, Uid
from smartmail.domain.keywords import Keywords
from smartmail.domain.message import Added, ViewChanges, ViewEntry
from smartmail.ports.store import MailTx
from smartmail.service.keyring import Sealer
from smartmail.service.mailstore.keywords import number_keywords
from smartmail.service.mailstore.views import KnownChange

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
) -> Flagged:
    """Apply one change of flags to lines of a mailbox. Raises NotFound, Invalid, RateLimited."""
    highest = await highest_modseq(tx, mailbox_id)
    lines = await tx.entries(mailbox_id, uids)
    modified: list[Uid] = []
    if unchanged_since is not None:
        modified = [line.uid for line in lines if line.modseq > unchanged_since]
        lines = [line for line in lines if line.modseq <= unchanged_since]
    now = await _apply(tx, keys, mailbox_id, lines, change)
    changed = [new for old, new in zip(lines, now, strict=True) if old is not new]
    known = [KnownChange(highest, ViewChanges(changed, (), changed[0].modseq))] if changed else []
    return Flagged(lines, now, modified, known)


async def highest_modseq(tx: MailTx, mailbox_id: MailboxId) -> ModSeq:
    """Return the mailbox's highest modseq as the transaction finds it; 0 for one that does not exist."""
    return next((row.highest_modseq for row in await tx.mailboxes() if row.id == mailbox_id), ModSeq(0))


async def _apply(
    tx: MailTx, keys: Sealer, mailbox_id: MailboxId, lines: list[ViewEntry], change: FlagChange
) -> list[ViewEntry]:
    """Return the lines as they are after the change, unchanged ones as the same objects."""
    if not lines:
        return lines
    wanted = await number_keywords(tx, keys, change.names)
    mode = change.mode
    targets = {
        line.message_id: keywords
        for line in lines
        if (keywords := _changed(line.keywords, wanted, mode)) is not line.keywords
    }
    touched = set(await tx.set_keywords(targets))
    marked: set[Uid] = set()
    value = change.deleted if mode == "replace" else mode == "add"
    if change.deleted or mode == "replace":
        uids = [line.uid for line in lines if line.deleted != value]
        marked = set(await tx.set_deleted(mailbox_id, uids, deleted=value))
    if not touched and not marked:
        return lines
    modseq = (await tx.account()).modseq
    return [
        ViewEntry(
            uid,
            message_id,
            targets[message_id] if message_id in touched else keywords,
            value if uid in marked else deleted,
            modseq,
        )
        if message_id in touched or uid in marked
        else line
        for line in lines
        for uid, message_id, keywords, deleted, _modseq in (line,)
    ]


@lru_cache(4096)
def _changed(held: Keywords, wanted: Keywords, mode: FlagMode) -> Keywords:
    """Return the keywords after a change: `held` itself when nothing changes."""
    if mode == "add":
        new = held.with_(wanted.bits, wanted.tags)
    elif mode == "remove":
        new = held.without(wanted.bits, wanted.tags)
    else:
        new = wanted
    return held if new == held else new


async def mark_deleted(tx: MailTx, added: Sequence[Added]) -> None:
    """Mark new placements \\Deleted, as an APPEND with that flag wants."""
    uids: dict[MailboxId, list[Uid]] = {}
    for one in added:
        for mailbox_id, uid in one.placements:
            uids.setdefault(mailbox_id, []).append(uid)
    for mailbox_id, marked in uids.items():
        await tx.set_deleted(mailbox_id, marked, deleted=True)
