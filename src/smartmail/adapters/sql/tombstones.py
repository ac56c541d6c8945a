"""Packed lists of what one transaction destroyed.

One row per transaction, type and mailbox instead of one per object: removing 1,000 messages writes three rows, not
3,000. The form is a sequence of little-endian signed 64-bit pairs: number, created_modseq.
"""

import sys
from array import array
from collections.abc import Iterable, Iterator

from smartmail.domain.changes import TOMBSTONE_TYPES

MAILBOX = TOMBSTONE_TYPES["mailbox"]
MESSAGE = TOMBSTONE_TYPES["message"]
THREAD = TOMBSTONE_TYPES["thread"]
IDENTITY = TOMBSTONE_TYPES["identity"]
SUBMISSION = TOMBSTONE_TYPES["submission"]
PLACEMENT = TOMBSTONE_TYPES["placement"]
ASSIGNMENT = TOMBSTONE_TYPES["assignment"]
NOTE = TOMBSTONE_TYPES["note"]
TAG = TOMBSTONE_TYPES["tag"]
NOTICE = TOMBSTONE_TYPES["notice"]
ADDRESS_BOOK = TOMBSTONE_TYPES["address_book"]
CONTACT = TOMBSTONE_TYPES["contact"]
LEFT = TOMBSTONE_TYPES["left"]
"""A message that left a mailbox of an account that is shared: whoever sees that mailbox alone must learn of it."""
THREAD_LEFT = TOMBSTONE_TYPES["thread_left"]
"""The threads of those messages."""


def pack(pairs: Iterable[tuple[int, int]]) -> bytes:
    """Return the packed form of (number, created_modseq) pairs."""
    numbers = array("q")
    for pair in pairs:
        numbers.extend(pair)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def unpack(gone: bytes) -> Iterator[tuple[int, int]]:
    """Return the pairs of a packed list."""
    numbers = array("q")
    numbers.frombytes(gone)
    if sys.byteorder == "big":
        numbers.byteswap()
    return zip(numbers[::2], numbers[1::2], strict=True)
