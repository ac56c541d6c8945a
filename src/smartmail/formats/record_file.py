"""Records as files that leave the house: JSON lines that anybody can check, CSV that no spreadsheet runs.

    JSON lines   {"export": {id, by, at, records, key}}, then per record {"digest", "prev", "record"}, last
                 {"end": {"sha256", "signature"}}: SHA-256 over all lines before it, signed (Ed25519) with the key
    CSV          RFC 4180 with a row of marks first: who exported, when, the export's number

A line of a record repeats alone: digest = SHA-256(prev in hexadecimal, then the record in canonical JSON).
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

COLUMNS: Final = (
    "chain", "seq", "time", "kind", "actor", "subject", "action", "object", "address", "country", "door",
)  # fmt: skip
_FORMULA: Final = tuple("=+-@\t\r\n|%")


def _line(document: Mapping[str, Any]) -> bytes:
    # ASCII only: no reader can take a character for the end of a line.
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def json_lines(marks: Mapping[str, Any], records: Iterable[Mapping[str, Any]], sign: Callable[[bytes], bytes]) -> bytes:
    """Return a file of records with its marks and its signature."""
    body = _line({"export": dict(marks)}) + b"".join(_line(one) for one in records)
    digest = hashlib.sha256(body).hexdigest()
    return body + _line({"end": {"sha256": digest, "signature": sign(digest.encode()).hex()}})


def csv_file(marks: Mapping[str, Any], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a file of records with its marks in the first row; a cell that a spreadsheet would run begins with '."""
    lines = [_row(["export", *(f"{name}: {value}" for name, value in marks.items())]), _row(COLUMNS)]
    lines += [_row(row) for row in rows]
    return b"\xef\xbb\xbf" + "".join(lines).encode("utf-8", "replace")


def _row(cells: Iterable[object]) -> str:
    """Return a line; cells with a comma or a quotation mark are quoted (RFC 4180 §2)."""
    shown = [safe(one) for one in cells]
    return ",".join('"' + one.replace('"', '""') + '"' if "," in one or '"' in one else one for one in shown) + "\r\n"


def safe(value: object) -> str:
    """Return a cell that is text to every reader: no formula, no second line, no control character."""
    if isinstance(value, int):
        return str(value)
    text = "".join(one if one.isprintable() else " " for one in str(value))
    return "'" + text if str(value).lstrip().startswith(_FORMULA) else text
