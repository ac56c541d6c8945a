"""Actions that change the message: header fields (RFC 5293), parts (RFC 5703)."""

import hashlib
from typing import Final

from smartmail.formats import encoding
from smartmail.formats.address import parse
from smartmail.formats.headers import encode_addresses, encode_unstructured
from smartmail.proto.sieve.acts_core import modified
from smartmail.proto.sieve.conditions_body import readable
from smartmail.proto.sieve.letter import Field, fields_of
from smartmail.proto.sieve.literals import PROTECTED, is_field_name, is_mailbox
from smartmail.proto.sieve.problems import fail
from smartmail.proto.sieve.program import Node
from smartmail.proto.sieve.run import Run

MAX_FIELD_CHARACTERS: Final = 8_000
MAX_REPLACEMENT_CHARACTERS: Final = 256 << 10


def addheader(run: Run, node: Node) -> None:
    """RFC 5293 §4."""
    name, value = run.text(node.values[0]), run.text(node.values[1])
    if not is_field_name(name):
        raise fail("header-name", node.at, name=name)
    if len(value) > MAX_FIELD_CHARACTERS:
        raise fail("value-size", node.at, limit=MAX_FIELD_CHARACTERS)
    if name.lower() in PROTECTED:
        return
    run.edit(node)
    run.letter.add_field(name, value, last="last" in node.tags)
    run.tell(node, f"addheader {name}")


def deleteheader(run: Run, node: Node) -> None:
    """RFC 5293 §5: trace fields stay, whatever a script says."""
    name = run.text(node.values[0])
    fields = run.letter.named(name)
    index = node.tags.get("index")
    if isinstance(index, int) and not isinstance(index, bool):
        fields = (fields[::-1] if "last" in node.tags else fields)[index - 1 : index] if index > 0 else []
    if len(node.values) > 1:
        run.pay(sum(one.cost for one in fields), node)
        keys = run.texts(node.values[1])
        fields = _matching(run, node, fields, keys)
    if not fields or name.lower() in PROTECTED:
        return
    run.edit(node)
    run.letter.remove_fields(fields)
    run.tell(node, f"deleteheader {name}")


def _matching(run: Run, node: Node, fields: list[Field], keys: list[str]) -> list[Field]:
    if "count" in node.tags:
        return fields if run.match(node, [one.text for one in fields], keys) else []
    return [one for one in fields if run.match(node, [one.text], keys)]


def extracttext(run: Run, node: Node) -> None:
    """RFC 5703 §7: what is no text gives an empty string."""
    entity = run.parts[-1]
    text = readable(run, node, entity) if entity.type == "text" else ""
    first = node.tags.get("first")
    if isinstance(first, int) and not isinstance(first, bool):
        text = text[:first]
    run.set_variable(run.text(node.values[0]), modified(text, node))


def replace(run: Run, node: Node) -> None:
    """RFC 5703 §5: the part that the loop stands at, or the whole message."""
    text = run.text(node.values[0])
    if len(text) > MAX_REPLACEMENT_CHARACTERS:
        raise fail("replacement-size", node.at, limit=MAX_REPLACEMENT_CHARACTERS)
    run.edit(node)
    entity = run.parts[-1] if run.parts else run.letter.root
    content, body = _mime_piece(text) if "mime" in node.tags else _text_piece(text)
    if entity is run.letter.root:
        run.letter.replace_body(b"MIME-Version: 1.0\r\n" + content, body)
        _rename(run, node)
    else:
        run.letter.replace_part(entity, content + b"\r\n" + body)
    run.tell(node, "replace")


def _text_piece(text: str) -> tuple[bytes, bytes]:
    """Return content fields and body of a text part."""
    transfer, data = encoding.encode_text(text)
    head = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {transfer}\r\n"
    return head.encode("ascii"), data


def _mime_piece(text: str) -> tuple[bytes, bytes]:
    """Return the content fields of a MIME entity that the script wrote, and its body."""
    octets = encoding.canonical_lines(text.encode("utf-8", "replace"))
    head, blank, body = octets.partition(b"\r\n\r\n")
    kept = [field.raw for field in fields_of(head + b"\r\n") if field.name.startswith("content-")]
    if not blank or not kept:
        return _text_piece(text)
    return b"".join(one if one.endswith(b"\r\n") else one + b"\r\n" for one in kept), body


def _rename(run: Run, node: Node) -> None:
    """RFC 5703 §5: a new Subject or From keeps the old one as Original-Subject and Original-From."""
    for tag, name in (("subject", "Subject"), ("from", "From")):
        if tag not in node.tags:
            continue
        value = run.text(node.tags[tag])
        if tag == "from" and not is_mailbox(value):
            raise fail("from", node.at, address=value)
        old = run.letter.named(name)
        run.letter.remove_fields(old)
        raw = encode_unstructured(name, value) if tag == "subject" else encode_addresses(name, parse(value.encode()))
        kept = [Field(f"original-{tag}", b"Original-" + one.raw) for one in old[:1]]
        run.letter.fields = [*run.letter.fields, *kept, Field(tag, raw)]


def enclose(run: Run, node: Node) -> None:
    """RFC 5703 §6: the message becomes an attachment behind a text; named header fields stay outside too."""
    run.edit(node)
    original = run.letter.edition()
    if original.rest is not None:
        raise fail("enclose-size", node.at)
    kept = {name.lower() for name in run.texts(node.tags.get("headers"))} | _OUTSIDE
    subject = run.text(node.tags["subject"]) if "subject" in node.tags else None
    boundary = b"=_" + hashlib.sha256(original.octets).hexdigest()[:40].encode()
    content, text = _text_piece(run.text(node.values[0]))
    body = b"--%b\r\n%b\r\n%b\r\n--%b\r\nContent-Type: message/rfc822\r\n\r\n%b\r\n--%b--\r\n" % (
        boundary, content, text, boundary, original.octets, boundary,
    )  # fmt: skip
    run.letter.fields = [one for one in run.letter.fields if one.name in kept]
    if subject is not None:
        run.letter.remove_fields(run.letter.named("subject"))
        run.letter.fields = [*run.letter.fields, Field("subject", encode_unstructured("Subject", subject))]
    eight = b"" if original.octets.isascii() else b"Content-Transfer-Encoding: 8bit\r\n"
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary="%b"\r\n%b' % (boundary, eight)
    run.letter.replace_body(head, body)
    run.tell(node, "enclose")


_OUTSIDE: Final = frozenset({
    "return-path", "received", "date", "from", "sender", "reply-to", "to", "cc", "message-id", "in-reply-to",
    "references", "subject", "list-id",
})  # fmt: skip
"""RFC 5703 §6 wants Date, From and what is needed to answer on the new message."""
