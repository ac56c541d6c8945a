"""The body of a message as safe HTML for the webmail's reading pane.

SECURITY  Remote pictures are left out unless the reader asks for them (`?remote=1`); then each has an address of ours,
          which fetches it (`remote_pictures`): no request of a page leaves its origin, and who wrote the mail does not
          learn where it is read.
LIMITS    MAX_OCTETS of all parts. Long parts are read by children that may be killed; those of one person have one of them at a
          time, and none once the person has gone away. Of a part that takes more than a child may, the beginning is shown as text.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import nullcontext
from html import escape
from typing import Any, Final
from urllib.parse import quote

import msgspec

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, MessageId
from smartmail.edge.httpd import remote_pictures, security
from smartmail.edge.httpd.api import JSON
from smartmail.edge.httpd.blobs import safe_type
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.properties import Source
from smartmail.edge.httpd.jmap.sources import load_for
from smartmail.edge.httpd.places_per_account import PlacesPerAccount
from smartmail.edge.httpd.wire import Answer, Disconnected, Request
from smartmail.formats import charset
from smartmail.formats.body_view import BodyTask
from smartmail.formats.headers import Header
from smartmail.formats.html import SafeHtml, from_text, to_text
from smartmail.formats.mime.parts import HTML_BODY, Part, is_picture, shown_parts
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.params import decode_params, parse_media_type
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.previewing import SMALL_BODY, PreviewService
from smartmail.service.mailbox.remote_pictures import Prover

AT_ONCE: Final = 1
"""Mails with a long part of one person that are being shown; the next ones wait."""
MAX_OCTETS: Final = 8 << 20
"""Of all parts as stored; the sanitiser reads 2 MiB of HTML."""


class Rendering:
    """The handler of /jmap/render."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turns = PlacesPerAccount(AT_ONCE)

    async def render(self, request: Request, answer: Answer) -> None:
        """GET /jmap/render/{accountId}/{emailId}[?remote=1] → {html, css, lang, remoteCount, trackerCount, plain, truncated}."""
        actor = await security.authenticate(self._services.auth, request)
        account, _, email = request.path.removeprefix("/jmap/render/").partition("/")
        number, whose = ids.parse(ids.EMAIL, email), ids.parse(ids.ACCOUNT, account)
        if number is None or whose is None:
            raise NotFound
        # An account that the person does not reach is as absent as a message that they may not read.
        sources = await load_for(self._services, actor, AccountId(whose), [MessageId(number)])
        source = sources.get(MessageId(number))
        if source is None:
            raise NotFound
        # `images` is what the webmail asks with.
        remote = "1" in {request.query("remote"), request.query("images")}
        prove = await self._services.remote_pictures.prover(AccountId(whose)) if remote else None
        show = _Shown(self._services.previews, source, account, prove)
        document = await _unless_gone(request, self._document(actor.account_id, show))
        await answer.whole(200, msgspec.json.encode(document), JSON)

    async def _document(self, person: AccountId, show: "_Shown") -> dict[str, Any]:
        async with self._turns.one_more(person) if show.is_long else nullcontext():
            return await show.document()


async def _unless_gone(request: Request, work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """Return what comes of some work, which ends when nobody waits for it any more. Raises Disconnected."""
    gone, task = asyncio.ensure_future(request.gone()), asyncio.ensure_future(work)
    try:
        await asyncio.wait({gone, task}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Disconnected
        return task.result()
    finally:
        gone.cancel()
        task.cancel()
        await asyncio.gather(gone, task, return_exceptions=True)


class _Shown:
    """Renders the parts of one message."""

    def __init__(self, previews: PreviewService, source: Source, account: str, prove: Prover | None) -> None:
        self._previews = previews
        self._source = source
        self._account = account
        self._prove = prove
        self._by_cid = {part.cid: part for part in source.summary.parts if part.cid and not part.nested}
        self._parts = list(shown_parts(source.summary.parts, HTML_BODY))
        self.is_long = sum(part.octets for part in self._parts if part.type.startswith("text/")) > SMALL_BODY
        self._left = MAX_OCTETS
        self._truncated = False

    async def document(self) -> dict[str, Any]:
        """Return what the page gets."""
        bodies = [await self._part(part) for part in self._parts]
        return {
            "html": "".join(one.html for one in bodies),
            "css": "\n".join(one.css for one in bodies if one.css),
            "lang": next((one.lang for one in bodies if one.lang), None),
            "remoteCount": sum(one.remote_count for one in bodies),
            "trackerCount": sum(one.tracker_count for one in bodies),
            "plain": all(one.plain for one in bodies),
            "truncated": self._truncated,
        }

    async def _part(self, part: Part) -> SafeHtml:
        """Return one part of the body."""
        if not part.type.startswith("text/"):
            address = self._address(part)
            return SafeHtml("" if address is None else f'<img src="{escape(address)}" alt="{escape(part.name)}">')
        start = part.header_start
        length = min(part.body_end - start, self._left)
        self._left -= length
        self._truncated = self._truncated or part.body_end - start > length
        octets = await self._source.read(start, length)
        head, body = octets[: part.body_start - start], octets[part.body_start - start :]
        task = self._task(part, head)
        shown = await self._previews.body(task, body, self._fetched, is_long=self.is_long)
        if shown is None:
            self._truncated = True
            shown = await asyncio.to_thread(_beginning, task, body)
        return shown

    def _task(self, part: Part, head: bytes) -> BodyTask:
        is_html = part.type == "text/html"
        params = {} if is_html else _params(head)
        return BodyTask(
            part.type, part.encoding, part.charset, part.language,
            is_flowed=params.get("format", "").lower() == "flowed", is_delsp=params.get("delsp", "").lower() == "yes",
            cids=self._cids() if is_html else {}, addresses=None if self._prove is None else {},
        )  # fmt: skip

    def _cids(self) -> dict[str, str]:
        """Return the addresses of the pictures of the message by Content-ID."""
        found = {cid: self._address(part) for cid, part in self._by_cid.items()}
        return {cid: address for cid, address in found.items() if address is not None}

    def _fetched(self, url: str) -> str:
        return url if self._prove is None else remote_pictures.address_of(self._account, url, self._prove)

    def _address(self, part: Part) -> str | None:
        """Return where a picture of the message lies, None for what is no picture that a browser may show."""
        media_type = safe_type(part.type)
        if not is_picture(media_type):
            return None
        name = quote(part.name or "image", safe="")
        blob = ids.show_part(self._source.blob, part)
        return (
            None
            if blob is None
            else f"/jmap/download/{self._account}/{blob}/{name}?accept={quote(media_type, safe='')}"
        )


def _beginning(task: BodyTask, octets: bytes) -> SafeHtml:
    text = charset.decode(decode_body(octets[:SMALL_BODY], task.encoding), task.charset)[0]
    return SafeHtml(from_text(to_text(text) if task.media_type == "text/html" else text), plain=True)


def _params(head: bytes) -> dict[str, str]:
    """Return the parameters of the part's Content-Type."""
    parsed = parse_media_type(Header(head).first("content-type") or b"")
    return {} if parsed is None else decode_params(parsed[2])
