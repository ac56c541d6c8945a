"""FETCH: from lines, summaries and octets to response lines, in pieces that never stall others.

Flags come from the shared view, everything of the header from summaries; only BODY[…] beyond the kept header fields
reads the blob, by range. LIMITS: one piece of output (`PIECE`), one piece of a section and one block of look-ups.
STANDARDS RFC 3501 §6.4.5, §7.4.2; RFC 7162 §3.1.4; RFC 8474 §5; RFC 3516; RFC 8514; RFC 8970; RFC 9586.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from smartmail.domain.errors import MailError
from smartmail.domain.ids import MessageId, Uid
from smartmail.domain.message import ViewEntry
from smartmail.edge.imapd.binary import UnknownEncodingError
from smartmail.edge.imapd.fetch_plan import Head, head_of, plan_of
from smartmail.edge.imapd.fixed_items import FixedItems
from smartmail.edge.imapd.sections import MessageSections, needs_summary, shows_content
from smartmail.edge.imapd.selected import Mode, Selected
from smartmail.proto.imap import wire
from smartmail.proto.imap.commands import Fetch
from smartmail.proto.imap.view import Ranges
from smartmail.service.catalogue import Services

BLOCK = 256
"""Messages that are looked up in one go."""
PIECE = 64 * 1024
"""Octets of the answer that are collected before they are sent."""

_NEVER = b"SAVEDATE NIL"

Write = Callable[[bytes], Awaitable[None]]
Pairs = Sequence[tuple[int, ViewEntry]]


class AnswerBrokenError(Exception):
    """Octets could not be read after a literal had been announced: the connection cannot go on."""


class _Output:
    """Collects an answer and sends it piece by piece, so that others have their turn in between."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._pieces: list[bytes] = []
        self._octets = 0

    async def add(self, data: bytes) -> None:
        self._pieces.append(data)
        self._octets += len(data)
        if self._octets >= PIECE:
            await self.flush()

    async def flush(self) -> None:
        if self._pieces:
            data = b"".join(self._pieces)
            self._pieces.clear()
            self._octets = 0
            await self._write(data)
            await asyncio.sleep(0)


