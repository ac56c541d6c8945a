"""Bringing back: a person's mail, one mailbox or one message, from a backup into the running installation.

NAME        bringing
PURPOSE     What is missing comes back in place, or everything chosen beside, into a mailbox of its own. Nothing that is there
            is changed or overwritten. Must not know who may (service.operations.backup.service).
STRATEGIES  A message comes back as a new one with the same octets, keywords, dates and thread, as from the vault (ADR 10):
            its sealed blob is written to a volume as it is, its data key is still wrapped for its account. What the account
            has (the same id, or a message with the same blob) counts as there, so a second run brings nothing twice.
            New octets go where other new mail goes: by the weights of the volumes.
LIMITS      `BATCH` messages in a transaction; the rows of one account in memory; one pack.
FAILURE     OverQuota: what came back until then stays. An account whose key was shredded gets nothing back: NotFound.
SECURITY    Names and summaries are opened only to find the thread; who restores sees counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from smartmail.domain.account import Account
from smartmail.domain.backup import Manifest, PackedBlob
from smartmail.domain.errors import NotFound, StorageFull, Unavailable
from smartmail.domain.ids import NO_PARENT, AccountId, BlobId, MailboxId, MessageId, ThreadId, VolumeId
from smartmail.domain.keywords import Keywords
from smartmail.domain.mailbox import NewMailbox
from smartmail.domain.message import BlobRow, NewMessage, ThreadKeys
from smartmail.formats.seal import Kind, SealError
from smartmail.formats.threading import normalize_id
from smartmail.ports.blobs import Volume, VolumeFull, VolumeUnavailable
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.intake import open_summary, thread_keys
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.volumes.book import VolumeBook
from smartmail.service.mailbox.mailstore.mailboxes import name_hash, new_mailbox
from smartmail.service.operations.backup.account_rows import AccountRows, Record, account_rows
from smartmail.service.operations.backup.restoring import write_blobs
from smartmail.service.operations.backup.sealed_place import SealedPlace
from smartmail.service.operations.backup.verifying import packed


class _Store(AccountStore, MailReads, Protocol): ...


BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall come back: all of an account, one mailbox (by the path that it had in the backup) or one message of it,
    by its number or by the Message-ID in its header (`header_id`), which a trace tells.
    `beside`: the name of the mailbox that takes it, "" for in place.
    """

    account_id: AccountId
    mailbox: tuple[str, ...] = ()
    message_id: MessageId | None = None
    header_id: str = ""
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Brought:
    """Counts: chosen in the backup, brought back, there already, without octets in the backup."""

    chosen: int
    brought: int
    present: int
    lost: int


