"""Fields that only this house may write, found in the header of others: of strangers, and of people who log in here.

Readers and filters believe them (RFC 8601 §5), so a colleague's forgery is as bad as a stranger's.
"""

import re

from smartmail.formats import security_label
from smartmail.formats.authentication_results import server_of
from smartmail.formats.headers import split_fields
from smartmail.service.flow.filters.effects import MARK

MAX_FIELDS = 100_000
"""Fields in which forgeries are looked for: all of a header of 1 MiB."""
_OWN = b"x-smartmail-"
_LABEL = security_label.FIELD.lower().encode()
# A reader that is less exact than we are takes the name up to what no host name holds: `mx.example/1` is ours too.
_NO_HOST = re.compile(r"[^a-z0-9._-]")
# The marks against loops of redirects are keyed hashes: nobody else can make one, and they must come back.
_KEPT = frozenset({MARK.lower().encode()})


def forgeries(header: bytes, host: str) -> list[tuple[int, int]]:
    """Return where fields lie that only we may write (RFC 8601 §5)."""
    found = []
    for field in split_fields(header, MAX_FIELDS):
        name = field.name.lower()
        if name == b"authentication-results":
            server = server_of(header[field.value_start : field.end])
            if server is None or server == host or _NO_HOST.split(server, 1)[0].rstrip(".") == host:
                found.append((field.start, field.end))
        elif name == _LABEL and not security_label.read_field(header[field.value_start : field.end]):
            continue  # another house's label stays
        elif name == _LABEL or (name.startswith(_OWN) and name not in _KEPT):
            found.append((field.start, field.end))
    return found


def without(octets: bytes, cuts: list[tuple[int, int]]) -> bytes:
    """Return octets without the ranges [start, end)."""
    kept, position = [], 0
    for start, end in sorted(cuts):
        kept.append(octets[position:start])
        position = max(position, end)
    return b"".join([*kept, octets[position:]])
