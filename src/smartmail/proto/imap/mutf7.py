"""Modified UTF-7 for mailbox names (RFC 3501 §5.1.3), both ways. Knows no hierarchy."""

import binascii
import re

# A shifted run, a printable ASCII character other than `&`; anything else is not modified UTF-7.
_PIECE = re.compile(rb"&([A-Za-z0-9+,]*)-|([\x20-\x25\x27-\x7e]+)")
_ENCODE = re.compile(r"&|[^\x20-\x7e]+")


def encode(name: str) -> bytes:
    """Return `name` in modified UTF-7. Lone surrogates, which no valid name holds, become U+FFFD."""
    return _ENCODE.sub(_shift, name).encode("ascii")


def _shift(match: re.Match[str]) -> str:
    run = match.group()
    if run == "&":
        return "&-"
    octets = run.encode("utf-16-be", "surrogatepass")
    if "\ud800" <= max(run) <= "\udfff" or any("\ud800" <= c <= "\udfff" for c in run):
        octets = octets.decode("utf-16-be", "replace").encode("utf-16-be")
    text = binascii.b2a_base64(octets, newline=False).rstrip(b"=").replace(b"/", b",")
    return f"&{text.decode('ascii')}-"


def decode(octets: bytes) -> str | None:
    """Return the name, or None when `octets` is not modified UTF-7.

    RFC 3501 §5.1.3 allows one spelling for each name, so that two spellings cannot name one mailbox: an ASCII
    character inside base64, two shifted runs in a row and bits left over are refused.
    """
    if b"&" not in octets:
        return octets.decode("ascii") if octets.isascii() and octets.decode("ascii").isprintable() else None
    pieces: list[str] = []
    position = 0
    shifted = False
    for match in _PIECE.finditer(octets):
        if match.start() != position:
            return None
        position = match.end()
        base64, plain = match.groups()
        if plain is not None:
            pieces.append(plain.decode("ascii"))
            shifted = False
        elif not base64:
            pieces.append("&")
            shifted = False
        else:
            run = None if shifted else _unshift(base64)
            if run is None:
                return None
            pieces.append(run)
            shifted = True
    return "".join(pieces) if position == len(octets) else None


def _unshift(base64: bytes) -> str | None:
    padded = base64.replace(b",", b"/") + b"=" * (-len(base64) % 4)
    try:
        octets = binascii.a2b_base64(padded, strict_mode=True)
        run = octets.decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return None
    # Encoding again finds leftover bits, and characters that had to stay plain.
    return run if encode(run) == b"&" + base64 + b"-" else None
