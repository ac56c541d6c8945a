"""From the object of an Email/set create to the octets of a message (RFC 8621 §4.6).

With textBody, htmlBody and attachments `formats.compose` builds the one nesting that every mail client shows rightly;
a bodyStructure is built as it is.
LIMITS  MAX_ATTACHMENTS octets of attachments in all.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.blob_reading import is_original, open_blob
from smartmail.edge.httpd.jmap.context import Call
from smartmail.edge.httpd.jmap.setting import Refused, refuse
from smartmail.formats import charset, structure
from smartmail.formats.address import Mailbox, split_address
from smartmail.formats.compose import Attachment, ComposeError, Draft, compose
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.structure import Node
from smartmail.formats.words import decode_text
from smartmail.proto.jmap.emails import EmailAddress, EmailCreate, HeaderProperty, PartCreate, take_headers
from smartmail.proto.jmap.errors import SetError

MAX_ATTACHMENTS: Final = 50_000_000
"""Told as maxSizeAttachmentsPerEmail; base64 makes it 68 MB on the wire."""
SETTABLE: Final = frozenset(one.encode_name for one in msgspec.structs.fields(EmailCreate)) | {"bodyStructure"}

# RFC 8621 §4.6: these fields may come as `header:…` instead of the property.
_PROPERTY_OF: Final = {
    "from": "from", "sender": "sender", "to": "to", "cc": "cc", "bcc": "bcc", "reply-to": "replyTo",
    "subject": "subject", "message-id": "messageId", "in-reply-to": "inReplyTo", "references": "references",
    "date": "sentAt",
}  # fmt: skip
_FIELD_OF: Final = {
    "from": "from", "sender": "sender", "reply_to": "replyTo", "message_id": "messageId", "in_reply_to": "inReplyTo",
}  # fmt: skip
_PATH: Final = re.compile(r"\$\.(\w+)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message to be made: the object, further header fields as (name, text), and the tree of its body if given."""

    email: EmailCreate
    headers: tuple[tuple[str, str], ...]
    structure: "PartTree | None" = None


@dataclass(frozen=True, slots=True)
class PartTree:
    """A part of a bodyStructure."""

    part: PartCreate
    headers: tuple[tuple[str, str], ...]
    below: "tuple[PartTree, ...] | None"


def read_create(raw: Mapping[str, Any]) -> Wanted:
    """Return the object of a create in its shape. Raises Refused, naming what cannot be."""
    rest, headers, bad = take_headers({name: value for name, value in raw.items() if value is not None})
    extra: list[tuple[str, str]] = []
    for header, value in headers:
        name = _PROPERTY_OF.get(header.name.lower())
        if name is None:
            extra += _fields(header, value)
        elif name in rest or header.all or not _fits(name, header.form):
            bad.append(header.property)
        else:
            rest[name] = value
        if header.name.lower().startswith("content-"):
            # RFC 8621 §4.6: those belong to parts.
            bad.append(header.property)
    bad += [name for name in rest if name not in SETTABLE]
    if bad:
        raise refuse(*bad)
    raw_tree = rest.pop("bodyStructure", None)
    tree = None if raw_tree is None else _tree(raw_tree)
    try:
        return Wanted(msgspec.convert(rest, EmailCreate), tuple(extra), tree)
    except (msgspec.ValidationError, RecursionError) as error:
        match = _PATH.search(str(error))
        raise refuse(*([match[1]] if match else ["mailboxIds"]), description=str(error)[:200]) from None


def _tree(raw: Any) -> PartTree:
    """Return a part and all below it. Raises Refused. The depth of a request bounds the recursion."""
    if not isinstance(raw, dict):
        raise refuse("bodyStructure")
    rest, headers, bad = take_headers({name: value for name, value in raw.items() if value is not None})
    below = rest.pop("subParts", None)
    if bad or not (below is None or isinstance(below, list)):
        raise refuse("bodyStructure", *(f"bodyStructure/{name}" for name in bad))
    try:
        part = msgspec.convert(rest, PartCreate)
    except msgspec.ValidationError as error:
        raise refuse("bodyStructure", description=str(error)[:200]) from None
    fields = tuple(pair for header, value in headers for pair in _fields(header, value))
    return PartTree(part, fields, None if below is None else tuple(_tree(one) for one in below))


def _fits(name: str, form: str) -> bool:
    """The form of the property itself (RFC 8621 §4.1.2); a raw subject is text as well."""
    if name == "subject":
        return form in {"Text", "Raw"}
    if name == "sentAt":
        return form == "Date"
    return form == ("MessageIds" if name in {"messageId", "inReplyTo", "references"} else "Addresses")


def _fields(header: HeaderProperty, value: Any) -> Iterator[tuple[str, str]]:
    """Return (name, text) for each value. Raises Refused for a value that does not fit its form."""
    for one in value if header.all and isinstance(value, list) else [value]:
        try:
            yield header.name, _text_of(header.form, one)
        except (TypeError, KeyError, msgspec.ValidationError):
            raise refuse(header.property) from None


