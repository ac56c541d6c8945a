"""The list of a mailbox, a search in all mail, and one letter as text."""

from collections.abc import Sequence
from html import escape
from typing import Any, Final
from urllib.parse import quote

from smartmail.domain.errors import Invalid, NotFound
from smartmail.edge.httpd.basic.asking import Reader, Result, refusal
from smartmail.edge.httpd.basic.forms import PROOF, form_of, token_of
from smartmail.edge.httpd.basic.looks import Words, button, go, hidden, shell, show
from smartmail.edge.httpd.jmap.ids import ACCOUNT
from smartmail.edge.httpd.jmap.ids import show as show_id
from smartmail.edge.httpd.wire import Answer
from smartmail.formats.html import to_text

ROWS: Final = 25
MAX_TEXT: Final = 262_144
_FARTHEST: Final = 10_000_000
GO_ON: Final = "goOn"
_ROLES: Final = ("inbox", "sent", "drafts", "archive", "junk", "trash")
_LETTER: Final = (
    "id", "blobId", "from", "to", "cc", "bcc", "replyTo", "inReplyTo", "subject", "receivedAt", "keywords", "mailboxIds", "messageId", "references",
    "textBody", "attachments", "bodyValues",
)  # fmt: skip


class MailPages:
    """Handlers of /basic and /basic/mail."""

    async def list(self, reader: Reader, answer: Answer) -> None:
        """GET ?of&box&at&q → one page of a mailbox, or of what a search finds."""
        query = reader.request.query
        boxes = await mailboxes(reader)
        words, wanted = query("q").strip()[:500], query("box")
        # Of an account of others perhaps one mailbox alone is shared.
        first = next(iter(boxes), None)
        box = next((one for one in boxes if one["id"] == wanted), first)
        if box is None or (wanted and box["id"] != wanted):
            raise NotFound
        at = min(int(query("at")), _FARTHEST) if query("at").isdecimal() and len(query("at")) < 9 else 0
        filter_: dict[str, Any] = {"text": words} if words else {"inMailbox": box["id"]}
        found, got = await reader.ask(
            ("Email/query", {
                "filter": filter_, "sort": [{"property": "receivedAt", "isAscending": False}],
                "position": at, "limit": ROWS + 1,
            }),
            ("Email/get", {
                "#ids": {"resultOf": "0", "name": "Email/query", "path": "/ids"},
                "properties": ["id", "from", "to", "subject", "receivedAt", "keywords", "hasAttachment"],
            }),
        )  # fmt: skip
        by_id = {one["id"]: one for one in got["list"]}
        rows = [by_id[one] for one in found["ids"] if one in by_id]
        place = {"q": words} if words else {"box": box["id"]}
        title = reader.words.raw("found", words=words) if words else mailbox_name(reader.words, box)
        outgoing = not words and box["role"] in {"sent", "drafts"}
        table = _table(reader, rows[:ROWS], outgoing=outgoing)
        body = f"<h1>{escape(title)}</h1>{table}{_turning(reader, place, at, more=len(found['ids']) > ROWS)}"
        before = head(reader, words) + _boxes(reader, boxes, "" if words else box["id"]) + await accounts(reader)
        await show(answer, shell(reader.words, title, body, before=before))

    async def read(self, reader: Reader, answer: Answer) -> None:
        """GET ?of&id → the letter; it is read from now on."""
        letter = await load(reader, reader.request.query("id"))
        rights = await _rights(reader, letter)
        if "$seen" not in letter["keywords"] and "maySetSeen" in rights:
            await reader.ask(("Email/set", {"update": {letter["id"]: {"keywords/$seen": True}}}))
        may = await reader.services.saving.told(reader.actor)
        words, subject = reader.words, letter["subject"] or reader.words.raw("no-subject")
        body = (
            f"<h1>{escape(subject)}</h1><dl>"
            f"<dt>{words('from')}</dt><dd>{_people(letter['from'])}</dd>"
            f"<dt>{words('to')}</dt><dd>{_people(letter['to'])}</dd>"
            + (f"<dt>{words('cc')}</dt><dd>{_people(letter['cc'])}</dd>" if letter["cc"] else "")
            + f"<dt>{words('when')}</dt><dd>{escape(reader.clock.show(words, letter['receivedAt']))}</dd></dl>"
            f"{self._acts(reader, letter, rights)}<pre>{escape(text_of(letter))}</pre>"
            f"{_attachments(reader, letter, may=may['maySaveAttachments'])}"
        )
        page = shell(words, subject, body, before=head(reader), printable=may["mayPrint"], copyable=may["mayCopy"])
        await show(answer, page)

    def _acts(self, reader: Reader, letter: Result, rights: frozenset[str]) -> str:
        words, email = reader.words, letter["id"]
        asked = {kind: {"re": email, "as": kind} for kind in ("answer", "answer-all", "forward")}
        if "$draft" in letter["keywords"]:
            asked = {"go-on": {"draft": email}} if GO_ON in rights else {}
        links = "".join(
            f'<a class="button" href="{reader.link("/basic/write", **query)}">{words(key)}</a>'
            for key, query in asked.items()
        )
        buttons = "".join(
            button(words(act), more=f" name=act value={act}")
            for act, right in (("unread", "maySetSeen"), ("delete", "mayRemoveItems"))
            if right in rights
        )
        kept = hidden(**{PROOF: token_of(reader.request), "id": email, "of": reader.mail})
        form = f'<form method="post" action="/basic/mail">{kept}{buttons}</form>' if buttons else ""
        return f'<div class="acts">{links}{form}</div>'

    async def act(self, reader: Reader, answer: Answer) -> None:
        """POST id and act (delete, unread) → the list."""
        form = await form_of(reader.request)
        reader.mail = form.text("of")[:40] or reader.account
        email = form.text("id")
        if form.text("act") == "unread":
            patch: dict[str, Any] = {"keywords/$seen": None}
        elif form.text("act") == "delete":
            trash = next((one for one in await mailboxes(reader) if one["role"] == "trash"), None)
            if trash is None:
                raise NotFound
            patch = {"mailboxIds": {trash["id"]: True}}
        else:
            raise Invalid("no such act")
        (result,) = await reader.ask(("Email/set", {"update": {email: patch}}))
        if result.get("notUpdated"):
            raise refusal(result["notUpdated"][email])
        await go(answer, reader.place("/basic"))


