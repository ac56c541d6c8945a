"""HWP 5 (Hangul Word Processor document file format 5.0): paragraphs out of the records of its sections.

STANDARDS
    "HWP Document File Formats 5.0" revision 1.3 and "Distribution documents" revision 1.2, both published by Hancom.

A distribution document (배포용 문서) hides its text only from editing: the key of its sections lies in their first
record. A document with a password, a certificate or DRM has no key inside.
"""

import re
import struct
from collections.abc import Iterator
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.modes import ECB

from smartmail.formats.extract import inflating
from smartmail.formats.extract.compound_file import CompoundFile, Entry
from smartmail.formats.extract.out import Out, Problem, Unreadable

SIGNATURE: Final = b"HWP Document File"
_COMPRESSED, _PASSWORD, _DISTRIBUTION, _DRM, _CERTIFICATE, _CERTIFICATE_DRM = 1, 2, 4, 16, 256, 1024
_TAG_DISTRIBUTION, _TAG_PARA_TEXT, _TAG_EQUATION = 28, 67, 88
_TAG_CONTROL: Final = 71
_MARGINS: Final = (b"daeh", b"toof")  # headers and footers
_NOWHERE: Final = 1 << 10  # above all levels
_LONG: Final = 0xFFF
_MAX_SECTIONS: Final = 1_000
_MAX_BINARIES: Final = 200
_DIGITS: Final = re.compile(r"section(\d{1,5})")

# Revision 1.3, table "control characters": these take eight units, the others one.
_WIDE: Final = re.compile("[\x01-\x09\x0b\x0c\x0e-\x17].{0,7}", re.DOTALL)
_NARROW: Final = {10: "\n", 13: "\n", 24: "-", 30: " ", 31: " ", **dict.fromkeys((0, *range(25, 30)), "")}
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def extract(out: Out, file: CompoundFile) -> None:
    """Write the text of the document. Raises Unreadable and Enough."""
    flags = flags_of(file)
    found = False
    for octets in sections(out, file, flags):
        found = _section(out, octets) or found
    if not found:
        _preview(out, file, "locked" if flags & _DISTRIBUTION else "damaged")
    _binaries(out, file, compressed=bool(flags & _COMPRESSED))


def flags_of(file: CompoundFile) -> int:
    """Return what the header says of a document. Raises Unreadable for what cannot be read at all."""
    header = file.find("FileHeader")
    head = file.read(header) if header is not None else b""
    if len(head) < 40 or not head.startswith(SIGNATURE):
        raise Unreadable("damaged")
    flags = int.from_bytes(head[36:40], "little")
    if flags & (_PASSWORD | _DRM | _CERTIFICATE | _CERTIFICATE_DRM):
        raise Unreadable("encrypted")
    return flags


def sections(out: Out, file: CompoundFile, flags: int) -> Iterator[bytes]:
    """Give the records of each section, opened and unpacked. Raises Enough."""
    distributed = bool(flags & _DISTRIBUTION)
    for entry in _sections(file, "ViewText" if distributed else "BodyText"):
        octets = file.read(entry)
        yield unpacked(out, _opened(octets) if distributed else octets, flags)


def _sections(file: CompoundFile, storage: str) -> list[Entry]:
    found = []
    for entry in file.under(storage):
        match = _DIGITS.fullmatch(entry.path[-1].lower())
        if match and entry.is_stream:
            found.append((int(match[1]), entry))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])[:_MAX_SECTIONS]]


def unpacked(out: Out, octets: bytes, flags: int) -> bytes:
    """Return the octets of a stream. Raises Enough."""
    if not flags & _COMPRESSED:
        return octets
    return inflating.whole(out, inflating.deflated(out, octets))


