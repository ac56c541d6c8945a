"""How fast search is, and how big its index: `./smartmail bench --only search [--full | --messages N]`.

A real store and real sealing; only the reading of blobs is replaced by made-up text, so that a million messages need no
volume. With --full a million messages are 50,000 different ones in twenty copies, each copy sealed anew under its own
numbers: what a query reads, opens and compares is what a million would give; making a million texts would take an hour.
Then by IMAP beside Dovecot (search_imap), and tags (tag_counts). Prints one line per figure.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bench import search_copies, search_corpus
from tests.contract.fake_keys import FakeKeys

from smartmail.adapters.clock import SystemClock
from smartmail.adapters.sql import SqlStore, open_sqlite
from smartmail.domain.account import NewAccount
from smartmail.domain.ids import AccountId, BlobId, MessageId
from smartmail.domain.mailbox import NewMailbox
from smartmail.domain.message import BlobRow, NewMessage
from smartmail.formats.search.document import Field
from smartmail.formats.search.wording import clause
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.mailbox.search.documents import ReadMessage
from smartmail.service.mailbox.search.index import SearchIndex
from smartmail.service.mailbox.search.indexing import IndexingService
from smartmail.service.mailbox.search.segments import Segments

START = 1_700_000_000_000
PAGE_OF_RESULTS = 100


class MadeUp:
    """Stands in for service.mailbox.search.documents.DocumentReader."""

    def __init__(self) -> None:
        self.octets = 0
        self.of: dict[int, int] = {}

    async def read(self, account_id: AccountId, ids: Sequence[MessageId], *, with_files: bool) -> list[ReadMessage]:
        found = []
        for one in ids:
            document = search_corpus.message(one)
            self.of[one] = len(document.joined.encode())
            self.octets += self.of[one]
            found.append(ReadMessage(one, _blob(one), START + one * 1000, document))
        return found


def _blob(number: int) -> BlobId:
    return BlobId(number.to_bytes(16, "big"))


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./smartmail bench --only search", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000, metavar="N")
    parser.add_argument("--copies", type=int, default=1, metavar="N", help="of each message, in segments of their own")
    parser.add_argument("--queries", type=int, default=60, metavar="N", help="of each length")
    parser.add_argument("--full", action="store_true", help="a million messages")
    parser.add_argument("--part", choices=("service", "lag", "imap", "tags"), help="only this")
    options = parser.parse_args(words)
    if options.full:
        options.messages, options.copies = 50_000, 20
    with tempfile.TemporaryDirectory(prefix="smartmail-search-") as folder:
        if options.part in (None, "service"):
            asyncio.run(_measure(Path(folder), options))
        if options.part in (None, "lag"):
            from tests.bench import search_lag

            asyncio.run(search_lag.measure(Path(folder)))
        if options.part in (None, "imap"):
            from tests.bench import search_imap

            search_imap.run(Path(folder))
        if options.part in (None, "tags"):
            from tests.bench import tag_counts

            asyncio.run(tag_counts.measure(Path(folder)))
    return 0


async def _measure(folder: Path, options: argparse.Namespace) -> None:
    store, messages = await open_sqlite(str(folder / "mail.db")), options.messages
    try:
        keyring, reader, segments = Keyring(FakeKeys(), store, SystemClock()), MadeUp(), Segments(store)
        account_id = await _fill(store, keyring, messages)
        indexing = IndexingService(store, keyring, reader, segments)
        wall, cpu = time.perf_counter(), time.process_time()
        await indexing.catch_up(account_id)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu - _cost(messages)
        status = await indexing.status(account_id)
        print(f"messages {messages:,}, text {reader.octets / messages:,.0f} octets each, {status.segments} segments")
        print(f"indexing: {cpu / messages * 1e6:,.0f} µs CPU a message (making it up left out), {wall:,.1f} s wall")
        print(f"index {status.index_octets / reader.octets:.2f} x the text, "
              f"search text {status.text_octets / reader.octets:.2f} x")  # fmt: skip
        if options.copies > 1:
            await search_copies.multiply(store, await keyring.account_by_id(account_id), account_id, options.copies)
            status = await indexing.status(account_id)
            print(f"with copies: {messages * options.copies:,} messages, {status.segments} segments, "
                  f"index {status.index_octets / 1e6:,.0f} MB, search text {status.text_octets / 1e6:,.0f} MB")  # fmt: skip
        index = SearchIndex(store, keyring, reader, Segments(store))  # type: ignore[arg-type]
        await _queries(index, account_id, messages, options.queries)
        if options.copies == 1:
            await _destroy(store, indexing, reader, account_id, messages)
    finally:
        await store.close()


async def _destroy(
    store: SqlStore, indexing: IndexingService, reader: MadeUp, account_id: AccountId, messages: int
) -> None:
    """Destroy as much as the indexer leaves in segments, and one in three: what the index then is of what is left."""
    chance, left = random.Random(1), list(range(1, messages + 1))
    for share in (0.24, 0.33):
        gone = set(chance.sample(left, int(len(left) * share)))
        left = [one for one in left if one not in gone]
        ids = [MessageId(one) for one in sorted(gone)]
        for start in range(0, len(ids), 1_000):
            page = ids[start : start + 1_000]
            await store.write(account_id, lambda tx, page=page: tx.destroy_messages(page))
        await indexing.catch_up(account_id)
        status, text = await indexing.status(account_id), sum(reader.of[one] for one in left)
        print(f"{share:.0%} destroyed: index {status.index_octets / text:.2f} x the text of what is left")


def _cost(messages: int) -> float:
    """Return the CPU seconds that making up the text takes."""
    sample = range(1, min(messages, 500) + 1)
    start = time.process_time()
    for number in sample:
        search_corpus.message(number).joined.encode()
    return (time.process_time() - start) / len(sample) * messages


async def _fill(store: SqlStore, keyring: Keyring, messages: int) -> AccountId:
    organization = await store.create_organization("bench", keyring.new_organization_keys)
    new = NewAccount(organization.id, "person", "u@bench.test", "u", "ko", False, None)
    account = await store.create_account(new, lambda number: keyring.new_account_key(organization, number))
    box = await store.write(account.id, lambda tx: tx.create_mailbox(NewMailbox(0, "inbox", b"inbox", b"inbox")))
    for start in range(1, messages + 1, 5_000):
        await store.write(
            account.id, lambda tx, start=start: _add(tx, box.id, range(start, min(start + 5_000, messages + 1)))
        )
    return account.id


async def _add(tx: Any, mailbox_id: Any, numbers: range) -> None:
    for number in numbers:
        blob = BlobRow(_blob(number), 1, f"pack:{number}", 4000)
        await tx.add_message(NewMessage(blob, b"k" * 62, 4000, START + number * 1000, START, b"", (mailbox_id,)))


async def _queries(index: SearchIndex, account_id: AccountId, messages: int, count: int) -> None:
    chance = random.Random(7)
    for name, lengths in (("1 character", [1]), ("2 characters", [2]), ("3-6 characters", [3, 4, 5, 6])):
        needles = [search_corpus.needle(chance, messages, chance.choice(lengths)) for _ in range(count)]
        asked = [clause(Field.COMMON, [one]) for one in needles]
        found: list[int] = []

        async def whole(one: Any, found: list[int] = found) -> None:
            found.append(len((await index.matching(account_id, [one]))[0]))

        async def newest(one: Any) -> None:
            await index.newest(account_id, one, PAGE_OF_RESULTS)

        print(f"{name}: newest {PAGE_OF_RESULTS} {await _times(newest, asked)}; whole set {await _times(whole, asked)}; "
              f"found {sorted(found)[len(found) // 2]:,} (median)")  # fmt: skip
    for word in ("회의", "견적", "계약서", "meeting"):
        asked = [clause(Field.COMMON, [word])] * 20
        print(f"{word}: whole set {await _times(lambda one: index.matching(account_id, [one]), asked)}")


async def _times(work: Callable[[Any], Awaitable[Any]], asked: Sequence[Any]) -> str:
    """Return the wall time, and the CPU time: what a machine that does nothing else would take."""
    walls, cpus = [], []
    for one in asked:
        wall, cpu = time.perf_counter(), time.process_time()
        await work(one)
        walls.append((time.perf_counter() - wall) * 1e3)
        cpus.append((time.process_time() - cpu) * 1e3)
    return f"{figures(walls)} (CPU {figures(cpus)})"


def figures(taken: list[float]) -> str:
    taken.sort()
    return f"median {taken[len(taken) // 2]:.1f}, p95 {taken[int(len(taken) * 0.95)]:.1f} ms"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
