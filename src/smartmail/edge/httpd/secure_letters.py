"""A secure letter that was opened: the page that shows it, its files, and the frame that covers it when it is recalled.

STATES     Under the secret of a session, while it and the letter last. Over the page lies a frame that lets everything through
           and asks again every `LOOK_S` seconds whether the letter can still be read; when it cannot, the frame is opaque and
           says why. So an open page is covered within 5 seconds of a recall without a script; the next request of any kind
           is 410, and a download that runs is cut off.
LIMITS     The page shows `MAX_SHOWN` bytes of text, and pictures of the letter up to `MAX_PICTURES` in all.
SECURITY   The body is made safe as in the webmail and its style sheets are left out; the policy of the page lets in no script
           and nothing from elsewhere, and forms go to this host alone. Nothing stays in a cache. Files go out as attachments
           in a sandbox. Who reads a screen can photograph it, and what was downloaded is out of reach.
"""

import base64
from html import escape
from typing import Final
from urllib.parse import quote

from smartmail.base.i18n import translate
from smartmail.domain.errors import MailError, NotFound
from smartmail.edge.httpd.blobs import disposition, safe_type
from smartmail.edge.httpd.file_views import while_watched
from smartmail.edge.httpd.page_marks import mark_rule, no_print_rule
from smartmail.edge.httpd.plain_pages import HTML, language_of
from smartmail.edge.httpd.secure_refusals import refusal, refuse
from smartmail.edge.httpd.security import origin_of
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.formats.body_view import BodyTask
from smartmail.formats.mime.parts import EMBEDDED, HTML_BODY, Part, is_picture, shown_parts
from smartmail.formats.seal import SealError
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.big_files.letters import date_text, size_text
from smartmail.service.mailbox.previewing import SMALL_BODY, PreviewService
from smartmail.service.mailbox.secure_mail import Opening, Reading
from smartmail.service.mailbox.secure_mail.making import PATH
from smartmail.service.mailbox.secure_mail.texts import LetterContent

READ_PATH: Final = f"{PATH}read/"
LOOK_S: Final = 3
MAX_SHOWN: Final = 2 << 20
MAX_PICTURES: Final = 5 << 20
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_FRAME_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_STYLE: Final = """\
:root{--bg:#f4f5f7;--surface:#fff;--line:#c9cfd8;--text:#1a1d21;--soft:#4a515c;--accent:#2357c6;color-scheme:light}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);line-height:1.6;word-break:keep-all;overflow-wrap:anywhere;
font:14px/1.6 "Pretendard Variable",system-ui,"Apple SD Gothic Neo","Malgun Gothic","Noto Sans CJK KR",sans-serif}
main{max-width:860px;margin:0 auto;padding:16px}
header,section,.letter{padding:16px 20px;background:var(--surface);border:1px solid var(--line);border-radius:10px;margin:0 0 12px}
h1{margin:0 0 8px;font-size:20px;font-weight:600}
h2{margin:0 0 8px;font-size:15px}
p{margin:0 0 4px}
.soft{color:var(--soft);font-size:13px}
ul{margin:0;padding:0;list-style:none}
li a,.act{display:inline-flex;align-items:center;min-height:44px;color:var(--accent)}
.letter{position:relative;contain:layout paint;overflow:auto;white-space:normal}
.letter img{max-width:100%;height:auto}
.mark{position:fixed;z-index:8;inset:0;pointer-events:none}
.watch{position:fixed;z-index:9;inset:0;width:100%;height:100%;border:0;pointer-events:none;background:transparent}
@media(max-width:719px){main{padding:8px}header,section,.letter{padding:12px}}
"""
_COVER: Final = (
    "html{color-scheme:light}body{margin:0}main{position:fixed;inset:0;display:flex;align-items:center;justify-content:center;"
    'padding:24px;background:#fff;color:#1a1d21;font:16px/1.6 system-ui,"Malgun Gothic","Noto Sans CJK KR",sans-serif;'
    "text-align:center;word-break:keep-all}"
)


