"""Posting: may somebody's message go to a list, and how it looks when the list re-sends it.

Pure. RFC 5598 §5.3 (the list is the mediator: its own envelope), RFC 2369 and 2919 (List- fields), RFC 5322 §3.6.2.
"""

from dataclasses import dataclass
from typing import Literal

from smartmail.domain.addressing import ListText
from smartmail.formats.address import Group, Mailbox, flatten, normalize, parse
from smartmail.formats.headers import Header, encode_addresses, encode_unstructured

Verdict = Literal["post", "hold", "refuse"]
_CUT = frozenset({
    b"return-path", b"list-id", b"list-post", b"list-help", b"list-owner", b"list-subscribe", b"list-unsubscribe",
    b"list-unsubscribe-post", b"list-archive", b"errors-to", b"bcc",
    # Receipts of thousands of members are nobody's wish.
    b"disposition-notification-to", b"return-receipt-to", b"x-confirm-reading-to",
})  # fmt: skip
LOOP, TOO_LARGE, ATTACHED, AUTOMATIC, STRANGER, FORGED = (
    "loop",
    "too-large",
    "attached",
    "automatic",
    "stranger",
    "forged",
)

REFUSALS = {
    LOOP: ("5.4.6", "this message has been through the list already"),
    TOO_LARGE: ("5.3.4", "this message is too large for the list"),
    ATTACHED: ("5.7.1", "this list takes no attachments"),
    AUTOMATIC: ("5.7.1", "this list takes no automatic answers"),
    STRANGER: ("5.7.1", "you may not post to this list"),
    FORGED: ("5.7.1", "you may not post to this list"),
}


@dataclass(frozen=True, slots=True)
class Author:
    """Who a message is from, as far as it is known. `inside`: an account of ours that logged in."""

    inside: bool
    member: bool
    moderator: bool
    proven: bool
    """False when the domain in From says that it did not send this (DMARC fail)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a message decides."""

    size: int
    attached: bool
    automatic: bool
    been_here: bool


def judge(settings: ListText, author: Author, facts: Facts) -> tuple[Verdict, str]:
    """Say what becomes of a message, and why."""
    if facts.been_here:
        return "refuse", LOOP
    if facts.automatic:
        return "refuse", AUTOMATIC
    if settings.max_octets and facts.size > settings.max_octets:
        return "refuse", TOO_LARGE
    if facts.attached and not settings.attachments:
        return "refuse", ATTACHED
    if author.moderator and author.proven:
        return "post", ""
    allowed = may_post(settings, author)
    if settings.moderation == "all" or (settings.moderation == "strangers" and not (allowed and author.proven)):
        return "hold", "" if allowed else STRANGER
    if not author.proven and settings.post != "anyone":
        return "refuse", FORGED
    return ("post", "") if allowed else ("refuse", STRANGER)


def may_post(settings: ListText, author: Author) -> bool:
    """Say whether the list takes mail from an author without asking anybody."""
    if settings.post == "anyone":
        return True
    if settings.post == "inside":
        return author.inside
    return author.member if settings.post == "members" else author.moderator


def automatic(header: Header) -> bool:
    """Say whether a program answered (RFC 3834 §5): such answers to a list go round and round."""
    said = (header.text("auto-submitted") or "no").strip().lower()
    return said.startswith("auto-replied") or header.first("x-autoreply") is not None


def list_id(address: str) -> str:
    """Return the identifier of a list (RFC 2919 §2)."""
    return address.replace("@", ".", 1)


def been_here(header: Header, address: str) -> bool:
    """Say whether a message carries the list's own field."""
    mark = f"<{list_id(address)}>".encode().lower()
    return any(mark in value.lower() for value in header.all("list-id"))


@dataclass(frozen=True, slots=True)
class Dress:
    """How the list's own message looks. `rewritten`: From names the list, for the author's domain would refuse it."""

    address: str
    settings: ListText
    rewritten: bool


def dressed(header: Header, dress: Dress) -> bytes:
    """Return the header block, its empty line included, of the message that the list sends."""
    settings, address = dress.settings, dress.address
    cut = set(_CUT)
    added = [
        encode_unstructured(
            "List-Id", f"{settings.name} <{list_id(address)}>" if settings.name else f"<{list_id(address)}>"
        ),
        f"List-Post: {'NO' if settings.notice or settings.post == 'moderators' else f'<mailto:{address}>'}\r\n".encode(),
        f"List-Owner: <mailto:{own_address(address, 'owner')}>\r\n".encode(),
        b"Precedence: list\r\n",
    ]
    authors = [box for value in header.all("from") for box in flatten(parse(value))]
    replies = [box for value in header.all("reply-to") for box in flatten(parse(value))] or authors
    if dress.rewritten and authors:
        cut.add(b"from")
        name = authors[0].name or authors[0].address.partition("@")[0]
        added.append(encode_addresses("From", [Mailbox(f"{name} via {settings.name or address}", address)]))
    if settings.notice:
        # An empty group: whoever answers to all finds nobody there (BR-10: no storm of answers).
        cut |= {b"to", b"cc", b"mail-followup-to", b"mail-reply-to"}
        added.append(encode_addresses("To", [Group(settings.name or address, ())]))
    to_list = settings.reply_to == "list" and not settings.notice
    if to_list or settings.notice or (dress.rewritten and authors):
        cut.add(b"reply-to")
        to = [Mailbox(settings.name, address)] if to_list else replies
        # An author who shows nowhere else any more stays reachable.
        more = replies if to_list and dress.rewritten else []
        added.append(encode_addresses("Reply-To", [*to, *more]))
    subject = header.text("subject") or ""
    if settings.prefix and settings.prefix not in subject:
        cut.add(b"subject")
        added.append(encode_unstructured("Subject", f"{settings.prefix} {subject}".strip()))
    kept = _without(header, cut)
    # A header that ends without its line's end is given one, so that the empty line behind it is one.
    return b"".join(added) + kept + (b"" if not kept or kept.endswith(b"\n") else b"\r\n") + b"\r\n"


def _without(header: Header, names: set[bytes]) -> bytes:
    """Return the block without fields of these names."""
    kept, position = [], 0
    for field in header.fields:
        if field.name.lower() in names:
            kept.append(header.block[position : field.start])
            position = field.end
    return b"".join([*kept, header.block[position:]])


def own_address(address: str, what: str) -> str:
    """Return one of a list's own addresses: what = owner, bounces, request."""
    local, _, domain = address.rpartition("@")
    return f"{local}-{what}@{domain}"


def addresses_of(header: Header, name: str) -> set[str]:
    """Return the normalised addresses of a field."""
    return {normalize(box.address) for value in header.all(name) for box in flatten(parse(value)) if box.address}