async def mailboxes(reader: Reader, *, own: bool = False) -> list[Result]:
    """Return the mailboxes of the mail on the page, or the reader's own, those with a role first."""
    properties = ["id", "name", "role", "unreadEmails", "myRights"]
    (got,) = await reader.ask(("Mailbox/get", {"ids": None, "properties": properties}), own=own)
    order = {role: at for at, role in enumerate(_ROLES)}
    return sorted(got["list"], key=lambda one: (order.get(one["role"], len(order)), one["name"]))


async def _rights(reader: Reader, letter: Result) -> frozenset[str]:
    """Return what the reader may do with a letter wherever it lies; to throw it away needs a place for it, too, and to go on
    with a draft (GO_ON) means to put another one in its place.
    """
    boxes = await mailboxes(reader)
    held = [one["myRights"] for one in boxes if one["id"] in letter["mailboxIds"]]
    found = {name for name in ("maySetSeen", "mayRemoveItems") if held and all(one[name] for one in held)}
    if held and all(one["mayRemoveItems"] and one["mayAddItems"] for one in held):
        found.add(GO_ON)
    if not any(one["role"] == "trash" and one["myRights"]["mayAddItems"] for one in boxes):
        found.discard("mayRemoveItems")
    return frozenset(found)


async def accounts(reader: Reader) -> str:
    """Return the line of accounts that are shared with the reader; nothing where there are none."""
    words = reader.words
    others = await reader.services.sharing.accounts_for(reader.actor)
    if not others:
        return ""
    named = [(reader.account, words.raw("own")), *((show_id(ACCOUNT, one.id), one.name or one.login) for one in others)]
    links = (
        f'<a href="/basic{"" if one == reader.account else f"?of={quote(one)}"}"'
        f"{' aria-current=page' if one == reader.mail else ''}>{escape(name)}</a>"
        for one, name in named
    )
    return f'<nav aria-label="{words("accounts")}">{" ".join(links)}</nav>'


def mailbox_name(words: Words, box: Result) -> str:
    """Return what a mailbox is called, as text."""
    return words.raw(f"box.{box['role']}") if box["role"] in _ROLES else str(box["name"])