class SecureLetterPages:
    """Handler."""

    def __init__(self, services: Services) -> None:
        self._opening: Opening = services.secure_mail.opening
        self._previews: PreviewService = services.previews

    async def show(self, request: Request, answer: Answer) -> None:
        """GET /secure/read/{secret}[/watch | /part/{section}/{name}]."""
        language = language_of(request.header("accept-language"))
        secret, _, rest = request.path.removeprefix(READ_PATH).partition("/")
        if rest == "watch":
            await self._watch(request, answer, language, secret)
            return
        try:
            reading = await self._opening.reading(secret)
            if rest.startswith("part/"):
                await self._file(request, answer, secret, reading, rest.split("/")[1])
            elif rest:
                raise NotFound
            else:
                await self._page(request, answer, language, secret, reading)
        except (MailError, SealError) as error:
            await refuse(answer, language, error)

    async def _watch(self, request: Request, answer: Answer, language: str, secret: str) -> None:
        """Answer the frame over the page: nothing to see while the letter can be read."""
        headers = [("content-security-policy", _FRAME_POLICY), ("cache-control", "private, no-store")]
        try:
            await self._opening.reading(secret)
        except (MailError, SealError) as error:
            status, key, values = refusal(error)
            if status < 500:
                key = "secure.over" if status == 404 else key
                await answer.whole(410, _cover(language, translate(language, key, **values)), HTML, headers)
                return
        await answer.whole(200, _cover(language, ""), HTML, [*headers, ("refresh", str(LOOK_S))])

    async def _page(self, request: Request, answer: Answer, language: str, secret: str, reading: Reading) -> None:
        content = self._opening.content(reading)
        shown, partly = await _Shown(self._opening, self._previews, reading, content).body()
        who = f"{reading.invitation.text.recipient} · {date_text(self._opening.now())} · {origin_of(request).address}"
        # Making it takes a while: what was recalled meanwhile is not shown.
        await self._opening.reading(secret)
        body = _letter(language, secret, reading, content, shown, who, partly=partly)
        left = max(1, (reading.until - self._opening.now()) // 1000 + 1)
        headers = [
            ("content-security-policy", _POLICY), ("cache-control", "private, no-store"),
            ("x-robots-tag", "noindex, noarchive"), ("refresh", f"{left};url={quote(f'{READ_PATH}{secret}')}"),
        ]  # fmt: skip
        await answer.whole(200, body, HTML, headers)

    async def _file(self, request: Request, answer: Answer, secret: str, reading: Reading, section: str) -> None:
        content = self._opening.content(reading)
        part = next((one for one in _files(content) if one.section == section), None)
        if part is None or not reading.invitation.letter.text.downloads:
            raise NotFound
        await answer.start(200, [
            ("content-type", "application/octet-stream"), ("content-disposition", disposition(part.name or "file")),
            ("content-security-policy", "sandbox; default-src 'none'"), ("cache-control", "private, no-store"),
        ])  # fmt: skip
        if request.method == "HEAD":
            await answer.piece(b"", last=True)
            return
        await self._opening.note(reading, downloads=1)
        await while_watched(self._opening.watch(secret), self._sent(answer, reading, content, part))

    async def _sent(self, answer: Answer, reading: Reading, content: LetterContent, part: Part) -> None:
        async for piece in self._opening.file(reading, content, part):
            if piece:
                await answer.piece(piece)
        await answer.piece(b"", last=True)


class _Shown:
    """Makes the body of a letter."""

    def __init__(self, opening: Opening, previews: PreviewService, reading: Reading, content: LetterContent) -> None:
        self._opening, self._previews, self._reading, self._content = opening, previews, reading, content
        self._left = MAX_SHOWN
        self._pictures = MAX_PICTURES

    async def body(self) -> tuple[str, bool]:
        """Return the body as safe HTML, and whether a part of it is left out."""
        parts = list(shown_parts(self._content.summary.parts, HTML_BODY))
        cids = await self._cids() if any(one.type == "text/html" for one in parts) else {}
        pieces, partly = [], False
        for part in parts:
            if not part.type.startswith("text/"):
                if part.shown & EMBEDDED:
                    continue
                address = await self._picture(part)
                pieces.append("" if address is None else f'<img src="{address}" alt="{escape(part.name)}">')
                continue
            length = min(part.octets, self._left)
            self._left -= length
            partly |= length < part.octets
            octets = await self._opening.octets(self._reading, self._content, part.body_start, length)
            task = BodyTask(part.type, part.encoding, part.charset, part.language, cids=cids)
            shown = await self._previews.body(task, octets, lambda _: "", is_long=length > SMALL_BODY)
            partly |= shown is None
            pieces.append("" if shown is None else shown.html)
        return "".join(pieces), partly

    async def _cids(self) -> dict[str, str]:
        """Return the pictures of the letter, as addresses that carry them, by their Content-ID."""
        found = {}
        for part in self._content.summary.parts:
            if part.cid and not part.nested and (address := await self._picture(part)) is not None:
                found[part.cid] = address
        return found

    async def _picture(self, part: Part) -> str | None:
        media_type = safe_type(part.type)
        if not is_picture(media_type) or part.decoded_size > self._pictures:
            return None
        self._pictures -= part.decoded_size
        octets = b"".join([piece async for piece in self._opening.file(self._reading, self._content, part)])
        return f"data:{media_type};base64,{base64.b64encode(octets).decode()}"


def _files(content: LetterContent) -> list[Part]:
    """Return the files of a letter."""
    return [one for one in content.summary.parts if one.is_file and not one.is_multipart and not one.nested]


def _letter(
    language: str, secret: str, reading: Reading, content: LetterContent, shown: str, who: str, *, partly: bool
) -> bytes:
    """Return the page of a letter."""

    def words(key: str, **values: str) -> str:
        return escape(translate(language, key, **values))

    text, row = reading.invitation.letter.text, reading.invitation.letter.row
    where = f"{READ_PATH}{quote(secret)}"
    style = _STYLE + (mark_rule(who) if text.watermark else "") + (
        "" if text.printing else no_print_rule(translate(language, "secure.noprint"))
    )  # fmt: skip
    subject = escape(text.subject) or words("secure.title")
    replying = (
        f'<p><a class="act" href="{PATH}reply/{quote(secret)}">{words("secure.reply")}</a></p>' if text.replies else ""
    )
    note = f'<p class="soft">{words("secure.partly")}</p>' if partly else ""
    mark = '<div class="mark" aria-hidden="true"></div>' if text.watermark else ""
    html = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style}</style><title>{words('secure.title')}</title>"
        f"<main><header><h1>{subject}</h1><p>{escape(text.named)}</p><p class=soft>{escape(date_text(row.created_at))}</p>"
        f"<p class=soft>{words('secure.until', date=date_text(row.expires_at))}</p></header>"
        f'<div class="letter">{shown}{note}</div>{_file_list(language, where, content, allowed=text.downloads)}{replying}</main>'
        f'{mark}<iframe class="watch" src="{where}/watch" title="{words("secure.watch")}" tabindex="-1"></iframe></html>'
    )
    return html.encode("utf-8", "replace")


def _file_list(language: str, where: str, content: LetterContent, *, allowed: bool) -> str:
    """Return the files of a letter, as links where they may be downloaded."""
    rows = []
    for part in _files(content):
        name, size = escape(part.name or part.section), escape(size_text(part.decoded_size))
        address = f"{where}/part/{quote(part.section)}/{quote(part.name or 'file', safe='')}"
        rows.append(f'<li><a href="{address}">{name}</a> ({size})</li>' if allowed else f"<li>{name} ({size})</li>")
    if not rows:
        return ""
    kept = "" if allowed else f'<p class="soft">{escape(translate(language, "secure.files.kept"))}</p>'
    return f"<section><h2>{escape(translate(language, 'secure.files'))}</h2><ul>{''.join(rows)}</ul>{kept}</section>"


def _cover(language: str, said: str) -> bytes:
    """Return the frame over a page: clear where it says nothing."""
    body = f"<main><p>{escape(said)}</p></main>" if said else ""
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f"<style>{_COVER}</style><title>{escape(translate(language, 'secure.watch'))}</title>{body}</html>"
    ).encode()
