"""The way that a message tells of itself: Received fields and their kin, in the shapes that mailers really write.

NAME      received
PURPOSE   Header → hops, the newest first. Nothing here is true: whoever sent the message wrote it. Which hops can be
          believed is the caller's to say.
LIMITS    `MAX_HOPS` hops, `MAX_FIELD` octets of a field. Linear in the octets looked at.
FAILURE   Never: what is not understood is left empty.
STANDARDS RFC 5321 §4.4 (trace), RFC 3848 and RFC 8314 (protocols), RFC 8601 and 8617 (ARC's results).
"""

import re
from typing import Final, NamedTuple

from smartmail.formats.charset import decode
from smartmail.formats.dates import parse_date
from smartmail.formats.geo_table import parse_address
from smartmail.formats.headers import Header

MAX_HOPS: Final = 50
MAX_FIELD: Final = 4_096
MAX_NAME: Final = 255

# A comment, one level of comments inside of it (RFC 5322 §3.2.2 allows any; nobody writes more).
_COMMENT: Final = r"\((?:[^()]++|\([^()]*+\))*+\)"
_WORD: Final = r"(?:from|by|via|with|id|for)"
_CLAUSE: Final = re.compile(
    rf"(?<![^\s)]){_WORD}(?=[\s(])(?:[^\s(]++|{_COMMENT}|\s++(?!{_WORD}[\s(])|\()*+", re.IGNORECASE
)
_LEADING: Final = re.compile(rf"(?:\s*+{_COMMENT})*+\s*+")
_COMMENTS: Final = re.compile(rf"{_COMMENT}")
_V4: Final = r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}"
_V6: Final = r"(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})?(?:%[\w.]{1,16})?"
_BRACKETED: Final = re.compile(rf"\[(?:IPv6:)?\s*({_V4}|{_V6})\s*\]", re.IGNORECASE)
_BARE: Final = re.compile(rf"(?<![\w.:=-])(?:IPv6:)?({_V4}|{_V6})(?![\w.:-]*[A-Za-z_-])", re.IGNORECASE)
# What the client called itself, or who it is, may look like an address and is none.
_SAID: Final = re.compile(r"\b(?:helo|ehlo|ident|account|authenticated sender)\b[ =:]+\S+", re.IGNORECASE)
_HELO: Final = re.compile(r"\b(?:helo|ehlo)[ =]+\[?([^\s()\[\]]+)", re.IGNORECASE)
_SSL_NAME: Final = r"(TLS|SSL)[ _]?v?(\d)(?:[._](\d))?"
_TLS: Final = re.compile(rf"(?<![A-Za-z]){_SSL_NAME}(?![\d.])", re.IGNORECASE)
_CIPHER: Final = re.compile(r"\b((?:TLS|ECDHE|DHE|AES|AECDH|ADH|RSA|DES)[_-][A-Z0-9_-]{4,60})")
_PROTOCOL: Final = re.compile(r"([A-Za-z0-9][\w/.+-]{0,31})")
_MICROSOFT: Final = re.compile(r"Microsoft SMTP(?:SVC| Server)|mapi\b|HTTP\b|HTTPS\b", re.IGNORECASE)
_ORIGINS: Final = ("x-originating-ip", "x-sender-ip", "x-original-senderip", "x-client-ip", "x-naver-clientip")
_ARC_PEER: Final = re.compile(rf"(?:smtp\.remote-ip=|sender ip is |client-ip=)\"?\[?({_V4}|{_V6})", re.IGNORECASE)


class TraceHop(NamedTuple):
    """One hop as it is told. `at`: Unix seconds, 0 unknown. `address`: "" when nobody says, else in its usual form."""

    from_name: str = ""
    address: str = ""
    by: str = ""
    protocol: str = ""
    tls: str = ""
    at: int = 0


class Route(NamedTuple):
    """All hops that were looked at, and how many Received fields there are in all."""

    hops: tuple[TraceHop, ...]
    received: int

    @property
    def is_long(self) -> bool:
        """Say whether there are more hops than are looked at: a sign of a loop."""
        return self.received > MAX_HOPS


def parse_route(header: Header) -> Route:
    """Return the hops of a header, newest first; after those of Received the origin that a webmail or ARC names."""
    fields = header.all("received")
    hops = [parse_received(value) for value in fields[:MAX_HOPS]]
    known = {hop.address for hop in hops}
    for hop in _origins(header):
        if len(hops) < MAX_HOPS and hop.address not in known:
            known.add(hop.address)
            hops.append(hop)
    return Route(tuple(hops), len(fields))


