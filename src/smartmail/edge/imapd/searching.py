"""SEARCH: facts for the pure evaluator, loaded only as far as the program needs them.

First columns (flags, dates, sizes), then summaries for header fields, then message text, decoded, a few messages at a
time. STANDARDS RFC 3501 §6.4.4, RFC 4731, RFC 7162 §3.1.5.
"""

import asyncio
from collections.abc import Callable, Sequence

from smartmail.base.text import fold
from smartmail.domain.errors import MailError
from smartmail.domain.ids import MessageId
from smartmail.domain.message import MessageRow, ViewEntry
from smartmail.edge.imapd import flags
from smartmail.edge.imapd.selected import Selected
from smartmail.formats.headers import Header
from smartmail.formats.mime.text import searchable_text
from smartmail.formats.summary import Summary
from smartmail.formats.words import decode_text
from smartmail.proto.imap import search
from smartmail.proto.imap.search_keys import Body, Date, DateField, Key, Larger, ObjectId, Smaller, Text, walk
from smartmail.service.catalogue import Services
from smartmail.service.mailstore.reading import OctetReader

BLOCK = 256
TEXT_BLOCK = 8
_DAY_S = 86_400


class MailFacts:
    """Implements `search.Facts` for one selected mailbox; columns follow the session's sequence numbers."""

    def __init__(self, services: Services, selected: Selected, entries: Sequence[ViewEntry | None]) -> None:
        self._services = services
        self._selected = selected
        self.entries = entries
        self._rows: dict[MessageId, MessageRow] = {}
        self._headers: dict[int, Header] = {}
        self._summaries: dict[int, Summary] = {}
        self._texts: dict[int, tuple[str, str]] = {}

    async def load_columns(self, key: Key) -> None:
        """Read rows and summaries that the cheap keys need."""
        kinds = {type(one) for one in walk(key)}
        sent = any(isinstance(one, Date) and one.field is DateField.SENT for one in walk(key))
        if kinds & {Date, Larger, Smaller, ObjectId} or sent:
            ids = [entry.message_id for entry in self.entries if entry is not None]
            for start in range(0, len(ids), 5000):
                block = ids[start : start + 5000]
                self._rows.update(
                    await self._services.reading.rows(self._selected.actor, self._selected.account_id, block)
                )
                await asyncio.sleep(0)
        if sent:
            await self.load_summaries(range(len(self.entries)))

    async def load_summaries(self, indices: Sequence[int]) -> None:
        """Open the summaries of messages by index."""
        wanted = [at for at in indices if at not in self._summaries and self.entries[at] is not None]
        for start in range(0, len(wanted), BLOCK):
            block = wanted[start : start + BLOCK]
            ids = {at: self._message_id(at) for at in block}
            found = await self._services.reading.summaries(
                self._selected.actor, self._selected.account_id, list(ids.values())
            )
            self._summaries.update({at: found[one] for at, one in ids.items() if one in found})
            await asyncio.sleep(0)

    async def load_headers(self, indices: Sequence[int], fields: frozenset[str]) -> None:
        """Load what HEADER, SUBJECT, FROM and the like need: kept fields from summaries, others from the header."""
        await self.load_summaries(indices)
        names = tuple(sorted(fields))
        short: list[int] = []
        for at in indices:
            summary = self._summaries.get(at)
            block = summary.header_fields(names) if summary is not None else b""
            if block is None:
                short.append(at)
            else:
                self._headers[at] = Header(block)
        readers = await self._readers(short)
        for at in short:
            block = await _read(readers.get(self._message_id(at)), self._summaries[at].header_size)
            self._headers[at] = Header(block)

    async def load_texts(self, indices: Sequence[int]) -> None:
        """Load and decode whole messages: their header text and body text, folded."""
        readers = await self._readers(indices)
        octets = [await _read(readers.get(self._message_id(at)), None) for at in indices]
        # Off the loop: one message may hold megabytes of base64.
        texts = await asyncio.to_thread(lambda: list(map(_folded_text, octets)))
        self._texts.update(zip(indices, texts, strict=True))

    def forget_texts(self) -> None:
        """Drop decoded texts: a search over a big mailbox must not hold them all."""
        self._texts.clear()

    async def _readers(self, indices: Sequence[int]) -> dict[MessageId, OctetReader]:
        if not indices:
            return {}
        ids = [self._message_id(at) for at in indices]
        return await self._services.reading.readers(self._selected.actor, self._selected.account_id, ids)

    def _message_id(self, at: int) -> MessageId:
        entry = self.entries[at]
        assert entry is not None
        return entry.message_id

    # search.Facts

    @property
    def internal_dates(self) -> Sequence[int]:
        return [row.received_at // 1000 if (row := self._row(at)) else 0 for at in range(len(self.entries))]

    @property
    def sent_days(self) -> Sequence[int]:
        return [self._sent_day(at) for at in range(len(self.entries))]

    @property
    def sizes(self) -> Sequence[int]:
        return [row.size if (row := self._row(at)) else 0 for at in range(len(self.entries))]

    @property
    def modseqs(self) -> Sequence[int]:
        return [entry.modseq if entry is not None else 0 for entry in self.entries]

    def _row(self, at: int) -> MessageRow | None:
        entry = self.entries[at]
        return None if entry is None else self._rows.get(entry.message_id)

    def _sent_day(self, at: int) -> int:
        summary, row = self._summaries.get(at), self._row(at)
        if summary is not None and summary.sent_at is not None:
            return (summary.sent_at + (summary.sent_zone or 0) * 60) // _DAY_S
        return row.received_at // 1000 // _DAY_S if row is not None else 0

    def has_flag(self, flag: str) -> Callable[[int], bool] | None:
        entries = self.entries
        if flag.lower() == flags.DELETED.lower():
            return lambda at: (entry := entries[at]) is not None and entry.deleted
        bit = flags.bit_of(flag)
        if bit is not None:
            return lambda at: (entry := entries[at]) is not None and bool(entry.keywords.bits & bit)
        for number, name in self._selected.texts.names.items():
            if name == flag.lower():
                return lambda at: (entry := entries[at]) is not None and number in entry.keywords.tags
        return None

    def object_id(self, index: int, *, thread: bool) -> str:
        entry, row = self.entries[index], self._row(index)
        if entry is None:
            return ""
        return (f"T{row.thread_id}" if row is not None else "") if thread else f"M{entry.message_id}"

    def header(self, index: int, field: str) -> str | None:
        header = self._headers.get(index)
        if header is None:
            return None
        values = header.all(field)
        if not values:
            return search.ABSENT
        return fold("\n".join(filter(None, (decode_text(value) for value in values))))

    def body(self, index: int) -> str | None:
        texts = self._texts.get(index)
        return None if texts is None else texts[1]

    def text(self, index: int) -> str | None:
        texts = self._texts.get(index)
        return None if texts is None else f"{texts[0]}\n{texts[1]}"


async def _read(reader: OctetReader | None, length: int | None) -> bytes:
    """Return octets from the message's start; none when it cannot be read, so that the search goes on without it."""
    try:
        return b"" if reader is None else await reader.read(0, length)
    except MailError:
        return b""


def _folded_text(octets: bytes) -> tuple[str, str]:
    header, body = searchable_text(octets) if octets else ("", "")
    return fold(header), fold(body)


async def find(services: Services, selected: Selected, key: Key) -> list[int] | None:
    """Return the indices that match, ascending; None: a sequence number is out of range, answer BAD."""
    view = selected.view
    facts = MailFacts(services, selected, selected.column())
    await facts.load_columns(key)
    test = search.bind(key, view, facts)
    if test is None:
        return None
    open_: list[int] = []
    found: list[int] = []
    for at in search.indices(search.scope(key, view)):
        verdict = test(at)
        if verdict is None:
            open_.append(at)
        elif verdict:
            found.append(at)
    fields = search.headers_wanted(key)
    if open_ and fields:
        open_ = await _settle_headers(facts, test, open_, found, fields)
    if open_ and any(isinstance(one, Body | Text) for one in walk(key)):
        await _settle_texts(facts, test, open_, found)
    return sorted(found)


async def _settle_headers(
    facts: MailFacts, test: search.Test, open_: list[int], found: list[int], fields: frozenset[str]
) -> list[int]:
    """Decide what header fields can decide; return what stays open."""
    left: list[int] = []
    for start in range(0, len(open_), BLOCK):
        block = open_[start : start + BLOCK]
        await facts.load_headers(block, fields)
        for at in block:
            verdict = test(at)
            if verdict is None:
                left.append(at)
            elif verdict:
                found.append(at)
        await asyncio.sleep(0)
    return left


async def _settle_texts(facts: MailFacts, test: search.Test, open_: list[int], found: list[int]) -> None:
    for start in range(0, len(open_), TEXT_BLOCK):
        block = open_[start : start + TEXT_BLOCK]
        await facts.load_texts(block)
        found.extend(at for at in block if test(at))
        facts.forget_texts()
