"""What a FETCH asks for, sorted by where it comes from: the line, the summary and row, or the octets of the message."""

from collections.abc import Callable
from dataclasses import dataclass

from smartmail.domain.message import ViewEntry
from smartmail.proto.imap.commands import Fetch
from smartmail.proto.imap.fetch_items import BinarySection, BinarySize, BodySection, FetchItem, Item, Text

_LINE_ITEMS = frozenset({Item.UID, Item.FLAGS, Item.MODSEQ, Item.SAVEDATE})
_ROW_ITEMS = frozenset({Item.INTERNALDATE, Item.THREADID})
_SIZED_BY_ROW = frozenset({*_ROW_ITEMS, Item.RFC822_SIZE, Item.EMAILID})

_ZERO = b"* 0 FETCH ("

Section = BodySection | BinarySection | BinarySize

Fixed = Item | BodySection

Head = Callable[[int, ViewEntry], bytes]
"""Sequence number, line → `* n FETCH (` and the items of the line, each with a space behind it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`fixed`: items that never change under one message id; `sections`: octets to be read from the blob; `saved`: when
    the message came into the mailbox, which the line does not hold.
    """

    uid: bool
    flags: bool
    modseq: bool
    fixed: tuple[Fixed, ...]
    sections: tuple[Section, ...]
    saved: bool = False
    uid_only: bool = False

    @property
    def only_lines(self) -> bool:
        """Whether the line alone answers it."""
        return not self.fixed and not self.sections and not self.saved

    @property
    def rows(self) -> bool:
        """Whether the fixed items need the message's row."""
        return any(item in _ROW_ITEMS for item in self.fixed) or (Item.RFC822_SIZE in self.fixed and not self.summaries)

    @property
    def summaries(self) -> bool:
        """Whether the fixed items need the summary."""
        return any(item not in _SIZED_BY_ROW for item in self.fixed)


def plan_of(command: Fetch, *, condstore: bool, uid_only: bool = False) -> Plan:
    """Return the plan of a FETCH. `condstore`: every answer that tells flags tells the modseq too (RFC 7162 §3.2).
    `uid_only`: the UID stands before the items and is none of them (RFC 9586 §3.4), unless it is the only one.
    """
    items = dict.fromkeys(command.items)
    told = condstore and Item.FLAGS in items
    fixed = tuple(
        item
        for item in items
        if isinstance(item, Item | BodySection) and item not in _LINE_ITEMS and not _is_read(item)
    )
    return Plan(
        uid=Item.UID in items and not (uid_only and (len(items) > 1 or command.changed_since is not None)),
        flags=Item.FLAGS in items,
        # RFC 7162 §3.1.4.1: CHANGEDSINCE implies MODSEQ.
        modseq=Item.MODSEQ in items or told or command.changed_since is not None,
        fixed=fixed,
        sections=tuple(item for item in items if not isinstance(item, Item) and _is_read(item)),
        saved=Item.SAVEDATE in items,
        uid_only=uid_only,
    )


def _is_read(item: FetchItem) -> bool:
    """Chosen fields of the message's own header are fixed: the summary holds those that clients ask for."""
    if isinstance(item, BinarySection | BinarySize):
        return True
    return isinstance(item, BodySection) and (item.text is not Text.FIELDS or bool(item.part))


def head_of(
    octets: Callable[[ViewEntry], bytes], *, uid: bool, flags: bool, modseq: bool, uid_only: bool = False
) -> Head:
    """Return the function that renders the line's items. `octets`: of the flags of a line."""
    template = b"* %d FETCH (" + b"UID %d " * uid + b"FLAGS (%b) " * flags + b"MODSEQ (%d) " * modseq
    if uid_only:
        numbered = head_of(octets, uid=uid, flags=flags, modseq=modseq)
        return lambda _number, line: b"* %d UIDFETCH (%b" % (line.uid, numbered(0, line)[len(_ZERO) :])
    if uid and flags:
        if modseq:
            return lambda number, line: template % (number, line.uid, octets(line), line.modseq)
        return lambda number, line: template % (number, line.uid, octets(line))

    def head(number: int, line: ViewEntry) -> bytes:
        values: list[int | bytes] = [number]
        if uid:
            values.append(line.uid)
        if flags:
            values.append(octets(line))
        if modseq:
            values.append(line.modseq)
        return template % tuple(values)

    return head
