"""A wave taken out of all mailboxes of an organisation, and put back (BR-38).

A saga over accounts: everything it is on is noted first; each account is one commit of its own; what is done is noted
after. A run that died is taken up again by `resume`: what lies in the vault already is not taken twice.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

import msgspec

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.cases import PurgeHit, PurgeRow, Wave
from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, MessageId, OrganizationId
from smartmail.domain.message import MessageRow
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats import links
from smartmail.formats.address import domain_to_ascii, normalize, split_address
from smartmail.formats.seal import Kind, Purpose, SealError
from smartmail.formats.summary import Summary
from smartmail.ports.acting import act_on
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_cases import CaseStore
from smartmail.ports.store_correspondents import CorrespondentStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_tx import MailTx
from smartmail.service.governance.cases.evidence import examine, text_digest
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.intake import open_summary
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.proposals import Act, Outcome, ProposalService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.vault import VaultService
from smartmail.service.protection.filtering.lists import indicator


class _Store(AccountStore, BlobRowStore, CaseStore, CorrespondentStore, DirectoryStore, MailReads, Protocol): ...


T = TypeVar("T")

AT_ONCE = 16
DEFAULT_DAYS = 30
READ_OCTETS = 1 << 20
READ_WHOLE = 32 << 20
REMEMBERED = 10_000
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Found:
    """What a purge is on, or would be."""

    purge_id: int
    accounts: int
    messages: int
    hits: tuple[PurgeHit, ...] = ()


class Purging(msgspec.Struct, frozen=True):
    """What a purge is told that may wait for a second administrator."""

    organization_id: int
    wave: list[Any]

    @property
    def scope(self) -> Scope:
        """Return the company."""
        return _whole(OrganizationId(self.organization_id))


class PurgeService:
    """Finds a wave, takes it out, puts it back."""

    def __init__(
        self, store: _Store, keyring: Keyring, blobs: SealedBlobs, vault: VaultService, hints: Hints, clock: Clock,
        authority: Authority, proposals: ProposalService,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._vault = vault
        self._hints = hints
        self._clock = clock
        self._authority = authority
        self._proposals = proposals
        proposals.add(Act("mail.purge", "purge", "case.change", Purging, lambda one: one.scope, self._purge_asked))

    async def find(self, organization_id: OrganizationId, wave: Wave) -> list[PurgeHit]:
        """Return every message of the wave in mailboxes of an organisation. Raises Invalid, Unavailable."""
        canonical = _canonical(wave)
        if canonical.is_empty:
            raise Invalid(
                "say what the wave has in common: a Message-ID, a sender, a text or a link", reason="wave.form"
            )
        since = wave.since or self._clock.now() - DEFAULT_DAYS * DAY
        search = _Search(self._store, self._keyring, self._blobs, msgspec.structs.replace(canonical, since=since))
        accounts = list(await self._store.accounts(organization_id))
        found = await _side_by_side([partial(search.account, one) for one in accounts])
        return sorted((hit for part in found for hit in part), key=lambda one: (one.account_id, one.message_id))

    async def purge(self, actor: Actor, organization_id: OrganizationId, wave: Wave, *, dry_run: bool = False) -> Found:
        """Take the wave into the vault.

        Raises Invalid (no reason, nothing named), Forbidden (also where two persons are needed: `ask`), Unavailable.
        """
        await self._authority.require(actor, "case.change", _whole(organization_id))
        if not dry_run and await self._proposals.needs_consent(actor, "mail.purge", organization_id):
            raise Forbidden("another administrator has to consent to a purge", reason="consent.other")
        return await self._purge(actor, organization_id, wave, dry_run=dry_run)

    async def ask(self, actor: Actor, organization_id: OrganizationId, wave: Wave) -> Outcome:
        """The same, at once or when another administrator has consented, as policy says; its result is the purge's number.

        Raises Invalid, Forbidden, NotFound, Unavailable.
        """
        asked = Purging(int(organization_id), msgspec.to_builtins(_canonical(wave)))
        return await self._proposals.do(actor, "mail.purge", asked, wave.reason)

    async def _purge_asked(self, actor: Actor, asked: Purging, key: int) -> str:
        wave = msgspec.convert(asked.wave, Wave)
        found = await self._purge(actor, OrganizationId(asked.organization_id), wave)
        return f"purge:{found.purge_id} accounts:{found.accounts} messages:{found.messages}"

    async def _purge(
        self, actor: Actor, organization_id: OrganizationId, wave: Wave, *, dry_run: bool = False
    ) -> Found:
        if not wave.reason.strip() and not dry_run:
            raise Invalid("say why: it goes into the audit", reason="why.needed")
        hits = await self.find(organization_id, wave)
        if dry_run or not hits:
            return _counted(0, hits)
        now, keys = self._clock.now(), await self._keyring.organization(organization_id)
        sealed = keys.seal(Kind.PURGE, msgspec.msgpack.encode(wave), now)
        row = PurgeRow(0, organization_id, "running", sealed, actor.named, now, now)
        row = await self._store.begin_purge(row, hits, self._record(actor, "purge.begin", 0))
        await self._go_on(actor, row)
        return _counted(row.id, hits)

    async def resume(self) -> int:
        """Take up purges and undoings that did not come to their end; return how many. A job."""
        unfinished = [row for row in await self._store.purges() if row.state in {"running", "undoing"}]
        for row in unfinished:
            await (self._go_on if row.state == "running" else self._go_back)(None, row)
        return len(unfinished)

    async def undo(self, actor: Actor, purge_id: int) -> int:
        """Put back what a purge took; return how many messages. Raises NotFound, Forbidden."""
        row = next((one for one in await self._store.purges() if one.id == purge_id), None)
        owner = None if row is None else row.organization_id
        await self._authority.require_owner(actor, "case.change", owner, "there is no such purge")
        assert row is not None
        await self._store.set_purge(purge_id, "undoing", self._record(actor, "purge.undo", purge_id))
        return await self._go_back(actor, row)

    async def list_all(self) -> list[tuple[PurgeRow, Wave, list[PurgeHit]]]:
        """Return purges, the newest first, each with what it was for and how far it is."""
        found = []
        for row in await self._store.purges():
            keys = await self._keyring.organization(row.organization_id)
            wave = msgspec.msgpack.decode(keys.open(Kind.PURGE, row.sealed, row.started_at), type=Wave)
            found.append((row, wave, await self._store.purge_hits(row.id)))
        return found

    async def _go_on(self, actor: Actor | None, row: PurgeRow) -> None:
        waiting = _by_account(one for one in await self._store.purge_hits(row.id) if one.state == "found")
        done = await _side_by_side([partial(self._take, actor, row.id, *item) for item in waiting.items()])
        if all(done):
            await self._store.set_purge(row.id, "done", self._record(actor, "purge.done", row.id))

    async def _take(self, actor: Actor | None, purge_id: int, account_id: AccountId, ids: Sequence[MessageId]) -> bool:
        """Take one account's messages; say whether that is done."""
        record = self._record(None, "purge.account", purge_id)

        async def body(tx: MailTx) -> None:
            # What has gone meanwhile is not there to be taken: then there is nothing to do, also a second time.
            if await tx.set_aside(ids, reason="recalled"):
                await tx.audit(record)

        act_on(account_id, actor)
        try:
            await self._store.write(account_id, body)
        except MailError as error:
            log.event("purge.skipped", account=account_id, purge=purge_id, error=type(error).__name__)
            if not isinstance(error, NotFound):  # an account that has gone has no such message any more
                return False
        await self._store.mark_hits(purge_id, account_id, ids, "purged")
        self._hints.account_changed(account_id)
        return True

    async def _go_back(self, actor: Actor | None, row: PurgeRow) -> int:
        taken = _by_account(one for one in await self._store.purge_hits(row.id) if one.state == "purged")
        counts = await _side_by_side([partial(self._put_back, actor, row.id, *item) for item in taken.items()])
        if None not in counts:
            await self._store.set_purge(row.id, "undone", self._record(actor, "purge.undone", row.id))
        return sum(one or 0 for one in counts)

    async def _put_back(
        self, actor: Actor | None, purge_id: int, account_id: AccountId, ids: Sequence[MessageId]
    ) -> int | None:
        """Put one account's messages back; return how many, None where it is to be tried again (no room, no store)."""
        restored = 0
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            record = self._record(None, "purge.restored", purge_id)
            act_on(account_id, actor)
            try:
                restored += len(await self._vault.bring_back(account_id, part, record, recalled=True))
            except MailError as error:
                log.event("purge.skipped", account=account_id, purge=purge_id, error=type(error).__name__)
                if not isinstance(error, NotFound):
                    return None
            await self._store.mark_hits(purge_id, account_id, part, "undone")
        return restored

    def _record(self, actor: Actor | None, action: str, purge_id: int) -> AuditRecord:
        about, now = f"purge:{purge_id}", self._clock.now()
        if actor is None:
            return AuditRecord(now, "system", action, about)
        return AuditRecord(now, actor.named, action, about, actor.origin.address, door=actor.origin.door)


