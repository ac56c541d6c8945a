"""Actions of RFC 5228 and those on envelope and storage: keep, fileinto, redirect, reject, vacation, flags, notify."""

import re
from collections.abc import Callable
from typing import Final

from smartmail.proto.sieve.literals import is_address, is_mailbox
from smartmail.proto.sieve.mailto import MailtoError, read_mailto
from smartmail.proto.sieve.outcome import INBOX, Fcc, Notify, Place, Redirect, Reject, Reply, Store
from smartmail.proto.sieve.problems import fail
from smartmail.proto.sieve.program import Node
from smartmail.proto.sieve.run import Run, merge_flags

DAY: Final = 24 * 3600
DEFAULT_DAYS: Final = 7
"""RFC 5230 §4.1."""
MAX_PERIOD: Final = 365 * DAY
_WILDCARDS: Final = re.compile(r"([*?\\])")
_REGEX: Final = re.compile(r"([\\^$.*+?()\[\]{}|])")
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def keep(run: Run, node: Node) -> None:
    """RFC 5228 §4.3."""
    run.act(Store(INBOX, _flags(run, node), run.edition(node)), node)
    run.keeps = False
    run.tell(node, "keep")


def discard(run: Run, node: Node) -> None:
    """RFC 5228 §4.4: cancels the implicit keep and does nothing."""
    run.keeps = False
    run.tell(node, "discard")


def fileinto(run: Run, node: Node) -> None:
    """RFC 5228 §4.1, with :create (RFC 5490), :specialuse (RFC 8579), :mailboxid (RFC 9042), :copy (RFC 3894)."""
    place = _place(run, node, run.text(node.values[0]))
    run.act(Store(place, _flags(run, node), run.edition(node)), node)
    run.keeps = run.keeps and "copy" in node.tags
    run.tell(node, f"fileinto {place.mailbox}")


def _place(run: Run, node: Node, name: str) -> Place:
    if not name.strip() or not name.isprintable():
        raise fail("mailbox-name", node.at)
    use, number = (run.text(node.tags.get(tag, "")) for tag in ("specialuse", "mailboxid"))
    return Place(name, "create" in node.tags, use, number)


def _flags(run: Run, node: Node) -> tuple[str, ...]:
    """RFC 5232 §4: the flags of the tag, else the script's current ones."""
    return merge_flags(run.texts(node.tags["flags"])) if "flags" in node.tags else run.flags


def redirect(run: Run, node: Node) -> None:
    """RFC 5228 §4.2; with :list to all of an external list (RFC 6134 §2.3)."""
    address = run.text(node.values[0])
    to_list = "list" in node.tags
    if to_list and not run.around.has_list(address):
        raise fail("no-list", node.at, name=address)
    if not to_list and not is_address(address):
        raise fail("address", node.at, address=address)
    run.act(Redirect(address, run.edition(node), to_list), node)
    run.keeps = run.keeps and "copy" in node.tags
    run.tell(node, f"redirect {address}")


def reject(run: Run, node: Node) -> None:
    """RFC 5429 §2.1, §2.2."""
    run.act(Reject(run.text(node.values[0]), node.name == "ereject"), node)
    run.keeps = False
    run.tell(node, node.name)


def vacation(run: Run, node: Node) -> None:
    """RFC 5230. Replies that say the same share a handle, unless the script names one (§4.2)."""
    tags = node.tags
    if any(isinstance(one, Reply) for one in run.actions):
        raise fail("vacation-twice", node.at)
    texts = {name: run.text(tags.get(name, "")) for name in ("subject", "from", "handle")}
    if texts["from"] and not is_mailbox(texts["from"]):
        raise fail("from", node.at, address=texts["from"])
    reason = run.text(node.values[0])
    addresses = tuple(run.texts(tags.get("addresses")))
    parts = (texts["subject"], texts["from"], reason, "mime" if "mime" in tags else "")
    handle = texts["handle"] or "\0".join(parts)
    reply = Reply(
        reason, _period(node), handle, texts["subject"], texts["from"], addresses, "mime" in tags, _fcc(run, node)
    )
    run.act(reply, node)
    run.tell(node, "vacation")