def _origins(header: Header) -> list[TraceHop]:
    """Return what is told of the first host beside Received: by ARC (RFC 8617 §4.1.1), by fields of webmails."""
    found = []
    for value in header.all("arc-authentication-results")[:MAX_HOPS]:
        match = _ARC_PEER.search(value[:MAX_FIELD].decode("latin-1"))
        address = _normal(match[1]) if match else ""
        if address:
            found.append(TraceHop("", address, "", "ARC"))
    for name in _ORIGINS:
        origin = header.first(name)
        address = _address(origin[:200].decode("latin-1")) if origin else ""
        if address:
            found.append(TraceHop("", address, "", "HTTP"))
    return found


def parse_received(value: bytes) -> TraceHop:
    """Return one Received field's hop; `value` is raw, without the field's name."""
    text = _text(value)
    body, _semicolon, date = text.rpartition(";")
    if not body:
        body, date = date, ""
    clauses = _clauses(body)
    source, target = clauses.get("from", ""), clauses.get("by", "")
    seconds = parse_date(date.encode("latin-1", "replace")) if date else None
    with_ = clauses.get("with", "")
    return TraceHop(
        _name(source), _peer(source), _host(target), _protocol(with_), _tls(body), 0 if seconds is None else seconds[0]
    )


def _text(value: bytes) -> str:
    value = value[:MAX_FIELD].replace(b"\r", b"").replace(b"\n", b"").replace(b"\t", b" ")
    return value.decode("ascii") if value.isascii() else decode(value)[0]


def _clauses(body: str) -> dict[str, str]:
    """Return word → what follows it, comments included; the first of each word holds."""
    found: dict[str, str] = {}
    start = _LEADING.match(body)
    for match in _CLAUSE.finditer(body, start.end() if start else 0):
        word, _blank, rest = match[0].replace("(", " (", 1).partition(" ")
        found.setdefault(word.lower(), rest)
    return found


def _host(clause: str) -> str:
    """Return the first word outside of comments."""
    outside = _COMMENTS.sub(" ", clause).split(None, 1)
    return outside[0].strip("<>,")[:MAX_NAME] if outside else ""


def _name(clause: str) -> str:
    """Return what the peer called itself. qmail and Exim write the peer's name first, and that one in the comment."""
    told = _HELO.search(clause) if "(" in clause else None
    if told is not None:
        return told[1][:MAX_NAME]
    return _host(clause)


def _peer(clause: str) -> str:
    """Return the peer's address: from the comments, which the receiver wrote, before the name, which the peer chose."""
    if not clause:
        return ""
    for comment in _COMMENTS.findall(clause):
        address = _address(_SAID.sub(" ", comment))
        if address:
            return address
    return _address(_SAID.sub(" ", _COMMENTS.sub(" ", clause)))


def _address(text: str) -> str:
    for pattern in (_BRACKETED, _BARE) if "[" in text else (_BARE,):
        for match in pattern.finditer(text):
            address = _normal(match[1])
            if address:
                return address
    return ""


def _normal(text: str) -> str:
    """Return an address in its usual form, IPv4 in IPv6 as IPv4, without a zone; "" for what is none."""
    if ":" not in text:
        numbers = [int(part) for part in text.split(".")]
        return ".".join(map(str, numbers)) if max(numbers) < 256 else ""
    address = parse_address(text)
    if address is None:
        return ""
    if address.version == 4:
        number = address.number
        return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return text.partition("%")[0].lower()


def _protocol(clause: str) -> str:
    special = _MICROSOFT.match(clause.lstrip())
    if special is not None:
        return special[0]
    match = _PROTOCOL.match(clause.lstrip())
    return match[1] if match else ""


def _tls(body: str) -> str:
    """Return version and cipher as `TLSv1.3 TLS_AES_256_GCM_SHA384`, "" for a hop that tells of none."""
    match = _TLS.search(body) if "TLS" in body or "SSL" in body else None
    if match is None:
        return ""
    version = f"{match[1].upper()}v{match[2]}" + (f".{match[3]}" if match[3] else "")
    cipher = _CIPHER.search(body, match.end())
    return f"{version} {cipher[1]}" if cipher else version
