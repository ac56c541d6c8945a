"""Checking the store: every blob where it should be and whole, every sealed value open, every counter true.

NAME        checking
PURPOSE     Name what is damaged, missing, orphaned, closed or miscounted. Changes nothing.
STRATEGIES  The volumes are read once and compared with the store's blob rows; then each account's rows are opened and
            counted. The system may run meanwhile: what looks wrong is looked at again before it is told.
LIMITS      Blob ids of a volume are held in memory, some 100 octets each; an account's message rows too.
SECURITY    Findings carry ids and places, never content.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from smartmail.domain.account import Account
from smartmail.domain.errors import NotFound, Unavailable
from smartmail.domain.ids import AccountId, BlobId, MailboxId, MessageId, VolumeId
from smartmail.domain.keywords import DRAFT, SEEN
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.message import BlobRow, MessageRow, ViewEntry
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.blobs import BlobMissing, Scanned, Volume, VolumeError
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_big_files import BigFileStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_parcels import ParcelStore
from smartmail.ports.store_queue import QueueStore
from smartmail.ports.store_secure_mail import SecureMailStore
from smartmail.ports.store_vault import VaultStore
from smartmail.ports.store_volumes import VolumeStore
from smartmail.service.kernel import envelope as sealed
from smartmail.service.kernel.clock import HOUR
from smartmail.service.kernel.inspection.keeping import open_inspection
from smartmail.service.kernel.intake import open_summary
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.mailstore.mailboxes import NAME_KIND
from smartmail.service.operations.upkeep import pages, unknown


class _Store(
    AccountStore,
    BigFileStore,
    BlobRowStore,
    DirectoryStore,
    MailReads,
    ParcelStore,
    QueueStore,
    VaultStore,
    VolumeStore,
    Protocol,
):
    @property
    def secure_mail(self) -> SecureMailStore: ...


PAGE = 1000
MAX_QUEUE = 100_000
YOUNG = HOUR // 1000
"""Seconds: octets younger than this that the store does not know may be mail that is just being accepted."""

Trouble = Literal["damaged", "missing", "orphan", "unreadable", "miscounted"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: what, where (an id or a place, never content), and what it means."""

    trouble: Trouble
    object: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Step:
    """Progress: what is being looked at and how much of it was."""

    what: str
    done: int
    total: int | None = None


Told = Callable[[Step], None]


