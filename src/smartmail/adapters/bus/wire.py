"""Hints as octets: records of topic and payload, split by control characters that neither may hold."""

from collections.abc import Iterable, Iterator, Sequence

from smartmail.adapters.bus.event_bus import Hint

_RECORD = "\x1e"
_FIELD = "\x1f"


def packed(hints: Sequence[Hint], limit: int) -> Iterator[str]:
    """Return texts of at most `limit` octets that hold all hints; one that alone is longer is dropped."""
    records: list[str] = []
    size = 0
    for hint in hints:
        record = f"{hint.topic}{_FIELD}{hint.payload}"
        octets = len(record.encode()) + 1
        if octets > limit or _RECORD in record:
            continue
        if size + octets > limit:
            yield _RECORD.join(records)
            records, size = [], 0
        records.append(record)
        size += octets
    if records:
        yield _RECORD.join(records)


def unpacked(text: str) -> Iterable[Hint]:
    """Return the hints of a text; what is not a record is passed over."""
    for record in text.split(_RECORD):
        topic, found, payload = record.partition(_FIELD)
        if found:
            yield Hint(topic, payload)
