"""NAME
    mime scanner: from the octets of a message, in chunks of any size, to its tree of entities with offsets

PURPOSE
    Reads a message once while it passes by (RFC 2045, 2046, 5322), so that nothing has to parse it again. Bodies are
    not kept. The tree does not depend on how the octets were cut into chunks.

STATES
    HEADER (of the innermost open entity, until an empty line or a delimiter) → BODY (a leaf, a preamble or an
    epilogue, until a delimiter of any open multipart or the end).

LIMITS
    Limits: depth, parts, header octets of one entity and of all. What lies beyond is opaque, never lost: it counts
    in the sizes of what encloses it, and `limited` is set. Memory is bounded by headers and structure.

FAILURE
    None: any octets give a tree. A missing end, a missing empty line, a boundary that never comes are read as meant.

SECURITY
    Linear: each octet is searched at most once per open multipart (≤ depth) by a library search, near misses of
    delimiters are bounded. A delimiter is a whole line; longer lines that begin like one are text.

STANDARDS
    RFC 2045, RFC 2046 §5.1 and §5.2.1, RFC 5322 §2.1, RFC 6532 (message/global).
"""

import re
from typing import Final

import msgspec

from smartmail.formats.mime.entity import Entity, boundary_of, enters_message, read_content_fields
from smartmail.formats.mime.transfer import Counter, counter


class Limits(msgspec.Struct, frozen=True):
    """Bounds of one scan."""

    depth: int = 100  # nested multiparts and messages; Postfix's mime_nesting_limit
    parts: int = 1_000  # entities in all; a day's digest of a busy list has some hundreds
    header_octets: int = 262_144  # kept of one header; 1,000 recipients with Korean names are about 90 KB
    headers_octets: int = 1_048_576  # kept of all headers together
    sample_octets: int = 8_192  # kept of the first text/plain and text/html bodies, for previews
    page_octets: int = 1_048_576  # kept of all text/html bodies beside other parts, for what they refer to
    near_misses: int = 10_000  # lines that begin with a delimiter and are none, before the rest is opaque


DEFAULT_LIMITS: Final = Limits()

# A line that is longer cannot be a delimiter: boundary, `--`, and as much white space as RFC 5322 lets a line have.
_MAX_DELIMITER_LINE: Final = 998

_LF: Final = 10
_CR: Final = 13
_DASH: Final = 45
_EMPTY_LINE: Final = re.compile(rb"\n\r?\n")
_REST_OF_LINE: Final = re.compile(rb"(--)?[ \t\r]*+(?:\n|\Z)")
_TEXT: Final = ("text", "plain")
_MESSAGE: Final = ("message", "rfc822")


class _Frame:
    """An open multipart whose delimiters are looked for."""

    __slots__ = ("depth", "found", "needle", "search_from")

    def __init__(self, boundary: bytes, depth: int) -> None:
        self.needle = b"\n--" + boundary
        self.depth = depth  # index of the multipart in the stack of open entities
        self.found = _UNKNOWN  # where the needle next occurs in the present buffer; -1 nowhere
        self.search_from = 0  # offset in the message; what lies before has been judged


_UNKNOWN: Final = -2

# Frame, index of the line end before its delimiter line, index after that line, whether it closes the multipart.
_Delimiter = tuple[_Frame, int, int, bool]


