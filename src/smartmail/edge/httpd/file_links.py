"""The pages behind links to big files (대용량첨부), for browsers without scripts, and the octets.

STATES     GET and HEAD of a link show what it offers and change nothing, however often: a scanner or a preview uses
           nothing up. POST, by a button, proves what is asked, counts one download and leads to an address of its own,
           from where the octets come, in ranges, as often as the line breaks (RFC 9110 §14).
FAILURE    What has ended says why. A download whose link is revoked meanwhile is cut off within a second.
SECURITY   Files go out as attachments in a sandbox: nothing of them runs in our origin. Every look and every download asks
           whether it may be from there.
"""

import asyncio
import re
from html import escape
from typing import Final
from urllib.parse import parse_qs, quote

from smartmail.base.i18n import translate
from smartmail.domain.errors import AuthFailed, Forbidden, MailError, RateLimited
from smartmail.edge.httpd.blobs import disposition
from smartmail.edge.httpd.plain_pages import HTML, language_of, page
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.security import origin_of
from smartmail.edge.httpd.wire import Answer, Disconnected, Request
from smartmail.formats.seal import SealError
from smartmail.service.big_files import Ended, Giving, NotYet, Offer, Ticket
from smartmail.service.big_files.letters import date_text, size_text
from smartmail.service.big_files.links import PATH
from smartmail.service.catalogue import Services

GET_PATH: Final = f"{PATH}get/"
_MAX_BODY: Final = 4096
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_RUNNING: Final = frozenset({"program", "script", "shortcut", "macro-auto", "packed-program"})
_NOTE_EVERY: Final = 16 << 20


