"""What of a story is sealed, and the keyed hashes that find it.

Stories are sealed under their organisation's queue key, bound to their place: a story to (id, 0), an event to
(story, its own id), a piece of words to (id, 1).
"""

import zlib
from collections.abc import Iterator

import msgspec

from smartmail.domain.ids import OrganizationId
from smartmail.domain.trace import Beginning, Event, EventRow, Facts, StoryRow, TextRow
from smartmail.formats.address import normalize
from smartmail.formats.seal import Kind, Purpose
from smartmail.service.kernel.envelope import keys_owner
from smartmail.service.kernel.keyring import Sealer

_STORY, _TEXT = 0, 1


def seal_story(keys: Sealer, story_id: int, beginning: Beginning) -> StoryRow:
    """Return the row of a story."""
    octets = msgspec.msgpack.encode(beginning)
    return StoryRow(story_id, keys_owner(keys), keys.seal(Kind.TRACE, octets, story_id, _STORY))


def open_story(keys: Sealer, row: StoryRow) -> Beginning:
    """Return what a story begins with. Raises SealError."""
    return msgspec.msgpack.decode(keys.open(Kind.TRACE, row.sealed, row.id, _STORY), type=Beginning)


def seal_event(keys: Sealer, story_id: int, seq: int, event: Event) -> EventRow:
    """Return the row of an event."""
    return EventRow(story_id, seq, keys.seal(Kind.TRACE, msgspec.msgpack.encode(event), story_id, seq))


def open_event(keys: Sealer, row: EventRow) -> Event:
    """Return an event. Raises SealError."""
    return msgspec.msgpack.decode(keys.open(Kind.TRACE, row.sealed, row.story_id, row.seq), type=Event)


def seal_text(keys: Sealer, piece_id: int, text: bytes) -> TextRow:
    """Return lines (`words`) as one piece."""
    # Lines of one piece repeat each other: the same hosts, the same replies.
    sealed = keys.seal(Kind.TRACE, zlib.compress(text, 6), piece_id, _TEXT)
    return TextRow(OrganizationId(keys.owner), piece_id, text.count(b"\n"), sealed)


def open_text(keys: Sealer, row: TextRow) -> bytes:
    """Return the lines of a piece. Raises SealError."""
    return zlib.decompress(keys.open(Kind.TRACE, row.sealed, row.id, _TEXT))


# --- what finds a story ---


def sender_key(keys: Sealer, address: str) -> bytes:
    """Return the hash that finds what an address sent; "" stands for the null reverse-path."""
    return keys.hash(Purpose.TRACE, b"from", _address(address))


def recipient_key(keys: Sealer, address: str) -> bytes:
    """Return the hash that finds what an address was sent."""
    return keys.hash(Purpose.TRACE, b"to", _address(address))


def message_id_key(keys: Sealer, message_id: str) -> bytes:
    """Return the hash that finds a Message-ID, with or without its angle brackets."""
    return keys.hash(Purpose.TRACE, b"message-id", message_id.strip().strip("<>").encode(errors="replace"))


def peer_key(keys: Sealer, address: str) -> bytes:
    """Return the hash that finds what an IP address brought."""
    return keys.hash(Purpose.TRACE, b"peer", address.strip().lower().encode(errors="replace"))


def id_key(keys: Sealer, number: int) -> bytes:
    """Return the hash that finds a story by an id that it was told under, and what came out of that story."""
    return keys.hash(Purpose.TRACE, b"id", b"%x" % number)


def _address(address: str) -> bytes:
    return normalize(address.strip()).lower().encode(errors="replace")


def keys_of(keys: Sealer, facts: Facts) -> Iterator[bytes]:
    """Yield all hashes of a story."""
    yield sender_key(keys, facts.sender)
    for recipient in dict.fromkeys(facts.recipients):
        yield recipient_key(keys, recipient)
    if facts.message_id:
        yield message_id_key(keys, facts.message_id)
    if facts.peer:
        yield peer_key(keys, facts.peer)
    for number in {facts.told, facts.parent} - {0}:
        yield id_key(keys, number)
