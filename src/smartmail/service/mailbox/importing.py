"""Importing: old mail is stored quietly, and once.

NAME        importing
PURPOSE     Take messages of any source (files today; IMAP, PST later) into an account: nothing is answered, forwarded,
            filtered, announced or judged. Must not know where the octets come from.
QUEUES      None: a batch is sealed together (one sync of the volume) and stored in one transaction.
STRATEGIES  Each message has a source key. A keyed hash of key and octets is noted in the transaction that stores it, for
            good: a second run makes no doubles, and what a person moved or deleted here does not come back.
LIMITS      Batches are the caller's; `MAX_BATCH_OCTETS` is what one should hold.
FAILURE     Killed at any point: run again; what was committed is known. A batch fails as a whole and is then tried one
            by one, so that one bad message never stops the others. A full account or volume ends the run.
SECURITY    Sealed like any mail; the note of line ends and of the mbox line lies in the sealed summary.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.errors import AlreadyExists, Invalid, MailError, RateLimited, TooLarge
from smartmail.domain.ids import AccountId, MailboxId, OrganizationId
from smartmail.domain.keywords import SYSTEM
from smartmail.domain.mailbox import Mailbox, unreserved
from smartmail.domain.principal import Actor
from smartmail.formats import lineends
from smartmail.formats import summary as summaries
from smartmail.formats.mbox import Rule
from smartmail.formats.seal import Purpose
from smartmail.formats.summary import Summary
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel import rights
from smartmail.service.kernel.intake import Content, Intake, new_message
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.import_names import role_of, target_path
from smartmail.service.mailbox.import_origin import Origin, pack
from smartmail.service.mailbox.mailstore.keywords import checked, number_keywords
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService


class _Store(AccountStore, MailReads, Protocol): ...


BATCH = 64
MAX_BATCH_OCTETS = 8 << 20
_CHUNK = 1 << 20

Outcome = Literal["imported", "present"]


@dataclass(frozen=True, slots=True)
class ImportItem:
    """One message of a source. `key` names it there and stays the same when the source is read again.

    `octets` are as in the source, any line ends; `received_at` in milliseconds, None for now. `names` are keywords;
    those that cannot be are left out. `envelope`, `separator` and `rule` are what stood around it in an mbox file.
    """

    key: bytes
    octets: bytes
    mailbox_id: MailboxId
    received_at: int | None = None
    names: tuple[str, ...] = ()
    kind: Literal["file", "mbox"] = "file"
    envelope: bytes = b""
    separator: bytes = b""
    rule: Rule = "mboxrd"
    parcel: bytes = b""
    """The parcel that brings it, so that all of a parcel can be undone; empty for none."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of an item: stored, known already, or `error`. `exact` is False when its line ends were not kept."""

    outcome: Outcome | None
    error: MailError | None = None
    exact: bool = True


PRESENT = ImportResult("present")


@dataclass(frozen=True, slots=True)
class _Sealed:
    item: ImportItem
    key: bytes
    content: Content
    exact: bool


Learn = Callable[[Account, Sequence[Summary]], Awaitable[None]]


