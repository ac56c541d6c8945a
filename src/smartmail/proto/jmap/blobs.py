"""Blob/upload, get, lookup (RFC 9404): arguments, answers, data in text or base64, digests.

Pure: octets come in whole or by range, ids are any string.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct, field

from smartmail.proto.jmap.core import Answer, Arguments, Id, Object, UnsignedInt
from smartmail.proto.jmap.errors import MethodError, SetError

# RFC 9404 §3.1; names of RFC 3230's registry.
DIGESTS: Final[Mapping[str, str]] = {"sha": "sha1", "sha-256": "sha256", "sha-512": "sha512"}
LOOKUP_TYPES: Final = ("Mailbox", "Thread", "Email", "SieveScript")
_DATA: Final = frozenset({"data", "data:asText", "data:asBase64", "size"})


class DataSource(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 9404 §4.1: text, base64, or a range of another blob."""

    as_text: str | None = field(default=None, name="data:asText")
    as_base64: str | None = field(default=None, name="data:asBase64")
    blob_id: Id | None = None
    offset: UnsignedInt | None = None
    length: UnsignedInt | None = None


class BlobCreate(Struct, frozen=True, forbid_unknown_fields=True):
    """RFC 9404 §4.1: one upload, its pieces put one behind the other."""

    data: list[DataSource]
    type: str | None = None


class BlobUploadArguments(Arguments, frozen=True, kw_only=True):
    """RFC 9404 §4.1."""

    create: dict[Id, Object]


class BlobUploadAnswer(Answer, frozen=True, kw_only=True):
    """RFC 9404 §4.1."""

    created: Mapping[str, Any] | None = None
    not_created: Mapping[str, SetError] | None = None


class BlobGetArguments(Arguments, frozen=True, kw_only=True):
    """RFC 9404 §4.2."""

    ids: list[Id]
    properties: list[str] | None = None
    offset: UnsignedInt | None = None
    length: UnsignedInt | None = None


class BlobGetAnswer(Answer, frozen=True, kw_only=True):
    """RFC 9404 §4.2."""

    list: Sequence[Object]
    not_found: Sequence[str] = ()


class BlobLookupArguments(Arguments, frozen=True, kw_only=True):
    """RFC 9404 §4.3."""

    type_names: list[str]
    ids: list[Id]


class BlobLookupAnswer(Answer, frozen=True, kw_only=True):
    """RFC 9404 §4.3."""

    list: Sequence[Object]
    not_found: Sequence[str] = ()


def literal(source: DataSource) -> bytes | None:
    """Return the octets that a source holds itself; None when it names a blob. Raises ValueError for a bad source."""
    if sum(one is not None for one in (source.as_text, source.as_base64, source.blob_id)) != 1:
        raise ValueError("exactly one of data:asText, data:asBase64, blobId")
    if source.blob_id is None and (source.offset is not None or source.length is not None):
        raise ValueError("offset and length belong to a blobId")
    if source.as_text is not None:
        return source.as_text.encode("utf-8", "surrogatepass")
    if source.as_base64 is None:
        return None
    try:
        return base64.b64decode(source.as_base64, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None


def wanted_data(asked: Sequence[str] | None) -> tuple[str, ...]:
    """Return the properties to tell. Raises invalidArguments."""
    names = ("data", "size") if asked is None else tuple(dict.fromkeys(one for one in asked if one != "id"))
    for name in names:
        if name not in _DATA and name.removeprefix("digest:") not in DIGESTS:
            raise MethodError("invalidArguments", f"no such property: {name[:100]}")
    return names


def needs_octets(names: Sequence[str]) -> bool:
    """Whether any property is made of the octets."""
    return any(name != "size" for name in names)


def blob_object(id_: str, names: Sequence[str], octets: bytes, size: int, *, is_truncated: bool) -> Object:
    """Return the object of one blob (RFC 9404 §4.2). `octets` are those of the range; `is_truncated` when it ends early."""
    out: Object = {"id": id_}
    for name in names:
        if name == "size":
            out["size"] = size
        elif name.startswith("digest:"):
            digest = hashlib.new(DIGESTS[name.removeprefix("digest:")], octets, usedforsecurity=False)
            out[name] = base64.b64encode(digest.digest()).decode("ascii")
        else:
            _add_data(out, name, octets)
    if is_truncated:
        out["isTruncated"] = True
    return out


def _add_data(out: Object, name: str, octets: bytes) -> None:
    if name == "data:asBase64":
        out[name] = base64.b64encode(octets).decode("ascii")
        return
    try:
        out["data:asText"] = octets.decode("utf-8")
    except UnicodeDecodeError:
        if name == "data:asText":
            out["data:asText"] = None
            out["isEncodingProblem"] = True
        else:
            out["data:asBase64"] = base64.b64encode(octets).decode("ascii")
            out["isEncodingProblem"] = True
