"""The parts of FETCH answers that never change: made from summaries and rows once, then kept.

STANDARDS RFC 3501 §7.4.2, RFC 8474 §5.
"""

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

MAX_KEPT_OCTETS = 32_768
"""An answer longer than this (a header of thousands of lines) is not kept."""

_Parts = tuple[MessageId, MessageRow | None, Summary | None]


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
        plan = self._plan
        summaries = await reading.summaries(actor, account_id, ids) if plan.summaries else {}
        rows = await reading.rows(actor, account_id, ids) if plan.rows else {}
        blocks = await self._blocks(summaries)
        found: dict[MessageId, bytes] = {}
        for one in ids:
            parts = (one, rows.get(one), summaries.get(one))
            if (plan.rows and parts[1] is None) or (plan.summaries and parts[2] is None):
                continue
            values = [self._value(item, parts, blocks) for item in plan.fixed]
            if None not in values:
                found[one] = b" ".join(values)  # type: ignore[arg-type]
        return found

    async def _blocks(self, summaries: dict[MessageId, Summary]) -> dict[MessageId, bytes]:
        """Read the headers of messages whose summaries do not hold all fields that are asked for."""
        wanted = [item.fields for item in self._plan.fixed if isinstance(item, BodySection)]
        short = [
            one for one, summary in summaries.items() if any(summary.header_fields(fields) is None for fields in wanted)
        ] if wanted else []  # fmt: skip
        if not short:
            return {}
        readers = await self._services.reading.readers(self._selected.actor, self._selected.account_id, short)
        blocks: dict[MessageId, bytes] = {}
        for one, reader in readers.items():
            try:
                blocks[one] = await reader.read(0, summaries[one].header_size)
            except MailError:
                continue
        return blocks

    @staticmethod
    def _value(item: Item | BodySection, parts: _Parts, blocks: dict[MessageId, bytes]) -> bytes | None:
        if not isinstance(item, BodySection):
            return _VALUES[item](*parts)
        message_id, _row, summary = parts
        assert summary is not None
        octets = summary.header_fields(item.fields)
        if octets is None:
            if message_id not in blocks:
                return None
            octets = headers.select(blocks[message_id], item.fields)
        if item.partial is not None:
            octets = octets[item.partial[0] :][: item.partial[1]]
        return b"%b {%d}\r\n%b" % (wire.section_label(item), len(octets), octets)


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


_VALUES: dict[Item, Callable[[MessageId, MessageRow | None, Summary | None], bytes]] = {
    Item.INTERNALDATE: _internal_date,
    Item.RFC822_SIZE: _size,
    Item.ENVELOPE: _envelope,
    Item.BODY: _body,
    Item.BODYSTRUCTURE: _bodystructure,
    Item.EMAILID: lambda message_id, _row, _summary: b"EMAILID (M%d)" % message_id,
    Item.THREADID: _thread_id,
}