class CheckService:
    """Looks at everything."""

    def __init__(
        self, store: _Store, keyring: Keyring, blobs: SealedBlobs, volumes: Mapping[VolumeId, Volume], clock: Clock
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._volumes = volumes
        self._clock = clock
        self._references: Counter[BlobId] = Counter()

    async def run(self, told: Told, *, deep: bool = False) -> AsyncIterator[Finding]:
        """Yield what is wrong. `deep` also opens every message with its keys, which reads all octets twice."""
        self._references = Counter()
        for volume_id, volume in self._volumes.items():
            async for finding in self._volume(volume_id, volume, told):
                yield finding
        accounts = await self._store.accounts()
        for number, account in enumerate(accounts):
            told(Step("accounts", number, len(accounts)))
            try:
                async for finding in self._account(account, deep=deep):
                    yield finding
            except Unavailable:
                raise
            except Exception as error:
                # A damaged database gives values that cannot be: the others are looked at all the same.
                yield Finding("unreadable", f"account {account.id}", f"its rows cannot be read: {type(error).__name__}")
        told(Step("accounts", len(accounts), len(accounts)))
        async for finding in self._queue():
            yield finding
        await self._big_files()
        await self._secure_letters()
        await self._parcels()
        async for finding in self._counted():
            yield finding

    # --- volumes against blob rows ---

    async def _volume(self, volume_id: VolumeId, volume: Volume, told: Told) -> AsyncIterator[Finding]:
        seen: dict[BlobId, str] = {}
        dead: set[str] = set()
        done = 0
        total = (await volume.space()).live
        async for page in pages(volume.scan(verify=True)):
            done += sum(found.size for found in page)
            told(Step(f"volume {volume_id}", min(done, total), total))
            live = [found for found in page if found.state == "live"]
            async for finding in self._orphans(volume_id, live):
                yield finding
            seen.update((found.blob_id, found.location) for found in live if found.blob_id is not None)
            dead.update(found.location for found in page if found.state == "dead")
            for found in page:
                if found.state == "damaged":
                    yield await self._damaged(volume_id, found)
        async for finding in self._missing(volume_id, volume, seen, dead):
            yield finding

    async def _orphans(self, volume_id: VolumeId, live: Sequence[Scanned]) -> AsyncIterator[Finding]:
        before = self._clock.now() // 1000 - YOUNG
        old = [found for found in live if found.written_at < before]
        for found in await unknown(self._store, volume_id, old):
            if found.blob_id is not None:
                yield Finding(
                    "orphan", f"volume {volume_id} {found.location}",
                    f"blob {found.blob_id.hex()}, {found.size} octets that nobody knows; they are collected after a day",
                )  # fmt: skip

    async def _damaged(self, volume_id: VolumeId, found: Scanned) -> Finding:
        what = f"{found.size} octets of no known blob"
        if found.blob_id is not None:
            known = await self._store.blobs([found.blob_id])
            used = any(row.location == found.location for row in known)
            what = f"blob {found.blob_id.hex()}, {'in use' if used else 'not in use'}"
        return Finding("damaged", f"volume {volume_id} {found.location}", what)

    async def _missing(
        self, volume_id: VolumeId, volume: Volume, seen: Mapping[BlobId, str], dead: Container[str]
    ) -> AsyncIterator[Finding]:
        after = BlobId(b"")
        while rows := await self._store.blob_rows(after, PAGE):
            after = rows[-1][0].id
            for row, refs in rows:
                if row.volume_id == volume_id and refs > 0 and seen.get(row.id) != row.location:
                    finding = await self._look_again(volume, row, dead)
                    if finding is not None:
                        yield finding
                elif row.volume_id not in self._volumes and volume_id == min(self._volumes):
                    yield Finding("missing", f"blob {row.id.hex()}", f"volume {row.volume_id} is not here")

    async def _look_again(self, volume: Volume, row: BlobRow, dead: Container[str]) -> Finding | None:
        """It may have moved, or be newer than the scan."""
        name = f"blob {row.id.hex()}"
        try:
            now = await self._store.blob(row.id)
            if now.location in dead:
                return Finding("missing", name, f"it was deleted at {now.location}, though something refers to it")
            stat = await volume.stat(now.location)
        except NotFound:
            return None
        except BlobMissing:
            return Finding("missing", name, f"nothing lies at volume {row.volume_id} {row.location}")
        except VolumeError:
            # The scan has named it as damaged.
            return None
        if stat.blob_id != row.id:
            return Finding("missing", name, f"another blob lies at {now.location}")
        return None

    # --- accounts ---

    async def _account(self, account: Account, *, deep: bool) -> AsyncIterator[Finding]:
        try:
            keys = await self._keyring.account(account)
        except SealError as error:
            yield Finding("unreadable", f"account {account.id}", f"its key does not open: {error}")
            return
        rows = await self._store.all_messages(account.id)
        self._references.update(row.blob_id for row in rows)
        async for finding in self._sealed_rows(account, keys, rows, deep=deep):
            yield finding
        async for finding in self._vault(account.id, keys):
            yield finding
        async for finding in self._names(account.id, keys):
            yield finding
        async for finding in self._counters(account):
            yield finding

    async def _sealed_rows(
        self, account: Account, keys: Sealer, rows: Sequence[MessageRow], *, deep: bool
    ) -> AsyncIterator[Finding]:
        for start in range(0, len(rows), PAGE):
            page = rows[start : start + PAGE]
            ids = [row.id for row in page]
            summaries = {
                one: (blob_id, octets) for one, blob_id, octets in await self._store.summaries(account.id, ids)
            }
            blobs = {row.id: row for row in await self._store.blobs([row.blob_id for row in page])}
            for row in page:
                reason = _message_fault(keys, row, summaries.get(row.id), blobs.get(row.blob_id))
                if reason is None and deep:
                    reason = await self._open_blob(account, keys, row, blobs[row.blob_id])
                if reason is not None and await self._still_there(account.id, row):
                    yield Finding("unreadable", f"account {account.id} message {row.id}", reason)
            async for finding in self._inspections(account.id, keys, ids):
                yield finding

    async def _inspections(
        self, account_id: AccountId, keys: Sealer, message_ids: Sequence[MessageId]
    ) -> AsyncIterator[Finding]:
        """What was found out about a message opens like its summary, with the blob that it is bound to."""
        for message_id, blob_id, octets in await self._store.inspections(account_id, message_ids):
            try:
                open_inspection(keys, blob_id, octets)
            except (SealError, ValueError) as error:
                name = f"account {account_id} message {message_id}"
                yield Finding("unreadable", name, f"what was found out about it does not open: {error}")

    async def _vault(self, account_id: AccountId, keys: Sealer) -> AsyncIterator[Finding]:
        """What was deleted can be brought back only while its blob is kept and its summary opens."""
        position, total = 0, 1
        while position < total:
            rows, total = await self._store.vault(account_id, position=position, limit=PAGE)
            if not rows:
                return
            position += len(rows)
            self._references.update(row.blob_id for row in rows)
            for row in rows:
                try:
                    keys.unwrap(row.blob_id, row.wrapped_key)
                    open_summary(keys, row.blob_id, row.sealed_summary)
                except (SealError, ValueError) as error:
                    name = f"account {account_id} deleted message {row.message_id}"
                    yield Finding("unreadable", name, f"summary or key does not open: {error}")

    async def _open_blob(self, account: Account, keys: Sealer, row: MessageRow, blob: BlobRow) -> str | None:
        try:
            data_key = keys.unwrap(row.blob_id, row.wrapped_key)
            await self._blobs.read(blob, account.organization_id, data_key)
        except (SealError, VolumeError, NotFound) as error:
            return f"blob {row.blob_id.hex()} does not open: {error}"
        return None

    async def _still_there(self, account_id: AccountId, row: MessageRow) -> bool:
        return bool(await self._store.messages(account_id, [row.id]))

    async def _names(self, account_id: AccountId, keys: Sealer) -> AsyncIterator[Finding]:
        values = [(f"mailbox {row.id}", NAME_KIND, row.sealed_name) for row in await self._store.mailboxes(account_id)]
        values += [
            (f"keyword {number}", Kind.KEYWORD, octets) for number, octets in await self._store.keywords(account_id)
        ]
        values += [
            (f"identity {row.id}", Kind.IDENTITY, row.sealed) for row in await self._store.identities(account_id)
        ]
        submissions = await self._store.submissions(account_id, None)
        values += [(f"submission {row.id}", Kind.SUBMISSION, row.sealed) for row in submissions]
        for what, kind, octets in values:
            try:
                keys.open(kind, octets)
            except SealError as error:
                yield Finding("unreadable", f"account {account_id} {what}", str(error))

    async def _counters(self, account: Account) -> AsyncIterator[Finding]:
        """Compare counters with a recount, of a moment in which nothing changed; a busy account is passed over."""
        for _attempt in range(5):
            wrong = await self._miscounted(account.id)
            if wrong is not None:
                for finding in wrong:
                    yield finding
                return

    async def _miscounted(self, account_id: AccountId) -> list[Finding] | None:
        """Return what differs; None when the account changed while it was counted."""
        before = await self._store.account(account_id)
        sizes = {row.id: row.size for row in await self._store.all_messages(account_id)}
        held: dict[MailboxId, tuple[MailboxRow, list[ViewEntry]]] = {}
        for row in await self._store.mailboxes(account_id):
            held[row.id] = await self._store.view(account_id, row.id)
        if (await self._store.account(account_id)).modseq != before.modseq:
            return None
        told = [("messages", before.messages, len(sizes)), ("octets used", before.used, sum(sizes.values()))]
        found = _differences(f"account {account_id}", told)
        for row, lines in held.values():
            found += _differences(f"account {account_id} mailbox {row.id}", _recount(row, lines, sizes))
        return found

    # --- queue and references ---

    async def _queue(self) -> AsyncIterator[Finding]:
        for entry, recipients in await self._store.queue_entries(MAX_QUEUE):
            self._references[entry.blob.id] += 1
            try:
                keys = await self._keyring.queue(entry.organization_id)
                sealed.open_envelope(keys, entry)
                keys.unwrap(entry.blob.id, entry.wrapped_key)
                for row in recipients:
                    sealed.open_recipient(keys, row)
            except SealError as error:
                yield Finding("unreadable", f"queue entry {entry.id:x}", str(error))

    async def _big_files(self) -> None:
        after = (b"", 0)
        while rows := await self._store.big_blobs(after, PAGE):
            after = rows[-1][:2]
            self._references.update(blob_id for _file, _number, blob_id in rows)

    async def _secure_letters(self) -> None:
        after = b""
        while rows := await self._store.secure_mail.blobs(after, PAGE):
            after = rows[-1][0]
            self._references.update(blob_id for _letter, blob_id in rows)

    async def _parcels(self) -> None:
        after = (b"", 0)
        while rows := await self._store.parcel_blobs(after, PAGE):
            after = rows[-1][:2]
            self._references.update(blob_id for _parcel, _number, blob_id in rows)

    async def _counted(self) -> AsyncIterator[Finding]:
        """Name blobs with fewer references than are counted: they would be collected while somebody needs them."""
        known: set[BlobId] = set()
        after = BlobId(b"")
        while rows := await self._store.blob_rows(after, PAGE):
            after = rows[-1][0].id
            known.update(row.id for row, _ in rows)
            for row, refs in rows:
                if refs < self._references[row.id] and await self._fewer(row.id, self._references[row.id]):
                    yield Finding(
                        "miscounted",
                        f"blob {row.id.hex()}",
                        f"{refs} references noted, {self._references[row.id]} found",
                    )
        for blob_id in self._references:
            if blob_id not in known and not await self._store.blobs([blob_id]):
                yield Finding(
                    "missing",
                    f"blob {blob_id.hex()}",
                    "a message, deleted message, queue entry, big file or secure letter refers to it; it has no row",
                )

    async def _fewer(self, blob_id: BlobId, counted: int) -> bool:
        """Look again: what referred to it may be gone by now."""
        after = BlobId((int.from_bytes(blob_id) - 1).to_bytes(len(blob_id))) if any(blob_id) else BlobId(b"")
        rows = await self._store.blob_rows(after, 1)
        return bool(rows) and rows[0][0].id == blob_id and rows[0][1] < counted


def _message_fault(
    keys: Sealer, row: MessageRow, summary: tuple[BlobId, bytes] | None, blob: BlobRow | None
) -> str | None:
    """Return what is wrong with a message's row, or None."""
    if summary is None:
        return "it has no summary"
    if blob is None:
        return f"blob {row.blob_id.hex()} has no row"
    try:
        keys.unwrap(row.blob_id, row.wrapped_key)
        opened = open_summary(keys, summary[0], summary[1])
    except SealError as error:
        return f"summary or key does not open: {error}"
    except Exception as error:
        return f"the summary cannot be read: {type(error).__name__}"
    if summary[0] != row.blob_id:
        return "its summary is of another blob"
    return None if opened.size == row.size == blob.size else "the sizes of row, summary and blob differ"


def _recount(row: MailboxRow, lines: Sequence[ViewEntry], sizes: Mapping[MessageId, int]) -> list[tuple[str, int, int]]:
    """Return (counter, noted, counted) of a mailbox."""
    shown = [line for line in lines if not line.deleted]
    return [
        ("placements", row.placements, len(lines)),
        ("total", row.total, len(shown)),
        ("unseen", row.unseen, sum(1 for line in shown if not line.keywords.bits & (SEEN | DRAFT))),
        ("unseen placements", row.unseen_placements, sum(1 for line in lines if not line.keywords.bits & SEEN)),
        ("octets", row.size, sum(sizes.get(line.message_id, 0) for line in lines)),
        ("next UID", int(row.uidnext > max((line.uid for line in lines), default=0)), 1),
    ]


def _differences(object_name: str, told: Sequence[tuple[str, int, int]]) -> list[Finding]:
    return [
        Finding("miscounted", object_name, f"{counter}: {noted} noted, {counted} found")
        for counter, noted, counted in told
        if noted != counted
    ]
