"""What the server writes: strings, capabilities, answers (RFC 5804 §1.2, §1.3, §4)."""

from collections.abc import Iterable
from typing import Final

MAX_QUOTED: Final = 1024


def string(text: str) -> bytes:
    """Return text as a quoted string, or as a literal where it cannot be one."""
    octets = text.encode("utf-8", "replace")
    if len(octets) > MAX_QUOTED or any(octet in octets for octet in b"\r\n\0"):
        return literal(octets)
    return b'"' + octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def literal(octets: bytes) -> bytes:
    """Return octets as a literal of the server."""
    return b"{%d}\r\n%b" % (len(octets), octets)


def capabilities(pairs: Iterable[tuple[str, str | None]]) -> bytes:
    """Return the lines of a capability response, without the answer behind them."""
    return b"".join(string(name) + (b"" if value is None else b" " + string(value)) + b"\r\n" for name, value in pairs)


def answer(status: bytes, text: str, code: bytes) -> bytes:
    """Return OK, NO or BYE with a response code and a text, where there are any."""
    words = [status]
    if code:
        words.append(b"(%b)" % code)
    if text:
        words.append(string(text))
    return b" ".join(words) + b"\r\n"
