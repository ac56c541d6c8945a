"""Tests on what is around the message: account, environment, verdicts, variables, flags, lists, duplicates."""

from dataclasses import replace
from typing import Final

from smartmail.proto.sieve.letter import Field
from smartmail.proto.sieve.mailto import MailtoError, read_mailto
from smartmail.proto.sieve.outcome import Remember
from smartmail.proto.sieve.program import Node
from smartmail.proto.sieve.registry import EXTENSIONS
from smartmail.proto.sieve.run import Run, merge_flags

DUPLICATE_SECONDS: Final = 7 * 24 * 3600
"""RFC 7352 §3.2: how long a key is kept unless the script says otherwise."""
MAX_DUPLICATE_SECONDS: Final = 90 * 24 * 3600


def string(run: Run, node: Node) -> bool:
    """RFC 5229 §5: empty strings are not counted."""
    values = run.texts(node.values[0])
    if "count" in node.tags:
        values = [value for value in values if value]
    return run.match(node, values, run.texts(node.values[1]))


def hasflag(run: Run, node: Node) -> bool:
    """RFC 5232 §5: flags compare without case unless a comparator says otherwise."""
    if len(node.values) > 1:
        names = run.texts(node.values[0])
        flags = merge_flags(run.scope_value(name) for name in names)
    else:
        flags = run.flags
    keys = merge_flags(run.texts(node.values[-1])) if "count" not in node.tags else run.texts(node.values[-1])
    return run.match(node, flags, keys)


def environment(run: Run, node: Node) -> bool:
    """RFC 5183 §4: an item that is not known matches nothing."""
    value = run.facts.environment.get(run.text(node.values[0]).lower())
    return run.match(node, [] if value is None else [value], run.texts(node.values[1]))


def mailboxexists(run: Run, node: Node) -> bool:
    """RFC 5490 §3.1."""
    return all(run.around.mailbox_exists(name) for name in run.texts(node.values[0]))


def mailboxidexists(run: Run, node: Node) -> bool:
    """RFC 9042 §4.1."""
    return all(run.around.mailbox_id_exists(name) for name in run.texts(node.values[0]))


def specialuse_exists(run: Run, node: Node) -> bool:
    """RFC 8579 §3.1."""
    mailbox = run.text(node.values[0]) if len(node.values) > 1 else None
    return run.around.special_use_exists(mailbox, run.texts(node.values[-1]))


def metadata(run: Run, node: Node) -> bool:
    """RFC 5490 §3.3: what does not exist matches nothing."""
    value = run.around.metadata(run.text(node.values[0]), run.text(node.values[1]))
    return run.match(node, [] if value is None else [value], run.texts(node.values[2]))


def metadataexists(run: Run, node: Node) -> bool:
    """RFC 5490 §3.4."""
    mailbox = run.text(node.values[0])
    return all(run.around.metadata(mailbox, name) is not None for name in run.texts(node.values[1]))


def servermetadata(run: Run, node: Node) -> bool:
    """RFC 5490 §5.1."""
    value = run.around.metadata(None, run.text(node.values[0]))
    return run.match(node, [] if value is None else [value], run.texts(node.values[1]))


def servermetadataexists(run: Run, node: Node) -> bool:
    """RFC 5490 §5.2."""
    return all(run.around.metadata(None, name) is not None for name in run.texts(node.values[0]))


def duplicate(run: Run, node: Node) -> bool:
    """RFC 7352 §3: the key is noted only when the message is delivered, so that a second try is no duplicate."""
    found = _duplicate_id(run, node)
    if not found:
        return False
    handle = run.text(node.tags.get("handle", ""))
    kind = next((name for name in ("header", "uniqueid") if name in node.tags), "")
    key = "\0".join(
        (handle, kind and f"{kind}:{run.text(node.tags['header']).lower() if kind == 'header' else ''}", found)
    )
    seen = run.around.is_duplicate(key)
    if not seen or "last" in node.tags:
        seconds = node.tags.get("seconds", DUPLICATE_SECONDS)
        assert isinstance(seconds, int)
        run.remembered.append(Remember(key, min(seconds, MAX_DUPLICATE_SECONDS)))
    return seen


def _duplicate_id(run: Run, node: Node) -> str:
    if "uniqueid" in node.tags:
        return run.text(node.tags["uniqueid"])
    fields: list[Field] = run.letter.named(run.text(node.tags.get("header", "message-id")))
    run.pay(sum(one.cost for one in fields[:1]), node)
    return fields[0].text if fields else ""


def ihave(run: Run, node: Node) -> bool:
    """RFC 5463 §3."""
    return all(name in EXTENSIONS for name in run.texts(node.values[0]))


def valid_notify_method(run: Run, node: Node) -> bool:
    """RFC 5435 §4."""
    return all(_is_mailto(uri) for uri in run.texts(node.values[0]))


def notify_method_capability(run: Run, node: Node) -> bool:
    """RFC 5435 §5: whether somebody is online is not known of an address (RFC 5436 §2.2)."""
    uri, name = run.text(node.values[0]), run.text(node.values[1])
    values = ["maybe"] if _is_mailto(uri) and name.lower() == "online" else []
    return run.match(node, values, run.texts(node.values[2]))


def _is_mailto(uri: str) -> bool:
    try:
        read_mailto(uri)
    except MailtoError:
        return False
    return True


def valid_ext_list(run: Run, node: Node) -> bool:
    """RFC 6134 §2.4."""
    return all(run.around.has_list(name) for name in run.texts(node.values[0]))


def spamtest(run: Run, node: Node) -> bool:
    """RFC 5235 §3.1: 0 not tested, 1 surely wanted, 10 surely spam; with :percent 0 to 100."""
    percent = run.facts.spam_percent
    if percent is None:
        # RFC 5235 §3.1.1: by :count a script tells "not tested" from 0 %.
        return run.match(node, [] if "count" in node.tags else ["0"], run.texts(node.values[0]))
    value = percent if "percent" in node.tags else 1 + (percent * 9 + 50) // 100
    return run.match(node, [str(value)], run.texts(node.values[0]))


def virustest(run: Run, node: Node) -> bool:
    """RFC 5235 §3.2."""
    return run.match(node, [str(run.facts.virus)], run.texts(node.values[0]))


def country(run: Run, node: Node) -> bool | None:
    """Our own: two letters of the country that the message verifiably came from."""
    return _of_the_way(run, node, run.facts.country, run.texts(node.values[0]))


def asn(run: Run, node: Node) -> bool | None:
    """Our own: number of the network that the message verifiably came from."""
    keys = [key[2:] if key[:2].upper() == "AS" else key for key in run.texts(node.values[0])]
    return _of_the_way(run, _numeric(node), run.facts.asn, keys)


def hops(run: Run, node: Node) -> bool | None:
    """Our own: how many hosts the message passed."""
    return _of_the_way(run, _numeric(node), run.facts.hops, run.texts(node.values[0]))


def _of_the_way(run: Run, node: Node, fact: str | int | None, keys: list[str]) -> bool | None:
    """Return None where the fact is not known: it is neither here nor abroad (docs/adr/0076). By :count a script asks
    whether it is known.
    """
    if fact is None and "count" not in node.tags:
        return None
    return run.match(node, [] if fact is None else [str(fact)], keys)


def _numeric(node: Node) -> Node:
    """Numbers compare as such where the script names no comparator."""
    if node.tags.keys() & {"comparator", "contains", "matches", "regex"}:
        return node
    return replace(node, tags={**node.tags, "comparator": "i;ascii-numeric"})
