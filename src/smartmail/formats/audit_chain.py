"""The arithmetic of audit chains: what of a record is hashed, and how a link follows on the one before.

Anybody who has the records and one digest can repeat it with SHA-256 and no key. Knows no store and no key.

    digest(n) = SHA-256(digest(n-1) in lower-case hexadecimal, then record(n) as canonical JSON in UTF-8)

Canonical: names sorted, no blanks, characters as they are. digest(0) is 64 zeros.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

DIGEST_OCTETS: Final = 32
START: Final = bytes(DIGEST_OCTETS)
"""The digest that the first link follows on."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def canonical(document: Mapping[str, str | int | None]) -> bytes:
    """Return the one form in which a record is hashed."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def digest(previous: bytes, record: bytes) -> bytes:
    """Return the digest of a link over the one before and a record in its canonical form."""
    return hashlib.sha256(previous.hex().encode("ascii") + record).digest()


def timestamp(milliseconds: int) -> str:
    """Return a time as RFC 3339 writes it (§5.6), in UTC."""
    return (_EPOCH + timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")