class _Search:
    """Looks through accounts for one wave. A blob that several accounts hold is read once."""

    def __init__(self, store: _Store, keyring: Keyring, blobs: SealedBlobs, wave: Wave) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._wave = wave
        self._ids, self._senders = frozenset(wave.message_ids), frozenset(wave.senders)
        self._cheap = not (wave.senders or wave.digests or wave.urls or wave.files)
        self._reads = bool(wave.digests or wave.urls or wave.files)
        self._files_alone = not (wave.digests or wave.urls)
        self._read: dict[bytes, bool] = {}

    async def account(self, account: Account) -> list[PurgeHit]:
        """Return an account's hits."""
        try:
            keys = await self._keyring.account(account)
            hashes = [keys.hash(Purpose.MESSAGE_ID, one.encode("utf-8", "replace")) for one in self._wave.message_ids]
            # Every message leaves the hash of its Message-ID: most mailboxes are passed over by one look.
            if self._cheap and not await self._store.has_reference(account.id, hashes):
                return []
            rows = [row for row in await self._store.all_messages(account.id) if row.received_at >= self._wave.since]
            found: list[PurgeHit] = []
            for start in range(0, len(rows), CHUNK):
                found += await self._chunk(account, keys, rows[start : start + CHUNK])
        except (MailError, SealError) as error:
            log.event("purge.skipped", account=account.id, error=type(error).__name__)
            return []
        return found

    async def _chunk(self, account: Account, keys: Sealer, rows: Sequence[MessageRow]) -> list[PurgeHit]:
        by_id = {row.id: row for row in rows}
        found = []
        for message_id, blob_id, sealed in await self._store.summaries(account.id, list(by_id)):
            try:
                summary = open_summary(keys, blob_id, sealed)
                hit = self._by_summary(summary) or await self._by_content(account, keys, by_id[message_id])
            except (NotFound, SealError, ValueError) as error:
                log.event("message.unreadable", account=account.id, message=message_id, error=type(error).__name__)
                continue
            if hit:
                found.append(PurgeHit(account.id, message_id))
            await asyncio.sleep(0)  # opening summaries waits for nothing, and others are served meanwhile
        return found

    def _by_summary(self, summary: Summary) -> bool:
        if not self._ids.isdisjoint(summary.ids.message_id):
            return True
        return any(not self._senders.isdisjoint(_marks(one.address)) for one in summary.from_ if self._senders)

    async def _by_content(self, account: Account, keys: Sealer, row: MessageRow) -> bool:
        if not self._reads or (self._files_alone and not row.has_attachment):
            return False
        if row.blob_id not in self._read:
            if len(self._read) >= REMEMBERED:
                self._read.clear()
            self._read[row.blob_id] = await self._read_content(account, keys, row)
        return self._read[row.blob_id]

    async def _read_content(self, account: Account, keys: Sealer, row: MessageRow) -> bool:
        blob = await self._store.blob(row.blob_id)
        data_key = keys.unwrap(row.blob_id, row.wrapped_key)
        most = READ_WHOLE if self._wave.files else READ_OCTETS
        octets = await self._blobs.read(blob, account.organization_id, data_key, 0, most)
        evidence = await examine(octets, row.received_at)
        if self._wave.digests and text_digest(evidence) in self._wave.digests:
            return True
        if any(one.whole and hashlib.sha256(one.octets).hexdigest() in self._wave.files for one in evidence.files):
            return True
        marks = {mark for one in evidence.links if one.host for mark in (one.host, indicator(one))}
        return not marks.isdisjoint(self._wave.urls)


