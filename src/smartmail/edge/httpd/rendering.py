"""The body of a message as safe HTML for the webmail's reading pane.

SECURITY  Remote pictures are left out unless the reader asks for them (`?remote=1`); then each has an address of ours,
          which fetches it (`remote_pictures`): no request of a page leaves its origin, and who wrote the mail does not
          learn where it is read.
LIMITS    MAX_OCTETS of each part.
"""

import asyncio
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
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.formats import charset
from smartmail.formats.headers import Header
from smartmail.formats.html import SafeHtml, from_text, render
from smartmail.formats.html_lang import guess
from smartmail.formats.mime.parts import HTML_BODY, Part, is_picture, shown_parts
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.params import decode_params, parse_media_type
from smartmail.service.catalogue import Services
from smartmail.service.remote_pictures import Prover

MAX_OCTETS: Final = 8 << 20
"""Of one part as stored; the sanitiser reads 2 MiB of HTML."""


class Rendering:
    """The handler of /jmap/render."""

    def __init__(self, services: Services) -> None:
        self._services = services

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
        document = await _document(source, account, prove)
        await answer.whole(200, msgspec.json.encode(document), JSON)


async def _document(source: Source, account: str, prove: Prover | None) -> dict[str, Any]:
    show = _Shown(source, account, prove)
    bodies = [await show.part(part) for part in shown_parts(source.summary.parts, HTML_BODY)]
    return {
        "html": "".join(one.html for one in bodies),
        "css": "\n".join(one.css for one in bodies if one.css),
        "lang": next((one.lang for one in bodies if one.lang), None),
        "remoteCount": sum(one.remote_count for one in bodies),
        "trackerCount": sum(one.tracker_count for one in bodies),
        "plain": all(one.plain for one in bodies),
        "truncated": show.truncated,
    }


class _Shown:
    """Renders the parts of one message."""

    def __init__(self, source: Source, account: str, prove: Prover | None) -> None:
        self._source = source
        self._account = account
        self._prove = prove
        self._by_cid = {part.cid: part for part in source.summary.parts if part.cid and not part.nested}
        self.truncated = False

    async def part(self, part: Part) -> SafeHtml:
        """Return one part of the body."""
        if not part.type.startswith("text/"):
            address = self._address(part)
            return SafeHtml("" if address is None else f'<img src="{escape(address)}" alt="{escape(part.name)}">')
        start = part.header_start
        octets = await self._source.read(start, min(part.body_end - start, MAX_OCTETS))
        self.truncated = self.truncated or part.body_end - start > MAX_OCTETS
        head, body = octets[: part.body_start - start], octets[part.body_start - start :]
        return await asyncio.to_thread(self._rendered, part, head, body)

    def _rendered(self, part: Part, head: bytes, body: bytes) -> SafeHtml:
        text = charset.decode(decode_body(body, part.encoding), part.charset)[0]
        lang = part.language or None
        if part.type == "text/html":
            return render(
                text, cid=self._cid, lang=lang, charset=part.charset, allow_remote=self._prove is not None, proxy=self._fetched,
            )  # fmt: skip
        params = _params(head)
        flowed = params.get("format", "").lower() == "flowed"
        html = from_text(text, flowed=flowed, delsp=flowed and params.get("delsp", "").lower() == "yes")
        return SafeHtml(html, lang=guess(text, declared=lang, charset=part.charset), plain=True)

    def _fetched(self, url: str) -> str:
        return url if self._prove is None else remote_pictures.address_of(self._account, url, self._prove)

    def _cid(self, content_id: str) -> str | None:
        part = self._by_cid.get(content_id)
        return None if part is None else self._address(part)

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


def _params(head: bytes) -> dict[str, str]:
    """Return the parameters of the part's Content-Type."""
    parsed = parse_media_type(Header(head).first("content-type") or b"")
    return {} if parsed is None else decode_params(parsed[2])
