"""Parcels at /parcels/: mailboxes in a file to be fetched, files of mail that are sent (메일함 내려받기·올리기).

STATES     GET /parcels/ tells them all; POST /parcels/ asks for one or begins a file, whose octets come by PATCH as tus
           wants them (core protocol: HEAD tells the offset); GET of one gives its octets, in ranges, as often as the line
           breaks, POST …/open says before whether it will; POST …/undo takes out what it brought; DELETE throws it away.
LIMITS     Octets are sealed as they come; uploads of an account at a time as JMAP has them.
FAILURE    What came over a connection that broke counts.
SECURITY   Whoever asks is logged in and gets at their own only; foreign ones answer like absent ones. A page of ours must have
           made what changes anything (security.authenticate). Files go out as attachments in a sandbox.
STANDARDS  tus resumable upload protocol 1.0.0 (core); RFC 9110 §14 for ranges.
"""

import asyncio
import re
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec

from smartmail.domain.errors import Invalid, MailError, NotFound, RateLimited, StateMismatch
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.parcels import ID_OCTETS
from smartmail.domain.principal import Actor
from smartmail.edge.httpd import security
from smartmail.edge.httpd.blobs import disposition
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.tus import VERSION
from smartmail.edge.httpd.wire import Answer, Disconnected, Request
from smartmail.proto.jmap.limits import Limits
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.parcels import OpenParcel, PartWriter, Wish

PATH: Final = "/parcels/"
_OCTETS: Final = "application/offset+octet-stream"
_JSON: Final = "application/json"
_MAX_BODY: Final = 64 << 10
_MAX_SIZE: Final = 1 << 50
_RANGE: Final = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class _Asked(msgspec.Struct, rename="camel", tag_field="direction", tag="out", forbid_unknown_fields=True):
    """A mailbox to be taken out. Times as ISO 8601 with a zone, null for no bound; no mailboxes: all."""

    name: _Name
    mailbox_ids: Annotated[list[str], msgspec.Meta(max_length=5000)] = []
    since: datetime | None = None
    until: datetime | None = None
    form: Literal["eml", "mbox"] = "eml"


class _Coming(msgspec.Struct, rename="camel", tag_field="direction", tag="in", forbid_unknown_fields=True):
    """A file that will come. `mailboxId` null: into the mailboxes that the file names."""

    name: _Name
    size: int
    mailbox_id: str | None = None


