"""mbox files (RFC 4155 and its older relatives): a stream of messages, and the file again byte for byte.

NAME
    mbox — reader and writer of mailbox files.
PURPOSE
    `read` takes the chunks of a file and gives its messages with all that is needed to write the same file again:
    the `From ` line, its line end, the separator, the rule of quoting. It knows nothing of files.
STATES
    before the first `From ` line → in a message → (beyond the limit: passing over) → next message.
LIMITS
    A message is held in memory up to `max_message` octets; what is beyond is passed over and `truncated` says so.
    A `From ` line has at most 1,000 octets.
FAILURE
    Never raises. Octets before the first `From ` line make one message without an envelope.
SECURITY
    Content-Length is believed under mboxcl2 alone, and only when a `From ` line or the end stands where it says.
STANDARDS
    RFC 4155; mboxo, mboxrd and mboxcl2 as commonly described.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from smartmail.formats.dates import format_date, parse_date

Rule = Literal["mboxrd", "mboxo", "mboxcl2"]

MAX_MESSAGE: Final = 256 * 1024 * 1024
MAX_ENVELOPE: Final = 1000
_FROM: Final = b"\nFrom "
# A separator carries a time of day; prose that begins with `From ` after an empty line hardly ever does.
_ENVELOPE: Final = re.compile(rb"From [^\n]*?\b\d{1,2}:\d{2}")
_PARTS: Final = re.compile(rb"From (?:(.*?)[ \t]+)?((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*)", re.DOTALL | re.IGNORECASE)
_QUOTES: Final[dict[Rule, re.Pattern[bytes]]] = {
    "mboxrd": re.compile(rb"^>(?=>*From )", re.MULTILINE),
    "mboxo": re.compile(rb"^>(?=From )", re.MULTILINE),
}
_UNQUOTED: Final[dict[Rule, re.Pattern[bytes]]] = {
    "mboxrd": re.compile(rb"^(?=>*From )", re.MULTILINE),
    "mboxo": re.compile(rb"^(?=From )", re.MULTILINE),
}
_NEXT: Final = re.compile(rb"(?:\r?\n)*(?=From |\Z)")
_HEADER_END: Final = re.compile(rb"\n\r?\n")
_CONTENT_LENGTH: Final = re.compile(rb"^content-length:[ \t]*(\d{1,12})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MboxMessage:
    """One message. `content` are its octets after unquoting, line ends as in the file.

    `envelope` is the `From ` line with its line end (empty for octets before the first one), `separator` what stood
    between this message and the next, `rule` how `content` must be quoted to give the file again.
    """

    content: bytes
    envelope: bytes
    separator: bytes
    rule: Rule
    truncated: bool = False

    @property
    def sender(self) -> str:
        """The address in the `From ` line; empty when there is none (`-`, MAILER-DAEMON stays)."""
        match = _PARTS.match(self.envelope)
        sender = (match[1] or b"") if match else self.envelope[5:].split(b" ", 1)[0]
        text = sender.decode("utf-8", "replace").strip()
        return "" if text == "-" else text

    @property
    def received(self) -> int | None:
        """Seconds since 1970 of the `From ` line's date, which is in UTC (RFC 4155), or None."""
        match = _PARTS.match(self.envelope)
        date = parse_date(match[2]) if match else None
        return None if date is None else date[0]


def read(chunks: Iterable[bytes], rule: Rule = "mboxrd", max_message: int = MAX_MESSAGE) -> Iterator[MboxMessage]:
    """Yield the messages of a file. `rule` says how `From ` lines inside of messages are told from separators."""
    reader = _Reader(rule, max_message)
    for chunk in chunks:
        yield from reader.feed(chunk)
    yield from reader.finish()


def write(message: MboxMessage) -> bytes:
    """Return the octets that `message` had in its file."""
    return message.envelope + quote(message.content, message.rule) + message.separator


def envelope_line(sender: str, received: int) -> bytes:
    """Return a `From ` line for a message that never had one: `From a@b Fri Jan  5 03:00:00 2024` and LF."""
    day, date, month, year, clock = format_date(received).replace(",", "").split(" ")[:5]
    who = re.sub(r"[^!-~]", "", sender) or "MAILER-DAEMON"
    return f"From {who} {day} {month} {int(date):2} {clock} {year}\n".encode("ascii")


def quote(content: bytes, rule: Rule) -> bytes:
    """Return content as it stands in a file of that rule."""
    pattern = _UNQUOTED.get(rule)
    return content if pattern is None else pattern.sub(b">", content)


