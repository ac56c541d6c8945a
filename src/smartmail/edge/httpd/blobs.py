"""Upload and download (RFC 8620 §6.1, §6.2): octets in and out by range, nothing held whole.

SECURITY  Downloads are attachments of harmless types in a sandbox: nothing that a stranger sent runs in our origin.
LIMITS    Size and number at once of uploads by account; downloads are read CHUNK octets at a time.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import quote

import msgspec

from smartmail.domain.errors import NotFound, TooLarge
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.edge.httpd import security
from smartmail.edge.httpd.api import JSON
from smartmail.edge.httpd.errors import PROBLEM_TYPE
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.blob_reading import Reader, open_to_save
from smartmail.edge.httpd.wire import Answer, Disconnected, Request
from smartmail.formats.mime.transfer import decode_body, decoder
from smartmail.proto.jmap.core import UploadAnswer
from smartmail.proto.jmap.errors import RequestError
from smartmail.proto.jmap.limits import Limits
from smartmail.service.catalogue import Services

CHUNK: Final = 1 << 20
_FOREVER: Final = "private, max-age=31536000, immutable"
_SANDBOX: Final = "sandbox; default-src 'none'"
_OCTETS: Final = "application/octet-stream"
_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")
# What a browser shows or plays without running it; all else is octets (SVG, HTML and XML can hold scripts).
_SAFE: Final = re.compile(
    r"image/(?:png|jpeg|gif|webp|bmp|avif|heic|tiff)|audio/[a-z0-9.+-]+|video/[a-z0-9.+-]+|text/(?:plain|csv|calendar|vcard)"
    r"|message/rfc822|application/(?:pdf|zip|json|rtf|msword|gzip|x-hwp|x-hwpx|haansofthwp|vnd\.[a-z0-9.-]+)"
)
_UNSAFE_IN_NAME: Final = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069/\\]")


class BlobDoor:
    """Handlers of /jmap/upload and /jmap/download."""

    def __init__(self, services: Services, limits: Limits) -> None:
        self._services = services
        self._limits = limits
        self._uploads: Counter[int] = Counter()

    # upload

    async def upload(self, request: Request, answer: Answer) -> None:
        """POST octets to /jmap/upload/{accountId}/ → 201 with blob id, type and size."""
        actor = await security.authenticate(self._services.auth, request)
        account_id = _account(request.path.removeprefix("/jmap/upload/").removesuffix("/"))
        person = actor.account_id
        if self._uploads[person] >= self._limits.max_concurrent_upload:
            await _limit(answer, "maxConcurrentUpload", 429)
            return
        use = self._services.defence.accounts.use(actor)
        await use.command()
        self._uploads[person] += 1
        try:
            uploaded = await self._taken_in(actor, account_id, request)
        except TooLarge:
            await _limit(answer, "maxSizeUpload", 413)
            return
        finally:
            self._uploads[person] -= 1
            if not self._uploads[person]:
                del self._uploads[person]
        await use.note(written=uploaded.size)
        await answer.whole(201, msgspec.json.encode(uploaded), JSON)

    async def _taken_in(self, actor: Actor, account_id: AccountId, request: Request) -> UploadAnswer:
        media_type = media_type_of(request.header("content-type"))
        uploads = self._services.uploads
        writer = await uploads.begin(actor, account_id, min(request.length, self._limits.max_size_upload))
        try:
            async for chunk in request.chunks(self._limits.max_size_upload):
                await writer.append(chunk)
        except (Disconnected, TooLarge, asyncio.CancelledError):
            await writer.abort()
            raise
        blob_id, size = await uploads.finish(actor, account_id, writer, media_type)
        return UploadAnswer(
            account_id=ids.show(ids.ACCOUNT, account_id), blob_id=ids.show_blob(blob_id), type=media_type, size=size
        )

    # download

    async def download(self, request: Request, answer: Answer) -> None:
        """GET /jmap/download/{accountId}/{blobId}/{name}?accept={type}."""
        actor = await security.authenticate(self._services.auth, request)
        use = self._services.defence.accounts.use(actor)
        await use.command()
        account, _, rest = request.path.removeprefix("/jmap/download/").partition("/")
        blob_text, _, file_name = rest.partition("/")
        blob, reader = await open_to_save(self._services, actor, _account(account), blob_text)
        size, pieces = await _content(reader, blob)
        if request.header("if-none-match") == f'"{blob_text}"':
            await answer.whole(304)
            return
        headers = _headers(blob_text, file_name, request.query("accept"))
        await answer.start(200, [*headers, ("content-length", str(size))] if size is not None else headers)
        if request.method != "HEAD":
            async for piece in pieces:
                await answer.piece(piece)
                await use.note(read=len(piece))
        await answer.piece(b"", last=True)


def _account(text: str) -> AccountId:
    """Return the account of an id; whether the actor may is for the services to say. Raises NotFound."""
    number = ids.parse(ids.ACCOUNT, text)
    if number is None:
        raise NotFound
    return AccountId(number)


async def _limit(answer: Answer, limit: str, status: int) -> None:
    """RFC 8620 §6.1: an upload is refused with problem details, as a request is."""
    error = RequestError("limit", "This upload is beyond a limit.", limit=limit, status=status)
    await answer.whole(status, msgspec.json.encode(error.problem()), PROBLEM_TYPE)


async def _content(reader: Reader, blob: ids.BlobName) -> tuple[int | None, AsyncIterator[bytes]]:
    """Return (size, pieces). The size of encoded content is known only when it is decoded at once."""
    end = reader.size if blob.end is None else min(blob.end, reader.size)
    length = max(0, end - blob.start)
    if blob.encoding == "":
        return length, _plain(reader, blob.start, end)
    if length <= CHUNK:
        whole = decode_body(await reader.read(blob.start, length), blob.encoding)
        return len(whole), _single(whole)
    return None, _decoded(reader, blob, end)


async def _single(octets: bytes) -> AsyncIterator[bytes]:
    yield octets


async def _plain(reader: Reader, start: int, end: int) -> AsyncIterator[bytes]:
    for at in range(start, end, CHUNK):
        yield await reader.read(at, min(CHUNK, end - at))


async def _decoded(reader: Reader, blob: ids.BlobName, end: int) -> AsyncIterator[bytes]:
    stream = decoder(blob.encoding)
    async for piece in _plain(reader, blob.start, end):
        yield await asyncio.to_thread(stream.feed, piece)
    yield stream.finish()


def media_type_of(told: str) -> str:
    """Return the media type of an upload as its sender tells it, octets for what is none."""
    media_type = told.partition(";")[0].strip().lower()
    return media_type if _TYPE.fullmatch(media_type) else _OCTETS


def safe_type(wanted: str) -> str:
    """Return the media type to send for the one that the client asks for."""
    wanted = wanted.partition(";")[0].strip().lower()
    return wanted if _SAFE.fullmatch(wanted) and not wanted.endswith("+xml") else _OCTETS


def _headers(blob_text: str, file_name: str, wanted: str) -> list[tuple[str, str]]:
    media_type = safe_type(wanted)
    return [
        ("content-type", media_type),
        ("content-disposition", disposition(file_name)),
        ("content-security-policy", _SANDBOX),
        # RFC 8620 §6.2: a blob never changes. But only pictures are shown again and again: files of a mail are not
        # left in the cache of a computer that others use.
        ("cache-control", _FOREVER if media_type.startswith("image/") else "private, no-store"),
        ("etag", f'"{blob_text}"'),
    ]


def disposition(file_name: str) -> str:
    """Return an attachment disposition; the name in both forms (RFC 6266 §4.3)."""
    name = _UNSAFE_IN_NAME.sub("_", file_name)[:255] or "file"
    plain = name.encode("ascii", "replace").decode("ascii").replace("?", "_").replace('"', "_").replace("%", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name.encode('utf-8', 'replace'), safe='')}"
