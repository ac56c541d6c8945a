r"""PROXY protocol header, versions 1 and 2, as one pure function.

NAME: proxy - who really connected, as told by a trusted balancer.
PURPOSE: `parse` judges the first octets of a connection. Whether the sender of the header may be believed is the
    caller's question and must be asked before: an untrusted peer's header is an attack, not a fact.
STATES: none; the caller asks again with more octets after NeedMore.
LIMITS: version 1 at most 107 octets (the specification's worst case); version 2 at most MAX_V2 octets, because
    its 16-bit length would let a peer have us keep 64 KiB before the first line.
FAILURE: Bad(reason) for anything else; the caller closes without a word, as the specification asks.
SECURITY: nothing is guessed; a header with an unknown family is Local-like and keeps the socket's own address.
STANDARDS: HAProxy "The PROXY protocol", versions 1 & 2, sections 2.1 to 2.2.
"""

from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

SIGNATURE_V2: Final = b"\r\n\r\n\x00\r\nQUIT\n"
MAX_V1: Final = 107
# Addresses take 36 octets; the rest is TLVs, of which a certificate name is the longest that anyone sends.
MAX_V2: Final = 4096

_TLV_AUTHORITY, _TLV_SSL = 0x02, 0x20
_TLV_SSL_VERSION, _TLV_SSL_CN, _TLV_SSL_CIPHER = 0x21, 0x22, 0x23
_CLIENT_SSL, _CLIENT_CERT_CONN, _CLIENT_CERT_SESS = 0x01, 0x02, 0x04


@dataclass(frozen=True, slots=True)
class NeedMore:
    """The header may be whole after more octets."""


@dataclass(frozen=True, slots=True)
class Bad:
    """No header, or a broken one; `reason` is for the log."""

    reason: str


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What the balancer says of the TLS that it ended. `verified` is true for a checked client certificate."""

    version: str = ""
    cipher: str = ""
    common_name: str = ""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Proxied:
    """Addresses as text, ports as numbers; `consumed` octets belong to the header."""

    source: str
    source_port: int
    destination: str
    destination_port: int
    consumed: int
    tls: TlsFacts | None = None
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Local:
    """The balancer speaks for itself (a health check), or cannot tell: the socket's own address holds."""

    consumed: int


Header = NeedMore | Bad | Proxied | Local


def parse(buffer: bytes) -> Header:
    """Judge the first octets of a connection."""
    if buffer.startswith(SIGNATURE_V2):
        return _parse_v2(buffer)
    if buffer.startswith(b"PROXY "):
        return _parse_v1(buffer)
    if SIGNATURE_V2.startswith(buffer) or b"PROXY ".startswith(buffer):
        return NeedMore()
    return Bad("no PROXY signature")


def _parse_v1(buffer: bytes) -> Header:
    end = buffer.find(b"\r\n", 0, MAX_V1)
    if end < 0:
        return NeedMore() if len(buffer) < MAX_V1 else Bad("version 1 header without an end")
    consumed = end + 2
    words = buffer[:end].decode("ascii", "replace").split(" ")
    if words[1] == "UNKNOWN":
        return Local(consumed)
    if len(words) != 6 or words[1] not in {"TCP4", "TCP6"}:
        return Bad("version 1 header of an unknown shape")
    kind = IPv4Address if words[1] == "TCP4" else IPv6Address
    try:
        source, destination = str(kind(words[2])), str(kind(words[3]))
    except (AddressValueError, ValueError):
        return Bad("version 1 header with a broken address")
    ports = [_port(word) for word in words[4:]]
    if ports[0] is None or ports[1] is None:
        return Bad("version 1 header with a broken port")
    return Proxied(source, ports[0], destination, ports[1], consumed)


def _port(word: str) -> int | None:
    if not (word.isascii() and word.isdigit()) or len(word) > 5:
        return None
    return int(word) if int(word) <= 0xFFFF else None


def _parse_v2(buffer: bytes) -> Header:
    if len(buffer) < 16:
        return NeedMore()
    version, command = buffer[12] >> 4, buffer[12] & 0x0F
    length = int.from_bytes(buffer[14:16], "big")
    if version != 2 or command > 1:
        return Bad("version 2 header with an unknown version or command")
    if length > MAX_V2:
        return Bad("version 2 header too long")
    consumed = 16 + length
    if len(buffer) < consumed:
        return NeedMore()
    if command == 0:
        return Local(consumed)
    return _addresses(buffer[13], buffer[16:consumed], consumed)


def _addresses(family: int, body: bytes, consumed: int) -> Header:
    size = {0x11: 4, 0x21: 16}.get(family)
    if size is None:
        # UNSPEC, UNIX and datagram families say nothing of a mail client's address.
        return Local(consumed)
    if len(body) < 2 * size + 4:
        return Bad("version 2 header with cut addresses")
    kind = IPv4Address if size == 4 else IPv6Address
    tlvs = _tlvs(body[2 * size + 4 :])
    if tlvs is None:
        return Bad("version 2 header with cut TLVs")
    return Proxied(
        str(kind(body[:size])),
        int.from_bytes(body[2 * size : 2 * size + 2], "big"),
        str(kind(body[size : 2 * size])),
        int.from_bytes(body[2 * size + 2 : 2 * size + 4], "big"),
        consumed,
        _tls(tlvs.get(_TLV_SSL)),
        _text(tlvs.get(_TLV_AUTHORITY, b"")),
    )


def _tlvs(data: bytes) -> dict[int, bytes] | None:
    found: dict[int, bytes] = {}
    position = 0
    while position < len(data):
        length = int.from_bytes(data[position + 1 : position + 3], "big")
        end = position + 3 + length
        if end > len(data):
            return None
        found[data[position]] = data[position + 3 : end]
        position = end
    return found


def _tls(value: bytes | None) -> TlsFacts | None:
    if value is None or len(value) < 5 or not value[0] & _CLIENT_SSL:
        return None
    parts = _tlvs(value[5:]) or {}
    # "verify" is zero for a certificate that was checked and found good; it says nothing when none was shown.
    shown = bool(value[0] & (_CLIENT_CERT_CONN | _CLIENT_CERT_SESS))
    return TlsFacts(
        _text(parts.get(_TLV_SSL_VERSION, b"")),
        _text(parts.get(_TLV_SSL_CIPHER, b"")),
        _text(parts.get(_TLV_SSL_CN, b"")),
        shown and value[1:5] == b"\0\0\0\0",
    )


def _text(value: bytes) -> str:
    """Printable text only: these words go to logs and Received lines."""
    return "".join(char if char.isprintable() else "?" for char in value.decode("utf-8", "replace"))
