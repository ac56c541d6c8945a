"""Ids as JMAP shows them: those of `proto.jmap.numbers`, and blobs.

A blob is the hexadecimal form of its 16 octets. A part of a message is named by the octets it takes in the message's
blob, `<blob>-<start>-<end>-<encoding>`: who may read the blob may read any range of it, and no look-up is needed.
What is no id of ours is None, and then simply not found (RFC 8620 §5.1).
"""

import re
from dataclasses import dataclass
from typing import Final

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import BLOB_ID_OCTETS, BlobId
from smartmail.formats.mime.parts import Part
from smartmail.proto.jmap.numbers import (
    ACCOUNT,
    EMAIL,
    IDENTITY,
    MAILBOX,
    PUSH,
    SCRIPT,
    SUBMISSION,
    TAG,
    THREAD,
    parse,
    show,
)

__all__ = [
    "ACCOUNT", "EMAIL", "IDENTITY", "MAILBOX", "PUSH", "SCRIPT", "SUBMISSION", "TAG", "THREAD", "BlobName", "blob_named", "parse",
    "parse_blob", "show", "show_blob", "show_part",
]  # fmt: skip

_BLOB: Final = re.compile(r"([0-9a-f]{32})(?:-([0-9]{1,12})-([0-9]{1,12})-([bqun]))?")
_ENCODINGS: Final = {"b": "base64", "q": "quoted-printable", "u": "uuencode", "n": ""}
_MARKS: Final = {
    "base64": "b", "quoted-printable": "q", "uuencode": "u", "x-uuencode": "u", "uue": "u", "x-uue": "u",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BlobName:
    """A blob, or the decoded content of the octets [start, end) of it."""

    blob_id: BlobId
    start: int = 0
    end: int | None = None
    encoding: str = ""

    @property
    def whole(self) -> bool:
        """Whether all octets are meant, as they are."""
        return self.end is None


def show_blob(blob_id: BlobId) -> str:
    """Return the id of a whole blob."""
    return blob_id.hex()


def show_part(blob: BlobName, part: Part) -> str | None:
    """Return the id of a part's content. `blob` is where the message lies; None when that is itself encoded.

    (RFC 2046 §5.2.1 forbids to encode a message; what still comes so can be read, but not taken apart into blobs.)
    """
    if blob.encoding:
        return None
    start, end = blob.start + part.body_start, blob.start + part.body_end
    return f"{blob.blob_id.hex()}-{start}-{end}-{_MARKS.get(part.encoding, 'n')}"


def blob_named(text: str) -> BlobName:
    """Return what a blob id names. Raises NotFound."""
    name = parse_blob(text)
    if name is None:
        raise NotFound
    return name


def parse_blob(text: str) -> BlobName | None:
    """Return what a blob id names."""
    match = _BLOB.fullmatch(text)
    if match is None:
        return None
    blob_id = BlobId(bytes.fromhex(match[1]))
    assert len(blob_id) == BLOB_ID_OCTETS
    if match[2] is None:
        return BlobName(blob_id)
    start, end = int(match[2]), int(match[3])
    return BlobName(blob_id, start, end, _ENCODINGS[match[4]]) if start <= end else None