class Fetcher:
    """Answers one FETCH. `unread` collects UIDs whose answer is missing: gone meanwhile, or not readable."""

    def __init__(self, services: Services, selected: Selected, command: Fetch, mode: Mode) -> None:
        self._services = services
        self._selected = selected
        self._plan = plan_of(command, condstore=mode.modseq, uid_only=mode.uid_only)
        self._since = command.changed_since
        self._condstore = mode.modseq
        self.unread: list[Uid] = []
        self.unknown_encoding = False

    async def run(self, ranges: Ranges, write: Write, changed: frozenset[int] = frozenset()) -> None:
        """Write the answers. `changed`: UIDs whose FLAGS are due too. Raises AnswerBrokenError."""
        if self._plan.only_lines:
            await self._run_lines(ranges, write)
            return
        pairs: Pairs = self._selected.entries(ranges)
        if self._since is not None:
            pairs = [pair for pair in pairs if pair[1].modseq > self._since]
        output = _Output(write)
        run = self._run_sections if self._plan.sections else self._run_fixed
        await run(pairs, output, changed)
        await output.flush()

    # The line alone

    async def _run_lines(self, ranges: Ranges, write: Write) -> None:
        """What a client asks for when it opens a mailbox: whole columns at once."""
        for start, stop in ranges:
            lines = self._selected.block(start, stop)
            numbers: Sequence[int] = range(start + 1, stop + 1)
            if len(lines) != stop - start:
                numbers = [self._selected.view.sequence(line.uid) for line in lines]
            if self._since is not None:
                chosen = [(n, line) for n, line in zip(numbers, lines, strict=True) if line.modseq > self._since]
                numbers, lines = [n for n, _ in chosen], [line for _, line in chosen]
            for at in range(0, len(lines), wire.CHUNK):
                for piece in self._columns(numbers[at : at + wire.CHUNK], lines[at : at + wire.CHUNK]):
                    await write(piece)
                await asyncio.sleep(0)

    def _columns(self, numbers: Sequence[int], lines: Sequence[ViewEntry]) -> list[bytes]:
        plan = self._plan
        names: list[str] = []
        columns: list[Sequence[int] | Sequence[str]] = []
        if plan.uid:
            names.append("UID %d")
            columns.append([line.uid for line in lines])
        if plan.flags:
            names.append("FLAGS (%s)")
            columns.append(self._selected.flag_texts(lines))
        if plan.modseq:
            names.append("MODSEQ (%d)")
            columns.append([line.modseq for line in lines])
        numbers = [line.uid for line in lines] if plan.uid_only else numbers
        return list(wire.fetch_columns(numbers, " ".join(names), columns, uid_only=plan.uid_only))

    # Summaries and rows

    async def _run_fixed(self, pairs: Pairs, output: _Output, changed: frozenset[int]) -> None:
        fixed = FixedItems(self._services, self._selected, self._plan) if self._plan.fixed else None
        head, marked = self._heads()
        for at in range(0, len(pairs), BLOCK):
            block = pairs[at : at + BLOCK]
            if fixed is not None:
                await fixed.load([line.message_id for _number, line in block])
            saved = await self._saved(block)
            answers: list[bytes] = []
            for number, line in block:
                text = b"" if fixed is None else fixed.get(line.message_id)
                if text is not None and saved is not None:
                    text = _joined(saved.get(line.uid, _NEVER), text)
                if text is None:
                    self.unread.append(line.uid)
                else:
                    answers.append((marked if line.uid in changed else head)(number, line) + text + b")\r\n")
            await output.add(b"".join(answers))

    async def _saved(self, block: Pairs) -> dict[Uid, bytes] | None:
        """Return SAVEDATE of each line (RFC 8514 §4.2), None when nobody asked."""
        if not self._plan.saved:
            return None
        selected = self._selected
        dates = await self._services.metadata.save_dates(
            selected.actor, selected.account_id, selected.mailbox_id, [line.uid for _number, line in block]
        )
        return {uid: b"SAVEDATE " + wire.internal_date(moment // 1000) for uid, moment in dates.items()}

    def _heads(self) -> tuple[Head, Head]:
        """Return the heads of usual answers and of those that also tell flags that this FETCH has set."""
        plan, selected = self._plan, self._selected
        octets = selected.flag_octets if selected.recent else selected.texts.octets
        by_uid = plan.uid_only
        usual = head_of(octets, uid=plan.uid, flags=plan.flags, modseq=plan.modseq, uid_only=by_uid)
        # RFC 7162 §3.2: with CONDSTORE on, whoever tells flags tells the modseq.
        marked = head_of(octets, uid=plan.uid, flags=True, modseq=plan.modseq or self._condstore, uid_only=by_uid)
        return usual, marked

    # Octets

    async def _run_sections(self, pairs: Pairs, output: _Output, changed: frozenset[int]) -> None:
        fixed = FixedItems(self._services, self._selected, self._plan) if self._plan.fixed else None
        head, marked = self._heads()
        for at in range(0, len(pairs), BLOCK):
            block = pairs[at : at + BLOCK]
            ids = [line.message_id for _number, line in block]
            if fixed is not None:
                await fixed.load(ids)
            messages = await self._look_up(ids)
            saved = await self._saved(block)
            for number, line in block:
                message = messages.get(line.message_id)
                text = b"" if fixed is None else fixed.get(line.message_id)
                if text is not None and saved is not None:
                    text = _joined(saved.get(line.uid, _NEVER), text)
                if message is None or text is None:
                    self.unread.append(line.uid)
                    continue
                start = (marked if line.uid in changed else head)(number, line)
                await self._one(line, start + text + b" " if text else start, message, output)

    async def _look_up(self, ids: list[MessageId]) -> dict[MessageId, MessageSections]:
        actor, account_id, reading = self._selected.actor, self._selected.account_id, self._services.reading
        sections = self._plan.sections
        readers = await reading.readers(actor, account_id, ids, shows=any(map(shows_content, sections)))
        if not needs_summary(sections):
            return {one: MessageSections(reader, None, sections) for one, reader in readers.items()}
        summaries = await reading.summaries(actor, account_id, ids)
        return {
            one: MessageSections(reader, summaries[one], sections)
            for one, reader in readers.items()
            if one in summaries
        }

    async def _one(self, line: ViewEntry, start: bytes, message: MessageSections, output: _Output) -> None:
        try:
            parts = await message.prepare()
        except UnknownEncodingError:
            self.unknown_encoding = True
            return
        except MailError:
            self.unread.append(line.uid)
            return
        pieces = [start]
        for at, (label, span, text) in enumerate(parts):
            pieces.append(b"%b%b %b" % (b" " if at else b"", label, text))
            if span is not None:
                await output.add(b"".join(pieces))
                pieces.clear()
                await self._stream(message, span, output)
        pieces.append(b")\r\n")
        await output.add(b"".join(pieces))

    @staticmethod
    async def _stream(message: MessageSections, span: tuple[int, int], output: _Output) -> None:
        try:
            async for piece in message.pieces(*span):
                await output.add(wire.char8(piece))
        except MailError as error:
            raise AnswerBrokenError from error


def _joined(first: bytes, second: bytes) -> bytes:
    return b"%b %b" % (first, second) if second else first
