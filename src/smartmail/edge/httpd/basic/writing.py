"""Writing a letter, answering and passing one on, with attachments; keeping it as a draft and going on with it.

A letter is always one of the writer's own account, also an answer to mail of others (docs/adr/0063): whose address it
leaves from is chosen among those that the writer may send as, that of the mail that is answered first. Drafts of a team
(`team_drafts`) are kept where they are until they are sent.
"""

import contextlib
from html import escape
from typing import Any, Final

from smartmail.domain.errors import MailError, NotFound, TooLarge
from smartmail.edge.httpd.basic import team_drafts
from smartmail.edge.httpd.basic.asking import Reader, Result, Told, refusal, sentence
from smartmail.edge.httpd.basic.forms import MAX_LETTER, PROOF, Letters, form_of, token_of
from smartmail.edge.httpd.basic.looks import button, field, go, hidden, shell, show
from smartmail.edge.httpd.basic.mail import head, load, mailboxes, text_of
from smartmail.edge.httpd.basic.team_drafts import part
from smartmail.edge.httpd.blobs import media_type_of
from smartmail.edge.httpd.errors import STATUS
from smartmail.edge.httpd.jmap.ids import ACCOUNT, show_blob
from smartmail.edge.httpd.jmap.ids import show as show_id
from smartmail.edge.httpd.wire import Answer
from smartmail.formats.address import flatten, parse
from smartmail.formats.form_data import File, Form

_KINDS: Final = frozenset({"answer", "answer-all", "forward"})
_PIECE: Final = 1 << 20
MAX_LINE: Final = 100_000
"""Characters of one line of recipients."""
_FIELDS: Final = ("to", "cc", "bcc", "subject", "body", "re", "as", "draft", "from")


