"""FETCH: from lines, summaries and octets to response lines, in pieces that never stall others.

Flags come from the shared view, everything of the header from summaries; only BODY[…] beyond the kept header fields
reads the blob, by range. STANDARDS RFC 3501 §6.4.5, §7.4.2; RFC 7162 §3.1.4; RFC 8474 §5.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from smartmail.domain.errors import MailError
from smartmail.domain.ids import MessageId
from smartmail.domain.message import MessageRow, ViewEntry
from smartmail.edge.imapd.sections import section_octets
from smartmail.edge.imapd.selected import Selected
from smartmail.formats.summary import Summary
from smartmail.proto.imap import wire
from smartmail.proto.imap.commands import Fetch
from smartmail.proto.imap.fetch_items import BodySection, FetchItem, Item, Text
from smartmail.proto.imap.view import Ranges
from smartmail.service.catalogue import Services

BLOCK = 256
"""Messages whose summaries are opened in one go."""
WHOLE_OCTETS = 1 << 20
"""Larger sections are written in pieces of this size."""

Write = Callable[[bytes], Awaitable[None]]

_ROW_ITEMS = {Item.INTERNALDATE, Item.THREADID}
_SUMMARY_ITEMS = {Item.ENVELOPE, Item.BODY, Item.BODYSTRUCTURE, Item.RFC822_SIZE}
_FLAG_ITEMS: frozenset[FetchItem] = frozenset({Item.UID, Item.FLAGS, Item.MODSEQ})


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What a block of messages needs besides its lines."""

    summaries: dict[MessageId, Summary]
    rows: dict[MessageId, MessageRow]


