"""SEARCH: facts for the pure evaluator, loaded only as far as the program needs them.

First columns (flags, dates, sizes), then what the search index finds (subject, addresses, body, text), then summaries
for other header fields. STANDARDS RFC 3501 §6.4.4, RFC 4731, RFC 5032, RFC 7162 §3.1.5, RFC 8514 §4.3.
"""

import asyncio
import time
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Protocol

from smartmail.base.text import fold
from smartmail.domain.errors import MailError
from smartmail.domain.ids import MessageId, Uid
from smartmail.domain.message import MessageRow, ViewEntry
from smartmail.edge.imapd import flags
from smartmail.edge.imapd.selected import Selected
from smartmail.formats.headers import Header
from smartmail.formats.search.document import Field
from smartmail.formats.summary import Summary
from smartmail.formats.words import decode_text
from smartmail.proto.imap import search, search_keys
from smartmail.proto.imap.search_keys import Body, Date, DateField, Key, Larger, ObjectId, Smaller, Text, Within, walk
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.mailstore.reading import OctetReader

BLOCK = 256
FEW_PENDING = 5_000
"""Messages that are indexed for a search that needs them; of more the client hears how many were passed over."""
_INDEXED = {"subject": Field.SUBJECT, "from": Field.FROM, "to": Field.TO, "cc": Field.CC, "bcc": Field.BCC}
"""Header fields that the search index knows as every door reads them: decoded, addresses as name and address."""
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
        self._hits: dict[tuple[Field, str], Container[MessageId]] = {}
        self._in_index: frozenset[str] = frozenset()
        self._saved: dict[Uid, int] = {}
        self.now = int(time.time())

    async def load_columns(self, key: Key) -> None:
        """Read rows and summaries that the cheap keys need."""
        kinds = {type(one) for one in walk(key)}
        sent = any(isinstance(one, Date) and one.field is DateField.SENT for one in walk(key))
        if kinds & {Date, Within, Larger, Smaller, ObjectId} or sent:
            await self.load_rows(range(len(self.entries)))
        if sent:
            await self.load_summaries(range(len(self.entries)))
        if any(isinstance(one, Date) and one.field is DateField.SAVED for one in walk(key)):
            selected, uids = self._selected, [entry.uid for entry in self.entries if entry is not None]
            self._saved = await self._services.metadata.save_dates(
                selected.actor, selected.account_id, selected.mailbox_id, uids
            )

    async def load_rows(self, indices: Sequence[int]) -> None:
        """Read the rows of messages by index."""
        ids = [entry.message_id for at in indices if (entry := self.entries[at]) is not None]
        for start in range(0, len(ids), 5000):
            block = ids[start : start + 5000]
            self._rows.update(await self._services.reading.rows(self._selected.actor, self._selected.account_id, block))
            await asyncio.sleep(0)

    def summary(self, at: int) -> Summary | None:
        """Return a summary that was loaded."""
        return self._summaries.get(at)

    def received_at(self, at: int) -> int:
        """Return when a message whose row was loaded was received, in seconds."""
        row = self._row(at)
        return row.received_at // 1000 if row is not None else 0

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

    async def load_hits(self, key: Key, indices: Sequence[int], told: "Told | None" = None) -> frozenset[str]:
        """Ask the index for the texts of a program; return the header fields that need not be loaded any more."""
        bare = {one.field for one in walk(key) if isinstance(one, search_keys.Header) and not one.text}
        self._in_index = frozenset(_INDEXED) - bare
        asked = list(dict.fromkeys(filter(None, (self._asked(one) for one in walk(key)))))
        ids = {self._message_id(at) for at in indices}
        selected = self._selected
        if asked:
            await self._bring_up_to_date(told)
            found = await self._services.queries.matching(selected.actor, selected.account_id, asked, ids)
            self._hits = dict(zip(asked, found, strict=True))
        return self._in_index

    async def _bring_up_to_date(self, told: "Told | None") -> None:
        """An answer of SEARCH leaves nothing out: where the index is behind it is brought on, or the client is told."""
        selected, services = self._selected, self._services
        pending = await services.queries.pending(selected.actor, selected.account_id)
        if 0 < pending <= FEW_PENDING:
            await services.search.indexing.catch_up(selected.account_id)
            pending = await services.queries.pending(selected.actor, selected.account_id)
        if pending and told is not None:
            await told.behind(pending)

    def _asked(self, key: Key) -> tuple[Field, str] | None:
        match key:
            case Body(text) if text:
                return Field.BODY, text
            case Text(text) if text:
                return Field.ANYWHERE, text
            case search_keys.Header(field, text) if field in self._in_index:
                return _INDEXED[field], text
        return None

    def only_texts(self, key: Key) -> bool:
        """Whether a program asks for texts alone that the index knows: nothing else need be judged."""
        parts = key.keys if isinstance(key, search_keys.And) else (key,)
        # Before the hits are loaded no header field is known to be in the index.
        return all(isinstance(one, Body | Text) and one.text for one in parts)

    def narrowed(self, key: Key, indices: Sequence[int]) -> list[int]:
        """Return those that hold the texts that every match must hold."""
        parts = key.keys if isinstance(key, search_keys.And) else (key,)
        left, entries = list(indices), self.entries
        for one in parts:
            ids = self._hits.get(asked) if (asked := self._asked(one)) is not None else None
            if ids is not None:
                left = [at for at in left if (entry := entries[at]) is not None and entry.message_id in ids]
        return left

    async def _readers(self, indices: Sequence[int]) -> dict[MessageId, OctetReader]:
        if not indices:
            return {}
        ids = [self._message_id(at) for at in indices]
        selected = self._selected
        return await self._services.reading.readers(selected.actor, selected.account_id, ids, shows=False)

    def _message_id(self, at: int) -> MessageId:
        entry = self.entries[at]
        assert entry is not None
        return entry.message_id

    # search.Facts

    @property
    def internal_dates(self) -> Sequence[int]:
        return [row.received_at // 1000 if (row := self._row(at)) else 0 for at in range(len(self.entries))]

    @property
    def saved_dates(self) -> Sequence[int]:
        return [self._saved.get(entry.uid, 0) // 1000 if entry is not None else 0 for entry in self.entries]

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
        if flag.lower() == flags.RECENT.lower():
            recent = self._selected.recent
            return lambda at: (entry := entries[at]) is not None and entry.uid in recent
        bit = flags.bit_of(flag)
        if bit is not None:
            return lambda at: (entry := entries[at]) is not None and bool(entry.keywords.bits & bit)
        for number, name in self._selected.texts.names.items():
            if name.lower() == flag.lower():
                return lambda at: (entry := entries[at]) is not None and number in entry.keywords.tags
        return None

    def object_id(self, index: int, *, thread: bool) -> str:
        entry, row = self.entries[index], self._row(index)
        if entry is None:
            return ""
        return (f"T{row.thread_id}" if row is not None else "") if thread else f"M{entry.message_id}"

    def header(self, index: int, field: str) -> Container[str] | None:
        if field in self._in_index:
            return self._held(index, _INDEXED[field])
        header = self._headers.get(index)
        if header is None:
            return None
        values = header.all(field)
        if not values:
            return search.ABSENT
        return fold("\n".join(filter(None, (decode_text(value) for value in values))))

    def body(self, index: int) -> Container[str] | None:
        return self._held(index, Field.BODY)

    def text(self, index: int) -> Container[str] | None:
        return self._held(index, Field.ANYWHERE)

    def _held(self, index: int, field: Field) -> Container[str] | None:
        return _Held(self._hits, field, self._message_id(index)) if self._hits else None


class _Held:
    """Those texts of a program that a message holds in a field."""

    __slots__ = ("_field", "_hits", "_message_id")

    def __init__(
        self, hits: dict[tuple[Field, str], Container[MessageId]], field: Field, message_id: MessageId
    ) -> None:
        self._hits = hits
        self._field = field
        self._message_id = message_id

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and self._message_id in self._hits.get((self._field, text), ())


async def _read(reader: OctetReader | None, length: int | None) -> bytes:
    """Return octets from the message's start; none when it cannot be read, so that the search goes on without it."""
    try:
        return b"" if reader is None else await reader.read(0, length)
    except MailError:
        return b""


class Told(Protocol):
    """Who hears of a search that goes on."""

    async def __call__(self, done: int, goal: int) -> None:
        """Between the blocks of a long search: messages judged, messages to judge."""

    async def behind(self, messages: int) -> None:
        """Some messages could not be looked into, because they are not indexed yet."""


async def find(services: Services, selected: Selected, key: Key, told: Told | None = None) -> list[int] | None:
    """Return the indices that match, ascending; None: a sequence number is out of range, answer BAD."""
    facts = MailFacts(services, selected, selected.column())
    return await find_by(facts, selected, key, told)


async def find_by(facts: MailFacts, selected: Selected, key: Key, told: Told | None = None) -> list[int] | None:
    """The same over facts that the caller needs afterwards."""
    view = selected.view
    await facts.load_columns(key)
    test = search.bind(key, view, facts)
    if test is None:
        return None
    inside = search.indices(search.scope(key, view))
    if facts.only_texts(key):
        open_ = [at for at in inside if facts.entries[at] is not None]
        await facts.load_hits(key, open_, told)
        return facts.narrowed(key, open_)
    found: list[int] = []
    open_ = _settle(test, inside, found)
    if open_:
        fields = search.headers_wanted(key) - await facts.load_hits(key, open_, told)
        open_ = _settle(test, facts.narrowed(key, open_), found)
        if open_ and fields:
            await _settle_headers(facts, test, open_, found, fields, told)
    return sorted(found)


def _settle(test: search.Test, open_: Iterable[int], found: list[int]) -> list[int]:
    """Decide what can be decided; return what stays open."""
    left: list[int] = []
    for at in open_:
        verdict = test(at)
        if verdict is None:
            left.append(at)
        elif verdict:
            found.append(at)
    return left


async def _settle_headers(
    facts: MailFacts,
    test: search.Test,
    open_: list[int],
    found: list[int],
    fields: frozenset[str],
    told: Told | None,
) -> None:
    """Decide the rest by header fields."""
    for start in range(0, len(open_), BLOCK):
        block = open_[start : start + BLOCK]
        await facts.load_headers(block, fields)
        found.extend(at for at in block if test(at))
        await asyncio.sleep(0)
        if told is not None:
            await told(start, len(open_))
