"""What a file that came holds: one message, an mbox, a ZIP of both, any of them packed with gzip; one message at a time.

NAME        sources
PURPOSE     Turn octets that are read by range into import_files.Found and Skipped. Runs in a thread of its own, for the
            readers of the standard library wait for their octets. Must not know accounts or the store.
LIMITS      A message has at most MAX_MESSAGE octets. What is packed unpacks to at most `RATIO` times the file or
            `AT_LEAST`, whichever is more; a ZIP has a directory of at most `MAX_DIRECTORY` octets.
FAILURE     What cannot be read is a Skipped with its reason; a damaged archive is one, and what came before it stays.
SECURITY    Names in an archive are labels of mailboxes and places for people, never paths of files of ours.
STANDARDS   APPNOTE 6.3.10 as the standard library reads it, names without the UTF-8 flag as CP949.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import IO, Final

from smartmail.service.mailbox import import_files
from smartmail.service.mailbox.import_files import MAX_MESSAGE, Found, Skipped

RATIO: Final = 200
AT_LEAST: Final = 1 << 30
MAX_DIRECTORY: Final = 256 << 20
_BUFFER: Final = 1 << 20
_PEEK: Final = 4096
_CHUNK: Final = 1 << 20
_ZIP, _EMPTY_ZIP, _GZIP = b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b"
_ENCRYPTED: Final = 0x1
_BAD: Final = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, UnicodeError, RuntimeError)

ReadAt = Callable[[int, int], bytes]
"""(start, length) → octets, fewer at the end. Raises what cannot be read."""


class TooMuchUnpacked(Exception):
    """The file unpacks to more than anybody means."""


class Octets(io.RawIOBase):
    """A file that is read by range."""

    def __init__(self, read_at: ReadAt, size: int) -> None:
        self._read_at = read_at
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        octets = self._read_at(self._at, min(len(view), _BUFFER)) if self._at < self._size else b""
        view[: len(octets)] = octets
        self._at += len(octets)
        return len(octets)

    def read(self, size: int = -1) -> bytes:
        """Read so many octets. Raises OSError for more than any part of an archive's directory has."""
        wanted = max(0, self._size - self._at) if size < 0 else size
        if wanted > MAX_DIRECTORY:
            raise OSError("too large a piece")
        found = bytearray()
        while len(found) < wanted:
            piece = super().read(wanted - len(found))
            if not piece:
                break
            found += piece
        return bytes(found)


class _Allowance:
    """How much may still be unpacked."""

    def __init__(self, packed: int) -> None:
        self._left = max(AT_LEAST, packed * RATIO)

    def take(self, octets: bytes) -> bytes:
        self._left -= len(octets)
        if self._left < 0:
            raise TooMuchUnpacked
        return octets


def messages(read_at: ReadAt, size: int, name: str, now: int) -> Iterator[Found | Skipped]:
    """Yield what a file holds. `now`: seconds, for messages that tell no date."""
    first = read_at(0, _PEEK)
    file = Octets(read_at, size)
    try:
        if first.startswith((_ZIP, _EMPTY_ZIP)):
            yield from _zipped(file, size, now)
        elif first.startswith(_GZIP):
            allowance = _Allowance(size)
            with gzip.GzipFile(fileobj=io.BufferedReader(file, _BUFFER)) as unpacked:
                yield from _plain(lambda length: allowance.take(unpacked.read(length)), (), _stem(name), now)
        else:
            yield from _plain(io.BufferedReader(file, _BUFFER).read, (), name, now)
    except TooMuchUnpacked:
        yield Skipped(name, "unpacks to too much")
    except _BAD as error:
        yield Skipped(name, f"damaged: {type(error).__name__}")


def _zipped(file: Octets, size: int, now: int) -> Iterator[Found | Skipped]:
    allowance = _Allowance(size)
    with _opened(file) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            place = member.filename
            if member.flag_bits & _ENCRYPTED:
                yield Skipped(place, "encrypted")
                continue
            try:
                with archive.open(member) as content:
                    yield from _member(content, member, allowance, now)
            except _BAD as error:
                yield Skipped(place, f"damaged: {type(error).__name__}")


def _opened(file: Octets) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file, metadata_encoding="cp949")
    except UnicodeDecodeError:
        file.seek(0)
        return zipfile.ZipFile(file)


def _member(content: IO[bytes], member: zipfile.ZipInfo, allowance: _Allowance, now: int) -> Iterator[Found | Skipped]:
    *above, name = [part for part in member.filename.split("/") if part not in {"", ".", ".."}] or [""]
    try:
        at = int(datetime(*member.date_time, tzinfo=UTC).timestamp())
    except ValueError:
        at = now
    yield from _plain(
        lambda length: allowance.take(content.read(length)), tuple(above), name, at, place=member.filename
    )  # fmt: skip


def _plain(
    read_some: Callable[[int], bytes], label: tuple[str, ...], name: str, at: int, place: str = ""
) -> Iterator[Found | Skipped]:
    """Yield what a file holds that is packed no further."""
    place = place or name
    first = read_some(_CHUNK)
    kind = (
        "eml"
        if name.lower().endswith(".eml") and not first.startswith(b"From ")
        else import_files.looks_like_mail(first)
    )
    if kind is None:
        yield Skipped(
            place, "empty" if not first else "not mail", failed=name.lower().endswith((".eml", ".mbox", ".msg"))
        )
    elif kind == "mbox" and not name.lower().endswith(".eml"):
        yield from import_files.boxed(_again(first, read_some), _box_label(label, name), place)
    else:
        yield import_files.message(label, _whole(first, read_some), place, at)


def _again(first: bytes, read_some: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """Return a reader that gives the octets that were looked at once more."""
    held = [first]
    return lambda length: held.pop() if held else read_some(length)


def _whole(first: bytes, read_some: Callable[[int], bytes]) -> bytes:
    """Return a file that is one message; what is beyond the limit is told by its length."""
    found = bytearray(first)
    while len(found) <= MAX_MESSAGE:
        piece = read_some(_CHUNK)
        if not piece:
            break
        found += piece
    return bytes(found)


def _box_label(label: tuple[str, ...], name: str) -> tuple[str, ...]:
    stem = _stem(name)
    return label if label and stem in {label[-1], "mbox"} else (*label, stem)


def _stem(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return stem if dot and ending.lower() in {"mbox", "mbx", "eml", "txt", "gz"} else name