class WritingPages:
    """Handlers of /basic/write."""

    def __init__(self) -> None:
        self._letters = Letters()

    async def begin(self, reader: Reader, answer: Answer) -> None:
        """GET ?of&re&as, or ?of&draft → the form, filled in for an answer or with what was kept."""
        query = reader.request.query
        values, kept = {"to": query("to"), "subject": "", "body": ""}, None
        if query("as") in _KINDS:
            mine = {reader.actor.login.lower(), await _here(reader)}
            values = _answering(reader, await load(reader, query("re")), query("as"), mine)
        elif query("draft"):
            kept = await _draft(reader, query("draft"))
            values = _going_on(kept)
        await show(answer, await self._form(reader, values, kept=kept))

    async def send(self, reader: Reader, answer: Answer) -> None:
        """POST the form → it is on its way or kept, and the list; else the form again with what is wrong."""
        async with self._letters:
            form = await form_of(reader.request, MAX_LETTER)
            reader.mail = form.text("of")[:40] or reader.account
            try:
                await self._send(reader, form)
            except MailError as error:
                note = sentence(error, reader.words.language)
                if form.files:
                    note = f"{note} {reader.words.raw('files.again')}"
                values = {name: form.text(name) for name in _FIELDS}
                if isinstance(error, team_drafts.Taken):
                    values["draft"] = error.draft
                kept = None
                with contextlib.suppress(NotFound):
                    # A draft that has gone meanwhile takes none of the words with it.
                    kept = await _kept(reader, values["draft"])
                page = await self._form(reader, values, note, kept)
                await show(answer, page, STATUS[error.code])
                return
        await go(answer, reader.place("/basic"))

    async def _form(self, reader: Reader, values: dict[str, str], note: str = "", kept: Result | None = None) -> bytes:
        words = reader.words
        more = {name: values.get(name, "") for name in ("re", "as", "draft")}
        fixed = hidden(**{PROOF: token_of(reader.request), "of": reader.mail, **more})
        lines = await _senders(reader, values.get("from", ""))
        lines += "".join(field(words(name), name, values.get(name, "")) for name in ("to", "cc", "bcc", "subject"))
        shown = f'<p class="note" role="alert">{escape(note)}</p>' if note else ""
        passed = f'<p class="soft">{words("files.passed")}</p>' if values.get("as") == "forward" else ""
        passed += _told_of(reader, kept)
        body = (
            f"<h1>{words('write')}</h1>{shown}"
            f'<form method="post" action="/basic/write" enctype="multipart/form-data" class="whole">{fixed}{lines}'
            f'<label for="body">{words("body")}</label>'
            # A first line break in a textarea is dropped by browsers (HTML, textarea).
            f'<textarea id="body" name="body" rows="16">\n{escape(values.get("body", ""))}</textarea>'
            f'<label for="file">{words("files")}</label><input id="file" type="file" name="file" multiple>{passed}'
            f'<p class="acts">{button(words("send"), chief=True)}'
            f"{button(words('keep'), more=' name=act value=keep')}</p></form>"
        )
        return shell(words, words.raw("write"), body, before=head(reader))

    async def _send(self, reader: Reader, form: Form) -> None:
        to, cc, bcc = (addresses(form.text(name)) for name in ("to", "cc", "bcc"))
        keeps = form.text("act") == "keep"
        if not (to or cc or bcc or keeps):
            raise Told(reader.words.raw("no-recipient"))
        kind = form.text("as") if form.text("as") in _KINDS else ""
        about = await load(reader, form.text("re")) if kind else None
        before = await _before(reader, form.text("draft"))
        team = before if reader.mail != reader.account else None
        places = {one["role"]: one["id"] for one in await mailboxes(reader, own=True)}
        identity = await _identity(reader, form.text("from"))
        added = [await _uploaded(reader, one) for one in form.files if one.name]
        attachments = list(added)
        if kind == "forward" and about is not None:
            attachments += await _passed_on(reader, about)
        if before is not None and not (keeps and team):
            files = [part(one, one["blobId"]) for one in before["attachments"] if one["blobId"]]
            attachments += await team_drafts.copied(reader, files, own=True) if team else files
        drafts, sent = places.get("drafts"), places.get("sent")
        if drafts is None or sent is None:
            raise NotFound
        email: dict[str, Any] = {
            "mailboxIds": {drafts: True}, "keywords": {"$draft": True, "$seen": True},
            "from": [{"name": identity["name"], "email": identity["email"]}], "to": to, "cc": cc, "bcc": bcc,
            "subject": form.text("subject"), "textBody": [{"partId": "1", "type": "text/plain"}],
            "bodyValues": {"1": {"value": form.text("body").replace("\r\n", "\n")}}, "attachments": attachments,
        }  # fmt: skip
        if about is not None and kind != "forward":
            email |= _follows(about)
        elif before is not None:
            email |= {name: before[name] for name in ("inReplyTo", "references") if before[name]}
        if team is not None and not await _writes_for(reader):
            if not keeps:
                raise Told(reader.words.raw("team.may-not-send"))
            email["from"] = team["from"]
        if team is not None and keeps:
            await team_drafts.keep(reader, email, team, added)
            return
        filed = {f"mailboxIds/{drafts}": None, f"mailboxIds/{sent}": True, "keywords/$draft": None}
        sending = {"identityId": identity["id"], "emailId": "#letter"}
        submission = {"create": {"sending": sending}, "onSuccessUpdateEmail": {"#sending": filed}}
        if team is not None:
            await team_drafts.send(reader, email, team, submission)
            return
        if keeps:
            await _draft_kept(reader, email)
        else:
            await _submitted(reader, email, submission)
        await _forget(reader, before)
        if about is not None and not keeps:
            mark = "$forwarded" if kind == "forward" else "$answered"
            await reader.ask(("Email/set", {"update": {about["id"]: {f"keywords/{mark}": True}}}))


async def _draft_kept(reader: Reader, email: dict[str, Any]) -> None:
    (made,) = await reader.ask(("Email/set", {"create": {"letter": email}}), own=True)
    if made.get("notCreated"):
        raise refusal(made["notCreated"]["letter"], reader.words)


