"""The mailto: URI of notifications (RFC 6068, RFC 5436 §2): who is written to, and fields that the script wants."""

import re
from dataclasses import dataclass
from typing import Final

from smartmail.proto.sieve.literals import is_address, is_field_name

MAX_RECIPIENTS: Final = 5
MAX_CHARACTERS: Final = 4_000
_ESCAPED: Final = re.compile(r"((?:%[0-9A-Fa-f]{2})+)")
# RFC 5436 §2.7: fields that the URI must not set; the rest of the trace and identity fields with them.
FORBIDDEN: Final = frozenset({
    "from", "sender", "date", "message-id", "received", "return-path", "auto-submitted", "bcc", "resent-from",
    "resent-to", "resent-date", "resent-message-id", "resent-sender", "content-type", "content-transfer-encoding",
    "mime-version", "dkim-signature",
})  # fmt: skip


class MailtoError(Exception):
    """Not a mailto: URI that mail can be sent to."""


@dataclass(frozen=True, slots=True)
class Mailto:
    """`recipients` get the message; `cc` of them by Cc. `fields` are further header fields in order."""

    recipients: tuple[str, ...]
    cc: tuple[str, ...] = ()
    subject: str = ""
    body: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def read_mailto(uri: str) -> Mailto:
    """Return what a mailto: URI says. Raises MailtoError."""
    scheme, colon, rest = uri.partition(":")
    if scheme.lower() != "mailto" or not colon or len(uri) > MAX_CHARACTERS:
        raise MailtoError
    path, _mark, query = rest.partition("?")
    to = [_decode(one) for one in path.split(",") if one]
    cc: list[str] = []
    texts = {"subject": "", "body": ""}
    fields: list[tuple[str, str]] = []
    for pair in filter(None, query.split("&")):
        name, _equals, value = pair.partition("=")
        name, value = _decode(name).lower(), _decode(value)
        if name == "to":
            to += [one.strip() for one in value.split(",")]
        elif name == "cc":
            cc += [one.strip() for one in value.split(",")]
        elif name in texts:
            texts[name] = value
        elif is_field_name(name) and name not in FORBIDDEN:
            fields.append((name, value))
    if not to or len(to) + len(cc) > MAX_RECIPIENTS or not all(map(is_address, [*to, *cc])):
        raise MailtoError
    return Mailto(tuple(to), tuple(cc), texts["subject"], texts["body"], tuple(fields))


def _decode(text: str) -> str:
    try:
        return _ESCAPED.sub(lambda match: bytes.fromhex(match[1].replace("%", "")).decode(), text)
    except UnicodeDecodeError:
        raise MailtoError from None
