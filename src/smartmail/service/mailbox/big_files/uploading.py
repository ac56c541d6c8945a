"""Big files on their way in: a file grows part by part; what is durable stays, whatever becomes of the connection.

NAME       big uploads
STATES     coming → checking, with the last octet; an upload that nobody goes on with is dropped after `UNFINISHED_MS`.
LIMITS     `PART_OCTETS` of a part: no more than these are lost with a killed server. `MAX_PARTS` of a file: who sends
           single octets does not fill the store with rows. Size and room by policy (`big-files.*`).
FAILURE    A connection that breaks leaves what it brought; octets that belong to a checksum count all or not at all.
SECURITY   Each part is sealed as it comes; nothing of a file lies in clear or is held whole.
"""

from collections.abc import Callable
from typing import Final

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.big_files import ID_OCTETS, BigFile, BigPart
from smartmail.domain.errors import Invalid, NotFound, PolicyRejected, StateMismatch, TooLarge
from smartmail.domain.principal import Actor
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.sealed_blobs import SealedBlob, SealedBlobs, SealingWriter
from smartmail.service.mailbox.big_files.store import Store
from smartmail.service.mailbox.big_files.texts import FileKeys, FileText, OpenFile, seal_file

PART_OCTETS: Final = 16 << 20
MAX_PARTS: Final = 20_000
UNFINISHED_MS: Final = 2 * DAY
UNLINKED_MS: Final = 2 * DAY
"""How long a whole file waits for its first link."""
MAX_NAME: Final = 255