def _marks(sender: str) -> Iterator[str]:
    """Yield what a wave may name a sender by: the address, its domain, the domains above."""
    address = normalize(sender)
    domain = domain_to_ascii(split_address(address)[1]).lower()
    yield from (address, domain)
    while domain := domain.partition(".")[2]:
        yield domain


def _canonical(wave: Wave) -> Wave:
    """Return a wave with its marks in the form in which messages show them."""
    senders = tuple(
        normalize(one) if "@" in one.strip("@") else domain_to_ascii(one.lstrip("@")).lower() for one in wave.senders
    )
    urls = []
    for one in wave.urls:
        link = links.parse(one if "//" in one else f"http://{one}")
        urls.append(indicator(link) if "//" in one else link.host)
    return msgspec.structs.replace(
        wave, message_ids=tuple(one.strip().strip("<>") for one in wave.message_ids if one.strip()),
        senders=tuple(one for one in senders if one), urls=tuple(one for one in urls if one),
        digests=tuple(one.lower() for one in wave.digests if one), files=tuple(one.lower() for one in wave.files if one),
    )  # fmt: skip


async def _side_by_side(works: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """Do works, `AT_ONCE` at a time: their commits join in groups."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(work: Callable[[], Awaitable[T]]) -> T:
        async with gate:
            return await work()

    return await asyncio.gather(*(one(work) for work in works))


def _by_account(hits: Iterable[PurgeHit]) -> dict[AccountId, list[MessageId]]:
    found: dict[AccountId, list[MessageId]] = {}
    for one in hits:
        found.setdefault(one.account_id, []).append(one.message_id)
    return found


def _counted(purge_id: int, hits: Sequence[PurgeHit]) -> Found:
    return Found(purge_id, len({one.account_id for one in hits}), len(hits), tuple(hits))


def _whole(organization_id: OrganizationId) -> Scope:
    return Scope("organization", str(int(organization_id)))
