"""BODY[…] and BINARY[…]: which octets of a message a section names, read by range (RFC 3501 §6.4.5, RFC 3516 §4)."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from smartmail.edge.imapd import binary
from smartmail.edge.imapd.fetch_plan import Section
from smartmail.formats import headers
from smartmail.formats.summary import Summary
from smartmail.proto.imap import wire
from smartmail.proto.imap.fetch_items import BinarySection, BinarySize, BodySection, Text
from smartmail.service.mailbox.mailstore.reading import OctetReader

PIECE_OCTETS = 1 << 20
"""Sections that are larger, together, are read and sent in pieces of this size."""
_WHOLE_OCTETS = 1 << 18
"""A message up to here is read once for all sections that are asked of it."""
_FEW = 8
"""Sections that are made before others have their turn."""
_CHOSEN = frozenset({Text.FIELDS, Text.FIELDS_NOT})
_HEADS = frozenset({Text.HEADER, *_CHOSEN})


def needs_summary(sections: Sequence[Section]) -> bool:
    """Say whether any section is other than the whole message."""
    return any(item.part or (isinstance(item, BodySection) and item.text is not Text.WHOLE) for item in sections)


def shows_content(item: Section) -> bool:
    """Say whether a section holds octets of the body; the message's header and MIME headers of parts do not."""
    if isinstance(item, BinarySize):
        return False
    return isinstance(item, BinarySection) or (
        item.text is not Text.MIME and (bool(item.part) or item.text not in _HEADS)
    )


class MessageSections:
    """The sections of one message."""

    def __init__(self, reader: OctetReader, summary: Summary | None, sections: Sequence[Section]) -> None:
        self._reader = reader
        self._summary = summary
        self._sections = sections
        self._whole: bytes | None = None
        self._room = PIECE_OCTETS

    async def prepare(self) -> list[tuple[bytes, tuple[int, int] | None, bytes]]:
        """Return (label, octet range that is still to be read or None, text) for each section.

        What is short is in the text already, so that its errors come before a word of the answer is said. Raises
        errors of the catalogue.
        """
        if len(self._sections) > 1 and self._reader.size <= _WHOLE_OCTETS:
            self._whole = await self._reader.read()
        found: list[tuple[bytes, tuple[int, int] | None, bytes]] = []
        for count, item in enumerate(self._sections, 1):
            found.append(await self._one(item))
            if count % _FEW == 0:
                # Where the message is read already, nothing else in here waits.
                await asyncio.sleep(0)
        return found

    async def _one(self, item: Section) -> tuple[bytes, tuple[int, int] | None, bytes]:
        if isinstance(item, BinarySection | BinarySize):
            return await self._binary(item)
        label = wire.section_label(item)
        span = self._span(item)
        if span is None:
            return label, None, b"NIL"
        start, end = span
        if item.text in _CHOSEN:
            return label, None, wire.literal(_chosen(await self._read(start, end), item))
        if item.partial is not None:
            start = min(start + item.partial[0], end)
            end = min(start + item.partial[1], end)
        if end - start > self._room:
            return label, (start, end), wire.literal_mark(end - start)
        self._room -= end - start
        return label, None, wire.literal(await self._read(start, end))

    async def _binary(self, item: BinarySection | BinarySize) -> tuple[bytes, None, bytes]:
        """Raises UnknownEncodingError."""
        span: tuple[int, int] | None = (0, self._reader.size)
        encoding = ""
        if item.part:
            assert self._summary is not None
            span = self._summary.section(".".join(map(str, item.part)))
            encoding = binary.encoding_of(self._summary, item.part)
        if span is None:
            label = item.label if isinstance(item, BinarySize) else wire.section_label(item)
            return label, None, b"0" if isinstance(item, BinarySize) else b"NIL"
        if isinstance(item, BinarySize) and encoding in {"", "7bit", "8bit", "binary"}:
            return item.label, None, b"%d" % (span[1] - span[0])
        label, value = binary.answer(item, await binary.undone(await self._read(*span), encoding))
        return label, None, value

    def _span(self, item: BodySection) -> tuple[int, int] | None:
        if not item.part and item.text is Text.WHOLE:
            return 0, self._reader.size
        assert self._summary is not None
        return self._summary.section(spec_of(item))

    async def _read(self, start: int, end: int) -> bytes:
        if start >= end:
            return b""
        if self._whole is not None:
            return self._whole[start:end]
        return await self._reader.read(start, end - start)

    async def octets(self, item: BodySection) -> AsyncIterator[bytes]:
        """Read a section piece by piece; nothing comes for one that the message does not have. Raises errors of the
        catalogue.
        """
        span = self._span(item)
        if span is None:
            return
        start, end = span
        if item.text in _CHOSEN:
            yield _chosen(await self._read(start, end), item)
            return
        if item.partial is not None:
            start = min(start + item.partial[0], end)
            end = min(start + item.partial[1], end)
        async for piece in self.pieces(start, end):
            yield piece

    def has(self, item: BodySection) -> bool:
        """Say whether the message has such a section."""
        return self._span(item) is not None

    async def pieces(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Read a long section piece by piece. Raises errors of the catalogue."""
        while start < end:
            piece = await self._reader.read(start, min(PIECE_OCTETS, end - start))
            start += len(piece)
            yield piece


def _chosen(block: bytes, item: BodySection) -> bytes:
    choose = headers.select if item.text is Text.FIELDS else headers.exclude
    chosen = choose(block, item.fields)
    return chosen if item.partial is None else chosen[item.partial[0] :][: item.partial[1]]


def spec_of(item: BodySection) -> str:
    """Return the section as the summary's table reads it; HEADER.FIELDS are chosen from HEADER."""
    number = ".".join(map(str, item.part))
    text = "HEADER" if item.text in _CHOSEN else item.text.value
    return f"{number}.{text}" if number and text else number or text