class Growth:
    """Octets that come for one file. Ends by `settle` or `drop`."""

    def __init__(self, uploads: "BigUploads", file: OpenFile, *, whole: bool) -> None:
        """`whole`: the octets count together, at the end, or not at all."""
        self._uploads = uploads
        self._file = file
        self._whole = whole
        self._writer: SealingWriter | None = None
        self._in_part = 0
        self._row = file.row
        self._came = file.row.received
        self._pending: list[tuple[BigPart, SealedBlob]] = []

    async def feed(self, chunk: bytes) -> None:
        """Take octets. Raises Invalid (more than the file has), TooLarge, StorageFull, Unavailable, StateMismatch."""
        if self._came + len(chunk) > self._row.size:
            raise Invalid("more octets than the file has")
        self._came += len(chunk)
        view = memoryview(chunk)
        while view:
            if self._writer is None:
                self._writer = await self._uploads.writer(self._row)
            piece = view[: PART_OCTETS - self._in_part]
            await self._writer.append(bytes(piece))
            self._in_part += len(piece)
            view = view[len(piece) :]
            if self._in_part == PART_OCTETS:
                await self._close_part()

    async def settle(self) -> BigFile:
        """Make all that came durable and count it. Raises as `feed`."""
        await self._close_part(last=True)
        return self._row

    async def drop(self) -> None:
        """Give up what does not count yet."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            await writer.abort()
        pending, self._pending = self._pending, []
        await self._uploads.discard([blob for _part, blob in pending])

    async def _close_part(self, *, last: bool = False) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            blob = await writer.commit()
            number = self._row.parts + len(self._pending)
            start = self._row.received + sum(part.blob.size for part, _blob in self._pending)
            wrapped = self._file.keys.wrap(blob.row.id, blob.data_key)
            self._pending.append((BigPart(number, start, blob.row, wrapped), blob))
            self._in_part = 0
        if self._pending and (last or not self._whole):
            try:
                self._row = await self._uploads.grown(self._row, [part for part, _blob in self._pending])
            except BaseException:
                await self.drop()
                raise
            self._pending = []


class BigUploads:
    """Takes them. `whole` is told of each file that is complete."""

    def __init__(
        self, store: Store, keys: FileKeys, blobs: SealedBlobs, policy: PolicyService, clock: Clock,
        whole: Callable[[bytes], None],
    ) -> None:  # fmt: skip
        self._store = store
        self._keys = keys
        self._blobs = blobs
        self._policy = policy
        self._clock = clock
        self._whole = whole

    async def largest(self, actor: Actor) -> int:
        """Return the size in bytes of the largest file that policy allows, 0 for no limit."""
        return await self._policy.value_of_id(actor.account_id, knobs.BIG_FILES_MAX_OCTETS)

    async def begin(self, actor: Actor, name: str, media_type: str, size: int) -> BigFile:
        """Begin a file. Raises PolicyRejected, TooLarge, OverQuota, Invalid."""
        return await self.begin_for(await self._store.account(actor.account_id), name, media_type, size, actor)

    async def begin_for(self, account: Account, name: str, media_type: str, size: int, actor: Actor) -> BigFile:
        """The same for an account that is known."""
        policy = await self._policy.of(account)
        if not policy[knobs.BIG_FILES]:
            raise PolicyRejected("big files may not be sent as links")
        if size < 1:
            raise Invalid("a file has octets")
        if policy[knobs.BIG_FILES_MAX_OCTETS] and size > policy[knobs.BIG_FILES_MAX_OCTETS]:
            raise TooLarge(f"at most {policy[knobs.BIG_FILES_MAX_OCTETS]} octets")
        name = _clean(name)
        file_id, now = self._clock.random(ID_OCTETS), self._clock.now()
        keys, wrapped = await self._keys.make(account, file_id)
        row = BigFile(
            file_id, account.id, account.organization_id, "coming", size, 0, 0, wrapped,
            seal_file(keys, file_id, FileText(name, media_type)), now, now + UNFINISHED_MS,
        )  # fmt: skip
        record = AuditRecord(
            now, actor.named, "big-file.begin", f"big-file:{file_id.hex()}", actor.origin.address,
            door=actor.origin.door,
        )  # fmt: skip
        await self._store.add_big_file(row, policy[knobs.BIG_FILES_ROOM_OCTETS], record)
        return row

    async def own(self, actor: Actor, file_id: bytes) -> BigFile:
        """Return a file of the actor's. Raises NotFound."""
        row = await self._store.big_file(file_id)
        if row is None or row.account_id != actor.account_id:
            raise NotFound
        return row

    async def grow(self, actor: Actor, file_id: bytes, offset: int, *, whole: bool = False) -> Growth:
        """Go on with a file at an offset. Raises NotFound, StateMismatch (it has another length)."""
        row = await self.own(actor, file_id)
        if row.state != "coming" or row.received != offset:
            raise StateMismatch
        return Growth(self, await self._keys.open(row), whole=whole)

    async def drop(self, actor: Actor, file_id: bytes) -> None:
        """Throw a file away, with its links. Raises NotFound, PolicyRejected (a legal hold keeps it)."""
        row, now = await self.own(actor, file_id), self._clock.now()
        record = AuditRecord(
            now, actor.named, "big-file.drop", f"big-file:{row.id.hex()}", actor.origin.address,
            door=actor.origin.door,
        )  # fmt: skip
        if not await self._store.drop_big_file(row.id, now, record) and await self._store.big_file(row.id) is not None:
            raise PolicyRejected("a legal hold keeps this file")

    async def writer(self, row: BigFile) -> SealingWriter:
        """Begin a part. Raises TooLarge (too many of them), StorageFull, Unavailable."""
        if row.parts >= MAX_PARTS:
            raise TooLarge("the file came in too many pieces")
        return await self._blobs.create(row.organization_id, min(PART_OCTETS, row.size - row.received))

    async def grown(self, row: BigFile, parts: list[BigPart]) -> BigFile:
        """Count durable parts. Raises StateMismatch, NotFound, Unavailable."""
        end = row.received + sum(part.blob.size for part in parts)
        keep = self._clock.now() + (UNLINKED_MS if end == row.size else UNFINISHED_MS)
        grown = await self._store.add_big_parts(row.id, row.received, parts, keep)
        if grown.state == "checking":
            self._whole(grown.id)
        return grown

    async def discard(self, blobs: list[SealedBlob]) -> None:
        """Give up blobs that nothing refers to."""
        for one in blobs:
            await self._blobs.discard(one)


def _clean(name: str) -> str:
    """Return the last part of a name, without what cannot be in one. Raises Invalid."""
    kept = "".join(char for char in name.replace("\\", "/").rpartition("/")[2] if char.isprintable()).strip()
    if not kept:
        raise Invalid("a file has a name")
    stem, dot, ending = kept.rpartition(".")
    return kept if len(kept) <= MAX_NAME else f"{stem[: MAX_NAME - len(ending) - 1]}{dot}{ending}"[:MAX_NAME]