def _text_of(form: str, value: Any) -> str:
    if form == "Raw":
        # What is encoded already is decoded first: `compose` encodes.
        return decode_text(_unfolded(msgspec.convert(value, str)).encode("utf-8", "replace")).strip()
    if form in {"Text", "Date"}:
        return msgspec.convert(value, str)
    if form in {"MessageIds", "URLs"}:
        return (" " if form == "MessageIds" else ", ").join(f"<{one}>" for one in msgspec.convert(value, list[str]))
    if form == "Addresses":
        return ", ".join(_address_text(one) for one in msgspec.convert(value, list[EmailAddress]))
    return ", ".join(_group_text(one) for one in msgspec.convert(value, list[dict[str, Any]]))


_FOLD: Final = re.compile(r"\r\n(?=[ \t])")


def _unfolded(value: str) -> str:
    """Return a raw header value on one line (RFC 5322 §2.2.3). Raises TypeError where a line end is no fold: it would begin
    another field.
    """
    text = _FOLD.sub("", value)
    if "\r" in text or "\n" in text or "\0" in text:
        raise TypeError("a line end that is no fold")
    return text


def _address_text(one: EmailAddress) -> str:
    return f'"{one.name}" <{one.email}>' if one.name else one.email


def _group_text(one: dict[str, Any]) -> str:
    members = ", ".join(_address_text(box) for box in msgspec.convert(one["addresses"], list[EmailAddress]))
    return f"{one['name']}: {members};" if one.get("name") else members


# -- octets ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Body:
    text: str | None = None
    html: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    octets: int = 0
    root: Node | None = None


async def build(call: Call, account_id: AccountId, wanted: Wanted) -> bytes:
    """Return the message. Raises Refused: blobNotFound, tooLarge, invalidProperties."""
    body = await _body(call, account_id, wanted)
    draft = await _draft(call, account_id, wanted)
    draft = replace(draft, text=body.text, html=body.html, attachments=body.attachments)
    try:
        return await asyncio.to_thread(_composed, draft, body.root, secrets.token_hex(12))
    except ComposeError as error:
        name = error.field.split("[")[0].split(".")[0]
        raise refuse(_FIELD_OF.get(name, name), description=error.reason) from None


def _composed(draft: Draft, root: Node | None, nonce: str) -> bytes:
    if root is None:
        return compose(draft, nonce=nonce)
    try:
        body = structure.encode(root, nonce=nonce)
    except ComposeError as error:
        raise ComposeError("bodyStructure", f"{error.field} {error.reason}") from None
    return compose(draft, nonce=nonce, body=body)


async def _draft(call: Call, account_id: AccountId, wanted: Wanted) -> Draft:
    email = wanted.email
    account = await call.context.services.directory.account(account_id)
    # RFC 5322 §3.6.2: From is a must; a draft without one gets the account's own.
    from_ = _boxes(email.from_) or (Mailbox(account.name, account.login),)
    if email.message_id is not None and len(email.message_id) != 1:
        raise refuse("messageId")
    if email.sender is not None and len(email.sender) != 1:
        raise refuse("sender")
    domain = split_address(from_[0].address)[1] or split_address(account.login)[1]
    return Draft(
        from_=from_,
        date=_date(email.sent_at),
        message_id=email.message_id[0] if email.message_id else f"{secrets.token_hex(16)}@{_ascii(domain)}",
        subject=email.subject or "",
        sender=_boxes(email.sender)[0] if email.sender else None,
        reply_to=_boxes(email.reply_to),
        to=_boxes(email.to),
        cc=_boxes(email.cc),
        bcc=_boxes(email.bcc),
        in_reply_to=email.in_reply_to or (),
        references=email.references or (),
        headers=wanted.headers,
    )


def _ascii(domain: str) -> str:
    return domain if domain.isascii() else "localhost"


def _boxes(addresses: Sequence[EmailAddress] | None) -> tuple[Mailbox, ...]:
    return tuple(Mailbox(one.name or "", one.email) for one in addresses or ())