class Bringing:
    """Writes what comes back."""

    def __init__(self, store: _Store, keyring: Keyring, volumes: Mapping[VolumeId, Volume]) -> None:
        self._store = store
        self._keyring = keyring
        self._book = VolumeBook.of(volumes)

    async def bring(self, place: SealedPlace, manifest: Manifest, wanted: Wanted) -> Brought:
        """Bring it back. Raises NotFound, OverQuota, PlaceError, SealError, StorageFull, Unavailable."""
        account = await self._store.account(wanted.account_id)
        try:
            keys = await self._keyring.account(account)
        except SealError as error:
            raise NotFound("the account's key is gone: nothing of it opens any more") from error
        rows = await account_rows(place, manifest, account.id)
        chosen = _chosen(rows, wanted, keys)
        there = await self._there(account, keys, wanted)
        missing = [
            one for one in chosen if one not in there[0] and BlobId(rows.messages[one]["blob_id"]) not in there[1]
        ]
        found = await packed(place, manifest, {BlobId(rows.messages[one]["blob_id"]) for one in missing})
        able = [one for one in missing if BlobId(rows.messages[one]["blob_id"]) in found]
        able.sort(key=lambda one: found[BlobId(rows.messages[one]["blob_id"])][1:3])
        writing = _Writing(self._store, keys, account, rows, wanted)
        for start in range(0, len(able), BATCH):
            some = able[start : start + BATCH]
            blobs = await self._blobs(place, [found[BlobId(rows.messages[one]["blob_id"])] for one in some])
            await writing.write(some, blobs)
        return Brought(len(chosen), len(able), len(chosen) - len(missing), len(missing) - len(able))

    async def _there(self, account: Account, keys: Sealer, wanted: Wanted) -> tuple[set[int], set[BlobId]]:
        """Return ids and blobs of what need not come back."""
        live = await self._store.all_messages(account.id)
        if not wanted.beside:
            return {one.id for one in live}, {one.blob_id for one in live}
        name = name_hash(keys, wanted.beside)
        boxes = await self._store.mailboxes(account.id)
        tops = {box.id for box in boxes if box.parent_id == NO_PARENT and box.name_hash == name}
        held: set[MessageId] = set()
        for box in boxes:
            if box.id in tops or box.parent_id in tops:
                held.update(entry.message_id for entry in (await self._store.view(account.id, box.id))[1])
        return set(), {one.blob_id for one in live if one.id in held}

    async def _blobs(self, place: SealedPlace, wanted: Sequence[PackedBlob]) -> dict[BlobId, tuple[VolumeId, str]]:
        """Write blobs into a volume. Where the store still knows one, its row keeps its place and ours is an orphan soon:
        a row that nobody refers to may be forgotten any moment, so it is never built upon.
        """
        placed: dict[BlobId, tuple[VolumeId, str]] = {}
        by_pack: dict[str, list[PackedBlob]] = {}
        for one in dict.fromkeys(wanted):
            by_pack.setdefault(one.pack, []).append(one)
        for pack, index in by_pack.items():
            octets = await place.get(Kind.BACKUP_PACK, pack)
            volume_id, locations = await self._write(index, octets)
            placed.update((blob_id, (volume_id, location)) for blob_id, location in locations.items())
        return placed

    async def _write(self, index: Sequence[PackedBlob], octets: bytes) -> tuple[VolumeId, dict[BlobId, str]]:
        full, tried = False, set[VolumeId]()
        while (volume_id := self._book.next(tried)) is not None:
            tried.add(volume_id)
            try:
                return volume_id, await write_blobs(self._book[volume_id], index, octets)
            except VolumeFull:
                full = True
                await self._book.met(volume_id, full=True)
            except VolumeUnavailable:
                await self._book.met(volume_id, full=False)
        raise StorageFull if full else Unavailable


class _Writing:
    """The transactions of one restore."""

    def __init__(self, store: _Store, keys: Sealer, account: Account, rows: AccountRows, wanted: Wanted) -> None:
        self._store = store
        self._keys = keys
        self._account = account
        self._rows = rows
        self._wanted = wanted

    async def write(self, message_ids: Sequence[int], blobs: Mapping[BlobId, tuple[VolumeId, str]]) -> None:
        """Write some messages in one transaction."""
        ready = [self._ready(self._rows.messages[one], blobs) for one in message_ids]

        async def body(tx: MailTx) -> None:
            boxes = _Boxes(tx, self._keys, self._rows, self._wanted.beside)
            numbers = await self._keyword_numbers(tx, message_ids)
            for number, new in zip(message_ids, ready, strict=True):
                held = self._rows.places.get(number, [])
                own = tuple(sorted(numbers[one] for one in _tags(self._rows.messages[number]) if one in numbers))
                await tx.add_message(
                    replace(new, mailboxes=await boxes.of(held), keywords=Keywords(new.keywords.bits, own))
                )

        await self._store.write(self._account.id, body)

    def _ready(self, row: Record, blobs: Mapping[BlobId, tuple[VolumeId, str]]) -> NewMessage:
        blob_id = BlobId(row["blob_id"])
        volume_id, location = blobs[blob_id]
        summary = self._rows.summaries.get(row["id"], {}).get("sealed", b"")
        thread = ThreadKeys()
        try:
            thread = thread_keys(self._keys, open_summary(self._keys, blob_id, summary))
        except (SealError, ValueError):
            pass  # it comes back all the same, in a thread of its own
        return NewMessage(
            BlobRow(blob_id, volume_id, location, row["size"], self._rows.newer_keys.get(blob_id, b"")), row["wrapped_key"], row["size"], row["received_at"],
            row["sent_at"], summary, (), Keywords(row["flags"]), thread, bool(row["has_attachment"]),
            ThreadId(row["thread_id"]), inspection=self._rows.inspections.get(row["id"], {}).get("sealed", b""),
        )  # fmt: skip

    async def _keyword_numbers(self, tx: MailTx, message_ids: Sequence[int]) -> dict[int, int]:
        """Return own keyword of then → its number of now."""
        used = {one for number in message_ids for one in _tags(self._rows.messages[number])}
        found = {}
        for one in sorted(used & set(self._rows.keywords)):
            row = self._rows.keywords[one]
            found[one] = await tx.keyword_number(row["name_hash"], row["sealed_name"])
        return found


