"""Tests on the message and its envelope: header, address, exists, size, date (RFC 5228 §5, RFC 5260, RFC 5703 §4)."""

from collections.abc import Sequence

from smartmail.formats.mime.entity import Entity
from smartmail.formats.params import decode_params, parse_media_type, parse_token_value
from smartmail.formats.words import unfold
from smartmail.proto.sieve.addresses import part
from smartmail.proto.sieve.dates import date_part, read_date, read_zone
from smartmail.proto.sieve.letter import Field
from smartmail.proto.sieve.problems import fail
from smartmail.proto.sieve.program import Node
from smartmail.proto.sieve.run import Run


def entities(run: Run, node: Node) -> list[Entity]:
    """Return the entities whose headers a test with :mime looks into."""
    top = run.parts[-1] if run.parts else run.letter.root
    return run.letter.parts(top) if "anychild" in node.tags else [top]


def fields(run: Run, node: Node, name: str) -> list[Field]:
    """Return the header fields of a name that a test is about, in order; one when :index is given."""
    if "mime" in node.tags:
        every = [one for entity in entities(run, node) for one in run.letter.header_of(entity)]
        run.pay(len(every) // 8, node)
        found = [one for one in every if one.name == name.lower()]
    else:
        found = run.letter.named(name)
    run.pay(1 + len(found) + sum(one.cost for one in found), node)
    index = node.tags.get("index")
    if not isinstance(index, int) or isinstance(index, bool):
        return found
    if "last" in node.tags:
        found = found[::-1]
    return found[index - 1 : index] if index > 0 else []


def header(run: Run, node: Node) -> bool:
    """RFC 5228 §5.7."""
    names, keys = run.texts(node.values[0]), run.texts(node.values[1])
    values = [value for name in names for one in fields(run, node, name) for value in _shown(run, node, one)]
    return run.match(node, values, keys)


def _shown(run: Run, node: Node, field: Field) -> Sequence[str]:
    """Return what of a field is compared: its text, or with the options of RFC 5703 §4.1 a piece of it."""
    tags = node.tags
    if not tags.keys() & {"type", "subtype", "contenttype", "param"}:
        return [field.text]
    if field.name == "content-type":
        parsed = parse_media_type(unfold(field.value))
        kind, subtype, raw = parsed if parsed is not None else ("text", "plain", ())
    else:
        kind, raw = parse_token_value(unfold(field.value))
        subtype = ""
    if "param" in tags:
        params = {name.lower(): value for name, value in decode_params(raw).items()}
        return [params[name.lower()] for name in run.texts(tags["param"]) if name.lower() in params]
    if "type" in tags:
        return [kind]
    if "subtype" in tags:
        return [subtype] if subtype else []
    return [f"{kind}/{subtype}" if subtype else kind]


def exists(run: Run, node: Node) -> bool:
    """RFC 5228 §5.5: every one of the fields."""
    return all(fields(run, node, name) for name in run.texts(node.values[0]))


def address(run: Run, node: Node) -> bool:
    """RFC 5228 §5.1."""
    names, keys = run.texts(node.values[0]), run.texts(node.values[1])
    boxes = [box for name in names for one in fields(run, node, name) for box in one.addresses]
    run.pay(len(boxes), node)
    found = (part(one, node.tags) for one in boxes)
    return run.match(node, [one for one in found if one is not None], keys)


def envelope(run: Run, node: Node) -> bool:
    """RFC 5228 §5.4."""
    known = {"from": run.envelope.sender, "to": run.envelope.recipient, "auth": run.envelope.auth}
    keys = run.texts(node.values[1])
    values = []
    for name in run.texts(node.values[0]):
        if name.lower() not in known:
            raise fail("envelope-part", node.at, name=name)
        whole = known[name.lower()]
        found = None if whole is None else part(whole, node.tags)
        # RFC 5231 §7: the null reverse-path counts as no address.
        if found is not None and (found or "count" not in node.tags):
            values.append(found)
    return run.match(node, values, keys)


def size(run: Run, node: Node) -> bool:
    """RFC 5228 §5.9: a message of exactly that size is neither over nor under."""
    limit = node.values[0]
    assert isinstance(limit, int)
    return run.letter.size > limit if "over" in node.tags else run.letter.size < limit


def date(run: Run, node: Node) -> bool:
    """RFC 5260 §4."""
    name, wanted, keys = run.text(node.values[0]), run.text(node.values[1]), run.texts(node.values[2])
    values = []
    for field in fields(run, node, name)[: None if "count" in node.tags else 1]:
        found = read_date(field.value)
        if found is not None:
            zone = found[1] if "originalzone" in node.tags else _zone(run, node)
            value = date_part(wanted, found[0], zone)
            values += [] if value is None else [value]
    return run.match(node, values, keys)


def currentdate(run: Run, node: Node) -> bool:
    """RFC 5260 §5."""
    value = date_part(run.text(node.values[0]), run.facts.now, _zone(run, node))
    return run.match(node, [] if value is None else [value], run.texts(node.values[1]))


def _zone(run: Run, node: Node) -> int:
    if "zone" not in node.tags:
        return run.facts.zone
    zone = read_zone(run.text(node.tags["zone"]))
    if zone is None:
        raise fail("zone", node.at)
    return zone