class Scanner:
    """Scan of one message: `feed` its octets, then `finish`."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._buffer = b"\n"  # one octet before the message, so that its first line has a line end before it
        self._base = -1  # offset in the message of _buffer[0]
        self._pos = 1  # index in _buffer of the first octet not yet accounted; _buffer[_pos - 1] stays at hand
        self._safe = 1  # index in _buffer before which no undecided delimiter begins (nor the CR before it)
        self._empty_line = _UNKNOWN  # index in _buffer of the next one; -1 nowhere
        self._empty_line_end = -1
        self._root = Entity(0)
        self._open = [self._root]
        self._line_starts = [0]  # _lines where the body of each open entity begins
        self._frames: list[_Frame] = []
        self._longest = 0  # of the needles of all frames
        self._in_header = True
        self._header: list[bytes] = []  # pieces of the header being read
        self._header_room = limits.header_octets
        self._headers_room = limits.headers_octets
        self._parts = 1
        self._misses = 0
        self._messages = 0  # open message/rfc822 entities: inside one, all lines count
        self._counting = False  # the present region is text: its lines count
        self._lines = 0
        self._sample: bytearray | None = None
        self._sampled: set[str] = set()
        self._page: bytearray | None = None
        self._pages_room = limits.page_octets
        self._decoded: Counter | None = None  # of the leaf being read

    def feed(self, chunk: bytes) -> None:
        """Take the next octets of the message."""
        keep = self._pos - 1
        self._buffer = self._buffer[keep:] + chunk
        self._base += keep
        self._pos = 1
        self._empty_line = _UNKNOWN
        for frame in self._frames:
            frame.found = _UNKNOWN
        self._run(final=False)

    def finish(self) -> Entity:
        """End the message and return its root entity; the scanner is then used up."""
        self.feed(b"")
        self._run(final=True)
        self._close(0, self._pos)
        return self._root

    def _run(self, *, final: bool) -> None:
        while self._read_header(final=final) if self._in_header else self._read_body(final=final):
            pass

    # --- delimiters --------------------------------------------------------------------------------------------

    def _next_delimiter(self, stop: int, *, final: bool) -> _Delimiter | None:
        """Return the next delimiter that is certain and begins before index `stop`, or None.

        In `_safe` stands then how far there is none. Near misses behind `stop` stay unjudged, so that their count
        does not depend on how much of the message is at hand.
        """
        buffer, size = self._buffer, len(self._buffer)
        while (frame := self._nearest()) is not None and frame.found < stop:
            at, rest = frame.found, frame.found + len(frame.needle)
            match = _REST_OF_LINE.match(buffer, rest)
            # Without a line end the buffer ends inside this line; a single `-` may become the closing `--`.
            cut = not final and (
                buffer[match.end() - 1] != _LF if match else rest == size - 1 and buffer[rest] == _DASH
            )
            if (match.end() if match else size) - at <= _MAX_DELIMITER_LINE:
                if cut:
                    self._safe = max(self._pos, at - 1)
                    return None
                if match:
                    return frame, at, match.end(), match[1] is not None
            self._miss(frame)
        # A needle may begin in the last octets, and a CR before it.
        self._safe = max(self._pos, size - self._longest - 1) if self._frames and not final else size
        return None

    def _nearest(self) -> _Frame | None:
        """Return the frame whose needle comes next; of several at one place the longest is the most exact."""
        best: _Frame | None = None
        floor = self._pos - 1
        for frame in self._frames:
            found = frame.found
            if found < floor:
                if found == -1:
                    continue
                found = frame.found = self._buffer.find(frame.needle, max(floor, frame.search_from - self._base))
                if found < 0:
                    continue
            if best is None or found < best.found or (found == best.found and len(frame.needle) > len(best.needle)):
                best = frame
        return best

    def _miss(self, frame: _Frame) -> None:
        """Go on after a line that only begins like a delimiter."""
        self._misses += 1
        if self._misses > self._limits.near_misses:
            self._give_up()
            return
        frame.search_from = self._base + frame.found + 1
        frame.found = self._buffer.find(frame.needle, frame.found + 1)

    def _give_up(self) -> None:
        """Look for no more delimiters: the rest of the message is opaque."""
        self._frames.clear()
        self._root.limited = True

    # --- header ------------------------------------------------------------------------------------------------

    def _read_header(self, *, final: bool) -> bool:
        size = len(self._buffer)
        if self._empty_line < self._pos - 1 and self._empty_line != -1:
            found = _EMPTY_LINE.search(self._buffer, self._pos - 1)
            self._empty_line, self._empty_line_end = found.span() if found else (-1, -1)
        stop = self._empty_line if self._empty_line >= 0 else size
        delimiter = self._next_delimiter(stop, final=final) if self._frames else None
        if delimiter:
            # RFC 2046 §5.1: a delimiter ends the part even where its header was not ended.
            self._take_header(delimiter[1] + 1)
        elif self._empty_line >= 0:  # what is undecided lies behind it: a needle and its line have no line end inside
            self._take_header(self._empty_line_end)
        elif final:
            self._take_header(size)
        else:
            self._take_header(min(self._safe, size - 1) if self._frames else size - 1)
            return False
        self._open_body()
        return True

    def _take_header(self, to: int) -> None:
        start = self._pos
        if to <= start:
            return
        room = min(self._header_room, self._headers_room)
        piece = self._buffer[start : min(to, start + room)]
        if len(piece) < to - start:
            self._root.limited = True
        if piece:
            self._header.append(piece)
            self._header_room -= len(piece)
            self._headers_room -= len(piece)
        if self._messages:
            self._lines += self._buffer.count(b"\n", start, to)
        self._pos = to

    def _open_body(self) -> None:
        """Decide, when the header of the innermost entity is complete, what its body is."""
        entity = self._open[-1]
        entity.header = self._header[0] if len(self._header) == 1 else b"".join(self._header)
        self._header = []
        self._header_room = self._limits.header_octets
        parent = self._open[-2] if len(self._open) > 1 else None
        in_digest = parent is not None and parent.type == "multipart" and parent.subtype == "digest"
        read_content_fields(entity, entity.header, _MESSAGE if in_digest else _TEXT)
        entity.body_start = entity.body_end = self._base + self._pos
        self._line_starts[-1] = self._lines
        self._in_header = False
        if entity.type == "multipart":
            self._open_multipart(entity)
        elif enters_message(entity):
            self._open_message(entity)
        elif entity.type == "text":
            self._open_text(entity)
        if entity.type != "multipart":
            # A message that was entered has one of the identity encodings: no counter outlives the header of another.
            self._decoded = counter(entity.encoding)

    def _open_text(self, entity: Entity) -> None:
        self._counting = True
        if entity.subtype == "html" and self._frames and not self._messages and entity.disposition != "attachment":
            self._page = bytearray()
        if self._messages or entity.subtype in self._sampled or entity.subtype not in {"plain", "html"}:
            return
        if entity.disposition != "attachment":
            self._sampled.add(entity.subtype)
            self._sample = bytearray()

    def _open_multipart(self, entity: Entity) -> None:
        boundary = boundary_of(entity)
        if boundary is None:
            # RFC 2045 §5.2: what cannot be taken apart is shown as plain text.
            entity.type, entity.subtype, entity.opaque = "text", "plain", True
            self._open_text(entity)
            return
        self._counting = True  # a multipart in which no delimiter comes will be one plain text
        if len(self._open) > self._limits.depth:
            entity.opaque = self._root.limited = True
            return
        frame = _Frame(boundary, len(self._open) - 1)
        self._frames.append(frame)
        self._longest = max(self._longest, len(frame.needle))
        if "plain" not in self._sampled and not self._messages:
            self._sample = bytearray()

    def _open_message(self, entity: Entity) -> None:
        if len(self._open) > self._limits.depth or self._parts >= self._limits.parts:
            entity.opaque = self._root.limited = True
            return
        self._messages += 1
        self._begin_entity(entity)

    def _begin_entity(self, parent: Entity) -> None:
        self._parts += 1
        child = Entity(self._base + self._pos)
        parent.children.append(child)
        self._open.append(child)
        self._line_starts.append(self._lines)
        self._in_header = True

    # --- body --------------------------------------------------------------------------------------------------

    def _read_body(self, *, final: bool) -> bool:
        if not self._frames:
            self._advance(len(self._buffer))
            return False
        delimiter = self._next_delimiter(len(self._buffer), final=final)
        if delimiter is None:
            self._advance(self._safe)
            return False
        self._end_part(*delimiter)
        return True

    def _advance(self, to: int) -> None:
        """Account the octets up to index `to` of the buffer to the present region."""
        start = self._pos
        if to <= start:
            return
        if self._counting or self._messages:
            self._lines += self._buffer.count(b"\n", start, to)
        sample = self._sample
        if sample is not None:
            sample += self._buffer[start : min(to, start + self._limits.sample_octets - len(sample))]
            if len(sample) >= self._limits.sample_octets:
                self._end_sample()
        if self._page is not None:
            piece = self._buffer[start : min(to, start + self._pages_room)]
            self._page += piece
            self._pages_room -= len(piece)
        if self._decoded is not None:
            self._decoded.feed(self._buffer[start:to])
        self._pos = to

    def _end_page(self) -> None:
        if self._page is not None:
            self._open[-1].page = bytes(self._page)
            self._page = None

    def _end_counting(self) -> None:
        if self._decoded is not None:
            self._open[-1].decoded = self._decoded.finish()
            self._decoded = None

    def _end_sample(self) -> None:
        if self._sample is not None:
            self._open[-1].sample = bytes(self._sample)
            self._sample = None

    def _end_part(self, frame: _Frame, at: int, after: int, closing: bool) -> None:
        """Handle a delimiter: everything inside its multipart ends before the line end at `at` (RFC 2046 §5.1.1)."""
        self._advance(at - 1 if self._buffer[at - 1 : at] == b"\r" else at)
        entity = self._open[frame.depth]
        self._close(frame.depth + 1, self._pos)
        self._sample = None  # that of a preamble
        entity.sample = b""
        while self._frames[-1] is not frame:
            self._frames.pop()
        self._counting = False
        self._advance(self._before_line_end(after) if closing else after)
        if closing:
            self._frames.pop()
        elif self._parts >= self._limits.parts:
            self._give_up()
        else:
            self._begin_entity(entity)
        self._longest = max([len(item.needle) for item in self._frames], default=0)

    def _before_line_end(self, index: int) -> int:
        """Return the index before a line end that ends at `index`: it may belong to an outer delimiter."""
        buffer = self._buffer
        if buffer[index - 1] == _LF:
            index -= 2 if buffer[index - 2] == _CR else 1
        return index

    def _close(self, depth: int, end: int) -> None:
        """Close the open entities from `depth` inwards; their bodies end at index `end` of the buffer."""
        if len(self._open) > depth:
            self._end_sample()
            self._end_page()
            self._end_counting()
        while len(self._open) > depth:
            entity = self._open.pop()
            entity.body_end = max(entity.body_start, self._base + end)
            lines = self._lines - self._line_starts.pop()
            if entity.is_message:
                self._messages -= 1
            if entity.type == "text" or entity.is_message:
                entity.lines = lines
            elif entity.type == "multipart" and not entity.children:
                _add_plain_text(entity, lines)


def _add_plain_text(entity: Entity, lines: int) -> None:
    """Give a multipart in which no delimiter was found its whole body as one plain text part."""
    child = Entity(entity.body_start, entity.body_start, entity.body_end, lines, sample=entity.sample)
    entity.sample = b""
    entity.children = [child]


def scan(message: bytes, limits: Limits = DEFAULT_LIMITS) -> Entity:
    """Return the root entity of a whole message."""
    scanner = Scanner(limits)
    scanner.feed(message)
    return scanner.finish()
