"""Resumable uploads of big files: tus 1.0 at /files/tus/.

STATES     A file is created, grows by PATCH at the offset that HEAD tells, and is whole with its last octet. What came over
           a connection that broke counts, unless a checksum was announced: then all of that PATCH counts or nothing.
LIMITS     Octets are sealed as they come; sizes and room by policy; uploads of an account at a time as JMAP has them.
SECURITY   Whoever asks is logged in and gets at their own files only; foreign ones answer like absent ones. A page of ours
           must have made the request (security.authenticate).
STANDARDS  tus resumable upload protocol 1.0.0: core, creation, creation-with-upload, termination, checksum, expiration.
"""

import asyncio
import base64
import binascii
import hashlib
from collections import Counter
from contextlib import suppress
from email.utils import formatdate
from typing import Final, TypeAlias

from smartmail.domain.big_files import ID_OCTETS, BigFile
from smartmail.domain.errors import Invalid, MailError, NotFound, RateLimited, StateMismatch, TooLarge
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.edge.httpd import security
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Disconnected, Request
from smartmail.proto.jmap.limits import Limits
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.big_files import Growth

PATH: Final = "/files/tus/"
VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,termination,checksum,expiration"
_ALGORITHMS: Final = ("sha256", "sha1", "md5")
"""tus demands sha1 of whoever offers checksums; it is against mistakes of the line, not against people."""
_OCTETS: Final = "application/offset+octet-stream"
_CHECKSUM_MISMATCH: Final = 460
MAX_METADATA: Final = 8192
_MAX_SIZE: Final = 1 << 50
_Checksum: TypeAlias = "tuple[hashlib._Hash, bytes]"  # noqa: SLF001 -- typeshed gives it no other name
"""A hash that is fed, and what it must give."""


class TusDoor:
    """Handlers."""

    def __init__(self, services: Services, limits: Limits) -> None:
        self._services = services
        self._limits = limits
        self._running: Counter[AccountId] = Counter()

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        top = PATH.rstrip("/")
        return [
            ("OPTIONS", top, self.options), ("POST", top, self.create),
            ("OPTIONS", f"{PATH}*", self.options), ("POST", f"{PATH}*", self.create), ("GET", f"{PATH}*", self.head),
            ("PATCH", f"{PATH}*", self.patch), ("DELETE", f"{PATH}*", self.delete),
        ]  # fmt: skip

    async def options(self, request: Request, answer: Answer) -> None:
        """Tell what this server can do."""
        fields = [
            ("tus-resumable", VERSION), ("tus-version", VERSION), ("tus-extension", EXTENSIONS),
            ("tus-checksum-algorithm", ",".join(_ALGORITHMS)),
        ]  # fmt: skip
        with suppress(MailError):
            actor = await security.authenticate(self._services.auth, request)
            largest = await self._services.big_files.uploads.largest(actor)
            if largest:
                fields.append(("tus-max-size", str(largest)))
        await answer.whole(204, headers=fields)

    async def create(self, request: Request, answer: Answer) -> None:
        """POST: begin a file, perhaps with its first octets."""
        if not await _spoken(request, answer):
            return
        actor = await security.authenticate(self._services.auth, request)
        if request.path.rstrip("/") != PATH.rstrip("/"):
            raise NotFound
        await self._services.defence.accounts.use(actor).command()
        facts = _metadata(request.header("upload-metadata"))
        name, media_type = facts.get("filename", facts.get("name", "")), facts.get("filetype", facts.get("type", ""))
        size = _number(request.header("upload-length"))
        if size is None:
            raise Invalid("a length is needed (Upload-Length)")
        row = await self._services.big_files.uploads.begin(actor, name, media_type, size)
        fields = [("location", f"{PATH}{row.id.hex()}")]
        if request.header("content-type") == _OCTETS:
            row = await self._grown(actor, row.id, 0, request)
        await answer.whole(201, headers=[*fields, *_state(row)])

    async def head(self, request: Request, answer: Answer) -> None:
        """HEAD: tell how far a file has come."""
        if request.method != "HEAD":
            await answer.whole(405, headers=[("allow", "HEAD, PATCH, DELETE, OPTIONS")])
            return
        if not await _spoken(request, answer):
            return
        row = await self._services.big_files.uploads.own(await self._actor(request), _id(request))
        await answer.whole(200, headers=[("upload-length", str(row.size)), ("cache-control", "no-store"), *_state(row)])

    async def patch(self, request: Request, answer: Answer) -> None:
        """PATCH: let a file grow."""
        if not await _spoken(request, answer):
            return
        actor = await self._actor(request)
        if request.header("content-type") != _OCTETS:
            await answer.whole(415, headers=[("tus-resumable", VERSION)])
            return
        offset = _number(request.header("upload-offset"))
        if offset is None:
            raise Invalid("an offset is needed (Upload-Offset)")
        try:
            row = await self._grown(actor, _id(request), offset, request)
        except StateMismatch:
            await answer.whole(409, headers=[("tus-resumable", VERSION)])
            return
        except _WrongChecksum:
            await answer.whole(_CHECKSUM_MISMATCH, headers=[("tus-resumable", VERSION)])
            return
        await answer.whole(204, headers=_state(row))

    async def delete(self, request: Request, answer: Answer) -> None:
        """DELETE: give a file up, whole or not."""
        if not await _spoken(request, answer):
            return
        await self._services.big_files.uploads.drop(await self._actor(request), _id(request))
        await answer.whole(204, headers=[("tus-resumable", VERSION)])

    async def _actor(self, request: Request) -> Actor:
        actor = await security.authenticate(self._services.auth, request)
        await self._services.defence.accounts.use(actor).command()
        return actor

    async def _grown(self, actor: Actor, file_id: bytes, offset: int, request: Request) -> BigFile:
        person = actor.account_id
        if self._running[person] >= self._limits.max_concurrent_upload:
            raise RateLimited
        self._running[person] += 1
        try:
            return await self._fed(actor, file_id, offset, request)
        finally:
            self._running[person] -= 1
            if not self._running[person]:
                del self._running[person]

    async def _fed(self, actor: Actor, file_id: bytes, offset: int, request: Request) -> BigFile:
        checksum = _checksum(request.header("upload-checksum"))
        growth = await self._services.big_files.uploads.grow(actor, file_id, offset, whole=checksum is not None)
        use, came = self._services.defence.accounts.use(actor), 0
        try:
            async for chunk in request.chunks(_MAX_SIZE):
                if checksum is not None:
                    checksum[0].update(chunk)
                await growth.feed(chunk)
                came += len(chunk)
            _compare(checksum)
            row = await growth.settle()
        except (Disconnected, asyncio.CancelledError):
            await _kept(growth, whole=checksum is not None)
            raise
        except (MailError, _WrongChecksum):
            await growth.drop()
            raise
        await use.note(written=came)
        return row


