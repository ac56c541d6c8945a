"""What can be said of literal arguments before a run: addresses, header names, patterns, dates, methods.

A string with variables in it is judged when its value is known.
"""

import re
from collections.abc import Callable
from typing import Final

from smartmail.formats.address import flatten, parse
from smartmail.formats.address import split_address as split
from smartmail.proto.sieve.patterns import PatternError, compile_regex
from smartmail.proto.sieve.problems import fail
from smartmail.proto.sieve.program import Node, Value
from smartmail.proto.sieve.registry import COMPARATORS
from smartmail.proto.sieve.strings import is_variable_name

RELATIONS: Final = ("gt", "ge", "lt", "le", "eq", "ne")
DATE_PARTS: Final = (
    "year", "month", "day", "date", "julian", "hour", "minute", "second", "time", "iso8601", "std11", "zone", "weekday",
)  # fmt: skip
ENVELOPE_PARTS: Final = ("from", "to", "auth")
PROTECTED: Final = frozenset({"received", "auto-submitted"})
"""RFC 5293 §5: fields that a script may not delete."""
# RFC 5228 §5.1: the address test looks into fields with addresses only.
_NO_ADDRESSES: Final = frozenset({
    "subject", "date", "message-id", "received", "comments", "keywords", "mime-version", "content-type",
    "content-transfer-encoding", "content-disposition", "in-reply-to", "references", "resent-date", "resent-message-id",
})  # fmt: skip
_FIELD_NAME: Final = re.compile(r"[\x21-\x39\x3b-\x7e]{1,200}\Z")
_ZONE: Final = re.compile(r"[+-][0-9]{4}\Z")
_DOMAIN: Final = re.compile(r"[^\s@<>()\",;:\\\[\]]+\Z|\[[0-9A-Za-z.:]+\]\Z")
_BAD_LOCAL: Final = re.compile(r"[\x00-\x20\x7f<>()\",;:\\@\[\]]")


def is_field_name(name: str) -> bool:
    """Whether it can name a header field (RFC 5322 §3.6.8)."""
    return _FIELD_NAME.match(name) is not None


def is_address(address: str) -> bool:
    """Whether mail can be sent to it: one addr-spec, no control characters."""
    local, domain = split(address)
    if len(address) > 320 or not local or not _DOMAIN.match(domain) or not address.isprintable():
        return False
    if local.startswith('"') and local.endswith('"') and len(local) > 2:
        return '"' not in local[1:-1].replace("\\\\", "").replace('\\"', "")
    return _BAD_LOCAL.search(local) is None and not local.startswith(".") and not local.endswith(".")


def is_mailbox(text: str) -> bool:
    """Whether it is one address with or without a name, as `:from` takes it (RFC 5230 §4.3)."""
    found = list(flatten(parse(text.encode(), 2)))
    return len(found) == 1 and is_address(found[0].address)


def judge(node: Node, has: Callable[[str], bool]) -> None:
    """Raise SieveError for a command whose literal arguments cannot be. `has` tells whether an extension is required."""
    if node.name == "deleteheader":
        _match(node, has)
    check = _COMMANDS.get(node.name)
    if check is not None:
        check(node)


def judge_test(node: Node, has: Callable[[str], bool]) -> None:
    """Raise SieveError for a test whose literal arguments cannot be."""
    _match(node, has)
    check = _TESTS.get(node.name)
    if check is not None:
        check(node)


def _texts(value: Value | None) -> list[str]:
    """Return the literal strings of a value."""
    values = value if isinstance(value, tuple) else (value,)
    return [one for one in values if isinstance(one, str)]


# ── commands ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _redirect(node: Node) -> None:
    if "list" in node.tags:
        return
    for address in _texts(node.values[0]):
        if not is_address(address):
            raise fail("address", node.at, address=address)


def _mailbox(node: Node) -> None:
    for name in _texts(node.values[0]):
        if not name.strip() or not name.isprintable():
            raise fail("mailbox-name", node.at)


def _from(node: Node) -> None:
    for text in _texts(node.tags.get("from")):
        if not is_mailbox(text):
            raise fail("from", node.at, address=text)


def _copy(node: Node) -> None:
    """RFC 8580 §3.1: the options of fileinto belong to the copy."""
    given = {"create", "specialuse", "mailboxid", "flags"} & node.tags.keys()
    if given and "fcc" not in node.tags:
        raise fail("needs-tag", node.at, tag=min(given), other="fcc")


