"""Files inside archives, whatever archive: their names are written, their octets unpacked and read within the bounds."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from smartmail.formats.extract import inflating, kinds, naming
from smartmail.formats.extract.out import Out, Problem, Unreadable

_HEAD: Final = 64 * 1024  # tells what a file is


class Entry(msgspec.Struct, frozen=True):
    """A file of an archive. `size`: of its unpacked octets, as the archive claims. `problem`: why they cannot be had, known
    before trying. `pieces`: begins to unpack; may raise Unreadable at once or in the middle, and Enough.
    """

    name: str
    size: int
    pieces: Callable[[], Iterator[bytes]]
    problem: Problem | None = None


def extract(out: Out, entries: Iterable[Entry]) -> None:
    """Write the names of all files, and the text of those that can be read. Raises Unreadable and Enough."""
    for entry in entries:
        out.file(entry.name)
        problem = entry.problem or (None if out.may_descend else "limits")
        if problem is not None:
            out.closed(entry.name, problem, entry.size)
            continue
        try:
            pieces = entry.pieces()
        except Unreadable as error:
            out.closed(entry.name, error.problem, entry.size)
        else:
            nested(out, entry.name, pieces)


def nested(out: Out, name: str, pieces: Iterator[bytes]) -> None:
    """Read the file that the pieces make. One that is too large to keep, and of a kind that holds no text, is measured.
    Raises Enough.
    """
    counted = _Counted(pieces)
    octets, problem = inflating.collected(out, counted)
    if problem == "limits" and not octets:
        out.closed(name, "limits", counted.size)
    elif problem == "limits" and out.limits.thorough and kinds.kind_of(octets[:_HEAD], "", name) == "none":
        _measure(out, name, octets, counted)
    else:
        out.nested(octets, name=name, problem=problem)


def _measure(out: Out, name: str, octets: bytes, counted: "_Counted") -> None:
    kind, digest = naming.kind_name(octets[:_HEAD]), hashlib.sha256(octets)
    digest.update(counted.last[len(counted.last) - (counted.size - len(octets)) :])
    try:
        for piece in counted:
            digest.update(piece)
    except Unreadable as error:
        out.closed(name, error.problem, counted.size)
    else:
        out.hashed(name, kind, counted.size, digest.hexdigest())


class _Counted:
    """Pieces, counted on their way."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.size = 0
        self.last = b""

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self.last = next(self._pieces)
        self.size += len(self.last)
        return self.last