def records(octets: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Give (tag, level, payload): a word of 10 bits tag, 10 bits level, 12 bits size; the largest size says that another
    word with the true one follows.
    """
    at, end = 0, len(octets)
    while at + 4 <= end:
        (word,) = struct.unpack_from("<I", octets, at)
        at += 4
        size = word >> 20
        if size == _LONG:
            if at + 4 > end:
                return
            (size,) = struct.unpack_from("<I", octets, at)
            at += 4
        yield word & 0x3FF, word >> 10 & 0x3FF, octets[at : at + size]
        at += size


def _section(out: Out, octets: bytes) -> bool:
    """Write the paragraphs, cells, headers, notes and boxes of a section; say whether it had any paragraph."""
    found, margin = False, _NOWHERE
    for number, (tag, level, payload) in enumerate(records(octets)):
        if not number % 1_000:
            out.tick()
        if level <= margin < _NOWHERE:
            margin = _NOWHERE
        if tag == _TAG_CONTROL and payload[:4] in _MARGINS:
            margin = level
        elif tag == _TAG_PARA_TEXT:
            found = True
            text = paragraph_text(payload)
            out.add(text)
            out.line()
            if margin < level:
                out.label(text)
        elif tag == _TAG_EQUATION and len(payload) >= 6:
            size = int.from_bytes(payload[4:6], "little")
            out.add(payload[6 : 6 + size * 2].decode("utf-16-le", "replace"))
            out.line()
    return found


def paragraph_text(payload: bytes) -> str:
    """Return the characters of a paragraph without its control characters and what these carry."""
    payload = payload[: len(payload) // 2 * 2]
    units = struct.unpack(f"<{len(payload) // 2}H", payload)
    # One character a unit, so that what controls carry is counted in units whatever it holds.
    text = _WIDE.sub(_wide, "".join(map(chr, units))).translate(_NARROW)
    if _SURROGATES.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _wide(match: re.Match[str]) -> str:
    return "\t" if match[0][0] == "\t" else ""


def _preview(out: Out, file: CompoundFile, problem: Problem) -> None:
    """What is not readable still has the beginning of its text as a preview."""
    out.note(problem)
    entry = file.find("PrvText")
    if entry is not None:
        out.add(file.read(entry).decode("utf-16-le", "replace"))


def _binaries(out: Out, file: CompoundFile, *, compressed: bool) -> None:
    """Read embedded OLE objects: a size of four octets, then a compound file."""
    for entry in file.under("BinData")[:_MAX_BINARIES]:
        if not entry.is_stream or not entry.path[-1].lower().endswith(".ole"):
            continue
        octets = file.read(entry)
        if compressed:
            octets = inflating.whole(out, inflating.deflated(out, octets))
        out.nested(octets[4:], name=entry.path[-1])


# --- distribution documents -----------------------------------------------------------------------------------------


def _opened(octets: bytes) -> bytes:
    """Decrypt a section of a distribution document; b"" when it is not built like one."""
    if len(octets) < 260 or int.from_bytes(octets[:4], "little") & 0x3FF != _TAG_DISTRIBUTION:
        return b""
    key = distribution_key(octets[4:260])
    body = octets[260:]
    decryptor = Cipher(algorithms.AES(key), ECB()).decryptor()  # noqa: S305 -- the format's choice, not ours
    return decryptor.update(body[: len(body) // 16 * 16]) + decryptor.finalize()


def distribution_key(data: bytes) -> bytes:
    """Return the AES-128 key out of the 256 octets of a distribution record.

    The first four seed the linear congruential generator of the C library of Windows; its numbers tell with which
    octet, and for how long, the others are veiled. The key lies at an offset that the seed tells.
    """
    seed = int.from_bytes(data[:4], "little")
    offset = 4 + (seed & 0xF)
    plain = bytearray(data)
    state, run, veil = seed, 0, 0
    for index in range(256):
        if run == 0:
            state, number = _next(state)
            veil = number & 0xFF
            state, number = _next(state)
            run = (number & 0xF) + 1
        if index >= 4:
            plain[index] ^= veil
        run -= 1
    return bytes(plain[offset : offset + 16])


def _next(state: int) -> tuple[int, int]:
    state = (state * 214_013 + 2_531_011) & 0xFFFFFFFF
    return state, state >> 16 & 0x7FFF