async def _submitted(reader: Reader, email: dict[str, Any], submission: dict[str, Any]) -> None:
    """Make the letter and send it; one that is refused leaves nothing behind."""
    made, submitted = await reader.ask(
        ("Email/set", {"create": {"letter": email}}), ("EmailSubmission/set", submission), own=True
    )
    if made.get("notCreated"):
        raise refusal(made["notCreated"]["letter"], reader.words)
    if submitted.get("notCreated"):
        await reader.ask(("Email/set", {"destroy": [made["created"]["letter"]["id"]]}), own=True)
        raise refusal(submitted["notCreated"]["sending"], reader.words)


def addresses(text: str) -> list[dict[str, str]]:
    """Return the recipients of a line: by comma, semicolon or line break, with or without names. Raises TooLarge."""
    if len(text) > MAX_LINE:
        raise TooLarge("too many recipients in one line: write to a group, or send several letters")
    octets = text.replace(";", ",").replace("\r\n", ",").replace("\n", ",").encode("utf-8", "replace")
    return [{"name": one.name, "email": one.address} for one in flatten(parse(octets))]


def _answering(reader: Reader, about: Result, kind: str, mine: set[str]) -> dict[str, str]:
    words, subject = reader.words, about["subject"] or ""
    mark = "Fwd: " if kind == "forward" else "Re: "
    if not subject.lower().startswith(mark.lower()):
        subject = mark + subject
    writers = about["replyTo"] or about["from"] or []
    wrote = words.raw("wrote", when=reader.clock.show(words, about["receivedAt"]), who=_line(about["from"] or []))
    quoted = "\n".join(f"> {line}".rstrip() for line in text_of(about).splitlines())
    values = {"re": about["id"], "as": kind, "subject": subject, "body": f"\n\n{wrote}\n{quoted}\n"}
    if kind != "forward":
        values["to"] = _line(writers)
    if kind == "answer-all":
        known = {*mine, *(one["email"].lower() for one in writers)}
        others = [*(about["to"] or []), *(about["cc"] or [])]
        values["cc"] = _line([one for one in others if one["email"].lower() not in known])
    return values


def _line(people: list[Result]) -> str:
    """Return people as a line that `addresses` reads back."""
    return ", ".join(
        f'"{_quoted(one["name"])}" <{one["email"]}>' if one["name"] else one["email"] for one in people
    )  # fmt: skip


def _quoted(name: str) -> str:
    """A semicolon would part addresses; quotes would end the name."""
    return name.replace("\\", "").replace('"', "").replace(";", " ")


def _follows(about: Result) -> dict[str, list[str]]:
    """Return what makes it an answer (RFC 5322 §3.6.4)."""
    ids = about["messageId"] or []
    return {"inReplyTo": ids, "references": [*(about["references"] or []), *ids]} if ids else {}


async def _passed_on(reader: Reader, about: Result) -> list[dict[str, Any]]:
    """Return the files of a letter for one of the reader's own: those of others are copied (RFC 8620 §6.3)."""
    files = [one for one in about["attachments"] if one["blobId"]]
    if reader.mail == reader.account or not files:
        return [part(one, one["blobId"]) for one in files]
    wanted = {"fromAccountId": reader.mail, "blobIds": list({one["blobId"] for one in files})}
    (told,) = await reader.ask(("Blob/copy", wanted), own=True)
    copied = told.get("copied") or {}
    return [part(one, copied[one["blobId"]]) for one in files if one["blobId"] in copied]


async def _here(reader: Reader) -> str:
    """Return the address of the account on the page when it is somebody else's."""
    if reader.mail == reader.account:
        return ""
    others = await reader.services.sharing.accounts_for(reader.actor)
    return next((one.login.lower() for one in others if show_id(ACCOUNT, one.id) == reader.mail), "")