class _WrongChecksum(Exception):
    """What came is not what was announced."""


async def _kept(growth: Growth, *, whole: bool) -> None:
    """Keep what a broken connection brought; not where it was to count together."""
    if whole:
        await growth.drop()
        return
    with suppress(MailError):
        await asyncio.shield(growth.settle())


async def _spoken(request: Request, answer: Answer) -> bool:
    """Answer 412 to whoever speaks another version; say whether the request may go on."""
    if request.header("tus-resumable") == VERSION:
        return True
    await answer.whole(412, headers=[("tus-version", VERSION)])
    return False


def _state(row: BigFile) -> list[tuple[str, str]]:
    fields = [("tus-resumable", VERSION), ("upload-offset", str(row.received))]
    if row.state == "coming":
        fields.append(("upload-expires", formatdate(row.expires_at / 1000, usegmt=True)))
    return fields


def _id(request: Request) -> bytes:
    """Return the file of a path. Raises NotFound."""
    try:
        octets = bytes.fromhex(request.path.removeprefix(PATH))
    except ValueError:
        raise NotFound from None
    if len(octets) != ID_OCTETS:
        raise NotFound
    return octets


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 16 else None


def _metadata(text: str) -> dict[str, str]:
    """Return the facts of Upload-Metadata: names with values in base64. Raises Invalid."""
    if len(text) > MAX_METADATA:
        raise TooLarge("Upload-Metadata is too long")
    found = {}
    for pair in filter(None, (one.strip() for one in text.split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Invalid("Upload-Metadata cannot be read") from None
    return found


def _compare(checksum: "_Checksum | None") -> None:
    """Raise _WrongChecksum where what came does not give what it must."""
    if checksum is not None and checksum[0].digest() != checksum[1]:
        raise _WrongChecksum


def _checksum(text: str) -> "_Checksum | None":
    """Return the hash to feed and what it must give; None where none is announced. Raises Invalid."""
    if not text:
        return None
    name, _, value = text.partition(" ")
    if name not in _ALGORITHMS:
        raise Invalid("the checksum is of an unknown kind")
    try:
        expected = base64.b64decode(value.strip(), validate=True)
    except binascii.Error:
        raise Invalid("the checksum cannot be read") from None
    return hashlib.new(name, usedforsecurity=False), expected
