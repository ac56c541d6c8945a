"""What the store keeps of the search index: states, segments, changes. All octets are sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from smartmail.domain.ids import AccountId, BlobId, MessageId, ModSeq

CONTENTS_BUCKET = -1
"""Number under which a segment keeps the list of its messages."""


class SearchState(NamedTuple):
    """How far an account's index is. `generation` rises with every change of segments.

    Everything changed up to (`cursor`, `cursor_message`) has been looked at, everything destroyed up to `gone` has been
    taken out. `indexed` counts messages that have a search text; a text of another `epoch` is made anew. `reading`: how the texts
    were read (formats.search.document.READING).
    """

    generation: int = 0
    cursor: ModSeq = ModSeq(0)
    cursor_message: MessageId = MessageId(0)
    gone: ModSeq = ModSeq(0)
    indexed: int = 0
    epoch: int = 0
    next_segment: int = 1
    reading: int = 0


class SegmentRow(NamedTuple):
    """A segment: how many messages, how many buckets, and a bitmap of those that are dead."""

    id: int
    messages: int
    buckets: int
    dead: bytes


class PendingRow(NamedTuple):
    """A message as the indexer meets it. `indexed`: it has a search text of its octets and of the present epoch."""

    modseq: ModSeq
    id: MessageId
    blob_id: BlobId
    wrapped_key: bytes
    received_at: int
    size: int
    indexed: bool


class NewText(NamedTuple):
    """A search text to be kept."""

    message_id: MessageId
    blob_id: BlobId
    received_at: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class NewSegment:
    """A segment to be kept with its buckets (number, sealed); `tail`: messages that leave the tail for it."""

    id: int
    messages: int
    buckets: int
    sealed: Sequence[tuple[int, bytes]]
    tail: Sequence[MessageId] = ()


@dataclass(frozen=True, slots=True)
class SearchChange:
    """One step of the indexer, done whole or not at all.

    `texts` enter the tail; `forget`: their texts and tail lines go; `dead`: new bitmaps of segments; `drop`: segments
    that go with their buckets.
    """

    texts: Sequence[NewText] = ()
    forget: Sequence[MessageId] = ()
    dead: Mapping[int, bytes] = field(default_factory=dict)
    add: Sequence[NewSegment] = ()
    drop: Sequence[int] = ()
    cursor: tuple[ModSeq, MessageId] | None = None
    gone: ModSeq | None = None
    epoch: int | None = None
    reading: int | None = None

    @property
    def moves_segments(self) -> bool:
        """Whether readers must look at the segments anew."""
        return bool(self.dead or self.add or self.drop or self.forget)


class SearchView(NamedTuple):
    """State, segments and tail (message, when received) in one snapshot."""

    state: SearchState
    segments: Sequence[SegmentRow]
    tail: Sequence[tuple[MessageId, int]]


class IndexStatus(NamedTuple):
    """What a person is told of an account's index: messages in all, those not indexed, segments, octets of the index
    and of the search texts.
    """

    account_id: AccountId
    messages: int
    pending: int
    segments: int
    index_octets: int
    text_octets: int