async def _identities(reader: Reader) -> list[Result]:
    """Return whom the reader may send as: the mail on the page first where that is somebody else's, then their own."""
    properties = ["id", "name", "email", "accountId"]
    (got,) = await reader.ask(("Identity/get", {"ids": None, "properties": properties}), own=True)
    order = [await _here(reader), reader.actor.login.lower()]
    return sorted(
        got["list"], key=lambda one: order.index(mail) if (mail := one["email"].lower()) in order else len(order)
    )


async def _identity(reader: Reader, chosen: str) -> Result:
    found = await _identities(reader)
    if not found:
        raise NotFound
    return next((one for one in found if one["id"] == chosen), found[0])


async def _writes_for(reader: Reader) -> bool:
    """Say whether the reader may send as the account on the page."""
    return any(one["accountId"] == reader.mail for one in await _identities(reader))


async def _senders(reader: Reader, chosen: str) -> str:
    """Return the choice of whom to write as; nothing where there is none."""
    found = await _identities(reader)
    if len(found) < 2:
        return ""
    first = next((one["id"] for one in found if chosen in {one["id"], one["email"].lower()}), found[0]["id"])
    options = "".join(
        f'<option value="{escape(one["id"])}"{" selected" if one["id"] == first else ""}>{_shown(one)}</option>'
        for one in found
    )
    label = reader.words("as-whom")
    return f'<label for="from">{label}</label><select id="from" name="from">{options}</select>'


def _shown(identity: Result) -> str:
    return escape(f"{identity['name']} <{identity['email']}>" if identity["name"] else identity["email"])


async def _draft(reader: Reader, email: str) -> Result:
    """Return a draft of the mail on the page. Raises NotFound, also for a letter that is none."""
    letter = await load(reader, email)
    if "$draft" not in letter["keywords"]:
        raise NotFound
    return letter


async def _kept(reader: Reader, email: str) -> Result | None:
    return await _draft(reader, email) if email else None


async def _before(reader: Reader, email: str) -> Result | None:
    """Return the draft that a letter was. Raises NotFound; Taken where it was a team's."""
    try:
        return await _kept(reader, email)
    except NotFound:
        if reader.mail == reader.account:
            raise
        raise team_drafts.Taken(reader.words.raw("team.taken")) from None


async def _forget(reader: Reader, draft: Result | None) -> None:
    if draft is not None:
        await reader.ask(("Email/set", {"destroy": [draft["id"]]}), own=True)


def _going_on(draft: Result) -> dict[str, str]:
    lines = {name: _line(draft[name] or []) for name in ("to", "cc", "bcc")}
    sender = next((one["email"].lower() for one in draft["from"] or []), "")
    return {
        **lines, "subject": draft["subject"] or "", "body": text_of(draft), "draft": draft["id"], "from": sender,
    }  # fmt: skip


def _told_of(reader: Reader, draft: Result | None) -> str:
    """Return what happens to the files of a draft, and to what its text cannot hold."""
    if draft is None:
        return ""
    names = ", ".join(one["name"] or reader.words.raw("file") for one in draft["attachments"])
    files = f'<p class="soft">{reader.words("draft.files", names=names)}</p>' if names else ""
    plain = all(one["type"] != "text/html" for one in draft["textBody"])
    return files if plain else f'{files}<p class="soft">{reader.words("draft.plain")}</p>'


async def _uploaded(reader: Reader, file: File) -> dict[str, Any]:
    """Take a file in as the webmail's uploads are; return the part of a letter that it becomes."""
    uploads, account = reader.services.uploads, reader.actor.account_id
    media_type = media_type_of(file.type)
    writer = await uploads.begin(reader.actor, account, len(file.octets))
    for at in range(0, len(file.octets), _PIECE):
        await writer.append(file.octets[at : at + _PIECE])
    blob_id, size = await uploads.finish(reader.actor, account, writer, media_type)
    await reader.services.defence.accounts.use(reader.actor).note(written=size)
    return {"blobId": show_blob(blob_id), "type": media_type, "name": file.name[:255], "disposition": "attachment"}
