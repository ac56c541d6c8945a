"""Bringing a file into a mailbox: what it holds is imported quietly (service.mailbox.importing), each message once.

STRATEGIES  A message whose octets the account has already, with the same Message-ID, is `present` and stays where it is;
            so is one that the file holds twice. What this parcel itself brought before a worker died is not counted so:
            its messages are noted in the transaction that stores them.
LIMITS      Batches as service.mailbox.importing wants them; the file is read in a thread, a piece of it at a time.
FAILURE     One bad message stops no other. A full account or volume ends the work; what came in stays, and can be undone.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Coroutine, Iterator
from typing import Any, Final, TypeVar

from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, Unavailable
from smartmail.domain.ids import MailboxId, MessageId
from smartmail.domain.parcels import Parcel
from smartmail.domain.principal import Actor
from smartmail.formats import lineends
from smartmail.formats.headers import Header, message_ids
from smartmail.service.mailbox.import_files import Found, Skipped
from smartmail.service.mailbox.importing import BATCH, MAX_BATCH_OCTETS, ImportItem, ImportService
from smartmail.service.mailbox.mailstore.reading import ReadingService
from smartmail.service.mailbox.parcels import sources
from smartmail.service.mailbox.parcels.parts import PartReader
from smartmail.service.mailbox.parcels.progress import Progress
from smartmail.service.mailbox.parcels.store import Store
from smartmail.service.mailbox.parcels.texts import ParcelText

T = TypeVar("T")
_HEADER: Final = 64 << 10
_WAIT_S: Final = 120.0
"""How long a piece of the file may take."""
_PAGE: Final = 1000


class Bringing:
    """The work on one parcel."""

    def __init__(
        self, store: Store, imports: ImportService, reading: ReadingService, actor: Actor, account: Account,
        row: Parcel, asked: ParcelText, progress: Progress,
    ) -> None:  # fmt: skip
        self._store = store
        self._imports = imports
        self._reading = reading
        self._actor = actor
        self._account = account
        self._row = row
        self._asked = asked
        self._progress = progress
        self._held: defaultdict[int, list[MessageId]] = defaultdict(list)
        self._own: set[MessageId] = set()
        self._seen: set[bytes] = set()
        self._number = 0
        self._at = 0

    async def run(self, reader: PartReader, now: int) -> None:
        """Import everything. Raises OverQuota, StorageFull, Unavailable."""
        await self._look()
        loop = asyncio.get_running_loop()

        def read_at(start: int, length: int) -> bytes:
            self._at = max(self._at, start)
            return _awaited(loop, reader.read(start, length))

        found = sources.messages(read_at, self._row.size, self._asked.name, now)
        self._progress.total = self._row.size
        while batch := await asyncio.to_thread(_batch, found):
            await self._bring([one for one in batch if isinstance(one, Found)])
            for one in batch:
                if isinstance(one, Skipped):
                    self._skip(one)
            self._progress.done = min(self._at, self._row.size)
        self._progress.done = self._row.size

    async def _look(self) -> None:
        """Learn what the account has, and what of it this parcel brought before."""
        after = MessageId(0)
        while block := await self._store.parcel_messages(self._row.id, after, _PAGE):
            after = block[-1]
            self._own.update(block)
        for row in await self._store.all_messages(self._account.id):
            self._held[row.size].append(row.id)

    async def _bring(self, batch: list[Found]) -> None:
        items = []
        for found in batch:
            self._number += 1
            if await self._present(found.octets):
                self._progress.present += 1
            else:
                items.append((found, await self._item(found)))
        results = await self._imports.add(self._actor, self._account.id, [item for _found, item in items])
        for (found, _item), result in zip(items, results, strict=True):
            if result.error is not None:
                self._progress.fail(found.place, _reason(result.error))
            else:
                # Known by this parcel's own key: a worker before this one stored it.
                self._progress.taken += 1

    async def _item(self, found: Found) -> ImportItem:
        mailbox_id = MailboxId(self._asked.mailbox_id)
        if not mailbox_id:
            mailbox_id = await self._imports.mailbox(self._actor, self._account.id, found.label)
        key = b"parcel\0" + self._row.id + self._number.to_bytes(8, "big")
        return ImportItem(
            key, found.octets, mailbox_id, found.received_at, (*found.names, "$seen"), found.kind, found.envelope,
            found.separator, found.rule, self._row.id,
        )  # fmt: skip

    async def _present(self, octets: bytes) -> bool:
        """Say whether the account has a message of the same octets, or the file had it before."""
        plain = lineends.to_crlf(octets)[0]
        digest = hashlib.sha256(plain).digest()
        known = digest in self._seen
        self._seen.add(digest)
        if known:
            return True
        candidates = [one for one in self._held.get(len(plain), ()) if one not in self._own]
        if not candidates:
            return False
        named = message_ids(Header(plain[:_HEADER]).first("message-id") or b"", 1)
        for one in await self._reading.messages(self._actor, self._account.id, candidates):
            if tuple(one.summary.ids.message_id) == tuple(named):
                stored = await self._reading.octets(self._actor, self._account.id, one.row.id)
                if hashlib.sha256(stored).digest() == digest:
                    return True
        return False

    def _skip(self, one: Skipped) -> None:
        if one.failed:
            self._progress.fail(one.place, one.reason)
        else:
            self._progress.ignored += 1


def _batch(found: Iterator[Found | Skipped]) -> list[Found | Skipped]:
    batch: list[Found | Skipped] = []
    octets = 0
    for one in found:
        batch.append(one)
        octets += len(one.octets) if isinstance(one, Found) else 0
        if len(batch) >= BATCH or octets >= MAX_BATCH_OCTETS:
            break
    return batch


def _awaited(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """Run work of the loop from a thread. Raises what it raises, Unavailable when it takes too long."""
    running = asyncio.run_coroutine_threadsafe(work, loop)
    try:
        return running.result(_WAIT_S)
    except TimeoutError as error:
        running.cancel()
        raise Unavailable("the octets are away") from error


def _reason(error: MailError) -> str:
    return f"{error.code}: {error.public}" if error.public else error.code
