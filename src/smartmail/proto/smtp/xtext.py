r"""xtext: how a parameter value carries characters that the command line cannot (RFC 3461 §4).

Decoded text is printable by construction: it ends in delivery reports and logs, where a hidden line end forges.
STANDARDS: RFC 3461 §4 (xtext), RFC 6533 §3 (utf-8-addr-xtext: `\x{1F600}`).
"""

import re
from typing import Final

_XTEXT: Final = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
_HEX: Final = re.compile(r"\+([0-9A-F]{2})")
_UNICODE: Final = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_SPECIAL: Final = re.compile(r"[^!-*,-<>-~]")


def xtext_encode(text: str) -> str:
    """Encode printable ASCII. Raises ValueError for other text: an address outside ASCII needs utf8_encode."""
    if not (text.isascii() and text.isprintable()):
        raise ValueError("xtext carries printable ASCII")
    return _SPECIAL.sub(lambda match: f"+{ord(match[0]):02X}", text)


def xtext_decode(text: str) -> str | None:
    """Decode; None for what is no xtext or hides unprintable characters (RFC 3461 §4.4: 33 to 126, and space)."""
    if not _XTEXT.fullmatch(text):
        return None
    decoded = _HEX.sub(lambda match: chr(int(match[1], 16)), text)
    return decoded if decoded.isascii() and decoded.isprintable() else None


def xtext_utf8_decode(text: str) -> str | None:
    """Decode xtext whose octets are UTF-8, as Postfix sends an address outside ASCII; None for anything else."""
    if not _XTEXT.fullmatch(text):
        return None
    octets = _HEX.sub(lambda match: chr(int(match[1], 16)), text).encode("latin-1")
    try:
        decoded = octets.decode()
    except UnicodeDecodeError:
        return None
    return decoded if decoded.isprintable() else None


def utf8_encode(text: str) -> str:
    r"""Encode an address for `utf-8;` with `\x{...}` for all that is not plain (RFC 6533 §3)."""
    return re.sub(r"[^!-*,-<>-\[\]-~]", lambda match: f"\\x{{{ord(match[0]):02X}}}", text)


def utf8_decode(text: str) -> str | None:
    r"""Decode the address of `utf-8;`: raw UTF-8 and `\x{...}` side by side."""

    def char(match: re.Match[str]) -> str:
        number = int(match[1], 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\0"

    decoded = _UNICODE.sub(char, text)
    return decoded if decoded.isprintable() else None