class ParcelDoor:
    """Handlers."""

    def __init__(self, services: Services, limits: Limits) -> None:
        self._services = services
        self._desk = services.parcels.desk
        self._limits = limits
        self._running: Counter[AccountId] = Counter()

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        top = PATH.rstrip("/")
        return [
            ("GET", top, self.show), ("POST", top, self.create), ("GET", f"{PATH}*", self.show),
            ("POST", f"{PATH}*", self.create), ("PATCH", f"{PATH}*", self.grow), ("DELETE", f"{PATH}*", self.drop),
        ]  # fmt: skip

    async def show(self, request: Request, answer: Answer) -> None:
        """GET: all of them, or the octets of one. HEAD: how far a file has come."""
        actor = await self._actor(request)
        if request.path.rstrip("/") == PATH.rstrip("/"):
            found = await self._desk.list_all(actor)
            told = {"policy": await self._desk.told(actor), "parcels": [_shown(one) for one in found]}
            await answer.whole(200, msgspec.json.encode(told), _JSON, [("cache-control", "no-store")])
        elif request.method == "HEAD" and request.header("tus-resumable"):
            row = (await self._desk.own(actor, _id(request.path))).row
            if row.direction != "in":
                raise NotFound
            fields = [("upload-length", str(row.size)), ("cache-control", "no-store"), *_offset(row.received)]
            await answer.whole(200, headers=fields)
        else:
            await self._give(actor, request, answer)

    async def create(self, request: Request, answer: Answer) -> None:
        """POST: ask for one, begin a file, undo what one brought (…/undo), ask whether one is given (…/open)."""
        actor = await self._actor(request)
        if request.path.endswith("/undo"):
            count = await self._desk.undo(actor, _id(request.path.removesuffix("/undo")))
            await answer.whole(200, msgspec.json.encode({"count": count}), _JSON)
            return
        if request.path.endswith("/open"):
            # A link that is followed cannot ask for a proof; the page asks first whether it will be given.
            await self._desk.fetch(actor, _id(request.path.removesuffix("/open")))
            await answer.whole(204)
            return
        if request.path.rstrip("/") != PATH.rstrip("/"):
            raise NotFound
        body = await request.body(_MAX_BODY)
        try:
            wish = msgspec.json.decode(body, type=_Asked | _Coming)
        except msgspec.MsgspecError as error:
            raise Invalid(str(error)[:200]) from None
        if isinstance(wish, _Asked):
            boxes = tuple(_mailbox(one) for one in dict.fromkeys(wish.mailbox_ids))
            made = await self._desk.ask(actor, Wish(wish.name, boxes, _time(wish.since), _time(wish.until), wish.form))
        else:
            target = None if wish.mailbox_id is None else _mailbox(wish.mailbox_id)
            made = await self._desk.begin(actor, wish.name, wish.size, target)
        where = f"{PATH}{made.row.id.hex()}"
        await answer.whole(201, msgspec.json.encode(_shown(made)), _JSON, [("location", where)])

    async def grow(self, request: Request, answer: Answer) -> None:
        """PATCH: let a file grow."""
        actor = await self._actor(request)
        if request.header("tus-resumable") != VERSION:
            await answer.whole(412, headers=[("tus-version", VERSION)])
            return
        offset = request.header("upload-offset")
        if request.header("content-type") != _OCTETS or not (offset.isascii() and offset.isdecimal()):
            await answer.whole(415, headers=[("tus-resumable", VERSION)])
            return
        if self._running[actor.account_id] >= self._limits.max_concurrent_upload:
            raise RateLimited
        self._running[actor.account_id] += 1
        try:
            received = await self._fed(actor, _id(request.path), int(offset[:18]), request)
        except StateMismatch:
            await answer.whole(409, headers=[("tus-resumable", VERSION)])
            return
        finally:
            self._running[actor.account_id] -= 1
            if not self._running[actor.account_id]:
                del self._running[actor.account_id]
        await answer.whole(204, headers=_offset(received))

    async def drop(self, request: Request, answer: Answer) -> None:
        """DELETE: throw one away, whole or not."""
        await self._desk.drop(await self._actor(request), _id(request.path))
        await answer.whole(204, headers=[("tus-resumable", VERSION)])

    async def _actor(self, request: Request) -> Actor:
        actor = await security.authenticate(self._services.auth, request)
        await self._services.defence.accounts.use(actor).command()
        return actor

    async def _fed(self, actor: Actor, parcel_id: bytes, offset: int, request: Request) -> int:
        writer = await self._desk.grow(actor, parcel_id, offset)
        use, came = self._services.defence.accounts.use(actor), 0
        try:
            async for chunk in request.chunks(_MAX_SIZE):
                await writer.feed(chunk)
                came += len(chunk)
            row = await writer.settle()
        except (Disconnected, asyncio.CancelledError):
            await _kept(writer)
            raise
        except MailError:
            await writer.drop()
            raise
        await use.note(written=came)
        return row.received

    async def _give(self, actor: Actor, request: Request, answer: Answer) -> None:
        one, reader = await self._desk.fetch(actor, _id(request.path))
        size, tag = reader.size, f'"{one.row.id.hex()}"'
        start, end = _span(request.header("range"), size) if request.header("if-range") in {"", tag} else (0, size)
        if start >= end:
            await answer.whole(416, headers=[("content-range", f"bytes */{size}")])
            return
        whole = (start, end) == (0, size)
        fields = [
            ("accept-ranges", "bytes"), ("content-type", "application/zip"), ("etag", tag),
            ("content-disposition", disposition(one.text.name)), ("content-length", str(end - start)),
            ("content-security-policy", "sandbox; default-src 'none'"), ("cache-control", "private, no-store"),
        ]  # fmt: skip
        if not whole:
            fields.append(("content-range", f"bytes {start}-{end - 1}/{size}"))
        if request.method != "HEAD":
            await self._desk.note_fetched(actor, one, start)
        await answer.start(200 if whole else 206, fields)
        if request.method != "HEAD":
            use = self._services.defence.accounts.use(actor)
            async for piece in reader.pieces(start, end):
                # A policy that closes this, or a login that ends, ends a download that runs.
                await self._stands(request, actor)
                await answer.piece(piece)
                await use.note(read=len(piece))
        await answer.piece(b"", last=True)

    async def _stands(self, request: Request, actor: Actor) -> None:
        allowed = await self._services.parcels.bundles.still_may(actor)
        if not allowed or not await security.still_stands(self._services.auth, request, actor):
            # The answer stays short of its length: the client knows that it is not whole.
            raise Disconnected


async def _kept(writer: PartWriter) -> None:
    """Keep what a broken connection brought."""
    with suppress(MailError):
        await asyncio.shield(writer.settle())


def _shown(one: OpenParcel) -> dict[str, object]:
    row, text = one.row, one.text
    return {
        "id": row.id.hex(), "direction": row.direction, "state": row.state, "name": text.name, "size": row.size,
        "received": row.received, "done": row.done, "total": row.total, "createdAt": _text(row.created_at),
        "expiresAt": _text(row.expires_at), "taken": text.taken, "present": text.present, "ignored": text.ignored,
        "failed": text.failed, "reason": text.reason,
        "troubles": [{"place": each.place, "reason": each.reason} for each in text.troubles],
    }  # fmt: skip


def _offset(received: int) -> list[tuple[str, str]]:
    return [("tus-resumable", VERSION), ("upload-offset", str(received))]


def _id(path: str) -> bytes:
    """Return the parcel of a path. Raises NotFound."""
    try:
        octets = bytes.fromhex(path.removeprefix(PATH))
    except ValueError:
        raise NotFound from None
    if len(octets) != ID_OCTETS:
        raise NotFound
    return octets


def _mailbox(text: str) -> MailboxId:
    number = ids.parse(ids.MAILBOX, text)
    if number is None:
        raise NotFound
    return MailboxId(number)


def _time(when: datetime | None) -> int:
    """Return milliseconds, 0 for none. Raises Invalid."""
    if when is None:
        return 0
    if when.tzinfo is None:
        raise Invalid("times are written 2026-12-01T00:00:00Z")
    return max(0, round(when.timestamp() * 1000))


def _text(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _span(asked: str, size: int) -> tuple[int, int]:
    """Return [start, end) of a Range field; everything where it is none that we know, nothing where none satisfies it."""
    match = _RANGE.fullmatch(asked)
    if match is None or (match[2] and int(match[2]) < int(match[1])):
        return 0, size
    return int(match[1]), min(size, int(match[2]) + 1) if match[2] else size
