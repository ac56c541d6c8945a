"""Sequence numbers: what one client believes a mailbox holds, and what it may be told next.

PURPOSE: `MailboxView` maps sequence numbers to UIDs and back, gives sets of either a meaning, takes changes from
the change log, and alone decides when EXPUNGE may be told. Must not know flags, messages or the store: it deals in
UIDs and says *that* the flags of a message are to be told, not which they are.

STATES (of one UID)
  arrived   in the mailbox, the client has not heard EXISTS
  known     has a sequence number
  gone      expunged, but the client still counts it, because EXPUNGE could not be told yet (RFC 3501 §7.4.1)

STRATEGIES: lists of UIDs are immutable and shared. A list remembers the last change made to it, and a `UidPool`
keeps one list for equal contents, so that many sessions over one big mailbox hold one array together (a session on
100,000 messages would else cost 400 KB). Ranges of indices, not items, are what goes in and out.

STANDARDS: RFC 3501 §2.3.1.2, §5.2, §5.5, §7.3.1, §7.4.1; RFC 2180 §4.1.2 (an expunged message is simply not
answered); RFC 7162 §3.2.10 (`Updates.vanished` carries the UIDs for VANISHED).
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakValueDictionary, ref

from smartmail.proto.imap.numbers import NumberSet
from smartmail.proto.imap.states import EXPUNGE_FORBIDDEN

Ranges = list[tuple[int, int]]
"""Half-open ranges of indices into `MailboxView.uids` (index + 1 = sequence number), sorted and disjoint."""

_EMPTY: "Final[array[int]]" = array("I")


class UidList:
    """Ascending UIDs, never changed after it is made."""

    __slots__ = ("__weakref__", "_next", "_pool", "uids")

    def __init__(self, uids: "array[int]", pool: "UidPool | None" = None) -> None:
        self.uids = uids
        self._pool = pool
        self._next: tuple[tuple[int, ...], tuple[int, ...], ref[UidList]] | None = None

    def __len__(self) -> int:
        return len(self.uids)

    def changed(self, removed: Sequence[int], added: Sequence[int]) -> "UidList":
        """Return the list without `removed` and with `added` behind it.

        `removed`: ascending, each in the list. `added`: ascending, each above all of the list.
        """
        if not removed and not added:
            return self
        change = (tuple(removed), tuple(added))
        if self._next is not None and self._next[:2] == change:
            known = self._next[2]()
            if known is not None:
                return known
        uids = _without(self.uids, removed)
        uids.extend(added)
        made = UidList(uids, self._pool)
        if self._pool is not None:
            made = self._pool.share(made)
        self._next = (*change, ref(made))
        return made


def _without(uids: "array[int]", removed: Sequence[int]) -> "array[int]":
    """Copy in slices between the removed ones."""
    if not removed:
        return uids[:]
    kept = array("I")
    start = 0
    for uid in removed:
        index = bisect_left(uids, uid, start)
        kept.extend(uids[start:index])
        start = index + 1
    kept.extend(uids[start:])
    return kept


class UidPool:
    """One for each mailbox that a process has open: lists of equal content become one object. Not thread-safe."""

    __slots__ = ("_lists",)

    def __init__(self) -> None:
        self._lists: WeakValueDictionary[tuple[int, int, int], UidList] = WeakValueDictionary()

    def make(self, uids: Iterable[int]) -> UidList:
        """Return the shared list of ascending `uids`."""
        return self.share(UidList(array("I", uids), self))

    def share(self, made: UidList) -> UidList:
        uids = made.uids
        # Middle and last tell most lists of one mailbox apart; equality is then checked in full.
        key = (len(uids), uids[-1], uids[len(uids) // 2]) if uids else (0, 0, 0)
        known = self._lists.get(key)
        if known is not None and known.uids.tobytes() == uids.tobytes():
            return known
        self._lists[key] = made
        return made


@dataclass(frozen=True, slots=True)
class Updates:
    """Untagged responses due, in the order in which they must be written.

    `expunged`: sequence numbers, each true after the ones before it. `vanished`: their UIDs, ascending. `exists`: the
    new count, None when it need not be told. `flags`: (sequence number, UID) of messages whose FETCH FLAGS is due.
    """

    expunged: tuple[int, ...] = ()
    vanished: tuple[int, ...] = ()
    exists: int | None = None
    flags: tuple[tuple[int, int], ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.expunged or self.flags) or self.exists is not None


_NOTHING: Final = Updates()


def may_expunge(command_name: str | None) -> bool:
    """Whether EXPUNGE may be told in the answer to this command; None: no command is in progress."""
    return command_name is not None and command_name not in EXPUNGE_FORBIDDEN


class MailboxView:
    """One selected mailbox of one session."""

    __slots__ = ("_arrived", "_dirty", "_gone", "_known", "_told", "saved")

    def __init__(self, uids: UidList) -> None:
        self._known = uids
        # The highest UID the client was ever told of: at or below it nothing can arrive (RFC 3501 §2.3.1.1).
        self._told = self.highest_uid
        self._arrived: array[int] = _EMPTY
        self._gone: tuple[int, ...] = ()
        self._dirty: frozenset[int] = frozenset()
        self.saved: Sequence[int] = ()
        """UIDs, ascending, that `$` stands for (RFC 5182 §2.1); those that have left the mailbox are passed over."""

    # -- what the client believes ----------------------------------------------------------------------------

    @property
    def uids(self) -> "array[int]":
        """UIDs by index; do not change it, it is shared."""
        return self._known.uids

    @property
    def count(self) -> int:
        """What the client was told by EXISTS, less EXPUNGEs."""
        return len(self._known.uids)

    @property
    def gone(self) -> tuple[int, ...]:
        """UIDs, ascending, that are counted and exist no more."""
        return self._gone

    @property
    def highest_uid(self) -> int:
        return self._known.uids[-1] if self._known.uids else 0

    @property
    def highest_arrived(self) -> int:
        """The highest UID that the client knows, or will be told of next."""
        return self._arrived[-1] if self._arrived else self.highest_uid

    def sequence(self, uid: int) -> int:
        """Return the sequence number of `uid`, 0 when the client does not know it."""
        uids = self._known.uids
        index = bisect_left(uids, uid)
        return index + 1 if index < len(uids) and uids[index] == uid else 0

    def sequences(self, uids: Sequence[int]) -> Sequence[int]:
        """Return the sequence number of each UID, as `sequence`; a run of neighbours costs one look-up."""
        if uids:
            known = self._known.uids
            start = bisect_left(known, uids[0])
            if known[start : start + len(uids)].tolist() == list(uids):
                return range(start + 1, start + 1 + len(uids))
        return [self.sequence(uid) for uid in uids]

    def uid(self, sequence: int) -> int:
        """Return the UID behind a sequence number, 0 when there is none."""
        return self._known.uids[sequence - 1] if 0 < sequence <= len(self._known.uids) else 0

    # -- sets ------------------------------------------------------------------------------------------------

    def resolve(self, numbers: NumberSet, *, uid: bool) -> Ranges | None:
        """Return the messages that a set names; None: answer BAD.

        RFC 3501 §9 seq-number: a sequence number above the count is a mistake of the client, `*` in an empty mailbox
        too. RFC 3501 §6.4.8: a UID that does not exist is none. `$` is no mistake, ever.
        """
        if numbers.saved:
            return self.resolve_saved()
        return self.resolve_uids(numbers) if uid else self.resolve_sequence(numbers)

    def resolve_sequence(self, numbers: NumberSet) -> Ranges | None:
        count = len(self._known.uids)
        pairs = numbers.resolve(count)
        if not pairs or pairs[-1][1] > count:
            return None
        return [(low - 1, high) for low, high in pairs]

    def resolve_saved(self) -> Ranges:
        """Return the messages that `$` stands for (RFC 5182 §2.1)."""
        uids = self._known.uids
        ranges: Ranges = []
        start = 0
        for uid in self.saved:
            start = bisect_left(uids, uid, start)
            if start == len(uids):
                break
            if uids[start] != uid:
                continue
            if ranges and ranges[-1][1] == start:
                ranges[-1] = (ranges[-1][0], start + 1)
            else:
                ranges.append((start, start + 1))
        return ranges

    def resolve_uids(self, numbers: NumberSet) -> Ranges:
        if numbers.saved:
            return self.resolve_saved()
        uids = self._known.uids
        ranges: Ranges = []
        start = 0
        for low, high in numbers.resolve(self.highest_uid):
            start = bisect_left(uids, low, start)
            stop = bisect_right(uids, high, start)
            if stop > start:
                if ranges and ranges[-1][1] == start:
                    ranges[-1] = (ranges[-1][0], stop)
                else:
                    ranges.append((start, stop))
                start = stop
        return ranges

    def live(self, ranges: Ranges) -> Ranges:
        """Return `ranges` without messages that are gone."""
        if not self._gone:
            return ranges
        holes = [bisect_left(self._known.uids, uid) for uid in self._gone]
        kept: Ranges = []
        for start, stop in ranges:
            for hole in holes[bisect_left(holes, start) : bisect_left(holes, stop)]:
                if hole > start:
                    kept.append((start, hole))
                start = hole + 1
            if stop > start:
                kept.append((start, stop))
        return kept

    def uids_in(self, ranges: Ranges) -> "array[int]":
        """Return the UIDs of index ranges."""
        if len(ranges) == 1:
            return self._known.uids[ranges[0][0] : ranges[0][1]]
        found = array("I")
        for start, stop in ranges:
            found.extend(self._known.uids[start:stop])
        return found

    def items(self, ranges: Ranges) -> Iterator[tuple[int, int]]:
        """Yield (sequence number, UID)."""
        for start, stop in ranges:
            yield from zip(range(start + 1, stop + 1), self._known.uids[start:stop], strict=True)

    # -- changes ---------------------------------------------------------------------------------------------

    def apply(self, added: Iterable[int] = (), removed: Iterable[int] = (), changed: Iterable[int] = ()) -> None:
        """Take what happened in the mailbox, in the order of the change log; repeats do no harm.

        A message that came and went before it could be told was never there for this client.
        """
        removed = sorted(set(removed))
        self._arrive(added, removed)
        if removed:
            known = tuple(uid for uid in removed if self.sequence(uid))
            self._gone = tuple(sorted({*self._gone, *known})) if self._gone else known
        changed = list(changed)
        dirty = [uid for uid, number in zip(changed, self.sequences(changed), strict=True) if number]
        if dirty or (self._dirty and removed):
            self._dirty = (self._dirty | frozenset(dirty)).difference(self._gone)

    def _arrive(self, added: Iterable[int], removed: Sequence[int]) -> None:
        fresh = {uid for uid in added if uid > self._told}
        if not fresh and not (self._arrived and removed):
            return
        arrived = fresh.union(self._arrived).difference(removed)
        self._arrived = array("I", sorted(arrived)) if arrived else _EMPTY

    def unchanged(self, uids: Iterable[int]) -> None:
        """The client has just been told these flags, by the answer to its own STORE or FETCH."""
        if self._dirty:
            self._dirty = self._dirty.difference(uids)

    @property
    def dirty(self) -> frozenset[int]:
        """UIDs whose flags have changed and are not told yet."""
        return self._dirty

    @property
    def due(self) -> bool:
        """Whether anything waits to be told."""
        return bool(self._gone or self._arrived or self._dirty)

    def updates(self, command_name: str | None) -> Updates:
        """Return what may be told now, and count it as told.

        `command_name`: the command whose answer this goes into (`Command.name`, IDLE included), None when there is
        none. EXPUNGE comes before EXISTS, so that the count that follows includes both (RFC 3501 §7.4.1).
        """
        if not self.due:
            return _NOTHING
        expunged: tuple[int, ...] = ()
        vanished: tuple[int, ...] = ()
        if self._gone and may_expunge(command_name):
            vanished = self._gone
            # From the end, so that no number is moved by the one before it.
            expunged = tuple(self.sequence(uid) for uid in reversed(vanished))
            self._gone = ()
        arrived = self._arrived
        self._known = self._known.changed(vanished, arrived)
        if arrived:
            self._told = arrived[-1]
            self._arrived = _EMPTY
        flags = tuple(sorted((self.sequence(uid), uid) for uid in self._dirty))
        self._dirty = frozenset()
        return Updates(expunged, vanished, len(self._known) if arrived else None, flags)