class ImportService:
    """Stores messages of sources."""

    def __init__(
        self,
        store: _Store,
        keyring: Keyring,
        blobs: SealedBlobs,
        mailboxes: MailboxService,
        hints: Hints,
        clock: Clock,
        learn: Learn,
    ) -> None:
        """`learn` hears of mail that was brought along (service.protection.defence.bombs: its lists are no strangers)."""
        self._learn = learn
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._mailboxes = mailboxes
        self._hints = hints
        self._clock = clock

    async def mailbox(self, actor: Actor, account_id: AccountId, label: Sequence[str]) -> MailboxId:
        """Return the mailbox for a source's name of it, making what is missing: 보낸편지함 is the one of role sent.

        Raises NotFound (account).
        """
        held = await self._mailboxes.list_all(actor, account_id)
        path = unreserved(_placed(target_path(label), held))
        for mailbox in held:
            if mailbox.path == path:
                return mailbox.row.id
        try:
            return (await self._mailboxes.create_path(actor, account_id, path)).id
        except AlreadyExists:
            # Somebody else made it between the two looks.
            return (await self._mailboxes.find(actor, account_id, path)).row.id

    async def place(self, actor: Actor, account_id: AccountId, mailbox: Mailbox) -> MailboxId:
        """Return the mailbox for one of another account of ours: of the same role, else of the same path, made if missing."""
        held, path = await self._mailboxes.list_all(actor, account_id), unreserved(mailbox.path)
        for one in held:
            if one.row.role == mailbox.row.role if mailbox.row.role else one.path == path:
                return one.row.id
        return (await self._mailboxes.create_path(actor, account_id, path)).id

    async def add(self, actor: Actor, account_id: AccountId, items: Sequence[ImportItem]) -> list[ImportResult]:
        """Store a batch, in its order; return what became of each item.

        Raises OverQuota, StorageFull: then nothing more can be stored; run again when there is room. NotFound.
        """
        rights.require(actor, account_id, "i")
        account = await self._store.account(account_id)
        keys = await self._keyring.account(account)
        hashes = [_key(keys, item) for item in items]
        known = await self._store.imported(account_id, hashes)
        fresh = [at for at, key in enumerate(hashes) if key not in known]
        results = [PRESENT] * len(items)
        if not fresh:
            return results
        made = await self._seal_all([(items[at], hashes[at]) for at in fresh], account.organization_id)
        stored = await self._store_all(account_id, keys, made)
        for at, result in zip(fresh, stored, strict=True):
            results[at] = result
        self._hints.account_changed(account_id)
        await self._learn(account, [one.content.summary for one in made])
        return results

    async def _seal_all(
        self, items: Sequence[tuple[ImportItem, bytes]], organization_id: OrganizationId
    ) -> list[_Sealed]:
        # Begun in order and committed together: their commits share the volume's sync.
        done = await asyncio.gather(
            *(self._seal(item, key, organization_id) for item, key in items), return_exceptions=True
        )
        for one in done:
            if isinstance(one, BaseException):
                raise one
        return [one for one in done if not isinstance(one, BaseException)]

    async def _seal(self, item: ImportItem, key: bytes, organization_id: OrganizationId) -> _Sealed:
        octets, note = lineends.to_crlf(item.octets)
        packed = pack(Origin(item.kind, note, item.envelope, item.separator, item.rule))
        intake = await Intake.begin(self._blobs, organization_id, size_hint=len(octets))
        for start in range(0, len(octets), _CHUNK):
            await intake.feed(octets[start : start + _CHUNK] if len(octets) > _CHUNK else octets)
        content = await intake.finish()
        return _Sealed(item, key, _with_origin(content, packed or b""), packed is not None)

    async def _store_all(self, account_id: AccountId, keys: Sealer, made: Sequence[_Sealed]) -> list[ImportResult]:
        try:
            return await self._store_batch(account_id, keys, made)
        except (Invalid, RateLimited, TooLarge) as error:
            if len(made) == 1:
                return [await self._without_names(account_id, keys, made[0], error)]
        return [(await self._store_all(account_id, keys, [one]))[0] for one in made]

    async def _without_names(self, account_id: AccountId, keys: Sealer, one: _Sealed, error: MailError) -> ImportResult:
        """Store one that failed without its own keywords: an account has only so many."""
        if not one.item.names:
            return ImportResult(None, error)
        names = tuple(name for name in one.item.names if name.lower() in SYSTEM)
        plain = replace(one, item=replace(one.item, names=names))
        try:
            return (await self._store_batch(account_id, keys, [plain]))[0]
        except (Invalid, RateLimited, TooLarge) as again:
            return ImportResult(None, again)

    async def _store_batch(self, account_id: AccountId, keys: Sealer, made: Sequence[_Sealed]) -> list[ImportResult]:
        now = self._clock.now()

        async def body(tx: MailTx) -> list[ImportResult]:
            return [await _store_one(tx, keys, one, now) for one in made]

        return await self._store.write(account_id, body)


async def _store_one(tx: MailTx, keys: Sealer, one: _Sealed, now: int) -> ImportResult:
    item = one.item
    if not await tx.remember_import(one.key, None):
        # Another run stored it meanwhile, or the batch holds it twice; our blob is an orphan and is collected.
        return PRESENT
    keywords = await number_keywords(tx, keys, _possible(item.names))
    at = now if item.received_at is None else item.received_at
    added = await tx.add_message(new_message(keys, one.content, (item.mailbox_id,), received_at=at, keywords=keywords))
    if item.parcel:
        await tx.note_parcel_message(item.parcel, added.message_id)
    return ImportResult("imported", exact=one.exact)


def _key(keys: Sealer, item: ImportItem) -> bytes:
    return keys.hash(Purpose.IMPORT, item.key, hashlib.sha256(item.octets).digest())


def _with_origin(content: Content, packed: bytes) -> Content:
    if not packed:
        return content
    summary = msgspec.structs.replace(content.summary, origin=packed)
    return replace(content, summary=summary, encoded=summaries.encode(summary))


def _possible(names: Sequence[str]) -> list[str]:
    """Return the keywords that can be kept: sources have labels with blanks and letters that IMAP cannot carry."""
    kept = []
    for name in names:
        spelled = name if name.lower() in SYSTEM else name.replace(" ", "_")
        try:
            checked(spelled)
        except Invalid:
            continue
        kept.append(spelled)
    return kept


def _placed(path: tuple[str, ...], held: Sequence[Mailbox]) -> tuple[str, ...]:
    """Return the path with its first name replaced by that of the mailbox which plays its role here."""
    role = role_of(path[0])
    for mailbox in held:
        if role is not None and mailbox.row.role == role:
            return (*mailbox.path, *path[1:])
    return path
