"""Big files that are shown and not given (보기 전용): one page without a script, which carries everything that it shows.

STATES     A look begins as a download does (file_links) and leads here. The page may be asked for again, and turned where a
           PDF is long, while the look and its link live; then it leaves the screen by itself.
FAILURE    What cannot be shown says so; nothing else is offered for it.
SECURITY   No address gives an octet of the file: ranges are not known here, pictures stand in the page, drawn anew and marked.
           The policy of the page lets in one style sheet by its hash and no script, and the page stays in no cache.
           Printing and copying are made hard and not impossible: who reads a screen can photograph it.
"""

import asyncio
import base64
import hashlib
from collections.abc import Callable, Coroutine
from html import escape
from typing import Final
from urllib.parse import quote

from smartmail.base.i18n import translate
from smartmail.domain.errors import MailError, Unavailable
from smartmail.edge.httpd import file_refusals
from smartmail.edge.httpd.page_marks import mark_rule, no_print_rule
from smartmail.edge.httpd.plain_pages import HTML, language_of
from smartmail.edge.httpd.security import origin_of
from smartmail.edge.httpd.wire import Answer, Disconnected, Request
from smartmail.formats.layout.markup import Markup
from smartmail.formats.layout.model import BATCH, View
from smartmail.formats.seal import SealError
from smartmail.service.mailbox.big_files import Giving, Look, Ticket, Viewing
from smartmail.service.mailbox.big_files.giving import VIEW_MS
from smartmail.service.mailbox.big_files.links import PATH

VIEW_PATH: Final = f"{PATH}view/"
_PIECE: Final = 64 << 10
_POLICY: Final = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_STYLE: Final = """\
:root{--bg:#e9ecf1;--surface:#fff;--line:#c9cfd8;--text:#1a1d21;--soft:#4a515c;--accent:#2357c6;color-scheme:light}
@media(prefers-color-scheme:dark){:root{--bg:#16191f;--surface:#20242c;--line:#3a404b;--text:#e8eaee;--soft:#b3bac5;
--accent:#8fb4ff}}
*{box-sizing:border-box}
html{font-size:14px}
body{margin:0;background:var(--bg);color:var(--text);line-height:1.6;word-break:keep-all;overflow-wrap:anywhere;
font-family:"Pretendard Variable",system-ui,"Apple SD Gothic Neo","Malgun Gothic","Noto Sans CJK KR",sans-serif;
-webkit-user-select:none;user-select:none}
header{padding:14px 20px;background:var(--surface);border-bottom:1px solid var(--line)}
h1{margin:0;font-size:17px}
header p{margin:2px 0 0;color:var(--soft);font-size:13px}
nav{display:flex;flex-wrap:wrap;align-items:center;justify-content:center;gap:4px 16px;padding:12px;font-size:13px}
nav a{display:inline-flex;align-items:center;min-height:44px;padding:0 12px;color:var(--accent)}
main{max-width:1000px;margin:0 auto;padding:16px}
.paper,.cells,.slide,.sheet{margin:0 0 16px;background:#fff;color:#1a1d21;color-scheme:light;box-shadow:0 1px 4px #0003}
.paper{padding:48px 56px}
.cells{padding:16px;overflow:auto}
.cells h2,.paper h2{margin:0 0 8px;font-size:15px}
.cells td{overflow-wrap:normal}
.sheet img{display:block;width:100%;height:auto}
.slide{position:relative;overflow:hidden;container-type:inline-size}
.words{position:absolute;inset:0}
.box{position:absolute;display:flex;flex-direction:column;padding:.4em .55em}
.box>*{flex:none}
.box:has(>img),.box:has(>svg){padding:0}
.box>img,.box>svg{width:100%!important;height:100%;margin:0;object-fit:contain}
.middle{justify-content:center}
.bottom{justify-content:flex-end}
pre{margin:0;font:inherit;white-space:pre-wrap;tab-size:8}
.line{min-height:1.2em;margin:0;line-height:1.6;white-space:pre-wrap;tab-size:4}
h3,h4,h5,h6{margin:.6em 0 .2em;font-weight:inherit;font-size:inherit}
.level1,.level2,.level3,.level4{font-weight:600;font-size:1.1em}
.level1{font-size:1.5em}
.level2{font-size:1.25em}
.entry{text-indent:-1.4em}
.marker{display:inline-block;min-width:1.4em;padding-inline-end:.4em;text-indent:0}
.paper img,.cells img{max-width:100%;height:auto;margin:.4em 0}
.missing{display:inline-block;margin:.4em 0;padding:.4em .8em;border:1px dashed #767676;color:#595959;font-size:.85em}
.table{max-width:100%;margin:.5em 0;overflow-x:auto}
table{border-collapse:collapse;font-size:.95em}
td{padding:.25em .6em;border:1px solid #b8bcc4;text-align:start;vertical-align:middle}
dl{display:grid;grid-template-columns:auto 1fr;gap:4px 16px;margin:0 0 20px}
dt{color:#4a515c}
dd{margin:0}
.note{margin:0 0 16px;color:var(--soft);font-size:13px}
.mark{position:fixed;z-index:9;inset:0;pointer-events:none}
@media(max-width:719px){main{padding:8px}.paper{padding:20px 16px}header{padding:12px 16px}}
"""