def _period(node: Node) -> int:
    seconds, days = node.tags.get("seconds"), node.tags.get("days")
    if isinstance(seconds, int):
        return min(seconds, MAX_PERIOD)  # RFC 6131 §2: 0 answers every message
    # RFC 5230 §4.1: at least one day.
    return min(max(days if isinstance(days, int) else DEFAULT_DAYS, 1) * DAY, MAX_PERIOD)


def _fcc(run: Run, node: Node) -> Fcc | None:
    if "fcc" not in node.tags:
        return None
    flags = merge_flags(run.texts(node.tags.get("flags"))) if "flags" in node.tags else ()
    return Fcc(_place(run, node, run.text(node.tags["fcc"])), flags)


def notify(run: Run, node: Node) -> None:
    """RFC 5435 §3."""
    method, tags = run.text(node.values[0]), node.tags
    try:
        read_mailto(method)
    except MailtoError:
        raise fail("mailto", node.at) from None
    importance = run.text(tags.get("importance", "2"))
    message, sender = run.text(tags.get("message", "")), run.text(tags.get("from", ""))
    options = tuple(run.texts(tags.get("options")))
    level = int(importance) if importance in {"1", "2", "3"} else 2
    run.act(Notify(method, message, sender, level, options, _fcc(run, node)), node)
    run.tell(node, f"notify {method}")


# ── flags (RFC 5232) ──────────────────────────────────────────────────────────────────────────────────────────────────


def change_flags(run: Run, node: Node) -> None:
    """setflag, addflag, removeflag: on the script's own flags, or on a variable."""
    name = run.text(node.values[0]) if len(node.values) > 1 else None
    given = merge_flags(run.texts(node.values[-1]))
    held = run.flags if name is None else merge_flags([run.scope_value(name)])
    if node.name == "addflag":
        given = merge_flags([*held, *given])
    elif node.name == "removeflag":
        gone = {flag.lower() for flag in given}
        given = tuple(flag for flag in held if flag.lower() not in gone)
    if name is None:
        run.flags = given
    else:
        run.set_variable(name, " ".join(given))


# ── variables (RFC 5229) ──────────────────────────────────────────────────────────────────────────────────────────────


def set_variable(run: Run, node: Node) -> None:
    """RFC 5229 §4."""
    name = run.text(node.values[0])
    run.set_variable(name, modified(run.text(node.values[1]), node))


def modified(text: str, node: Node) -> str:
    """Return text with the modifiers of a node, of highest precedence first (RFC 5229 §4.1)."""
    for names in _PRECEDENCE:
        for name in names:
            if name in node.tags:
                text = _MODIFIERS[name](text)
    return text


def _encode_url(text: str) -> str:
    """RFC 5435 §6."""
    return "".join(chr(octet) if octet in _UNRESERVED else f"%{octet:02X}" for octet in text.encode("utf-8", "replace"))


_PRECEDENCE: Final = (
    ("lower", "upper"), ("lowerfirst", "upperfirst"), ("quotewildcard", "quoteregex"), ("encodeurl",), ("length",),
)  # fmt: skip
_MODIFIERS: Final[dict[str, Callable[[str], str]]] = {
    "lower": str.lower,
    "upper": str.upper,
    "lowerfirst": lambda text: text[:1].lower() + text[1:],
    "upperfirst": lambda text: text[:1].upper() + text[1:],
    "quotewildcard": lambda text: _WILDCARDS.sub(r"\\\1", text),
    "quoteregex": lambda text: _REGEX.sub(r"\\\1", text),
    "encodeurl": _encode_url,
    "length": lambda text: str(len(text)),
}