class Fetcher:
    """Answers one FETCH."""

    def __init__(self, services: Services, selected: Selected, command: Fetch, *, modseq: bool) -> None:
        self._services = services
        self._selected = selected
        self._items = self._complete(command, modseq=modseq)
        self._command = command
        self._wants_rows = any(item in _ROW_ITEMS for item in self._items)
        self._wants_summaries = any(item in _SUMMARY_ITEMS or isinstance(item, BodySection) for item in self._items)

    @staticmethod
    def _complete(command: Fetch, *, modseq: bool) -> tuple[FetchItem, ...]:
        """RFC 7162 §3.1.4.1: CHANGEDSINCE implies MODSEQ; with CONDSTORE on, FLAGS brings it along (§3.2)."""
        items = tuple(dict.fromkeys(command.items))
        wanted = command.changed_since is not None or (modseq and Item.FLAGS in items)
        return (*items, Item.MODSEQ) if wanted and Item.MODSEQ not in items else items

    async def run(self, ranges: Ranges, write: Write, changed_flags: frozenset[int] = frozenset()) -> bool:
        """Write the answers; False when some octets could not be read. `changed_flags`: UIDs whose FLAGS are due too."""
        since = self._command.changed_since
        only_flags = set(self._items) <= _FLAG_ITEMS and {Item.FLAGS, Item.UID} <= set(self._items)
        if since is None and not changed_flags and only_flags and await self._run_flags(ranges, write):
            return True
        entries = self._selected.entries(ranges)
        if since is not None:
            entries = [pair for pair in entries if pair[1].modseq > since]
        complete = True
        for start in range(0, len(entries), BLOCK):
            block = entries[start : start + BLOCK]
            complete = await self._block(block, write, changed_flags) and complete
            await asyncio.sleep(0)
        return complete

    async def _run_flags(self, ranges: Ranges, write: Write) -> bool:
        """The fast path of UID and FLAGS for contiguous lines; False when it does not fit."""
        blocks = [self._selected.block(start, stop) for start, stop in ranges]
        if any(len(lines) != stop - start for lines, (start, stop) in zip(blocks, ranges, strict=True)):
            return False
        with_modseq = Item.MODSEQ in self._items
        for (start, _stop), lines in zip(ranges, blocks, strict=True):
            for piece in self._flag_pieces(start + 1, lines, with_modseq=with_modseq):
                await write(piece)
                await asyncio.sleep(0)
        return True

    def _flag_pieces(self, first: int, lines: Sequence[ViewEntry], *, with_modseq: bool) -> Iterator[bytes]:
        for start in range(0, len(lines), wire.CHUNK):
            part = lines[start : start + wire.CHUNK]
            modseqs = [line.modseq for line in part] if with_modseq else None
            texts = self._selected.texts.many(part)
            yield from wire.fetch_flags(
                range(first + start, first + start + len(part)), [line.uid for line in part], texts, modseqs
            )

    async def _block(self, entries: list[tuple[int, ViewEntry]], write: Write, changed_flags: frozenset[int]) -> bool:
        loaded = await self._load([entry.message_id for _number, entry in entries])
        pieces: list[bytes] = []
        complete = True
        for number, entry in entries:
            if self._wants_summaries and entry.message_id not in loaded.summaries:
                continue  # destroyed meanwhile; its EXPUNGE follows (RFC 2180 §4.1.2)
            if self._wants_rows and entry.message_id not in loaded.rows:
                continue
            try:
                line = await self._line(number, entry, loaded, extra_flags=entry.uid in changed_flags)
            except MailError:
                complete = False
                continue
            pieces.append(line)
            if len(line) > WHOLE_OCTETS:
                await write(b"".join(pieces))
                pieces.clear()
        await write(b"".join(pieces))
        return complete

    async def _load(self, ids: list[MessageId]) -> _Loaded:
        actor, account_id = self._selected.actor, self._selected.account_id
        reading = self._services.reading
        summaries = await reading.summaries(actor, account_id, ids) if self._wants_summaries else {}
        rows = await reading.rows(actor, account_id, ids) if self._wants_rows else {}
        return _Loaded(summaries, rows)

    async def _line(self, number: int, entry: ViewEntry, loaded: _Loaded, *, extra_flags: bool) -> bytes:
        values = [await self._value(item, entry, loaded) for item in self._items]
        if extra_flags and Item.FLAGS not in self._items:
            values.append(b"FLAGS (%b)" % self._selected.texts.one(entry).encode("ascii"))
        return wire.fetch_line(number, values)

    async def _value(self, item: FetchItem, entry: ViewEntry, loaded: _Loaded) -> bytes:
        if isinstance(item, BodySection):
            return await self._section(item, entry, loaded.summaries[entry.message_id])
        return _VALUES[item](self, entry, loaded)

    async def _section(self, item: BodySection, entry: ViewEntry, summary: Summary) -> bytes:
        label = wire.section_label(item)
        if item.text is Text.FIELDS and not item.part:
            kept = summary.header_fields(item.fields)
            if kept is not None:
                octets = kept if item.partial is None else kept[item.partial[0] :][: item.partial[1]]
                return label + b" " + wire.literal(octets)
        found = await section_octets(self._services.reading, self._selected, entry.message_id, summary, item)
        return label + b" " + (b"NIL" if found is None else wire.literal(found))

    def uid(self, entry: ViewEntry, _loaded: _Loaded) -> bytes:
        return b"UID %d" % entry.uid

    def flags(self, entry: ViewEntry, _loaded: _Loaded) -> bytes:
        return b"FLAGS (%b)" % self._selected.texts.one(entry).encode("ascii")

    def modseq(self, entry: ViewEntry, _loaded: _Loaded) -> bytes:
        return b"MODSEQ (%d)" % entry.modseq

    def internaldate(self, entry: ViewEntry, loaded: _Loaded) -> bytes:
        return b"INTERNALDATE " + wire.internal_date(loaded.rows[entry.message_id].received_at // 1000)

    def size(self, entry: ViewEntry, loaded: _Loaded) -> bytes:
        return b"RFC822.SIZE %d" % loaded.summaries[entry.message_id].size

    def envelope(self, entry: ViewEntry, loaded: _Loaded) -> bytes:
        return b"ENVELOPE " + loaded.summaries[entry.message_id].envelope

    def body(self, entry: ViewEntry, loaded: _Loaded) -> bytes:
        return b"BODY " + loaded.summaries[entry.message_id].body

    def bodystructure(self, entry: ViewEntry, loaded: _Loaded) -> bytes:
        return b"BODYSTRUCTURE " + loaded.summaries[entry.message_id].bodystructure

    def emailid(self, entry: ViewEntry, _loaded: _Loaded) -> bytes:
        return b"EMAILID (M%d)" % entry.message_id

    def threadid(self, entry: ViewEntry, loaded: _Loaded) -> bytes:
        return b"THREADID (T%d)" % loaded.rows[entry.message_id].thread_id


_VALUES: dict[Item, Callable[[Fetcher, ViewEntry, _Loaded], bytes]] = {
    Item.UID: Fetcher.uid,
    Item.FLAGS: Fetcher.flags,
    Item.MODSEQ: Fetcher.modseq,
    Item.INTERNALDATE: Fetcher.internaldate,
    Item.RFC822_SIZE: Fetcher.size,
    Item.ENVELOPE: Fetcher.envelope,
    Item.BODY: Fetcher.body,
    Item.BODYSTRUCTURE: Fetcher.bodystructure,
    Item.EMAILID: Fetcher.emailid,
    Item.THREADID: Fetcher.threadid,
}
