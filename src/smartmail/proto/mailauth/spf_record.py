"""An SPF record, read (RFC 7208 §4.6, §5, §6, §12): directives in order, then what redirect= and exp= name.

The whole record is read before any of it is judged, for an error anywhere voids all of it (§4.6).
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final, Literal

from smartmail.proto.mailauth.spf_macros import DomainSpec, MacroError, parse_domain_spec, parse_macro_string

Qualifier = Literal["pass", "fail", "softfail", "neutral"]
Mechanism = Literal["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"]

QUALIFIERS: Final[dict[str, Qualifier]] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
MAX_RECORD: Final = 16 * 1024
"""DNS bounds an answer to 64 KiB; a record for use has some hundred octets."""
MAX_TERMS: Final = 512

_VERSION: Final = re.compile(r"v=spf1(?: |\Z)", re.IGNORECASE)
_MODIFIER: Final = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)
_DIRECTIVE: Final = re.compile(r"([+?~-]?)([A-Za-z0-9]+)(?::(.*)|(/.*))?", re.DOTALL)
_DUAL_CIDR: Final = re.compile(r"(?:/(0|[1-9][0-9]*))?(?://(0|[1-9][0-9]*))?\Z")
_NETWORK: Final = re.compile(r"([^/]*)(?:/(0|[1-9][0-9]{0,2}))?")


class RecordError(ValueError):
    """The record has an error; all of it is void (RFC 7208 §4.6)."""


@dataclass(frozen=True, slots=True)
class Directive:
    """One mechanism and what a match of it means. `bits4` and `bits6` are lengths of prefixes to compare."""

    result: Qualifier
    mechanism: Mechanism
    domain: DomainSpec | None = None
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None = None
    bits4: int = 32
    bits6: int = 128
    text: str = ""


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """A record without errors."""

    directives: tuple[Directive, ...]
    redirect: DomainSpec | None = None
    explanation: DomainSpec | None = None


def is_spf(text: str) -> bool:
    """Say whether a TXT record is of this version (RFC 7208 §4.5)."""
    return _VERSION.match(text) is not None


def parse_spf(text: str) -> SpfRecord:
    """Return the record. Raises RecordError."""
    if not text.isascii() or len(text) > MAX_RECORD:
        raise RecordError("not ASCII, or too long")
    terms = [term for term in text[len("v=spf1") :].split(" ") if term]
    if len(terms) > MAX_TERMS:
        raise RecordError("too many terms")
    directives: list[Directive] = []
    modifiers: dict[str, DomainSpec] = {}
    try:
        for term in terms:
            if match := _MODIFIER.fullmatch(term):
                _add_modifier(modifiers, match[1].lower(), match[2])
            else:
                directives.append(_directive(term))
    except MacroError as error:
        raise RecordError(str(error)) from None
    return SpfRecord(tuple(directives), modifiers.get("redirect"), modifiers.get("exp"))


def _add_modifier(modifiers: dict[str, DomainSpec], name: str, value: str) -> None:
    if name not in {"redirect", "exp"}:
        # RFC 7208 §6: unknown ones are ignored, however often they stand, but their values must be macro-strings.
        parse_macro_string(value)
        return
    if name in modifiers:
        raise RecordError(f"{name}= stands twice")
    modifiers[name] = parse_domain_spec(value)


def _directive(term: str) -> Directive:
    match = _DIRECTIVE.fullmatch(term)
    if match is None:
        raise RecordError(f"not a term: {term[:40]!r}")
    result = QUALIFIERS[match[1] or "+"]
    name, value = match[2].lower(), match[3]
    if name == "all":
        if value is not None or match[4] is not None:
            raise RecordError("all takes no value")
        return Directive(result, "all", text=term)
    if name in {"ip4", "ip6"}:
        return _address(result, name == "ip4", value, term)
    if name in {"a", "mx"}:
        return _hosts(result, "a" if name == "a" else "mx", value, match[4] or "", term)
    if match[4] is not None:
        raise RecordError(f"{name} takes no prefix length")
    if name == "ptr":
        return Directive(result, "ptr", None if value is None else parse_domain_spec(value), text=term)
    if name in {"include", "exists"}:
        spec = parse_domain_spec(value or "")
        return Directive(result, "include" if name == "include" else "exists", spec, text=term)
    raise RecordError(f"unknown mechanism {name[:40]!r}")


def _hosts(result: Qualifier, name: Mechanism, value: str | None, cidr: str, term: str) -> Directive:
    """RFC 7208 §5.3, §5.4: `a[:domain][/4-prefix][//6-prefix]`."""
    spec: DomainSpec | None = None
    if value is not None:
        # A slash may be a letter of the name; what ends it as a prefix length is one.
        found = re.search(r"(?:/[0-9]+)?(?://[0-9]+)?\Z", value)
        cut = found.start() if found else len(value)
        spec, cidr = parse_domain_spec(value[:cut]), value[cut:]
    match = _DUAL_CIDR.match(cidr)
    if match is None:
        raise RecordError("not a prefix length")
    bits4, bits6 = int(match[1] or 32), int(match[2] or 128)
    if bits4 > 32 or bits6 > 128:
        raise RecordError("prefix length out of range")
    return Directive(result, name, spec, None, bits4, bits6, term)


def _address(result: Qualifier, is_four: bool, value: str | None, term: str) -> Directive:
    """RFC 7208 §5.6."""
    match = _NETWORK.fullmatch(value or "")
    if match is None or "%" in match[1]:
        raise RecordError("not a network")
    longest = 32 if is_four else 128
    bits = longest if match[2] is None else int(match[2])
    if bits > longest:
        raise RecordError("prefix length out of range")
    try:
        address = ipaddress.IPv4Address(match[1]) if is_four else ipaddress.IPv6Address(match[1])
        network = ipaddress.ip_network((int(address).to_bytes(longest // 8, "big"), bits), strict=False)
    except ValueError:
        raise RecordError("not an address") from None
    return Directive(result, "ip4" if is_four else "ip6", network=network, text=term)
