r"""Reverse-paths and forward-paths of MAIL and RCPT.

Knows grammar only: whether an address exists or may be used is asked elsewhere.
LIMITS: RFC 5321 §4.5.3.1.1 gives 64 octets for a local-part; senders with VERP and SRS use more, and the RFC
asks for no needless limits, so LOCAL_OCTETS is 255. A domain has 255 (§4.5.3.1.2), a label 63 (RFC 1035 §2.3.4).
FAILURE: None for what is no path; linear time.
STANDARDS: RFC 5321 §4.1.2 and §4.1.3, RFC 6531 §3.3 (non-ASCII), RFC 5321 appendix C (source routes are dropped).
Dots may stand anywhere in a local-part (`a..b@`, `a.@`): Japanese mobile carriers gave out such addresses.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

LOCAL_OCTETS: Final = 255
DOMAIN_OCTETS: Final = 255
_LABEL_OCTETS: Final = 63

_ATEXT: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-\x80-\U0010ffff]"
_QUOTED: Final = r'"(?:[ !#-\[\]-~\x80-\U0010ffff]|\\[ -~])*"'
_LABEL: Final = r"[A-Za-z0-9_\x80-\U0010ffff](?:[A-Za-z0-9_\-\x80-\U0010ffff]*[A-Za-z0-9_\x80-\U0010ffff])?"
_DOMAIN: Final = rf"{_LABEL}(?:\.{_LABEL})*"
_ROUTE: Final = r"@[^:<> \"]*:"

_PATH: Final = re.compile(
    rf"<(?:{_ROUTE})?({_ATEXT}+|{_QUOTED})@({_DOMAIN}|\[[A-Za-z0-9:.]+\])>|<((?i:postmaster))?>",
)
_DOT_STRING: Final = re.compile(rf"{_ATEXT}+")
_QUOTED_PAIR: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Path:
    """An address on the wire: local-part without quoting, domain as written (a literal keeps its brackets).

    Both are empty for the null reverse-path `<>`; the domain alone is empty for `<Postmaster>`.
    """

    local: str
    domain: str

    @property
    def is_null(self) -> bool:
        return not self.domain and not self.local

    @property
    def address(self) -> str:
        """The addr-spec, quoted where needed; "" for the null path, the bare word for Postmaster."""
        if not self.domain:
            return self.local
        return f"{quote_local(self.local)}@{self.domain}"

    @property
    def is_ascii(self) -> bool:
        return self.local.isascii() and self.domain.isascii()

    def __str__(self) -> str:
        return f"<{self.address}>"


NULL: Final = Path("", "")
POSTMASTER: Final = Path("Postmaster", "")


def quote_local(local: str) -> str:
    """Return the local-part as it goes on the wire: quoted only where a dot-string cannot hold it."""
    if _DOT_STRING.fullmatch(local):
        return local
    return '"' + local.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_path(text: str, start: int = 0) -> tuple[Path, int] | None:
    """Read a path in angle brackets at `start`; return it and where it ends, None when there is none."""
    match = _PATH.match(text, start)
    if match is None:
        return None
    local, domain, postmaster = match.groups()
    if local is None:
        return (POSTMASTER if postmaster else NULL), match.end()
    if local[0] == '"':
        local = _QUOTED_PAIR.sub(r"\1", local[1:-1])
    end = match.end()
    # The usual address needs no closer look: ASCII, and too short to break a limit.
    if (end > _LABEL_OCTETS or domain[0] == "[" or not text.isascii()) and not _valid(local, domain):
        return None
    return Path(local, domain), end


def parse_address(text: str) -> Path | None:
    """Read a bare addr-spec, as an ORCPT or AUTH parameter holds it."""
    found = parse_path(f"<{text}>")
    return found[0] if found and found[1] == len(text) + 2 and found[0].domain else None


def path_of(address: str) -> Path:
    """Return the path of an address that was accepted once, also of one that would be refused today."""
    found = parse_path(f"<{address}>")
    if found is not None:
        return found[0]
    local, _at, domain = address.rpartition("@")
    return Path(local, domain)


def _valid(local: str, domain: str) -> bool:
    if domain[0] == "[" and not _valid_literal(domain[1:-1]):
        return False
    return (
        # No separators, controls or unassigned characters hide in a non-ASCII address.
        local.isprintable()
        and domain.isprintable()
        and len(local.encode()) <= LOCAL_OCTETS
        and len(domain.encode()) <= DOMAIN_OCTETS
        and all(len(label.encode()) <= _LABEL_OCTETS or domain[0] == "[" for label in domain.split("."))
    )


def _valid_literal(text: str) -> bool:
    """RFC 5321 §4.1.3: an IPv4 address or `IPv6:` and one; nobody registered another tag."""
    try:
        if text[:5].upper() == "IPV6:":
            IPv6Address(text[5:])
        else:
            IPv4Address(text)
    except (AddressValueError, ValueError):
        return False
    return True
