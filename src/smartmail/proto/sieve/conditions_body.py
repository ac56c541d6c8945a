"""The body test (RFC 5173)."""

from collections.abc import Iterator

from smartmail.formats import charset
from smartmail.formats.html_text import to_text
from smartmail.formats.mime.entity import Entity
from smartmail.formats.mime.transfer import decode_body
from smartmail.proto.sieve.letter import Letter
from smartmail.proto.sieve.program import Node
from smartmail.proto.sieve.run import Run

MAX_TEXT_OCTETS = 4 << 20
"""Octets of one part that are decoded and compared."""
OCTETS_A_STEP = 256
OCTETS_OF_HTML_A_STEP = 64


def body(run: Run, node: Node) -> bool:
    """RFC 5173 §5."""
    keys = run.texts(node.values[0])
    values = list(_values(run, node))
    held = run.matched
    found = run.match(node, values, keys)
    run.matched = held  # RFC 5173 §6: body sets no match variables
    return found


def _values(run: Run, node: Node) -> Iterator[str]:
    letter = run.letter
    if "raw" in node.tags:
        yield letter.body[:MAX_TEXT_OCTETS].decode("utf-8", "surrogateescape")
        return
    wanted = [one.lower() for one in run.texts(node.tags["content"])] if "content" in node.tags else None
    for entity in letter.parts():
        run.pay(1, node)
        if wanted is None:
            if entity.type == "text":
                yield readable(run, node, entity)
        elif _is_wanted(entity, wanted):
            run.pay((entity.body_end - entity.body_start) // OCTETS_A_STEP, node)
            yield _content(letter, entity)


def _is_wanted(entity: Entity, wanted: list[str]) -> bool:
    """RFC 5173 §5.2: "" is everything, "text" a whole type, "text/html" one subtype; what is none of these matches none."""
    return any(not one or one in {entity.type, entity.media_type} for one in wanted)


def _content(letter: Letter, entity: Entity) -> str:
    if entity.is_multipart and entity.children:
        # RFC 5173 §5.2: of a multipart only what stands before and behind its parts.
        before = letter.body_of(entity)[: entity.children[0].header_start - entity.body_start]
        after = letter.body_of(entity)[entity.children[-1].body_end - entity.body_start :]
        return (before + after).decode("utf-8", "surrogateescape")
    if entity.is_message:
        inner = entity.children[0]
        return letter.body_of(entity)[: inner.body_start - entity.body_start].decode("utf-8", "surrogateescape")
    octets = decode_body(letter.body_of(entity)[:MAX_TEXT_OCTETS], entity.encoding)
    if entity.type == "text":
        return text_of(entity, octets)
    return octets.decode("utf-8", "surrogateescape")


def readable(run: Run, node: Node, entity: Entity) -> str:
    """Return the text of a text part; of HTML what a reader sees."""
    letter = run.letter
    text = letter.texts.get(id(entity))
    if text is None:
        octets = min(entity.body_end - entity.body_start, MAX_TEXT_OCTETS)
        run.pay(octets // (OCTETS_OF_HTML_A_STEP if entity.subtype == "html" else OCTETS_A_STEP), node)
        text = letter.texts[id(entity)] = _readable(letter, entity)
    return text


def _readable(letter: Letter, entity: Entity) -> str:
    octets = decode_body(letter.body_of(entity)[:MAX_TEXT_OCTETS], entity.encoding)
    text = text_of(entity, octets)
    return to_text(text) if entity.subtype == "html" else text


def text_of(entity: Entity, octets: bytes) -> str:
    """Return decoded octets of a text part as text."""
    label = entity.param(b"charset")
    return charset.decode(octets, label.decode("latin-1") if label else None, charset.DEFAULT_FALLBACK)[0]
