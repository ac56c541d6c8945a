"""Writing a letter, answering and passing one on, with attachments."""

from html import escape
from typing import Any, Final

from smartmail.domain.errors import MailError, NotFound
from smartmail.edge.httpd.basic.asking import Reader, Result, Told, refusal, sentence
from smartmail.edge.httpd.basic.forms import MAX_LETTER, PROOF, Letters, form_of, token_of
from smartmail.edge.httpd.basic.looks import button, field, go, hidden, shell, show
from smartmail.edge.httpd.basic.mail import head, load, mailboxes, text_of, when
from smartmail.edge.httpd.blobs import media_type_of
from smartmail.edge.httpd.errors import STATUS
from smartmail.edge.httpd.jmap.ids import show_blob
from smartmail.edge.httpd.wire import Answer
from smartmail.formats.address import flatten, parse
from smartmail.formats.form_data import File, Form

_KINDS: Final = frozenset({"answer", "answer-all", "forward"})
_PIECE: Final = 1 << 20
_FIELDS: Final = ("to", "cc", "bcc", "subject", "body", "re", "as")


class WritingPages:
    """Handlers of /basic/write."""

    def __init__(self) -> None:
        self._letters = Letters()

    async def begin(self, reader: Reader, answer: Answer) -> None:
        """GET ?re&as → the form, filled in for an answer."""
        query = reader.request.query
        values = {"to": query("to"), "subject": "", "body": ""}
        kind = query("as")
        if kind in _KINDS:
            values = _answering(reader, await load(reader, query("re")), kind)
        await show(answer, self._form(reader, values))

    async def send(self, reader: Reader, answer: Answer) -> None:
        """POST the form → it is on its way, and the list; else the form again with what is wrong."""
        async with self._letters:
            form = await form_of(reader.request, MAX_LETTER)
            try:
                await self._send(reader, form)
            except MailError as error:
                note = sentence(error, reader.words.language)
                if form.files:
                    note = f"{note} {reader.words.raw('files.again')}"
                values = {name: form.text(name) for name in _FIELDS}
                await show(answer, self._form(reader, values, note), STATUS[error.code])
                return
        await go(answer, "/basic")

    def _form(self, reader: Reader, values: dict[str, str], note: str = "") -> bytes:
        words = reader.words
        kept = hidden(**{PROOF: token_of(reader.request), "re": values.get("re", ""), "as": values.get("as", "")})
        lines = "".join(field(words(name), name, values.get(name, "")) for name in ("to", "cc", "bcc", "subject"))
        shown = f'<p class="note" role="alert">{escape(note)}</p>' if note else ""
        passed = f'<p class="soft">{words("files.passed")}</p>' if values.get("as") == "forward" else ""
        body = (
            f"<h1>{words('write')}</h1>{shown}"
            f'<form method="post" action="/basic/write" enctype="multipart/form-data" class="whole">{kept}{lines}'
            f'<label for="body">{words("body")}</label>'
            # A first line break in a textarea is dropped by browsers (HTML, textarea).
            f'<textarea id="body" name="body" rows="16">\n{escape(values.get("body", ""))}</textarea>'
            f'<label for="file">{words("files")}</label><input id="file" type="file" name="file" multiple>{passed}'
            f'<p class="acts">{button(words("send"), chief=True)}</p></form>'
        )
        return shell(words, words.raw("write"), body, before=head(reader))

    async def _send(self, reader: Reader, form: Form) -> None:
        to, cc, bcc = (addresses(form.text(name)) for name in ("to", "cc", "bcc"))
        if not (to or cc or bcc):
            raise Told(reader.words.raw("no-recipient"))
        kind = form.text("as") if form.text("as") in _KINDS else ""
        about = await load(reader, form.text("re")) if kind else None
        places = {one["role"]: one["id"] for one in await mailboxes(reader)}
        identity = await _identity(reader)
        attachments = [await _uploaded(reader, one) for one in form.files if one.name]
        if kind == "forward" and about is not None:
            attachments += [_passed_on(one) for one in about["attachments"] if one["blobId"]]
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
        filed = {f"mailboxIds/{drafts}": None, f"mailboxIds/{sent}": True, "keywords/$draft": None}
        made, submitted = await reader.ask(
            ("Email/set", {"create": {"letter": email}}),
            ("EmailSubmission/set", {
                "create": {"sending": {"identityId": identity["id"], "emailId": "#letter"}},
                "onSuccessUpdateEmail": {"#sending": filed},
            }),
        )  # fmt: skip
        if made.get("notCreated"):
            raise refusal(made["notCreated"]["letter"], reader.words)
        if submitted.get("notCreated"):
            await reader.ask(("Email/set", {"destroy": [made["created"]["letter"]["id"]]}))
            raise refusal(submitted["notCreated"]["sending"], reader.words)
        if about is not None:
            mark = "$forwarded" if kind == "forward" else "$answered"
            await reader.ask(("Email/set", {"update": {about["id"]: {f"keywords/{mark}": True}}}))


def addresses(text: str) -> list[dict[str, str]]:
    """Return the recipients of a line: by comma, semicolon or line break, with or without names."""
    octets = text.replace(";", ",").replace("\r\n", ",").replace("\n", ",").encode("utf-8", "replace")
    return [{"name": one.name, "email": one.address} for one in flatten(parse(octets))]


def _answering(reader: Reader, about: Result, kind: str) -> dict[str, str]:
    words, subject = reader.words, about["subject"] or ""
    mark = "Fwd: " if kind == "forward" else "Re: "
    if not subject.lower().startswith(mark.lower()):
        subject = mark + subject
    writers = about["replyTo"] or about["from"] or []
    wrote = words.raw("wrote", when=when(words, about["receivedAt"]), who=_line(about["from"] or []))
    quoted = "\n".join(f"> {line}".rstrip() for line in text_of(about).splitlines())
    values = {"re": about["id"], "as": kind, "subject": subject, "body": f"\n\n{wrote}\n{quoted}\n"}
    if kind != "forward":
        values["to"] = _line(writers)
    if kind == "answer-all":
        known = {reader.actor.login.lower(), *(one["email"].lower() for one in writers)}
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


def _passed_on(part: Result) -> dict[str, Any]:
    return {"blobId": part["blobId"], "type": part["type"], "name": part["name"], "disposition": "attachment"}


async def _identity(reader: Reader) -> Result:
    (got,) = await reader.ask(("Identity/get", {"ids": None, "properties": ["id", "name", "email"]}))
    own = [one for one in got["list"] if one["email"].lower() == reader.actor.login.lower()] or got["list"]
    if not own:
        raise NotFound
    return dict(own[0])


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
