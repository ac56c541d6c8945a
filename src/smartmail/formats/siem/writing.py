"""Writes a record in one of three formats, and frames it for a stream.

    rfc5424   <PRI>1 TIME HOST APP - MSGID [records@32473 name="value" …] text       RFC 5424 §6
    cef       the same header with CEF:0|…|key=value in place of structured data
    json      the same header with one JSON object as text

Every format is a syslog message, for collectors listen for syslog; it is framed by its length (RFC 5425 §4.3).
Escaping follows each format; a control character never passes, so no field can begin a line or a field of its own.
"""

import json
import re
from dataclasses import asdict
from typing import Final, Literal

from smartmail.formats.siem.fields import FIELDS, SiemRecord

SiemFormat = Literal["rfc5424", "cef", "json"]

FACILITY: Final = 13
"""Log audit (RFC 5424 §6.2.1)."""
ENTERPRISE: Final = "records@32473"
"""Name of the structured data. 32473 is the number for documentation (RFC 5612): this project has none of its own."""
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_PRINTABLE: Final = re.compile(r"[^\x21-\x7e]")
_LABELS: Final = {"chain": "chain", "seq": "seq", "digest": "digest", "object": "object", "country": "country"}
"""Custom fields of CEF need a label each."""


def frame(message: bytes) -> bytes:
    """Return a message as it goes over a stream (RFC 5425 §4.3)."""
    return b"%d " % len(message) + message


def write(record: SiemRecord, form: SiemFormat) -> bytes:
    """Return a record as one syslog message."""
    data, text = "-", ""
    if form == "rfc5424":
        data, text = _structured(record), _plain(f"{record.action} {record.object}")
    elif form == "cef":
        text = _cef(record)
    else:
        text = json.dumps(asdict(record), separators=(",", ":"), sort_keys=True)
    host = _PRINTABLE.sub("-", record.installation)[:255] or "-"
    kind = _PRINTABLE.sub("-", record.kind)[:32] or "-"
    header = f"<{FACILITY * 8 + _severity(record)}>1 {record.time} {host} smartmail - {kind} {data} "
    return header.encode("utf-8", "replace") + text.encode("utf-8", "replace")


def _severity(record: SiemRecord) -> int:
    """Return notice for what failed or touched others' data, informational for the rest (RFC 5424 §6.2.1)."""
    return 5 if record.kind in {"admin", "access"} or record.outcome not in {"", "ok"} else 6


def _plain(text: object) -> str:
    return _CONTROLS.sub(" ", str(text))


def _structured(record: SiemRecord) -> str:
    values = asdict(record)
    pairs = []
    for field in FIELDS:
        value = _plain(values[field.name])
        for one in ("\\", '"', "]"):
            value = value.replace(one, "\\" + one)
        pairs.append(f'{field.name}="{value}"')
    return f"[{ENTERPRISE} {' '.join(pairs)}]"


def _cef(record: SiemRecord) -> str:
    values = asdict(record)
    pairs = []
    for field in FIELDS:
        value = _plain(values[field.name]).replace("\\", "\\\\").replace("=", "\\=")
        pairs.append(f"{field.cef}={value}")
        if field.name in _LABELS:
            pairs.append(f"{field.cef}Label={_LABELS[field.name]}")
    action = _plain(record.action).replace("\\", "\\\\").replace("|", "\\|")
    severity = 5 if _severity(record) == 5 else 3
    return f"CEF:0|SmartMail|SmartMail|1|{action}|{action}|{severity}|{' '.join(pairs)}"
