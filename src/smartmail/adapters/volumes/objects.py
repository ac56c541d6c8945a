"""A volume of S3 objects, one for each blob: for several nodes over one store.

NAME      objects
PURPOSE   Keeps sealed blobs in a bucket of any S3-compatible store. Must not know keys or what refers to a blob.
QUEUES    None: each blob is one acknowledged PUT, or the parts of one upload when it is larger than a part.
LIMITS    A blob is held in memory up to one part (5 MiB, the least that S3 takes); requests end after
          `request_timeout_s`, and are tried again at most `retries` times within `retry_timeout_s`, so that a client
          hears 451 before it gives up.
FAILURE   No answer, refused, out of retries: VolumeUnavailable. Storage or quota exhausted: VolumeFull. An upload
          whose process dies leaves parts that only the bucket's lifecycle rule removes (docs: AbortIncompleteMultipart
          Upload after a day).
SECURITY  Only ciphertext and random ids are sent; each key has a random end, so that no blob can replace another.
STANDARDS The S3 API: conditional writes (If-None-Match), ranges (RFC 9110 §14).

    volume              the volume's own random id
    blobs/XX/ID-RANDOM  sealed octets, then a record header (records.py) with id, size and checksum
"""

import os
import re
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from smartmail.adapters.volumes.records import RECORD_HEADER_OCTETS, RecordHeader, decode_header, encode_header
from smartmail.base import log
from smartmail.domain.ids import BlobId
from smartmail.ports.blobs import (
    BlobDamaged,
    BlobMissing,
    BlobStat,
    CompactResult,
    Location,
    Relocate,
    Room,
    Scanned,
    VolumeError,
    VolumeFull,
    VolumeSpace,
    VolumeUnavailable,
)

_PART_OCTETS = 5 * 1024 * 1024
_IDENTITY_KEY = "volume"
_PREFIX = "blobs"
_TOKEN = re.compile(r"([0-9a-f]{32}-[0-9a-f]{16})-([0-9a-f]{1,12})", re.ASCII)
_KEY = re.compile(rf"(?:.*/)?{_PREFIX}/[0-9a-f]{{2}}/(([0-9a-f]{{32}})-[0-9a-f]{{16}})", re.ASCII)
# What stores answer when they have no room: MinIO, Ceph, and by status.
_FULL = re.compile(r"StorageFull|QuotaExceeded|InsufficientStorage|status code: 507")


@dataclass(frozen=True, slots=True)
class S3Settings:
    """Where the bucket is and how to get in. Times in seconds."""

    endpoint: str
    bucket: str
    region: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    prefix: str = ""
    virtual_hosted: bool = False
    request_timeout_s: float = 30.0
    retries: int = 3
    retry_timeout_s: float = 20.0


