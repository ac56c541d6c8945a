"""Whether a message may be answered by itself, and the messages that a filter writes (RFC 3834, RFC 5230, RFC 5436).

Pure decisions and text; who sends them is `effects`. Must not know the store.
SECURITY  Never answered: the null reverse-path, ourselves, lists, bulk, other machines, mail that does not name the
          person. So no two machines can answer each other for ever.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from smartmail.base.i18n import translate
from smartmail.formats.address import Mailbox, flatten, normalize, parse, split_address
from smartmail.formats.compose import Draft, compose
from smartmail.formats.encoding import base64_lines, canonical_lines
from smartmail.formats.headers import Header, message_ids, split_fields
from smartmail.formats.html_text import to_text
from smartmail.proto.sieve import Notify, Reply
from smartmail.proto.sieve.mailto import Mailto, read_mailto

_MACHINES: Final = re.compile(
    r"(?:mailer-daemon|listserv|majordomo|postmaster|bounces?|no-?reply|do-?not-?reply|owner-.*|.*-(?:request|owner|bounces?))\Z"
)
"""RFC 5230 §4.6 and what its kind is called today."""
_BULK: Final = frozenset({"bulk", "list", "junk"})
_LIST_FIELDS: Final = (
    "list-id", "list-help", "list-subscribe", "list-unsubscribe", "list-post", "list-owner", "list-archive",
)  # fmt: skip
_NAMING: Final = ("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc")
_LINE_ENDS: Final = re.compile(r"[\r\n\t]+")
MAX_SUBJECT: Final = 500


@dataclass(frozen=True, slots=True)
class Writing:
    """What a message of ours needs besides its text: ids and time come from outside."""

    message_id: str
    now: int
    zone: int
    nonce: str
    language: str


def refusal_to_answer(header: Header, sender: str, own: Collection[str]) -> str:
    """Return why a message gets no answer, "" when it may get one (RFC 5230 §4.5, §4.6). `own` in normal form."""
    if not sender:
        return "the sender is the null reverse-path"
    if normalize(sender) in own:
        return "the sender is the person"
    if _MACHINES.match(split_address(sender)[0].lower()):
        return "the sender is a machine"
    if _word(header, "auto-submitted") not in {"", "no"}:
        return "the message was sent by a machine"
    if any(header.first(name) is not None for name in _LIST_FIELDS) or _word(header, "precedence") in _BULK:
        return "the message came by a list"
    if {"all", "oof", "autoreply"} & set(re.split(r"[,\s]+", _text(header, "x-auto-response-suppress").lower())):
        return "the sender wants no answer"
    named = (box.address for name in _NAMING for value in header.all(name) for box in flatten(parse(value)))
    if not any(normalize(address) in own for address in named):
        return "the message does not name the person"
    return ""


def _text(header: Header, name: str) -> str:
    return header.text(name) or ""


def _word(header: Header, name: str) -> str:
    return _text(header, name).partition(";")[0].strip().lower()


def vacation_message(reply: Reply, header: Header, sender: str, from_: Mailbox, writing: Writing) -> bytes:
    """Return the answer to a message (RFC 5230 §5)."""
    original = _one_line(_text(header, "subject"))
    subject = reply.subject or translate(writing.language, "filter.vacation.subject", subject=original or "…")
    asked = message_ids(header.first("message-id") or b"", 1)
    references = message_ids(header.first("references") or header.first("in-reply-to") or b"")
    draft = Draft(
        from_=[from_],
        date=(writing.now, writing.zone),
        message_id=writing.message_id,
        subject=_one_line(subject)[:MAX_SUBJECT],
        to=[Mailbox("", sender)],
        in_reply_to=asked,
        references=(*references, *asked),
        text=None if reply.mime else _clean(reply.reason),
        # RFC 3834 §5; the second field is what older agents look at.
        headers=(("Auto-Submitted", "auto-replied (vacation)"), ("X-Auto-Response-Suppress", "All")),
        language=writing.language,
    )
    return compose(draft, nonce=writing.nonce, body=_entity(reply.reason) if reply.mime else None)


def notice_message(
    notify: Notify, header: Header, from_: Mailbox, owner: str, writing: Writing
) -> tuple[bytes, tuple[str, ...]]:
    """Return a notification and its recipients (RFC 5436 §2). `owner`: the address of whose script it is."""
    mailto: Mailto = read_mailto(notify.method)
    subject = (
        notify.message
        or mailto.subject
        or translate(writing.language, "filter.notify.subject", subject=_one_line(_text(header, "subject")) or "…")
    )
    told = translate(
        writing.language, "filter.notify.text", sender=_one_line(_text(header, "from")),
        subject=_one_line(_text(header, "subject")),
    )  # fmt: skip
    importance = {1: ("1", "High"), 3: ("5", "Low")}.get(notify.importance)
    marks = (("X-Priority", importance[0]), ("Importance", importance[1])) if importance else ()
    extra = [(name.title(), _one_line(value)) for name, value in mailto.fields if name not in _WRITTEN]
    draft = Draft(
        from_=[from_],
        date=(writing.now, writing.zone),
        message_id=writing.message_id,
        subject=_one_line(subject)[:MAX_SUBJECT],
        to=[Mailbox("", one) for one in mailto.recipients],
        cc=[Mailbox("", one) for one in mailto.cc],
        text=_clean(mailto.body or told),
        # RFC 5436 §2.7.1.
        headers=(("Auto-Submitted", f'auto-notified; owner-email="{owner}"'), *marks, *extra),
        language=writing.language,
    )
    return compose(draft, nonce=writing.nonce), (*mailto.recipients, *mailto.cc)


_WRITTEN: Final = frozenset({
    "to", "cc", "subject", "reply-to", "in-reply-to", "references", "content-disposition", "content-id", "x-priority",
    "importance",
})  # fmt: skip


def shown_sender(text: str, default: Mailbox, own: Collection[str]) -> Mailbox:
    """Return whom a message shows as its sender: what the script says if it is an address of the person's own.

    RFC 5230 §4.3 and RFC 5436 §2.2 leave the check to the server; without it a script could write as anybody.
    """
    boxes = [box for box in flatten(parse(text.encode("utf-8", "replace"))) if box.address] if text else []
    return boxes[0] if boxes and normalize(boxes[0].address) in own else default


def _entity(text: str) -> bytes:
    """Return a MIME entity that a script wrote, beginning with its content fields (RFC 5230 §4.4)."""
    octets = canonical_lines(text.encode("utf-8", "replace"))
    head, blank, body = octets.partition(b"\r\n\r\n")
    fields = split_fields(head + b"\r\n")
    kept = [(head + b"\r\n")[one.start : one.end] for one in fields if one.name.lower().startswith(b"content-")]
    if not blank or not kept:
        return b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + octets
    return b"".join(kept) + b"\r\n" + body


def alternative(text: str | None, html: str) -> str:
    """Return a MIME entity of plain text and HTML, written as a script with `:mime` writes one."""
    plain = text if text is not None else to_text(html, links=True)
    boundary = "=_absence"
    while boundary in plain or boundary in html:
        boundary += "_"
    parts = "".join(
        f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{base64_lines(_clean(piece).encode('utf-8', 'replace')).decode('ascii')}\r\n"
        for kind, piece in (("plain", plain), ("html", html))
    )
    return f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n{parts}--{boundary}--\r\n'


def _one_line(text: str) -> str:
    return "".join(one for one in _LINE_ENDS.sub(" ", text) if one.isprintable())


def _clean(text: str) -> str:
    """Drop controls that no text part may hold."""
    return "".join(one for one in text if one.isprintable() or one in "\r\n\t")


def own_sender(addresses: Sequence[str], recipient: str, name: str) -> Mailbox:
    """Return whom an answer comes from: the address that was written to if it is the person's, else their first."""
    wanted = normalize(recipient)
    return Mailbox(name, wanted if wanted in addresses else addresses[0])
