"""How a backup is written down: parts of rows, packs of sealed blobs, their indexes, the manifest.

Layouts (all sealed ones are small objects of formats.seal, bound to kind and the random id in their name)
    rows/ID        zlib of MessagePack: the rows of one table, each a list of values
    packs/ID       sealed blobs as the volume had them, one after the other
    indexes/ID     MessagePack: (blob id, offset, size) of each blob of the pack of that id
    files/ID       MessagePack: name → octets, of the node file and the certificates of the node that took the backup
    keys/TIME-ID   MessagePack: (table, column, id, wrapped key) of every key whose destruction shreds
    manifests/TIME JSON with an HMAC-SHA-256 under the backup key (Purpose.BACKUP), so that people can read it
    place          JSON: the wrapped backup key of each master key
Must not know where octets come from.
"""

import hashlib
import hmac
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from smartmail.domain.backup import Column, Manifest, PackedBlob, Part, TableFacts, TableHead
from smartmail.domain.ids import BlobId
from smartmail.formats.seal import Purpose, SealError, SealKey

FORMAT: Final = 1
INSTALLATION_KEYS: Final = ("key-root", "key-secrets")
"""Settings that are keys of the installation: they lie in the file of keys, as (setting, name, 0, wrapped), for they go with the
master key, not with the rows."""
MASTER_ROWS: Final = frozenset({("system", "master-key"), *(("system", name) for name in INSTALLATION_KEYS)})
"""Settings that say under which master key a store lies: another one after a restore."""
_LEVEL: Final = 1
_MODULUS: Final = 1 << 256
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder()


class Digest:
    """The sum of the hashes of rows: equal for the same rows in any order, on either database."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Take rows in."""
        self.rows += len(rows)
        self._sum += sum(int.from_bytes(hashlib.sha256(_encoder.encode(row)).digest()) for row in rows)

    @property
    def hex(self) -> str:
        """Return it as text."""
        return f"{self._sum % _MODULUS:064x}"


def rows_to_octets(rows: Sequence[Sequence[Any]]) -> bytes:
    """Return rows, packed."""
    return zlib.compress(_encoder.encode(rows), _LEVEL)


def rows_of(octets: bytes) -> list[list[Any]]:
    """Return packed rows. Raises SealError when they are none."""
    try:
        found: list[list[Any]] = _decoder.decode(zlib.decompress(octets))
    except (zlib.error, msgspec.MsgspecError) as error:
        raise SealError("not rows") from error
    return found


def index_to_octets(blobs: Sequence[PackedBlob]) -> bytes:
    """Return the index of a pack."""
    return _encoder.encode([(one.blob_id, one.offset, one.size) for one in blobs])


def index_of(pack: str, octets: bytes) -> list[PackedBlob]:
    """Return a pack's blobs. Raises SealError."""
    try:
        return [PackedBlob(BlobId(blob_id), pack, at, size) for blob_id, at, size in _decoder.decode(octets)]
    except (msgspec.MsgspecError, ValueError) as error:
        raise SealError("not an index") from error


def files_to_octets(files: Mapping[str, bytes]) -> bytes:
    """Return the files of a node, packed."""
    return _encoder.encode(dict(files))


def files_of(octets: bytes) -> dict[str, bytes]:
    """Return packed files of a node. Raises SealError when they are none."""
    try:
        return msgspec.msgpack.decode(octets, type=dict[str, bytes])
    except msgspec.MsgspecError as error:
        raise SealError("not the files of a node") from error


def manifest_to_octets(manifest: Manifest, key: SealKey) -> bytes:
    """Return a manifest with its MAC."""
    document = {"format": FORMAT, **_document(manifest)}
    return json.dumps({**document, "mac": _mac(document, key)}, indent=1, sort_keys=True).encode()


def manifest_of(name: str, octets: bytes, key: SealKey) -> Manifest:
    """Return a manifest that this installation made under that name. Raises SealError."""
    document = _json(octets)
    mac = document.pop("mac", "")
    if not isinstance(mac, str) or not hmac.compare_digest(mac.encode(), _mac(document, key).encode()):
        raise SealError("the manifest was changed, or is of another installation")
    if document.pop("format", None) != FORMAT:
        raise SealError("the manifest is of another version of the program")
    if document["name"] != name:
        raise SealError("the manifest lies under another's name")
    tables = tuple(
        TableFacts(
            TableHead(one["name"], tuple(Column(*pair) for pair in one["columns"]), one["serial"]),
            one["rows"],
            one["digest"],
        )
        for one in document["tables"]
    )
    parts = tuple(Part(**one) for one in document["parts"])
    return Manifest(
        document["name"], document["made_at"], document["master"], document["schema"], tables, parts,
        tuple(document["packs"]), tuple(document["missing"]),
        document.get("files", ""),
    )  # fmt: skip


def _json(octets: bytes) -> dict[str, Any]:
    try:
        document = json.loads(octets)
    except ValueError as error:
        raise SealError("not a manifest") from error
    if not isinstance(document, dict):
        raise SealError("not a manifest")
    return document


def _document(manifest: Manifest) -> dict[str, Any]:
    return {
        "name": manifest.name, "made_at": manifest.made_at, "master": manifest.master, "schema": manifest.schema,
        "tables": [
            {"name": one.head.name, "columns": [list(column) for column in one.head.columns], "serial": one.head.serial,
             "rows": one.rows, "digest": one.digest}
            for one in manifest.tables
        ],
        "parts": [
            {"id": one.id, "table": one.table, "rows": one.rows, "size": one.size, "sha256": one.sha256,
             "first": one.first, "last": one.last}
            for one in manifest.parts
        ],
        "packs": list(manifest.packs), "missing": list(manifest.missing), "files": manifest.files,
    }  # fmt: skip


def _mac(document: Mapping[str, Any], key: SealKey) -> str:
    octets = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(key.hash_key(Purpose.BACKUP), octets, "sha256").hex()
