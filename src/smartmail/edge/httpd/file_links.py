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
from smartmail.domain.errors import AuthFailed, MailError
from smartmail.edge.httpd.blobs import disposition
from smartmail.edge.httpd.file_refusals import refusal, told
from smartmail.edge.httpd.file_views import VIEW_PATH, FileViews, while_it_stands
from smartmail.edge.httpd.plain_pages import HTML, language_of, page
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.security import origin_of
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.formats.seal import SealError
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.big_files import Giving, Offer, Ticket, Viewing
from smartmail.service.mailbox.big_files.letters import date_text, size_text
from smartmail.service.mailbox.big_files.links import PATH

GET_PATH: Final = f"{PATH}get/"
_MAX_BODY: Final = 4096
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_RUNNING: Final = frozenset({"program", "script", "shortcut", "macro-auto", "packed-program"})
_NOTE_EVERY: Final = 16 << 20


class FileLinks:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._giving: Giving = services.big_files.giving
        self._viewing: Viewing = services.big_files.viewing
        self._views = FileViews(self._giving, self._viewing)

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler); the more special paths first."""
        return [
            ("GET", f"{VIEW_PATH}*", self._views.show), ("GET", f"{GET_PATH}*", self.give),
            ("GET", f"{PATH}*", self.show), ("POST", f"{PATH}*", self.act),
        ]  # fmt: skip

    async def show(self, request: Request, answer: Answer) -> None:
        """Show what a link offers."""
        language = language_of(request.header("accept-language"))
        offer = await self._offer(request, answer, language)
        if offer is not None:
            await answer.whole(200, await self._page(language, offer), HTML)

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
                await answer.whole(200, await self._page(language, offer, "file.code.sent"), HTML)
                return
            await self._giving.prove(offer, form.get("proof", [""])[0])
            # Of what cannot be shown nothing is counted.
            if not await self._shows(offer):
                await answer.whole(415, told(language, "file.view.not"), HTML)
                return
            secret = await self._giving.take(offer, origin_of(request, "links"), request.header("user-agent"))
        except AuthFailed:
            await answer.whole(403, await self._page(language, offer, "file.wrong"), HTML)
            return
        except MailError as error:
            status, key = refusal(error)
            await answer.whole(status, told(language, key), HTML)
            return
        path = VIEW_PATH if offer.text.view_only else GET_PATH
        where = f"{path}{secret}/{quote(offer.file.text.name, safe='')}"
        await answer.whole(303, headers=[("location", where)])

    async def give(self, request: Request, answer: Answer) -> None:
        """Send the octets of a download that began."""
        language = language_of(request.header("accept-language"))
        secret = request.path.removeprefix(GET_PATH).partition("/")[0]
        try:
            ticket = await self._giving.taken(secret)
            await self._giving.admit(ticket.offer, origin_of(request, "links"))
        except (MailError, SealError) as error:
            status, key = refusal(error)
            await answer.whole(status, told(language, key), HTML)
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
        await while_it_stands(self._giving, ticket, _Sent(self._giving, ticket, answer).run(start, end))

    async def _shows(self, offer: Offer) -> bool:
        """Say whether a look would see something; what is refused anyway is not drawn for that."""
        if not offer.text.view_only or offer.file.row.state != "ready" or offer.link.used_up:
            return True
        return await self._viewing.shows(offer.file)

    async def _page(self, language: str, offer: Offer, also: str = "") -> bytes:
        """Return the page of an offer. `also` is the key of one line more."""
        shown = True
        if offer.text.view_only and offer.file.row.state == "ready":
            try:
                shown = await self._viewing.may_show(offer.file)
            except (MailError, SealError):
                also = also or "quarantine.later"
        return _page(language, offer, also, shown=shown)

    async def _offer(self, request: Request, answer: Answer, language: str) -> Offer | None:
        """Return what a request is about; one that is about nothing is answered."""
        try:
            offer = await self._giving.find(request.path.removeprefix(PATH))
            await self._giving.admit(offer, origin_of(request, "links"))
            return offer
        except (MailError, SealError) as error:
            status, key = refusal(error)
            await answer.whole(status, told(language, key), HTML)
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


def _page(language: str, offer: Offer, also: str, *, shown: bool) -> bytes:
    """Return the page of an offer. `shown`: where it is only shown, files of its kind can be."""
    way = "file.view" if offer.text.view_only else "file"
    link, file, owner = offer.link, offer.file, offer.owner
    sender = f"{owner.name} <{owner.login}>" if owner.name else owner.login
    lines = [
        file.text.name,
        translate(language, "file.size", size=size_text(file.row.size)),
        translate(language, "file.from", sender=sender),
        translate(language, f"{way}.until", date=date_text(link.expires_at)),
    ]
    if link.most and shown:
        left = max(0, link.most - link.taken)
        lines.append(translate(language, f"{way}.left" if left else "file.used", count=str(left)))
    if offer.text.view_only:
        lines.append(translate(language, "file.view.only" if shown else "file.view.not"))
    elif _RUNNING & set(file.text.signs):
        lines.append(translate(language, "file.program"))
    if file.row.state != "ready":
        lines.append(translate(language, "file.checking"))
    if also:
        lines.append(translate(language, also))
    open_ = file.row.state == "ready" and not link.used_up and shown
    return page(language, translate(language, "file.title"), lines, _form(language, offer) if open_ else "")


def _form(language: str, offer: Offer) -> str:
    """Return what there is to fill in and to press."""
    verb = "file.view.open" if offer.text.view_only else "file.fetch"
    fetch = f"<button>{escape(translate(language, verb))}</button>"
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
