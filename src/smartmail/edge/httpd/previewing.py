"""A file of a message, or one inside it, to be looked at: its layout, its text, or a picture or PDF that the page draws.

SECURITY  Who may read the message may look; saving is another right (service.people.saving), which this does not ask: a picture
          that may be seen on a screen has left. Documents of office
          programs leave as a model of text and pictures only. Octets go out with a
          harmless type, in a sandbox, and stay in no cache.
LIMITS    MAX_OCTETS of a file; one file of a person at a time is read.
"""

import asyncio
import re
from collections import Counter
from typing import Any, Final

import msgspec

from smartmail.domain.errors import NotFound, RateLimited, TooLarge
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd import security
from smartmail.edge.httpd.api import JSON
from smartmail.edge.httpd.blobs import disposition, safe_type
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.blob_reading import open_blob, open_to_save
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.formats.layout.making import picture_type
from smartmail.formats.mime.transfer import decode_body
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.previewing import MAX_OCTETS

AT_ONCE: Final = 4
_INSIDE: Final = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,4}")
_PDF: Final = "application/pdf"
_SANDBOX: Final = "sandbox; default-src 'none'"


class PreviewDoor:
    """Handler of /jmap/preview."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._reading: Counter[int] = Counter()

    async def show(self, request: Request, answer: Answer) -> None:
        """GET /jmap/preview/{accountId}/{blobId}/{name}?accept={type}[&inside={numbers}][&layout=1|&octets=1|&save=1].

        {text, complete, problem, parts}, `text` null for what says nothing. With `layout`: formats.layout.model, null for
        what has none. With `octets`: the picture or PDF. `inside`: not the file itself but one in it, by the numbers of its
        layout's files, from one into the next, dots between; this one may be saved by `save`, as its message may.
        """
        actor = await security.authenticate(self._services.auth, request)
        use = self._services.defence.accounts.use(actor)
        await use.command()
        account, _, rest = request.path.removeprefix("/jmap/preview/").partition("/")
        blob_text, _, name = rest.partition("/")
        number = ids.parse(ids.ACCOUNT, account)
        if number is None:
            raise NotFound
        media_type = safe_type(request.query("accept"))
        if self._reading[actor.account_id] >= AT_ONCE:
            raise RateLimited("several files are being read already")
        self._reading[actor.account_id] += 1
        try:
            path, saved = _path(request.query("inside")), request.query("save") == "1"
            opening = open_to_save if saved else open_blob
            blob, reader = await opening(self._services, actor, AccountId(number), blob_text)
            end = reader.size if blob.end is None else min(blob.end, reader.size)
            # Encoded octets are a third more than what they stand for.
            if end - blob.start > MAX_OCTETS * 3 // 2:
                raise TooLarge
            stored = await reader.read(blob.start, max(0, end - blob.start))
            octets = await asyncio.to_thread(decode_body, stored, blob.encoding) if blob.encoding else stored
            await use.note(read=len(octets))
            if path:
                inner = await self._services.previews.inside(media_type, name, octets, path)
                name, octets, media_type = inner.name, inner.octets, _type_of(inner.octets)
            if saved:
                await _saved(answer, name, octets)
            elif request.query("octets") == "1":
                await _picture(answer, media_type, octets)
            elif request.query("layout") == "1":
                found = await self._services.previews.layout(media_type, name, octets)
                await answer.whole(200, await asyncio.to_thread(msgspec.json.encode, found), JSON)
            else:
                await answer.whole(200, await self._told(media_type, name, octets), JSON)
        finally:
            self._reading[actor.account_id] -= 1
            if not self._reading[actor.account_id]:
                del self._reading[actor.account_id]

    async def _told(self, media_type: str, name: str, octets: bytes) -> bytes:
        found = await self._services.previews.of(media_type, name, octets)
        shown: dict[str, Any] = {
            "text": found.text, "complete": found.complete, "problem": found.problem or None, "parts": list(found.parts),
        }  # fmt: skip
        return msgspec.json.encode(shown)


def _path(text: str) -> tuple[int, ...]:
    """Return the numbers of a path, () for none. Raises NotFound."""
    if text and _INSIDE.fullmatch(text) is None:
        raise NotFound
    return tuple(map(int, text.split("."))) if text else ()


def _type_of(octets: bytes) -> str:
    """Return the type of a file that nobody has named one for."""
    return _PDF if octets.startswith(b"%PDF-") else picture_type(octets) or "application/octet-stream"


async def _saved(answer: Answer, name: str, octets: bytes) -> None:
    headers = [("content-security-policy", _SANDBOX), ("cache-control", "private, no-store"),
               ("content-disposition", disposition(name))]  # fmt: skip
    await answer.whole(200, octets, "application/octet-stream", headers)


async def _picture(answer: Answer, media_type: str, octets: bytes) -> None:
    """Raises NotFound for what a page does not draw."""
    if not media_type.startswith("image/") and media_type != _PDF:
        raise NotFound
    headers = [("content-security-policy", _SANDBOX), ("cache-control", "private, no-store"),
               ("content-disposition", "inline")]  # fmt: skip
    await answer.whole(200, octets, media_type, headers)