class FileLinks:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._giving: Giving = services.big_files.giving

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler); the more special paths first."""
        return [("GET", f"{GET_PATH}*", self.give), ("GET", f"{PATH}*", self.show), ("POST", f"{PATH}*", self.act)]

    async def show(self, request: Request, answer: Answer) -> None:
        """Show what a link offers."""
        language = language_of(request.header("accept-language"))
        offer = await self._offer(request, answer, language)
        if offer is not None:
            await answer.whole(200, _page(language, offer), HTML)

    async def act(self, request: Request, answer: Answer) -> None:
        """Send a code, or begin a download."""
        form = parse_qs((await request.body(_MAX_BODY)).decode("utf-8", "replace"))
        language = language_of(request.header("accept-language"))
        offer = await self._offer(request, answer, language)
        if offer is None:
            return
        try:
            if "send" in form:
                await self._giving.send_code(offer, language)
                await answer.whole(200, _page(language, offer, "file.code.sent"), HTML)
                return
            await self._giving.prove(offer, form.get("proof", [""])[0])
            secret = await self._giving.take(offer, origin_of(request, "links"), request.header("user-agent"))
        except AuthFailed:
            await answer.whole(403, _page(language, offer, "file.wrong"), HTML)
            return
        except MailError as error:
            status, key = _refusal(error)
            await answer.whole(status, _told(language, key), HTML)
            return
        where = f"{GET_PATH}{secret}/{quote(offer.file.text.name, safe='')}"
        await answer.whole(303, headers=[("location", where)])

    async def give(self, request: Request, answer: Answer) -> None:
        """Send the octets of a download that began."""
        language = language_of(request.header("accept-language"))
        secret = request.path.removeprefix(GET_PATH).partition("/")[0]
        try:
            ticket = await self._giving.taken(secret)
            await self._giving.admit(ticket.offer, origin_of(request, "links"))
        except (MailError, SealError) as error:
            status, key = _refusal(error)
            await answer.whole(status, _told(language, key), HTML)
            return
        size = ticket.offer.file.row.size
        tag = f'"{ticket.offer.file.text.sha256}"'
        span = _span(request.header("range"), size) if request.header("if-range") in {"", tag} else (0, size)
        fields = [
            ("accept-ranges", "bytes"), ("content-type", "application/octet-stream"),
            ("content-disposition", disposition(ticket.offer.file.text.name)),
            ("content-security-policy", "sandbox; default-src 'none'"), ("cache-control", "private, no-store"),
            ("etag", tag),
        ]  # fmt: skip
        if span is None:
            await answer.whole(416, headers=[("content-range", f"bytes */{size}")])
            return
        start, end = span
        if (start, end) != (0, size):
            fields.append(("content-range", f"bytes {start}-{end - 1}/{size}"))
        await answer.start(200 if (start, end) == (0, size) else 206, [*fields, ("content-length", str(end - start))])
        if request.method == "HEAD":
            await answer.piece(b"", last=True)
            return
        await self._send(ticket, start, end, answer)

    async def _send(self, ticket: Ticket, start: int, end: int, answer: Answer) -> None:
        """Send, and look meanwhile whether the link still stands; one that does not cuts the connection."""
        sending = asyncio.ensure_future(_Sent(self._giving, ticket, answer).run(start, end))
        watching = asyncio.ensure_future(self._giving.watch(ticket))
        try:
            await asyncio.wait({sending, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                # The answer stays short of its length: the client knows that it is not whole.
                raise Disconnected
            sending.result()
        finally:
            for task in (sending, watching):
                task.cancel()
            await asyncio.gather(sending, watching, return_exceptions=True)

    async def _offer(self, request: Request, answer: Answer, language: str) -> Offer | None:
        """Return what a request is about; one that is about nothing is answered."""
        try:
            offer = await self._giving.find(request.path.removeprefix(PATH))
            await self._giving.admit(offer, origin_of(request, "links"))
            return offer
        except (MailError, SealError) as error:
            status, key = _refusal(error)
            await answer.whole(status, _told(language, key), HTML)
            return None


class _Sent:
    """One answer on its way: its octets are noted as they go, also when it ends early."""

    def __init__(self, giving: Giving, ticket: Ticket, answer: Answer) -> None:
        self._giving, self._ticket, self._answer = giving, ticket, answer
        self._unnoted = 0

    async def run(self, start: int, end: int) -> None:
        size, sent = self._ticket.offer.file.row.size, start
        try:
            async for piece in self._giving.pieces(self._ticket, start, end):
                await self._answer.piece(piece)
                sent += len(piece)
                self._unnoted += len(piece)
                if self._unnoted >= _NOTE_EVERY:
                    await self._note(complete=False)
            await self._answer.piece(b"", last=True)
        finally:
            # Whole: everything in this answer, or its last octet after all that earlier answers brought.
            before = self._ticket.download.octets
            whole = sent == size and (start == 0 or before >= start)
            await asyncio.shield(self._note(complete=whole))

    async def _note(self, *, complete: bool) -> None:
        octets, self._unnoted = self._unnoted, 0
        await self._giving.note(self._ticket, octets, complete=complete)


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """Return [start, end) of a Range field (RFC 9110 §14.1.2); everything where it is none that we know, None for one
    that nothing satisfies.
    """
    match = _RANGE.fullmatch(asked)
    if match is None or not (match[1] or match[2]):
        return 0, size
    if not match[1]:
        length = int(match[2])
        return (max(0, size - length), size) if length else None
    start, end = int(match[1]), min(size, int(match[2]) + 1) if match[2] else size
    if match[2] and int(match[2]) < start:
        return 0, size
    return (start, end) if start < size else None


def _refusal(error: Exception) -> tuple[int, str]:
    if isinstance(error, Ended):
        return 410, f"file.{error.end}"
    if isinstance(error, NotYet):
        return 503, "file.checking"
    if isinstance(error, RateLimited):
        return 429, "file.many"
    if isinstance(error, Forbidden):
        return 403, "file.elsewhere"
    if isinstance(error, MailError) and error.temporary:
        return 503, "quarantine.later"
    return 404, "file.invalid"


def _told(language: str, key: str) -> bytes:
    return page(language, translate(language, "file.title"), [translate(language, key)])


def _page(language: str, offer: Offer, also: str = "") -> bytes:
    """Return the page of an offer. `also` is the key of one line more."""
    link, file, owner = offer.link, offer.file, offer.owner
    sender = f"{owner.name} <{owner.login}>" if owner.name else owner.login
    lines = [
        file.text.name,
        translate(language, "file.size", size=size_text(file.row.size)),
        translate(language, "file.from", sender=sender),
        translate(language, "file.until", date=date_text(link.expires_at)),
    ]
    if link.most:
        left = max(0, link.most - link.taken)
        lines.append(translate(language, "file.left" if left else "file.used", count=str(left)))
    if _RUNNING & set(file.text.signs):
        lines.append(translate(language, "file.program"))
    if file.row.state != "ready":
        lines.append(translate(language, "file.checking"))
    if also:
        lines.append(translate(language, also))
    open_ = file.row.state == "ready" and not link.used_up
    return page(language, translate(language, "file.title"), lines, _form(language, offer) if open_ else "")


def _form(language: str, offer: Offer) -> str:
    """Return what there is to fill in and to press."""
    fetch = f"<button>{escape(translate(language, 'file.fetch'))}</button>"
    if not offer.text.proof:
        return f'<form method="post">{fetch}</form>'
    kind = "password" if offer.text.proof == "password" else "text"
    mode = "" if kind == "password" else ' inputmode="numeric"'
    label = escape(translate(language, f"file.{offer.text.proof}"))
    entry = (
        f'<form method="post"><label>{label} <input name="proof" type="{kind}"{mode} required autocomplete="off"></label>'
        f"{fetch}</form>"
    )
    if offer.text.proof == "password":
        return entry
    asked = escape(translate(language, "file.code.ask", address=_veiled(offer.text.recipient)))
    send = escape(translate(language, "file.code.send"))
    return f'{entry}<p>{asked}</p><form method="post"><button name="send" value="1">{send}</button></form>'


def _veiled(address: str) -> str:
    """Return an address as its owner knows it again and nobody else does."""
    local, _, domain = address.rpartition("@")
    return f"{local[:2]}***@{domain}"
