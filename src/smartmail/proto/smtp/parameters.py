"""Parameters of MAIL and RCPT: `KEYWORD[=value]` words behind the path.

STANDARDS: RFC 5321 §4.1.1.11 (form, 555 for unknown ones), RFC 1870 (SIZE), RFC 6152 (BODY), RFC 6531 §3.4
(SMTPUTF8), RFC 3461 §4.1 to §4.4 (NOTIFY, ORCPT, RET, ENVID), RFC 4954 §5 (AUTH),
RFC 8689 §2 (REQUIRETLS).
"""

from collections.abc import Callable
from typing import Any, Final

from smartmail.proto.smtp import replies
from smartmail.proto.smtp.reply import Reply
from smartmail.proto.smtp.xtext import utf8_decode, xtext_decode, xtext_utf8_decode

# RFC 3461 §4.4 and §4.2.
_ENVID_CHARACTERS: Final = 100
_ORCPT_CHARACTERS: Final = 500
# RFC 1870 §4: up to 20 digits.
_SIZE_DIGITS: Final = 20

_NOTIFY: Final = frozenset({"SUCCESS", "FAILURE", "DELAY"})

# A reader takes the value ("" when there was none) and returns what the event holds, None for a bad value.
Reader = Callable[[str], Any]


def _size(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) <= _SIZE_DIGITS else None


def _body(value: str) -> str | None:
    # BINARYMIME is not offered (RFC 3030 §3): we could not hand such a message on.
    return value.upper() if value.upper() in {"7BIT", "8BITMIME"} else None


def _flag(value: str) -> bool | None:
    return None if value else True


def _ret(value: str) -> str | None:
    return value.upper() if value.upper() in {"FULL", "HDRS"} else None


def _envid(value: str) -> str | None:
    return (xtext_decode(value) or None) if len(value) <= _ENVID_CHARACTERS else None


def _auth(value: str) -> str | None:
    return xtext_decode(value) or None


def _notify(value: str) -> frozenset[str] | None:
    words = value.upper().split(",")
    if words == ["NEVER"]:
        return frozenset(words)
    return frozenset(words) if _NOTIFY.issuperset(words) else None


def _orcpt(value: str) -> str | None:
    kind, semicolon, address = value.partition(";")
    if len(value) > _ORCPT_CHARACTERS or not semicolon or not kind.isascii() or not kind.replace("-", "").isalnum():
        return None
    decoded = utf8_decode(address) if kind.lower() == "utf-8" else xtext_decode(address)
    if decoded is None and kind.lower() == "rfc822":
        # Postfix has no other type for the recipients of SMTPUTF8 mail; RFC 6533 §3 means them to be utf-8.
        kind, decoded = "utf-8", xtext_utf8_decode(address)
    return f"{kind};{decoded}" if decoded else None


MAIL_BASE: Final[dict[str, tuple[str, Reader]]] = {"SIZE": ("size", _size), "BODY": ("body", _body)}
MAIL_DSN: Final[dict[str, tuple[str, Reader]]] = {"RET": ("ret", _ret), "ENVID": ("envid", _envid)}
MAIL_UTF8: Final[dict[str, tuple[str, Reader]]] = {"SMTPUTF8": ("smtputf8", _flag)}
MAIL_TLS: Final[dict[str, tuple[str, Reader]]] = {"REQUIRETLS": ("require_tls", _flag)}
MAIL_AUTH: Final[dict[str, tuple[str, Reader]]] = {"AUTH": ("auth", _auth)}
RCPT_DSN: Final[dict[str, tuple[str, Reader]]] = {"NOTIFY": ("notify", _notify), "ORCPT": ("orcpt", _orcpt)}


def read_parameters(text: str, known: dict[str, tuple[str, Reader]]) -> dict[str, Any] | Reply:
    """Return event fields by name, or the reply that refuses the parameters."""
    fields: dict[str, Any] = {}
    for word in text.split():
        keyword, equals, value = word.partition("=")
        entry = known.get(keyword.upper())
        if entry is None:
            return replies.UNKNOWN_PARAMETER
        name, reader = entry
        decoded = reader(value)
        if decoded is None or (equals and not value) or name in fields:
            return replies.BAD_PARAMETER
        fields[name] = decoded
    return fields
