"""Where extractors put their text, and what bounds them all together.

One `Out` serves a document and everything packed inside it, so that a thousand files in an archive share one bound.
Knows no format.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Literal, Protocol

import msgspec

Problem = Literal["encrypted", "locked", "damaged", "limits", "unsupported"]
"""Why text is missing: a password or DRM; a distribution document that could not be opened; broken octets; a bound;
a format that we know and cannot read.
"""


class Limits(msgspec.Struct, frozen=True):
    """Bounds of one extraction, over all nested files."""

    chars: int = 2_000_000  # of text; a book has about one million
    members: int = 2_000  # files named in archives
    depth: int = 3  # archives inside archives (and messages, and embedded files)
    unpacked: int = 256 << 20  # octets out of all compressed streams; streams are not kept whole where avoidable
    member: int = 64 << 20  # octets of one compressed stream that has to be kept whole
    ratio: int = 500  # unpacked : packed, judged beyond `ratio_from`; the text of a large table reaches 100
    ratio_from: int = 8 << 20


DEFAULT_LIMITS: Final = Limits()


class Unreadable(Exception):
    """This file (not its neighbours) cannot be read further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem


class Enough(Exception):
    """A bound of the whole extraction is reached: what has been collected is the result."""


class Extracted(msgspec.Struct, frozen=True):
    """A result. `parts`: names of nested files in their order, each also a line of `text`. `truncated`: a bound cut
    something off. `problem`: the first thing that could not be read, None when everything was.
    """

    text: str
    parts: tuple[str, ...] = ()
    truncated: bool = False
    problem: Problem | None = None


class Reader(Protocol):
    """What reads one nested file into an `Out`; raises Unreadable and Enough."""

    def __call__(self, out: "Out", octets: bytes, media_type: str, name: str) -> None: ...


_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff\ufffe\uffff]+")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_LINE_ENDS: Final = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_MANY_LINES: Final = re.compile(r"\n(?:[ \t\u00a0]*\n){2,}")
_CLOCK_EVERY: Final = 512  # pieces of text between looks at the clock
_MAX_NAME: Final = 1_024


class Out:
    """Collects the text of one document and all that is nested in it. `expired` says that the time is used up."""

    def __init__(self, limits: Limits, read: Reader, expired: Callable[[], bool]) -> None:
        self.limits = limits
        self.depth = 0
        self._read = read
        self.expired = expired
        self._pieces: list[str] = []
        self._room = limits.chars
        self._unpacked = 0
        self._calls = 0
        self._parts: list[str] = []
        self._truncated = False
        self._problem: Problem | None = None
        self._fresh = True  # nothing stands on the present line yet

    def add(self, text: str) -> None:
        """Take a piece of text. Raises Enough."""
        if not text:
            return
        self._room -= len(text)
        if self._room < 0:
            self._pieces.append(text[: len(text) + self._room])
            self._room = 0
            raise self._enough()
        self._pieces.append(text)
        self._fresh = text.endswith("\n")
        self._calls += 1
        if not self._calls % _CLOCK_EVERY:
            self.tick()

    def line(self) -> None:
        """End the present line, if anything stands on it."""
        if not self._fresh:
            self.add("\n")

    def tick(self) -> None:
        """Raise Enough when the time is over; called in loops that may be long without giving text."""
        if self.expired():
            raise self._enough()

    def unpacked(self, octets: int) -> None:
        """Count octets that came out of a compressed stream. Raises Enough."""
        self._unpacked += octets
        if self._unpacked > self.limits.unpacked:
            raise self._enough()
        self.tick()

    def note(self, problem: Problem) -> None:
        """Remember that something could not be read."""
        self._problem = self._problem or problem
        self._truncated = self._truncated or problem == "limits"

    def file(self, name: str) -> None:
        """Write the name of a nested file as a line of its own. Raises Enough."""
        if len(self._parts) >= self.limits.members:
            raise self._enough()
        name = clean(name.replace("\n", " "))[:_MAX_NAME].strip()
        self.line()
        if name:
            self._parts.append(name)
            self.add(name + "\n")

    @property
    def may_descend(self) -> bool:
        """Whether files nested in the present one are read."""
        return self.depth < self.limits.depth

    def nested(self, octets: bytes, media_type: str = "", name: str = "") -> None:
        """Read a file that was found inside the present one; what is wrong with it is noted. Raises Enough."""
        if not self.may_descend:
            self.note("limits")
            return
        self.depth += 1
        try:
            self._read(self, octets, media_type, name)
        except Unreadable as error:
            self.note(error.problem)
        finally:
            self.depth -= 1
        self.line()

    def result(self) -> Extracted:
        """Return what was collected."""
        text = _MANY_LINES.sub("\n\n", clean("".join(self._pieces))).strip("\n ")
        return Extracted(text, tuple(self._parts), self._truncated, self._problem)

    def _enough(self) -> Enough:
        self.note("limits")
        return Enough()


def clean(text: str) -> str:
    """Return text that is Unicode: line ends are LF, no control characters, no halves of surrogate pairs."""
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
    if _SURROGATE.search(text):
        with suppress(ValueError):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