def unquote(content: bytes, rule: Rule) -> bytes:
    """Return content without the quoting of that rule."""
    pattern = _QUOTES.get(rule)
    return content if pattern is None else pattern.sub(b"", content)


class _Reader:
    """`_buffer[_at:]` begins with the message being read; `_seen` is how far separators were looked for."""

    def __init__(self, rule: Rule, max_message: int) -> None:
        self._rule: Rule = rule
        self._max = max_message
        self._buffer = bytearray()
        self._at = 0
        self._seen = 0
        # The beginning of a message that is beyond the limit; its rest is passed over.
        self._cut: bytes | None = None

    def feed(self, chunk: bytes) -> Iterator[MboxMessage]:
        self._buffer += chunk
        yield from self._messages(final=False)
        self._compact()

    def finish(self) -> Iterator[MboxMessage]:
        yield from self._messages(final=True)
        if self._at < len(self._buffer) or self._cut is not None:
            yield self._message(len(self._buffer))

    def _messages(self, *, final: bool) -> Iterator[MboxMessage]:
        while (end := self._separator(final=final)) is not None:
            yield self._message(end)
            self._at = self._seen = end

    def _compact(self) -> None:
        del self._buffer[: self._at]
        self._seen = max(0, self._seen - self._at)
        self._at = 0
        if len(self._buffer) > self._max:
            self._cut = self._cut if self._cut is not None else bytes(self._buffer[: self._max])
            kept = max(0, len(self._buffer) - 2 * MAX_ENVELOPE)
            del self._buffer[:kept]
            self._seen = max(0, self._seen - kept)

    def _separator(self, *, final: bool) -> int | None:
        """Return the offset of the next `From ` line, or None when it has not come yet."""
        if self._rule == "mboxcl2" and self._cut is None:
            counted = self._counted_end(final=final)
            if counted is not None:
                return counted if counted < len(self._buffer) else None
        while (found := self._buffer.find(_FROM, max(self._seen, self._at))) >= 0:
            line_end = self._buffer.find(b"\n", found + 1, found + 1 + MAX_ENVELOPE)
            if line_end < 0 and not final and len(self._buffer) - found <= MAX_ENVELOPE:
                self._seen = found
                return None
            self._seen = found + 1
            if self._is_blank_before(found) and _ENVELOPE.match(self._buffer, found + 1, max(line_end, found + 1)):
                return found + 1
        # The last octets may be the beginning of a separator.
        self._seen = max(self._seen, len(self._buffer) - len(_FROM) + 1, self._at)
        return None

    def _is_blank_before(self, newline: int) -> bool:
        """Whether the line that ends at `newline` is empty: RFC 4155 demands one before each separator."""
        before = newline - 1
        if before >= self._at and self._buffer[before] == 0x0D:
            before -= 1
        return before < self._at or self._buffer[before] == 0x0A

    def _counted_end(self, *, final: bool) -> int | None:
        """Return where the message ends by its Content-Length, if that is true (mboxcl2); len(buffer) at the end."""
        header = _HEADER_END.search(self._buffer, self._at, self._at + 1_048_576)
        length = _CONTENT_LENGTH.search(self._buffer, self._at, header.start() + 1) if header else None
        if header is None or length is None:
            return None
        end = header.end() + int(length[1])
        if end - self._at > self._max:
            return None
        if end + MAX_ENVELOPE > len(self._buffer) and not final:
            return len(self._buffer)
        if end > len(self._buffer):
            return None
        rest = _NEXT.match(self._buffer, end)
        return rest.end() if rest is not None else None

    def _message(self, end: int) -> MboxMessage:
        raw = bytes(self._buffer[self._at : end])
        truncated = self._cut is not None
        if self._cut is not None:
            raw, self._cut = self._cut, None
        line_end = raw.find(b"\n") + 1 if raw.startswith(b"From ") else 0
        if raw.startswith(b"From ") and not line_end:
            line_end = len(raw)
        envelope, body = raw[:line_end], raw[line_end:]
        separator = b"" if truncated else _separator_of(body)
        body = body[: len(body) - len(separator)]
        rule = self._exact_rule(body)
        return MboxMessage(unquote(body, rule), envelope, separator, rule, truncated)

    def _exact_rule(self, body: bytes) -> Rule:
        """A body that the rule would not give back as it was is taken as not quoted at all."""
        return self._rule if quote(unquote(body, self._rule), self._rule) == body else "mboxcl2"


def _separator_of(body: bytes) -> bytes:
    """The empty line at the end belongs to the file, not to the message."""
    for line_end in (b"\r\n", b"\n"):
        if body == line_end or body.endswith((b"\n" + line_end,)):
            return line_end
    return b""