class FileViews:
    """Handler."""

    def __init__(self, giving: Giving, viewing: Viewing) -> None:
        self._giving, self._viewing = giving, viewing

    async def show(self, request: Request, answer: Answer) -> None:
        """GET /files/view/{secret}[?from={page}]."""
        language = language_of(request.header("accept-language"))
        secret = request.path.removeprefix(VIEW_PATH).partition("/")[0]
        try:
            ticket = await self._giving.looked(secret)
            await self._giving.admit(ticket.offer, origin_of(request, "links"))
            if request.method == "HEAD":
                await answer.whole(200, b"", HTML)
                return
            first = _first(request.query("from"))
            look = await self._viewing.look(ticket, origin_of(request, "links"), first)
            # Drawing takes a while: whoever was shut out meanwhile sees nothing of it.
            await self._giving.looked(secret)
        except (MailError, SealError) as error:
            status, key = _refusal(error)
            await answer.whole(status, file_refusals.told(language, key), HTML)
            return
        if look is None:
            await answer.whole(415, file_refusals.told(language, "file.view.not"), HTML)
            return
        await self._sent(answer, language, request.path, ticket, look)

    async def _sent(self, answer: Answer, language: str, path: str, ticket: Ticket, look: Look) -> None:
        body, style = _page(language, path, ticket.offer.file.text.name, look)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        left = max(1, (ticket.download.at + VIEW_MS - self._giving.now()) // 1000 + 1)
        headers = [
            ("content-security-policy", f"style-src 'sha256-{digest}'; {_POLICY}"), ("cache-control", "private, no-store"),
            ("x-robots-tag", "noindex, noarchive"), ("refresh", f"{left};url={quote(path)}"),
        ]  # fmt: skip
        await answer.start(200, [*headers, ("content-type", HTML), ("content-length", str(len(body)))])
        view = look.view
        last = view.first + len(view.pages) >= view.total
        await while_it_stands(self._giving, ticket, self._pieces(answer, ticket, body, last=last))

    async def _pieces(self, answer: Answer, ticket: Ticket, body: bytes, *, last: bool) -> None:
        sent = 0
        try:
            while sent < len(body):
                piece = body[sent : sent + _PIECE]
                await answer.piece(piece)
                sent += len(piece)
            await answer.piece(b"", last=True)
        finally:
            await asyncio.shield(self._giving.note(ticket, sent, complete=last and sent == len(body)))


async def while_it_stands(giving: Giving, ticket: Ticket, sending: Coroutine[None, None, None]) -> None:
    """Send, and look meanwhile whether the link still stands; one that does not cuts the connection: Disconnected."""
    await while_watched(giving.watch(ticket), sending)


async def while_watched(watch: Coroutine[None, None, None], sending: Coroutine[None, None, None]) -> None:
    """Send until it is sent or `watch` ends, which cuts the connection: Disconnected."""
    sent, watching = asyncio.ensure_future(sending), asyncio.ensure_future(watch)
    try:
        await asyncio.wait({sent, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not sent.done():
            # The answer stays short of its length: the client knows that it is not whole.
            raise Disconnected
        sent.result()
    finally:
        for task in (sent, watching):
            task.cancel()
        await asyncio.gather(sent, watching, return_exceptions=True)


def _refusal(error: Exception) -> tuple[int, str]:
    """Return status and words; a look that is known no more is over."""
    if isinstance(error, Unavailable):
        return 503, "file.view.busy"
    status, key = file_refusals.refusal(error)
    return (410, "file.view.over") if status == 404 else (status, key)


def _first(text: str) -> int:
    """Return the page that is asked for, counted from 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _page(language: str, path: str, name: str, look: Look) -> tuple[bytes, str]:
    """Return the page and its style sheet."""

    def words(key: str, **values: str) -> str:
        return translate(language, f"file.view.{key}", **values)

    markup, view = Markup(words), look.view
    shown = markup.view(view, lambda number: words("page", page=str(number)))
    who = " · ".join(one for one in (look.recipient or words("anybody"), look.time, look.address) if one)
    # Pictures of pages carry the mark in their pixels, but ASCII alone.
    mark = "" if view.pages and look.recipient.isascii() else mark_rule(who)
    style = _STYLE + markup.style() + mark + ("" if look.printing else no_print_rule(words("noprint")))
    partly = view.problem or (view.layout is not None and not view.layout.complete)
    notes = (
        ([words("partly")] if partly else [])
        + [words("note")] * (not view.pages)
        + [words("letters")] * bool(view.pages and view.text)
    )
    said = "".join(f'<p class="note">{escape(one)}</p>' for one in notes)
    turning = _turning(path, view, words)
    html = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style}</style><title>{escape(name)}</title>"
        f"<header><h1>{escape(name)}</h1><p>{escape(words('only'))}</p><p>{escape(who)}</p></header>"
        f'{turning}<main>{shown}{said}</main>{turning}<div class="mark" aria-hidden="true"></div></html>'
    )
    return html.encode("utf-8", "replace"), style


def _turning(path: str, view: View, words: Callable[..., str]) -> str:
    """Return the way to the other pages of a long PDF."""
    if view.total <= len(view.pages):
        return ""
    where, last = quote(path), view.first + len(view.pages)
    told = words("pages", first=str(view.first + 1), last=str(last), total=str(view.total))
    back = f'<a href="{where}?from={max(0, view.first - BATCH)}">{escape(words("before"))}</a>' if view.first else ""
    on = f'<a href="{where}?from={last}">{escape(words("after"))}</a>' if last < view.total else ""
    return f"<nav>{back}<span>{escape(told)}</span>{on}</nav>"
