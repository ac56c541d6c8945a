"""SMTP replies: the value, its wire form, and the parser of what a peer answers.

STANDARDS: RFC 5321 §4.2 (replies), §4.5.3.1.5 (512 octets a line), RFC 2034 and RFC 3463 (enhanced codes),
RFC 1893's class rule: the first digit of code and enhanced code agree.
LIMITS: MAX_LINE and MAX_LINES bound what a peer's answer may cost us.
"""

import re
from dataclasses import dataclass, field
from typing import Final

# RFC 5321 §4.5.3.1.5: 512 octets with code and CRLF; ours stay well below.
_TEXT_OCTETS: Final = 480
# Peers do send longer lines (URLs in refusals); beyond this it is no reply.
MAX_LINE: Final = 4096
MAX_LINES: Final = 128

_LINE: Final = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
_ENHANCED: Final = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)")
_CONTROLS: Final = dict.fromkeys([*range(9), *range(11, 32), 127], " ")


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: three digits, enhanced code ("" for none), text whose lines are parted by LF."""

    code: int
    enhanced: str = ""
    text: str = ""
    _wire: list[bytes] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def positive(self) -> bool:
        """2yz or 3yz."""
        return self.code < 400

    @property
    def temporary(self) -> bool:
        """4yz: may be tried again (RFC 5321 §4.2.1)."""
        return 400 <= self.code < 500

    @property
    def permanent(self) -> bool:
        """5yz."""
        return self.code >= 500

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.text.split("\n"))

    def encode(self) -> bytes:
        """Return the wire form: ASCII, no controls, each line within 512 octets."""
        if not self._wire:
            self._wire.append(_encode(self))
        return self._wire[0]

    def __str__(self) -> str:
        return " ".join(filter(None, (str(self.code), self.enhanced, self.text.replace("\n", " "))))


def _encode(reply: Reply) -> bytes:
    # RFC 5321 §4.2 textstring is ASCII without controls. A reply may quote what a peer sent: it must not be
    # able to end the line (response splitting).
    text = reply.text.translate(_CONTROLS).encode("ascii", "replace")
    prefix = reply.enhanced.encode("ascii", "replace") + b" " if reply.enhanced else b""
    code = b"%d" % reply.code
    lines = [prefix + line[:_TEXT_OCTETS] for line in text.split(b"\n")]
    head = b"".join(b"%b-%b\r\n" % (code, line) for line in lines[:-1])
    return head + b"%b %b\r\n" % (code, lines[-1])


class ReplyParser:
    """Gathers the lines of one reply. `feed` returns a Reply when it is whole, None before, str when broken."""

    __slots__ = ("_code", "_lines")

    def __init__(self) -> None:
        self._code = b""
        self._lines: list[str] = []

    def feed(self, line: bytes) -> Reply | str | None:
        """Take one line without its end. A string says what is wrong with it."""
        match = _LINE.fullmatch(line)
        if match is None:
            return "not a reply line"
        code, dash, text = match.groups()
        if self._code and code != self._code:
            return "a reply with two codes"
        if len(self._lines) >= MAX_LINES:
            return "a reply with too many lines"
        self._code = code
        self._lines.append((text or b"").decode("utf-8", "replace"))
        if dash == b"-":
            return None
        reply = _decode(int(code), self._lines)
        self._code, self._lines = b"", []
        return reply


def _decode(code: int, lines: list[str]) -> Reply:
    """Part the enhanced code from the text when every line that has one has the same and its class fits."""
    match = _ENHANCED.match(lines[0])
    if match is None or match[1][0] != str(code)[0]:
        return Reply(code, "", "\n".join(lines))
    enhanced = match[1]
    rest = (line[len(enhanced) :].lstrip(" ") if line.startswith(enhanced) else line for line in lines)
    return Reply(code, enhanced, "\n".join(rest))
