"""Where extractors put their text, and what bounds them all together.

One `Out` serves a document and everything packed inside it, so that a thousand files in an archive share one bound.
Knows no format.
"""

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Literal, Protocol

import msgspec

Problem = Literal["encrypted", "locked", "damaged", "limits", "unsupported", "pictures"]
"""Why text is missing: a password or DRM; a distribution document that could not be opened; broken octets; a bound;
a format that we know and cannot read; pages that are pictures only (told by a thorough reading).
"""


class Limits(msgspec.Struct, frozen=True):
    """Bounds of one extraction, over all nested files.

    `thorough`: read for leak prevention and not for search. Each file inside gets its own entry (`FileInside`); parts of
    a document that no reader shows are read too; octets of no known kind are a problem.
    """

    chars: int = 2_000_000  # of text; a book has about one million
    members: int = 2_000  # files named in archives
    depth: int = 3  # archives inside archives (and messages, and embedded files)
    unpacked: int = 256 << 20  # octets out of all compressed streams; streams are not kept whole where avoidable
    member: int = 64 << 20  # octets of one compressed stream that has to be kept whole
    ratio: int = 500  # unpacked : packed, judged beyond `ratio_from`; the text of a large table reaches 100
    ratio_from: int = 8 << 20
    held: int = 256 << 20  # octets of files inside files that are kept at one moment
    thorough: bool = False


DEFAULT_LIMITS: Final = Limits()
THOROUGH_LIMITS: Final = Limits(
    chars=5_000_000, members=10_000, depth=5, unpacked=1 << 30, ratio=200, held=128 << 20, thorough=True
)
"""Of leak prevention."""