def _period(node: Node) -> None:
    _from(node)
    _copy(node)
    for text in _texts(node.tags.get("addresses")):
        if not is_address(text):
            raise fail("address", node.at, address=text)


def _variable(node: Node) -> None:
    names = node.values[0] if node.name == "global" else node.values[:1]
    for name in names if isinstance(names, tuple) else ():
        if not isinstance(name, str) or not is_variable_name(name):
            # RFC 5229 §4: the name is a constant, and match variables cannot be set.
            raise fail("variable-name", node.at)


def _flag_variable(node: Node) -> None:
    if len(node.values) > 1:
        _variable(node)


def _header_name(node: Node) -> None:
    for name in _texts(node.values[0]):
        if not is_field_name(name):
            raise fail("header-name", node.at, name=name)


def _notify(node: Node) -> None:
    _copy(node)
    for method in _texts(node.values[0]):
        if not method.lower().startswith("mailto:"):
            # RFC 5435 §3.1: a method that is not supported is an error.
            raise fail("notify-method", node.at)
    for importance in _texts(node.tags.get("importance")):
        if importance not in {"1", "2", "3"}:
            raise fail("importance", node.at)


# ── tests ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _match(node: Node, has: Callable[[str], bool]) -> None:
    comparator = node.tags.get("comparator")
    if comparator is not None:
        _comparator(node, comparator, has)
    numeric = comparator == "i;ascii-numeric"
    for kind in ("value", "count"):
        for relation in _texts(node.tags.get(kind)):
            if relation.lower() not in RELATIONS:
                raise fail("relation", node.at, tag=kind, relations=", ".join(RELATIONS))
    if numeric and node.tags.keys() & {"contains", "matches", "regex"}:
        # RFC 4790 §9.1.1: i;ascii-numeric has no substring operation.
        raise fail("numeric-whole", node.at)
    if "regex" in node.tags:
        for pattern in _texts(node.values[-1]):
            try:
                compile_regex(pattern, comparator if isinstance(comparator, str) else "")
            except PatternError as error:
                raise fail("regex", node.at, error=error) from None
    if "last" in node.tags and "index" not in node.tags and node.name not in {"duplicate", "addheader"}:
        raise fail("needs-tag", node.at, tag="last", other="index")
    if "index" in node.tags and node.tags["index"] == 0:
        raise fail("index-from-1", node.at)
    mime = {"anychild", "type", "subtype", "contenttype", "param"} & node.tags.keys()
    if mime and "mime" not in node.tags:
        raise fail("needs-tag", node.at, tag=min(mime), other="mime")


def _comparator(node: Node, comparator: Value, has: Callable[[str], bool]) -> None:
    if not isinstance(comparator, str) or comparator not in COMPARATORS:
        raise fail("comparator", node.at, name=comparator)
    if comparator not in {"i;octet", "i;ascii-casemap"} and not has(f"comparator-{comparator}"):
        # RFC 5228 §2.7.3: all others must be required.
        raise fail("require", node.at, word=comparator, extension=f"comparator-{comparator}")


def _address(node: Node) -> None:
    for name in _texts(node.values[0]):
        if name.lower() in _NO_ADDRESSES:
            raise fail("no-addresses", node.at, name=name)


def _envelope(node: Node) -> None:
    for part in _texts(node.values[0]):
        if part.lower() not in ENVELOPE_PARTS:
            raise fail("envelope-part", node.at, name=part)


def _date(node: Node) -> None:
    for part in _texts(node.values[-2]):
        if part.lower() not in DATE_PARTS:
            raise fail("date-part", node.at, name=part)
    for zone in _texts(node.tags.get("zone")):
        if not _ZONE.match(zone):
            raise fail("zone", node.at)


_COMMANDS: Final[dict[str, Callable[[Node], None]]] = {
    "redirect": _redirect, "fileinto": _mailbox, "vacation": _period, "set": _variable, "global": _variable,
    "setflag": _flag_variable, "addflag": _flag_variable, "removeflag": _flag_variable, "extracttext": _variable,
    "addheader": _header_name, "deleteheader": _header_name, "notify": _notify, "replace": _from,
}  # fmt: skip
_TESTS: Final[dict[str, Callable[[Node], None]]] = {
    "address": _address, "envelope": _envelope, "date": _date, "currentdate": _date,
}  # fmt: skip
