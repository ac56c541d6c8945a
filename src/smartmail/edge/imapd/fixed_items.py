"""The parts of FETCH answers that never change: made from summaries and rows once, then kept.

STANDARDS RFC 3501 §7.4.2, RFC 8474 §5, RFC 8970 §3.
"""

import asyncio
from collections.abc import Callable, Sequence

from smartmail.domain.errors import MailError
from smartmail.domain.ids import MessageId
from smartmail.domain.message import MessageRow
from smartmail.edge.imapd.caches import caches_of
from smartmail.edge.imapd.fetch_plan import Plan
from smartmail.edge.imapd.selected import Selected
from smartmail.formats import headers
from smartmail.formats.summary import Summary
from smartmail.proto.imap import wire
from smartmail.proto.imap.fetch_items import BodySection, Item
from smartmail.service.catalogue import Services

_AT_ONCE = 1_000
"""Items that are made before others have their turn."""
MAX_KEPT_OCTETS = 32_768
"""An answer longer than this (a header of thousands of lines) is not kept."""


class FixedItems:
    """Gives the fixed items of messages, rendered."""

    def __init__(self, services: Services, selected: Selected, plan: Plan) -> None:
        self._services = services
        self._selected = selected
        self._plan = plan
        self._rendered = caches_of(services).rendered
        self._table = self._rendered.table(selected.account_id, plan.fixed)
        self._loose: dict[MessageId, bytes] = {}

    async def load(self, message_ids: Sequence[MessageId]) -> None:
        """Have the items of these messages ready; those that do not exist or do not open have none."""
        known = self._table.texts
        missing = [one for one in message_ids if one not in known]
        self._loose = await self._render(missing) if missing else {}
        kept = {one: text for one, text in self._loose.items() if len(text) <= MAX_KEPT_OCTETS}
        self._rendered.keep(self._table, kept)

    def get(self, message_id: MessageId) -> bytes | None:
        """Return the items of a message that was loaded last, None when there are none."""
        return self._table.texts.get(message_id) or self._loose.get(message_id)

    async def _render(self, ids: list[MessageId]) -> dict[MessageId, bytes]:
        actor, account_id, reading = self._selected.actor, self._selected.account_id, self._services.reading
        with_summary, with_row = self._plan.summaries, self._plan.rows
        summaries = await reading.summaries(actor, account_id, ids) if with_summary else {}
        rows = await reading.rows(actor, account_id, ids) if with_row else {}
        renderers = [_fields_of(item) if isinstance(item, BodySection) else _VALUES[item] for item in self._plan.fixed]
        found: dict[MessageId, bytes] = {}
        short: list[MessageId] = []
        for count, one in enumerate(ids):
            if count % max(1, _AT_ONCE // max(1, len(renderers))) == 0:
                await asyncio.sleep(0)
            row, summary = rows.get(one), summaries.get(one)
            if (with_row and row is None) or (with_summary and summary is None):
                continue
            values = [render(one, row, summary) for render in renderers]
            if None in values:
                short.append(one)
            else:
                found[one] = b" ".join(values)  # type: ignore[arg-type]
        if short:
            found.update(await self._render_with_headers(short, rows, summaries))
        return found

    async def _render_with_headers(
        self, ids: list[MessageId], rows: dict[MessageId, MessageRow], summaries: dict[MessageId, Summary]
    ) -> dict[MessageId, bytes]:
        """Render messages whose summaries do not hold all fields that are asked for: their headers are read."""
        reading, selected = self._services.reading, self._selected
        readers = await reading.readers(selected.actor, selected.account_id, ids, shows=False)
        found: dict[MessageId, bytes] = {}
        for one, reader in readers.items():
            try:
                block = await reader.read(0, summaries[one].header_size)
            except MailError:
                continue
            texts: list[bytes] = []
            for item in self._plan.fixed:
                if isinstance(item, BodySection):
                    texts.append(_section(item, headers.select(block, item.fields)))
                    # Choosing from the longest header that there is takes some milliseconds.
                    await asyncio.sleep(0)
                else:
                    texts.append(_VALUES[item](one, rows.get(one), summaries[one]))
            found[one] = b" ".join(texts)
        return found


def _section(item: BodySection, octets: bytes) -> bytes:
    if item.partial is not None:
        octets = octets[item.partial[0] :][: item.partial[1]]
    return b"%b %b" % (wire.section_label(item), wire.literal(octets))


def _fields_of(item: BodySection) -> Callable[[MessageId, MessageRow | None, Summary | None], bytes | None]:
    """Return what renders chosen fields of the header, None where the summary does not hold them all."""
    names, template = item.fields, wire.section_label(item).replace(b"%", b"%%") + b" %b"

    def render(_id: MessageId, _row: MessageRow | None, summary: Summary | None) -> bytes | None:
        assert summary is not None
        octets = summary.header_fields(names)
        if octets is None:
            return None
        return template % wire.literal(octets) if item.partial is None else _section(item, octets)

    return render


def _size(_id: MessageId, row: MessageRow | None, summary: Summary | None) -> bytes:
    return b"RFC822.SIZE %d" % (summary.size if summary is not None else row.size if row is not None else 0)


def _internal_date(_id: MessageId, row: MessageRow | None, _summary: Summary | None) -> bytes:
    assert row is not None
    return b"INTERNALDATE " + wire.internal_date(row.received_at // 1000)


def _thread_id(_id: MessageId, row: MessageRow | None, _summary: Summary | None) -> bytes:
    assert row is not None
    return b"THREADID (T%d)" % row.thread_id


def _envelope(_id: MessageId, _row: MessageRow | None, summary: Summary | None) -> bytes:
    assert summary is not None
    return b"ENVELOPE " + summary.envelope


def _body(_id: MessageId, _row: MessageRow | None, summary: Summary | None) -> bytes:
    assert summary is not None
    return b"BODY " + summary.body


def _bodystructure(_id: MessageId, _row: MessageRow | None, summary: Summary | None) -> bytes:
    assert summary is not None
    return b"BODYSTRUCTURE " + summary.bodystructure


def _preview(_id: MessageId, _row: MessageRow | None, summary: Summary | None) -> bytes:
    """RFC 8970 §3.2: text without line ends, or the empty string. What is beyond ASCII goes out as a literal, which every
    session may be told.
    """
    assert summary is not None
    return b"PREVIEW " + wire.string(summary.preview.encode("utf-8", "replace"))


_VALUES: dict[Item, Callable[[MessageId, MessageRow | None, Summary | None], bytes]] = {
    Item.INTERNALDATE: _internal_date,
    Item.RFC822_SIZE: _size,
    Item.ENVELOPE: _envelope,
    Item.BODY: _body,
    Item.BODYSTRUCTURE: _bodystructure,
    Item.EMAILID: lambda message_id, _row, _summary: b"EMAILID (M%d)" % message_id,
    Item.THREADID: _thread_id,
    Item.PREVIEW: _preview,
}
