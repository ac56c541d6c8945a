"""Files that were put into documents as OLE objects ([MS-OLEDS]): packages of the shell, documents of the new form, and
documents of the old form, which are storages in the storage of their host.
"""

import re
from typing import Final

from smartmail.formats import charset
from smartmail.formats.extract import compound_file
from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.extract.out import Out

_NATIVE: Final = "\x01ole10native"
_WHOLE, _CONTENTS = "package", "contents"
"""Streams that hold a file as it is: a document of the new form; with some programs, a PDF."""
MAIN_STREAMS: Final = frozenset(("worddocument", "workbook", "book", "powerpoint document"))
_MAX_OBJECTS: Final = 2_000
_MAX_NAME: Final = 1_000
_DATA: Final = re.compile(rb"\\objdata[\s{}]*((?:[0-9a-fA-F]\s*){16,})")


def extract(out: Out, file: CompoundFile) -> bool:
    """Read the files that objects in a compound file hold; say whether there were any. Raises Enough."""
    found = 0
    for path, entry in file.entries.items():
        if found >= _MAX_OBJECTS:
            out.note("limits")
            break
        if not entry.is_stream or path[-1] not in {_NATIVE, _WHOLE, _CONTENTS}:
            continue
        octets, name = file.read(entry), ""
        if path[-1] == _CONTENTS and not octets.startswith(b"%PDF-"):
            continue
        found += 1
        if path[-1] == _NATIVE:
            name, octets = unwrapped(octets[4:])
        out.nested(octets, name=name)
    return found > 0


def storages(file: CompoundFile) -> list[tuple[str, ...]]:
    """Return the storages in which documents of the old form lie, but that of the file itself."""
    return [path[:-1] for path in file.entries if len(path) > 1 and path[-1] in MAIN_STREAMS][:_MAX_OBJECTS]


def unwrapped(octets: bytes) -> tuple[str, bytes]:
    """Return name and octets of the file in a package: two octets, name, path, kind, path, size, octets. What is built
    otherwise is given as it is.
    """
    at = 2
    name, at = _string(octets, at)
    _, at = _string(octets, at)
    at += 4
    size = int.from_bytes(octets[at : at + 4], "little")
    at += 4 + size
    size = int.from_bytes(octets[at : at + 4], "little")
    content = octets[at + 4 : at + 4 + size]
    return (name, content) if size and len(content) == size else ("", octets)


def _string(octets: bytes, at: int) -> tuple[str, int]:
    end = octets.find(b"\0", at, at + _MAX_NAME)
    if end < 0:
        return "", len(octets)
    return charset.decode(octets[at:end])[0], end + 1


def extract_rtf(out: Out, octets: bytes) -> None:
    """Read the objects of an RTF document: hexadecimal digits of an OLE 1.0 object. Raises Enough."""
    for number, match in enumerate(_DATA.finditer(octets)):
        if number >= _MAX_OBJECTS:
            out.note("limits")
            return
        out.tick()
        digits = b"".join(match[1].split())
        data = bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
        start = data.find(compound_file.MAGIC)
        if start >= 0:
            out.nested(data[start:])
        elif b"Package\0" in data[:40]:
            name, content = unwrapped(data[data.index(b"Package\0") + 20 :])
            out.nested(content, name=name)