def connect(settings: S3Settings) -> S3Store:
    """Return a client. Nothing is asked yet. Raises VolumeUnavailable for settings that cannot be."""
    address = urlsplit(settings.endpoint)
    # The client checks neither: it aborts at its first request, or is refused with words that tell nothing.
    if address.scheme not in {"http", "https"} or not address.hostname or len(settings.bucket) < 3:
        raise VolumeUnavailable("the S3 settings need an http(s) address and a bucket name of 3 or more characters")
    try:
        return S3Store(
            settings.bucket,
            prefix=settings.prefix or None,
            endpoint=settings.endpoint,
            region=settings.region,
            access_key_id=settings.access_key,
            secret_access_key=settings.secret_key,
            virtual_hosted_style_request=settings.virtual_hosted,
            client_options={
                "allow_http": settings.endpoint.startswith("http://"),
                "timeout": timedelta(seconds=settings.request_timeout_s),
                "connect_timeout": timedelta(seconds=5),
            },
            retry_config={
                "max_retries": settings.retries,
                "retry_timeout": timedelta(seconds=settings.retry_timeout_s),
            },
        )
    except (BaseError, ValueError) as error:
        raise VolumeUnavailable(f"the S3 settings cannot be used: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:300]


def _meaning(error: BaseException) -> VolumeError:
    if isinstance(error, FileNotFoundError):
        return BlobMissing("there is no such object")
    if _FULL.search(str(error)):
        log.event("volume.full", answer=_first_line(error))
        return VolumeFull("the object store has no room")
    return VolumeUnavailable(f"the object store: {_first_line(error)}")


def _key(name: str) -> str:
    return f"{_PREFIX}/{name[:2]}/{name}"


def _decode(location: Location) -> tuple[str, int]:
    match = _TOKEN.fullmatch(location)
    if match is None:
        raise BlobMissing(f"{location[:120]!r} is no location of an object volume")
    return match[1], int(match[2], 16)


def _header(octets: bytes, size: int) -> RecordHeader:
    header = decode_header(octets)
    if header is None or header.size != size:
        raise BlobDamaged("the object does not end as it should")
    return header


class ObjectVolume:
    """A Volume in a bucket."""

    shared = True

    def __init__(self, store: S3Store, *, random: Callable[[int], bytes] = os.urandom) -> None:
        self._store = store
        self._random = random

    async def identity(self) -> str:
        """Return the volume's id, made at the first call of all nodes."""
        with suppress(BlobMissing):
            return (await self._get(_IDENTITY_KEY)).decode("ascii", "replace")
        await self._put(_IDENTITY_KEY, self._random(16).hex().encode("ascii"))
        return (await self._get(_IDENTITY_KEY)).decode("ascii", "replace")

    async def create(self, blob_id: BlobId, size_hint: int = 0) -> "ObjectWriter":
        return ObjectWriter(self, self._store, blob_id, f"{blob_id.hex()}-{self._random(8).hex()}")

    async def read(self, location: Location, start: int = 0, length: int | None = None) -> bytes:
        name, size = _decode(location)
        start = min(max(start, 0), size)
        take = size - start if length is None else min(max(length, 0), size - start)
        if take == size:
            return await self._read_whole(name, size)
        if take == 0:
            await self.stat(location)
            return b""
        octets = await self._range(name, start, take)
        if len(octets) < take:
            raise BlobDamaged("the object is shorter than it should be")
        return octets

    async def _read_whole(self, name: str, size: int) -> bytes:
        octets = await self._get(_key(name))
        body = octets[:-RECORD_HEADER_OCTETS]
        if zlib.crc32(body) != _header(octets[-RECORD_HEADER_OCTETS:], size).checksum or len(body) != size:
            raise BlobDamaged("the object is not as it was written")
        return body

    async def stat(self, location: Location) -> BlobStat:
        name, size = _decode(location)
        header = _header(await self._range(name, size, RECORD_HEADER_OCTETS), size)
        return BlobStat(header.blob_id, header.size)

    async def delete(self, location: Location) -> None:
        await self.remove(_key(_decode(location)[0]))

    async def close(self) -> None:
        """Nothing to do: no request outlives its call."""

    # --- requests ---

    async def _get(self, key: str) -> bytes:
        try:
            answer = await obstore.get_async(self._store, key)
            return bytes(await answer.bytes_async())
        except (BaseError, OSError) as error:
            raise _meaning(error) from error

    async def _range(self, name: str, start: int, length: int) -> bytes:
        try:
            return bytes(await obstore.get_range_async(self._store, _key(name), start=start, length=length))
        except (BaseError, OSError) as error:
            if "status code: 416" in str(error):
                raise BlobDamaged("the object is shorter than it should be") from error
            raise _meaning(error) from error

    async def _put(self, key: str, octets: bytes) -> bool:
        """Make an object; False when it was there."""
        try:
            await obstore.put_async(self._store, key, octets, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        except (BaseError, OSError) as error:
            raise _meaning(error) from error
        return True

    async def put_blob(self, name: str, octets: bytes) -> None:
        """Make a blob's object, acknowledged by the store when it returns."""
        # A PUT tried again finds what its first try made when only the answer was lost: the key is ours alone.
        if not await self._put(_key(name), octets) and await self._get(_key(name)) != octets:
            raise VolumeUnavailable("another object has this key")

    # --- upkeep ---

    async def room(self) -> Room:
        try:
            await self._get(_IDENTITY_KEY)
        except BlobMissing as error:
            raise VolumeUnavailable("the bucket holds no volume") from error
        return Room(None, None)

    async def known(self) -> str | None:
        """Return the volume's id, None where there is no volume yet."""
        with suppress(BlobMissing):
            return (await self._get(_IDENTITY_KEY)).decode("ascii", "replace")
        return None

    async def release(self) -> None:
        """Make it no volume any more."""
        await self.remove(_IDENTITY_KEY)

    async def put(self, key: str, octets: bytes) -> None:
        """Make an object that is no blob: to measure with."""
        await self._put(key, octets)

    async def remove(self, key: str) -> None:
        """Remove an object."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise _meaning(error) from error

    async def space(self) -> VolumeSpace:
        live = 0
        async for found in self.scan(verify=False):
            live += found.size
        return VolumeSpace(None, None, live, 0)

    async def scan(self, *, verify: bool = True) -> AsyncIterator[Scanned]:
        try:
            async for batch in obstore.list(self._store, prefix=_PREFIX, chunk_size=500):
                for meta in batch:
                    yield await self._judge(meta, verify=verify)
        except (BaseError, OSError) as error:
            raise _meaning(error) from error

    async def _judge(self, meta: Any, *, verify: bool) -> Scanned:
        match = _KEY.fullmatch(meta["path"])
        size = max(meta["size"] - RECORD_HEADER_OCTETS, 0)
        at = int(meta["last_modified"].timestamp())
        if match is None:
            return Scanned("damaged", meta["path"][-120:], None, meta["size"], at)
        blob_id = BlobId(bytes.fromhex(match[2]))
        found = Scanned("live", f"{match[1]}-{size:x}", blob_id, size, at)
        if verify and not await self._is_whole(match[1], blob_id, size):
            return found._replace(state="damaged")
        return found

    async def _is_whole(self, name: str, blob_id: BlobId, size: int) -> bool:
        checksum, got, tail = 0, 0, b""
        try:
            answer = await obstore.get_async(self._store, _key(name))
            async for chunk in answer.stream(min_chunk_size=1024 * 1024):
                octets = tail + bytes(chunk)
                body, tail = octets[:-RECORD_HEADER_OCTETS], octets[-RECORD_HEADER_OCTETS:]
                checksum = zlib.crc32(body, checksum)
                got += len(body)
            header = _header(tail, size)
        except (FileNotFoundError, BlobDamaged):
            return False
        return header.checksum == checksum and got == size and header.blob_id == blob_id

    async def compact(self, relocate: Relocate, *, now: float, grace_s: float) -> CompactResult:
        """Objects leave no gaps."""
        return CompactResult(0, 0, 0)

    async def sweep(self, *, now: float, grace_s: float) -> int:
        """A deleted object is gone at once."""
        return 0


class ObjectWriter:
    """One blob on its way into a bucket: one PUT, or an upload of parts once it is larger than a part."""

    def __init__(self, volume: ObjectVolume, store: S3Store, blob_id: BlobId, name: str) -> None:
        self._volume = volume
        self._store = store
        self._blob_id = blob_id
        self._name = name
        self._parts: list[bytes] = []
        self._waiting = 0
        self._size = 0
        self._checksum = 0
        self._upload: Any = None
        self._open = True

    async def append(self, sealed: bytes) -> None:
        if not self._open:
            raise ValueError("the blob has ended")
        self._parts.append(sealed)
        self._waiting += len(sealed)
        self._size += len(sealed)
        self._checksum = zlib.crc32(sealed, self._checksum)
        if self._waiting >= _PART_OCTETS:
            await self._send()

    async def _send(self) -> None:
        if self._upload is None:
            self._upload = obstore.open_writer_async(self._store, _key(self._name), buffer_size=_PART_OCTETS)
        try:
            await self._upload.write(self._take())
        except (BaseError, OSError) as error:
            await self.abort()
            raise _meaning(error) from error

    def _take(self) -> bytes:
        octets = b"".join(self._parts)
        self._parts = []
        self._waiting = 0
        return octets

    async def commit(self) -> Location:
        if not self._open:
            raise ValueError("the blob has ended")
        self._parts.append(encode_header(RecordHeader(self._blob_id, self._size, self._checksum)))
        if self._upload is None:
            self._open = False
            await self._volume.put_blob(self._name, self._take())
        else:
            await self._send()
            await self._finish()
        return f"{self._name}-{self._size:x}"

    async def _finish(self) -> None:
        try:
            await self._upload.close()
        except (BaseError, OSError) as error:
            await self.abort()
            raise _meaning(error) from error
        self._open = False

    async def abort(self) -> None:
        if not self._open:
            return
        self._open = False
        self._take()
        if self._upload is not None:
            with suppress(BaseError, OSError):
                await self._upload.__aexit__(VolumeError, VolumeError("aborted"), None)