def _date(text: str | None) -> tuple[int, int]:
    """Return (seconds, minutes east)."""
    if text is None:
        return int(time.time()), 0
    try:
        moment = datetime.fromisoformat(text)
        offset = moment.utcoffset()
        return int(moment.timestamp()), int(offset.total_seconds() // 60) if offset else 0
    except (ValueError, OverflowError):
        raise refuse("sentAt") from None


async def _body(call: Call, account_id: AccountId, wanted: Wanted) -> _Body:
    email = wanted.email
    if any(one.is_encoding_problem or one.is_truncated for one in email.body_values.values()):
        raise refuse("bodyValues")
    body = _Body()
    if wanted.structure is not None:
        if email.text_body or email.html_body or email.attachments:
            raise refuse("bodyStructure", "textBody", "htmlBody", "attachments")
        body.root = await _node(call, account_id, email, body, wanted.structure)
        return body
    body.text = await _only(call, account_id, email, email.text_body, "textBody", "text/plain")
    body.html = await _only(call, account_id, email, email.html_body, "htmlBody", "text/html")
    for part in email.attachments or ():
        body.attachments.append(await _attachment(call, account_id, email, body, part, "attachments"))
    return body


async def _only(
    call: Call, account_id: AccountId, email: EmailCreate, parts: Sequence[PartCreate] | None, name: str, kind: str
) -> str | None:
    if parts is None:
        return None
    if len(parts) != 1 or (parts[0].type or kind).lower() != kind:
        # RFC 8621 §4.6: exactly one part, of that type.
        raise refuse(name)
    return await _text(call, account_id, email, parts[0], name)


async def _node(call: Call, account_id: AccountId, email: EmailCreate, body: _Body, tree: PartTree) -> Node:
    part, property_ = tree.part, "bodyStructure"
    media_type = (part.type or "text/plain").lower()
    content: bytes | str = b""
    below: list[Node] | None = None
    if tree.below is not None:
        if part.part_id is not None or part.blob_id is not None:
            raise refuse(property_, description="a multipart has no content of its own")
        below = [await _node(call, account_id, email, body, one) for one in tree.below]
    elif part.blob_id is not None:
        if part.part_id is not None:
            raise refuse(property_, description="a part has a body value or a blob, not both")
        content = await _content(call, account_id, part.blob_id, MAX_ATTACHMENTS - body.octets)
        body.octets += len(content)
    else:
        content = _value(email, part, property_)
    return Node(
        media_type, content, below, part.name or "", part.charset or "", part.disposition or "", part.cid or "",
        part.language or (), part.location or "", tree.headers,
    )  # fmt: skip


async def _text(call: Call, account_id: AccountId, email: EmailCreate, part: PartCreate, property_: str) -> str:
    if part.blob_id is None:
        return _value(email, part, property_)
    octets = await _content(call, account_id, part.blob_id, MAX_ATTACHMENTS)
    return charset.decode(octets, part.charset)[0]


def _value(email: EmailCreate, part: PartCreate, property_: str) -> str:
    value = email.body_values.get(part.part_id or "")
    if value is None:
        raise refuse(property_, description="a part has neither a body value nor a blob")
    if part.charset is not None:
        raise refuse(f"{property_}/charset", description="the charset of a body value is the server's choice")
    return value.value


async def _attachment(
    call: Call, account_id: AccountId, email: EmailCreate, body: _Body, part: PartCreate, property_: str
) -> Attachment:
    if part.blob_id is not None and part.part_id is not None:
        raise refuse(property_)
    kind, label = part.type or "application/octet-stream", part.charset or ""
    if part.blob_id is None:
        content, label = _value(email, part, property_).encode(), "utf-8"
    else:
        if kind.casefold() != "message/rfc822":
            await _require_no_original(call, account_id, part.blob_id, property_)
        content = await _content(call, account_id, part.blob_id, MAX_ATTACHMENTS - body.octets)
    body.octets += len(content)
    inline = part.disposition == "inline" or (part.disposition is None and bool(part.cid))
    disposition: Literal["attachment", "inline"] = "inline" if inline else "attachment"
    return Attachment(part.name or "", kind, content, disposition, part.cid or "", label)


async def _require_no_original(call: Call, account_id: AccountId, text: str, property_: str) -> None:
    """Raise Refused for a whole message under another type where originals may not be saved: whoever looks at letters
    that go outside looks for messages (service.flow.outgoing.limits).
    """
    name = ids.parse_blob(call.created_ids.resolve(text) or "")
    if name is None:
        return
    services, actor = call.context.services, call.context.actor
    try:
        if await is_original(name, await services.reading.reader(actor, account_id, name.blob_id)):
            await services.saving.require(actor, account_id, name.blob_id, whole=True)
    except NotFound:
        return  # told where its content is asked for
    except Forbidden as error:
        raise refuse(f"{property_}/type", description=error.public) from None


async def _content(call: Call, account_id: AccountId, text: str, room: int) -> bytes:
    """Return the content of a blob. Raises Refused: blobNotFound, tooLarge."""
    try:
        return await blob_content(call, account_id, text, room)
    except NotFound:
        raise Refused(SetError("blobNotFound", not_found=[text])) from None


async def blob_content(call: Call, account_id: AccountId, text: str, room: int) -> bytes:
    """Return the decoded content of a blob id, or of `#creation` (RFC 9404 §4.1). Raises NotFound, Refused tooLarge."""
    target = call.created_ids.resolve(text) or ""
    name, reader = await open_blob(call.context.services, call.context.actor, account_id, target)
    end = reader.size if name.end is None else min(name.end, reader.size)
    octets = end - name.start
    if octets > room * (1 if name.encoding == "" else 2):
        raise Refused(SetError("tooLarge", max_size=MAX_ATTACHMENTS))
    content = await reader.read(name.start, max(0, octets))
    return content if name.encoding == "" else await asyncio.to_thread(decode_body, content, name.encoding)