class Unreadable(Exception):
    """This file (not its neighbours) cannot be read further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem


class Enough(Exception):
    """A bound of the whole extraction is reached: what has been collected is the result."""


class FileInside(msgspec.Struct, frozen=True):
    """What a thorough reading tells of one file: the file itself, or one inside it at any depth.

    `holder`: which of the files it lies in, by number; -1 for the first, which is the file itself. `kind`: by its octets
    ("docx", "hwp", "zip", "png", "text", "unknown"; "" when they could not be had). `size`: in octets, as far as they are
    known. `sha256`: in hexadecimal, "" when the octets could not be had whole. `text`: its own, with the names of the files
    in it as lines; these files have their own. `labels`: what it says of itself apart from its text: custom
    properties as `name=value`, lines of headers and footers, at most MAX_LABELS. `problem`: the first thing in it
    that could not be read, "" when everything was.
    """

    name: str
    kind: str
    size: int
    sha256: str
    holder: int = -1
    text: str = ""
    labels: tuple[str, ...] = ()
    problem: str = ""


class Extracted(msgspec.Struct, frozen=True):
    """A result. `parts`: names of nested files in their order, each also a line of `text`. `truncated`: a bound cut
    something off. `problem`: the first thing that could not be read, None when everything was. `files`: of a thorough
    reading, the file itself first; `text` is then "": each of them has its own.
    """

    text: str
    parts: tuple[str, ...] = ()
    truncated: bool = False
    problem: Problem | None = None
    files: tuple[FileInside, ...] = ()


class Reader(Protocol):
    """What reads one nested file into an `Out`; raises Unreadable and Enough."""

    def __call__(self, out: "Out", octets: bytes, media_type: str, name: str) -> None: ...


_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff\ufffe\uffff]+")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_LINE_ENDS: Final = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_MANY_LINES: Final = re.compile(r"\n(?:[ \t\u00a0]*\n){2,}")
_CLOCK_EVERY: Final = 512  # pieces of text between looks at the clock
_MAX_NAME: Final = 1_024
MAX_LABELS: Final = 40
_MAX_LABEL: Final = 200


class _File:
    """A file that is being read, or was."""

    def __init__(self, name: str, holder: int) -> None:
        self.name = _one_line(name)
        self.holder = holder
        self.kind, self.size, self.sha256 = "", 0, ""
        self.pieces: list[str] = []
        self.labels: list[str] = []
        self.problem: Problem | None = None
        self.text = ""

    def told(self) -> FileInside:
        return FileInside(
            self.name, self.kind, self.size, self.sha256, self.holder, self.text, tuple(self.labels), self.problem or ""
        )


class Out:
    """Collects the text of one document and all that is nested in it. `expired` says that the time is used up."""

    def __init__(self, limits: Limits, read: Reader, expired: Callable[[], bool]) -> None:
        self.limits = limits
        self.depth = 0
        self._read = read
        self.expired = expired
        self._room = limits.chars
        self._unpacked = 0
        self._held = 0
        self._calls = 0
        self._parts: list[str] = []
        self._truncated = False
        self._problem: Problem | None = None
        self._fresh = True  # nothing stands on the present line yet
        self._file = _File("", -1)
        self._number = 0  # of the present file among the files
        self._files = [self._file]

    def add(self, text: str) -> None:
        """Take a piece of text. Raises Enough."""
        if not text:
            return
        self._room -= len(text)
        if self._room < 0:
            self._file.pieces.append(text[: len(text) + self._room])
            self._room = 0
            raise self._enough()
        self._file.pieces.append(text)
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
        """Remember that something of the present file could not be read."""
        self._file.problem = self._file.problem or problem
        self._problem = self._problem or problem
        self._truncated = self._truncated or problem == "limits"

    def file(self, name: str) -> None:
        """Write the name of a nested file as a line of its own. Raises Enough."""
        if len(self._parts) >= self.limits.members:
            raise self._enough()
        name = _one_line(name)
        self.line()
        if name:
            self._parts.append(name)
            self.add(name + "\n")

    def begins(self, octets: bytes, name: str) -> None:
        """The file itself is at hand: before anything is read of it."""
        self._file.name = _one_line(name)
        self._measure(octets)

    def kind(self, kind: str) -> None:
        """Tell what the present file is; the last word counts."""
        self._file.kind = kind

    def label(self, text: str) -> None:
        """Keep what the present file says of itself apart from its text."""
        labels = self._file.labels
        for line in clean(text).splitlines() if self.limits.thorough else ():
            told = " ".join(line.split())[:_MAX_LABEL]
            if told and told not in labels and len(labels) < MAX_LABELS:
                labels.append(told)

    def closed(self, name: str, problem: Problem, size: int = 0) -> None:
        """A nested file whose octets cannot be had is told, and noted. Raises Enough."""
        self._problem = self._problem or problem
        self._truncated = self._truncated or problem == "limits"
        if self.limits.thorough:
            file = self._opened(name)
            file.size, file.problem = max(0, size), problem

    def hashed(self, name: str, kind: str, size: int, sha256: str) -> None:
        """A nested file was measured in passing and is not read: too large to keep, and of a kind without text."""
        if self.limits.thorough:
            file = self._opened(name)
            file.kind, file.size, file.sha256 = kind, size, sha256

    # Nesting

    @property
    def may_descend(self) -> bool:
        """Whether files nested in the present one are read."""
        return self.depth < self.limits.depth

    def nested(self, octets: bytes, media_type: str = "", name: str = "", *, problem: Problem | None = None) -> None:
        """Read a file that was found inside the present one; what is wrong with it is noted. `problem`: what is known to
        be wrong already, so that these octets are not all of it. Raises Enough.
        """
        if not self.may_descend or self._held + len(octets) > self.limits.held:
            self.closed(name, "limits", len(octets))
            return
        outer = self._file, self._number, self._fresh
        if self.limits.thorough:
            self._file, self._number = self._opened(name), len(self._files) - 1
            self._measure(octets)
            self._fresh = True
        if problem is not None:
            self.note(problem)
            self._file.sha256 = ""
        self.depth += 1
        self._held += len(octets)
        try:
            self._read(self, octets, media_type, name)
        except Unreadable as error:
            self.note(error.problem)
        finally:
            self.depth -= 1
            self._held -= len(octets)
            if self.limits.thorough:
                self._file.text = _joined(self._file.pieces)
                self._file.pieces.clear()
                self._file, self._number, self._fresh = outer
        self.line()

    def result(self) -> Extracted:
        """Return what was collected."""
        self._file.text = _joined(self._file.pieces)
        if not self.limits.thorough:
            return Extracted(self._file.text, tuple(self._parts), self._truncated, self._problem)
        files = tuple(file.told() for file in self._files)
        return Extracted("", tuple(self._parts), self._truncated, self._problem, files)

    def _opened(self, name: str) -> _File:
        if len(self._files) > self.limits.members:
            raise self._enough()
        self._files.append(_File(name, self._number))
        return self._files[-1]

    def _measure(self, octets: bytes) -> None:
        if self.limits.thorough:
            self._file.size, self._file.sha256 = len(octets), hashlib.sha256(octets).hexdigest()

    def _enough(self) -> Enough:
        self.note("limits")
        return Enough()


def _joined(pieces: list[str]) -> str:
    return _MANY_LINES.sub("\n\n", clean("".join(pieces))).strip("\n ")


def _one_line(name: str) -> str:
    return clean(name.replace("\n", " "))[:_MAX_NAME].strip()


def clean(text: str) -> str:
    """Return text that is Unicode: line ends are LF, no control characters, no halves of surrogate pairs."""
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
    if _SURROGATE.search(text):
        with suppress(ValueError):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
