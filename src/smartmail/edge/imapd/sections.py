"""BODY[…]: which octets of a message a section names, read by range (RFC 3501 §6.4.5)."""

from smartmail.domain.ids import MessageId
from smartmail.edge.imapd.selected import Selected
from smartmail.formats import headers
from smartmail.formats.summary import Summary
from smartmail.proto.imap.fetch_items import BodySection, Text
from smartmail.service.mailstore.reading import ReadingService

_HEADER_TEXTS = {Text.FIELDS, Text.FIELDS_NOT}


async def section_octets(
    reading: ReadingService, selected: Selected, message_id: MessageId, summary: Summary, item: BodySection
) -> bytes | None:
    """Return the octets of a section, None when the message has no such part. Raises errors of the catalogue."""
    found = summary.section(spec_of(item))
    if found is None:
        return None
    start, end = found
    if item.text in _HEADER_TEXTS:
        block = await reading.octets(selected.actor, selected.account_id, message_id, start, end - start)
        choose = headers.select if item.text is Text.FIELDS else headers.exclude
        chosen = choose(block, item.fields)
        return chosen if item.partial is None else chosen[item.partial[0] :][: item.partial[1]]
    if item.partial is not None:
        start = min(start + item.partial[0], end)
        end = min(start + item.partial[1], end)
    if start == end:
        return b""
    return await reading.octets(selected.actor, selected.account_id, message_id, start, end - start)


def spec_of(item: BodySection) -> str:
    """Return the section as the summary's table reads it; HEADER.FIELDS are chosen from HEADER."""
    number = ".".join(map(str, item.part))
    text = "HEADER" if item.text in _HEADER_TEXTS else item.text.value
    return f"{number}.{text}" if number and text else number or text