class _Boxes:
    """Mailboxes that take what comes back, made where they have gone. Lives for one transaction."""

    def __init__(self, tx: MailTx, keys: Sealer, rows: AccountRows, beside: str) -> None:
        self._tx = tx
        self._keys = keys
        self._rows = rows
        self._beside = beside
        self._known: dict[int, MailboxId] = {}
        self._top = NO_PARENT

    async def of(self, held: Sequence[int]) -> tuple[MailboxId, ...]:
        """Return the mailboxes of today for those of then; the inbox where the backup names none."""
        found = [await self._one(one) for one in held if one in self._rows.mailboxes]
        if found:
            return tuple(dict.fromkeys(found))
        if self._beside:
            return (await self._above(),)
        return (next(box.id for box in await self._tx.mailboxes() if box.role == "inbox"),)

    async def _one(self, number: int) -> MailboxId:
        if number not in self._known:
            self._known[number] = await self._find(number)
        return self._known[number]

    async def _find(self, number: int) -> MailboxId:
        row = self._rows.mailboxes[number]
        if self._beside:
            return await self._named(await self._above(), row["name_hash"], row["sealed_name"])
        boxes = await self._tx.mailboxes()
        for box in boxes:
            if box.id == number or (row["role"] and box.role == row["role"]):
                return box.id
        parent = row["parent_id"]
        above = await self._one(parent) if parent in self._rows.mailboxes else NO_PARENT
        return await self._named(above, row["name_hash"], row["sealed_name"])

    async def _above(self) -> MailboxId:
        if self._top == NO_PARENT:
            new = new_mailbox(self._keys, NO_PARENT, self._beside)
            self._top = await self._named(NO_PARENT, new.name_hash, new.sealed_name)
        return self._top

    async def _named(self, parent: MailboxId, name_hash: bytes, sealed_name: bytes) -> MailboxId:
        for box in await self._tx.mailboxes():
            if box.parent_id == parent and box.name_hash == name_hash:
                return box.id
        return (await self._tx.create_mailbox(NewMailbox(parent, None, sealed_name, name_hash))).id


def _chosen(rows: AccountRows, wanted: Wanted, keys: Sealer) -> list[int]:
    """Return the messages that are asked for, as far as the backup has them. Raises NotFound when there is none."""
    if wanted.message_id is not None:
        found = [wanted.message_id] if wanted.message_id in rows.messages else []
    elif wanted.header_id:
        found = [MessageId(one) for one in rows.messages if _has_header_id(rows, one, wanted.header_id, keys)]
    elif wanted.mailbox:
        box = _mailbox(rows, wanted.mailbox, keys)
        found = [MessageId(one) for one, held in rows.places.items() if box in held]
    else:
        found = [MessageId(one) for one in rows.messages]
    if not found:
        raise NotFound("the backup has no such mail of this account")
    return [one for one in found if one in rows.messages]


def _has_header_id(rows: AccountRows, number: int, wanted: str, keys: Sealer) -> bool:
    """Say whether a message's header has a Message-ID. One whose summary does not open has none."""
    sealed = rows.summaries.get(number, {}).get("sealed", b"")
    try:
        summary = open_summary(keys, BlobId(rows.messages[number]["blob_id"]), sealed)
    except (SealError, ValueError):
        return False
    return normalize_id(wanted) in {normalize_id(one) for one in summary.ids.message_id}


def _mailbox(rows: AccountRows, path: Sequence[str], keys: Sealer) -> int:
    """Return the mailbox that had a path in the backup. Raises NotFound."""
    at = int(NO_PARENT)
    for depth, name in enumerate(path):
        wanted = name_hash(keys, name)
        inbox = depth == 0 and name.upper() == "INBOX"
        for number, row in rows.mailboxes.items():
            if row["parent_id"] == at and (row["name_hash"] == wanted or (inbox and row["role"] == "inbox")):
                at = number
                break
        else:
            raise NotFound("the backup has no such mailbox of this account")
    return at


def _tags(row: Record) -> tuple[int, ...]:
    return tuple(map(int, row["tags"].split(","))) if row["tags"] else ()
