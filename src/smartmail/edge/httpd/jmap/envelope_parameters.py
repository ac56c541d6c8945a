"""The parameters of a submission's envelope (RFC 8621 §7): read as those of SMTP submission are, by the same readers.

JMAP has them without xtext, so that they are encoded before a reader of the wire sees them.
STANDARDS  RFC 1870 (SIZE), RFC 6152 (BODY), RFC 6531 §3.4 (SMTPUTF8), RFC 3461 §4 (RET, ENVID, NOTIFY, ORCPT), RFC 8689
           (REQUIRETLS), RFC 4865 (HOLDFOR, HOLDUNTIL: delays.py).
"""

from collections.abc import Mapping
from typing import Any, Final

from smartmail.edge.httpd.jmap.setting import refuse
from smartmail.proto.smtp.parameters import MAIL_BASE, MAIL_DSN, MAIL_TLS, MAIL_UTF8, RCPT_DSN, Reader
from smartmail.proto.smtp.xtext import utf8_encode, xtext_encode
from smartmail.service.flow.submission_request import RecipientDsn

Parameters = Mapping[str, str | None]

EXTENSIONS: Final[dict[str, list[str]]] = {
    "8BITMIME": [], "DSN": [], "FUTURERELEASE": [], "REQUIRETLS": [], "SIZE": [], "SMTPUTF8": [],
}  # fmt: skip
"""RFC 8621 §1.3.2 submissionExtensions: whose parameters are taken. All others are refused."""

_MAIL: Final = {**MAIL_BASE, **MAIL_DSN, **MAIL_UTF8, **MAIL_TLS}
_DELAYS: Final = frozenset({"HOLDFOR", "HOLDUNTIL"})
_LONGEST: Final = 500
"""Characters of a value: ORCPT's bound (RFC 3461 §4.2), the largest. SMTP has its command line for it."""


def mail_parameters(given: Parameters) -> dict[str, Any]:
    """Return what MAIL FROM says, by the names of a Request. Raises Refused. Delays are read by `delay_of`."""
    names = {name.upper() for name in given}
    if any(value is not None and len(value) > _LONGEST for value in given.values()):
        raise refuse("envelope", description=f"a value has at most {_LONGEST} characters")
    if len(names) < len(given) or names >= _DELAYS:
        raise refuse("envelope", description="a parameter is there twice (RFC 5321 §4.1.1.11, RFC 4865 §4)")
    fields = _read({name: value for name, value in given.items() if name.upper() not in _DELAYS}, _MAIL)
    fields.pop("body", None)  # The octets themselves tell.
    return fields


def recipient_parameters(given: Parameters) -> RecipientDsn:
    """Return what RCPT TO says. Raises Refused."""
    fields = _read(given, RCPT_DSN)
    return RecipientDsn(tuple(sorted(fields.get("notify", ()))), fields.get("orcpt", ""))


def _read(given: Parameters, known: Mapping[str, tuple[str, Reader]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for keyword, value in given.items():
        entry = known.get(keyword.upper())
        if entry is None:
            raise refuse("envelope", description=f"{keyword[:80]} is not among the submissionExtensions")
        name, reader = entry
        decoded = (
            None
            if value is not None and not 0 < len(value) <= _LONGEST
            else reader(_on_the_wire(keyword.upper(), value or ""))
        )
        if decoded is None or name in fields:
            raise refuse("envelope", description=f"{keyword[:80]} has no such value, or is there twice")
        fields[name] = decoded
    return fields


def _on_the_wire(keyword: str, value: str) -> str:
    """RFC 8621 §7: "any xtext or unitext encodings are removed". Text that no encoding can carry stays as it is, and the
    reader refuses it.
    """
    kind, _, address = value.partition(";")
    if keyword == "ORCPT" and kind.lower() == "utf-8":
        return f"{kind};{utf8_encode(address)}"
    try:
        if keyword == "ORCPT":
            return f"{kind};{xtext_encode(address)}"
        return xtext_encode(value) if keyword == "ENVID" else value
    except ValueError:
        return ""
