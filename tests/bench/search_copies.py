"""Makes a large index of a small one: every segment and every text again, sealed under numbers of its own.

The copies are no rows of mail: queries of the index never look at those.
"""

from array import array
from typing import Any

from smartmail.adapters.sql import search as rows
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.search import CONTENTS_BUCKET, SegmentRow
from smartmail.formats.seal import Kind
from smartmail.formats.search.segment import Contents
from smartmail.service.kernel.keyring import Sealer
from smartmail.service.mailbox.search.segments import open_bucket, seal_bucket

APART = 10_000_000
"""Between the number of a message and that of its copy."""


async def multiply(store: Any, keys: Sealer, account_id: AccountId, copies: int) -> None:
    """Let each segment and its texts be there so many times."""
    view = await store.search_view(account_id)
    for segment in view.segments:
        plain = [
            (number, open_bucket(keys, segment.id, number, sealed))
            for number, sealed in await store.search_segment(account_id, segment.id)
        ]
        contents = Contents.unpack(next(octets for number, octets in plain if number == CONTENTS_BUCKET))
        texts = await store.search_texts(account_id, [MessageId(one) for one in contents.ids])
        for copy in range(1, copies):
            await _add(store, keys, account_id, (segment, plain, contents, texts), copy)


async def _add(store: Any, keys: Sealer, account_id: AccountId, source: Any, copy: int) -> None:
    segment, plain, contents, texts = source
    moved = Contents(
        array("q", [one + copy * APART for one in contents.ids]),
        array("q", [one + copy * APART * 1000 for one in contents.times]),
    )
    new = SegmentRow(segment.id + copy * APART, segment.messages, segment.buckets, b"")
    buckets = [
        (
            account_id,
            new.id,
            number,
            seal_bucket(keys, new.id, number, moved.pack() if number == CONTENTS_BUCKET else octets),
        )
        for number, octets in plain
    ]
    sealed = [
        (account_id, one + copy * APART, b"copy", 0,
         keys.seal(Kind.SEARCH_TEXT, keys.open(Kind.SEARCH_TEXT, octets, one), one + copy * APART))
        for one, octets in texts
    ]  # fmt: skip

    async def work(session: Any) -> None:
        await session.run(rows._ADD_SEGMENT, account_id, *new)
        await session.many(rows._ADD_BUCKET, buckets)
        await session.many(rows._PUT_TEXT, sealed)
        await session.run("update search_index set generation = generation + 1 where account_id = $1", account_id)

    await store._db.change(account_id, work)