async def load(reader: Reader, email: str, *, own: bool = False) -> Result:
    """Return a letter with its text. Raises NotFound."""
    more = {"fetchTextBodyValues": True, "maxBodyValueBytes": MAX_TEXT}
    return await reader.get("Email", email, list(_LETTER), own=own, **more)


def text_of(letter: Result) -> str:
    """Return the body as text; what is HTML alone is read as text, links with where they lead."""
    texts: list[str] = []
    for part in letter["textBody"]:
        value = letter["bodyValues"].get(part["partId"] or "")
        if value is not None:
            texts.append(to_text(value["value"], links=True) if part["type"] == "text/html" else value["value"])
    return "\n\n".join(texts)


def head(reader: Reader, looked_for: str = "") -> str:
    """Return the head line: home, writing, search, sign-out."""
    words = reader.words
    return (
        f'<header><a href="/basic"><strong>SmartMail</strong></a><a href="/basic/write">{words("write")}</a>'
        f'<a href="/basic/clock">{words("clock")}</a>'
        f'<form class="find" method="get" action="/basic" role="search">{_stays(reader)}'
        f'<input name="q" value="{escape(looked_for)}" aria-label="{words("search")}">{button(words("search"))}</form>'
        f'<span class="who">{escape(reader.actor.login)}</span>'
        f'<form method="post" action="/basic/sign-out">{hidden(**{PROOF: token_of(reader.request)})}'
        f"{button(words('sign-out'))}</form></header>"
    )


def _stays(reader: Reader) -> str:
    return hidden(of=reader.mail) if reader.mail != reader.account else ""


def _boxes(reader: Reader, boxes: Sequence[Result], here: str) -> str:
    words = reader.words
    links = (
        f'<a href="{reader.link("/basic", box=one["id"])}"{" aria-current=page" if one["id"] == here else ""}>'
        f"{escape(mailbox_name(words, one))}{f' ({count})' if (count := one['unreadEmails']) else ''}</a>"
        for one in boxes
    )
    return f"<nav>{' '.join(links)}</nav>"


def _table(reader: Reader, rows: Sequence[Result], *, outgoing: bool) -> str:
    words = reader.words
    if not rows:
        return f"<p>{words('empty')}</p>"
    mark = f' <span class="soft">[{words("file")}]</span>'
    lines = "".join(
        f"<tr{'' if '$seen' in one['keywords'] else ' class=new'}>"
        f'<td class="from">{_names(one["to" if outgoing else "from"])}</td>'
        f'<td><a href="{reader.link("/basic/mail", id=one["id"])}">{escape(one["subject"] or words.raw("no-subject"))}</a>'
        f"{mark if one['hasAttachment'] else ''}</td>"
        f'<td class="when">{escape(reader.clock.show(words, one["receivedAt"]))}</td></tr>'
        for one in rows
    )
    return f"<table>{lines}</table>"


def _turning(reader: Reader, place: dict[str, str], at: int, *, more: bool) -> str:
    links = [("newer", max(0, at - ROWS))] if at else []
    if more:
        links.append(("older", at + ROWS))
    shown = "".join(
        f'<a class="button" href="{reader.link("/basic", **place, at=str(to))}">{reader.words(key)}</a>'
        for key, to in links
    )
    return f'<p class="acts">{shown}</p>' if shown else ""


def _names(people: list[Result] | None) -> str:
    return escape(", ".join(one["name"] or one["email"] for one in (people or [])[:3]))


def _people(people: list[Result] | None) -> str:
    shown = (f"{one['name']} <{one['email']}>" if one["name"] else one["email"] for one in people or [])
    return escape(", ".join(shown))


def _attachments(reader: Reader, letter: Result, *, may: bool) -> str:
    if not letter["attachments"]:
        return ""
    words = reader.words
    items = []
    for part in letter["attachments"]:
        name = part["name"] or words.raw("file")
        shown = f"{escape(name)} <span class=soft>({max(1, part['size'] // 1024):,} KB)</span>"
        if may and part["blobId"]:
            place = f"/jmap/download/{reader.mail}/{part['blobId']}/{quote(name, safe='')}?accept={quote(part['type'])}"
            shown = f'<a href="{escape(place)}">{shown}</a>'
        items.append(f"<li>{shown}</li>")
    refused = "" if may else f"<p class=soft>{words('files.refused')}</p>"
    return f"<h2>{words('files')}</h2><ul>{''.join(items)}</ul>{refused}"
