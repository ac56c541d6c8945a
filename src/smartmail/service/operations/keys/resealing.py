"""NAME
    resealing: originals are sealed anew under another suite while mail flows

STATES
    A work runs, is paused, is done or cancelled (domain.keys). Its place is the last message looked at.

STRATEGIES
    From the beginning of a work new mail is sealed under its suite. What is there is walked by account and message, first
    mailboxes, then what was deleted and can come back: open, seal under a fresh key of the new suite, write, read back and
    compare, and swap place and key in one row of the blob. The row has the new key wrapped under the one that messages have:
    so nobody's row changes, whoever copies the message meanwhile copies what still opens, and readers of before go on at the
    old place until its grace is over, as with moved blobs. A work walks until a whole walk has met nothing.

LIMITS
    Those of a walk (service.kernel.walking).

FAILURE
    Killed at any point: the row says one or the other. A copy that nobody came to know is an orphan, collected after a day.
    A blob that does not open is counted and left as it is.

SECURITY
    Permission `key.change` over the installation, a reason, the record of acts. Plain octets are in memory only.

Must not know what the mail says.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Literal

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound, StateMismatch, StorageFull, Unavailable
from smartmail.domain.ids import AccountId, OrganizationId, VolumeId
from smartmail.domain.keys import Reseal, ResealState
from smartmail.domain.message import BlobRow
from smartmail.domain.principal import Actor
from smartmail.formats.seal import KEY_OCTETS, NONCE_OCTETS, SUITE_NAMES, BlobOpener, BlobSealer, SealError, SealKey
from smartmail.ports.blobs import BlobMissing, VolumeFull, VolumeUnavailable
from smartmail.ports.clock import Clock
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.places import SYSTEM
from smartmail.service.kernel.sealed_blobs import SUITE_SETTING, SealedBlobs, wrapped_newer
from smartmail.service.kernel.volumes.moving import GRACE_MS, written
from smartmail.service.kernel.walking import LEASE_MS, Pause, Walk, batches
from smartmail.service.operations.keys.store import Store

PAGE: Final = 500

_One = tuple[AccountId, int, bytes, BlobRow]


@dataclass(frozen=True, slots=True)
class ResealView:
    """A work as it is shown. `seconds_left` is None before anything was done."""

    row: Reseal
    seconds_left: int | None


class Resealing:
    """Begins, shows, steers, works."""

    def __init__(
        self, store: Store, authority: Authority, keyring: Keyring, blobs: SealedBlobs, clock: Clock,
        pause: Pause = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._store = store
        self._authority = authority
        self._keyring = keyring
        self._blobs = blobs
        self._clock = clock
        self._texts = RecordTexts(keyring, clock)
        self._walk = Walk(clock, pause, store.note_reseal)
        self._accounts: dict[AccountId, Account] = {}

    # --- administrators ---

    async def begin(self, actor: Actor, suite: int, reason: str, cap: int = 0) -> Reseal:
        """Seal new mail under a suite from now on, and what is there as the work comes to it; `cap` in octets a second, 0 for
        none. Raises Forbidden, Invalid (no such suite, no reason), AlreadyExists (one is open).
        """
        await self._authority.require(actor, "key.change", SYSTEM)
        if suite not in SUITE_NAMES or cap < 0:
            raise Invalid("there is no such suite, or the cap is less than nothing", reason="seal.form")
        now, thing = self._clock.now(), f"suite:{suite}"
        text = await self._texts.seal(None, "key.reseal", thing, now, {"reason": given_reason(reason)})
        audit = AuditRecord(now, actor.named, "key.reseal", thing, actor.origin.address, text, actor.origin.door)
        total = await self._store.blob_octets()
        row = Reseal(
            0, "running", suite, cap, "message", AccountId(0), 0, 0, 0, 0, 0, total, actor.named, now
        )  # fmt: skip
        made = await self._store.begin_reseal(row, audit)
        await self._store.put_setting(*SUITE_SETTING, str(suite))
        return made

    async def suite(self) -> int:
        """Return the suite under which new mail is sealed."""
        return await self._blobs.suite()

    async def views(self, actor: Actor, limit: int = 20) -> list[ResealView]:
        """Return works, the newest first. Raises Forbidden."""
        await self._authority.require(actor, "key.read", SYSTEM)
        return [self.view(row) for row in await self._store.reseals(limit)]

    def view(self, row: Reseal) -> ResealView:
        """Return how a work stands."""
        spent = self._clock.now() - row.started_at
        left = max(0, row.total - row.octets) * spent // row.octets // 1000 if row.octets else None
        return ResealView(row, left if row.state == "running" else None)

    async def turn_to(self, actor: Actor, state: Literal["running", "paused", "cancelled"]) -> None:
        """Pause, go on or give up; what was sealed anew stays so. Raises Forbidden, StateMismatch."""
        await self._authority.require(actor, "key.change", SYSTEM)
        before: dict[str, tuple[ResealState, ...]] = {
            "running": ("paused",), "paused": ("running",), "cancelled": ("running", "paused"),
        }  # fmt: skip
        audit = self._record(actor, f"key.reseal-{state}")
        row = await self._open()
        if row is None or not await self._store.turn_reseal(row.id, before[state], state, audit):
            raise StateMismatch("no work is in such a state", reason="work.nostate")

    async def cap(self, actor: Actor, cap: int) -> None:
        """Change the cap. Raises Forbidden, Invalid, StateMismatch."""
        await self._authority.require(actor, "key.change", SYSTEM)
        row = await self._open()
        if cap < 0:
            raise Invalid("the cap is less than nothing", reason="number.zero")
        if row is None or not await self._store.cap_reseal(row.id, cap, self._record(actor, "key.reseal-cap")):
            raise StateMismatch("no work is open", reason="work.none")

    async def _open(self) -> Reseal | None:
        newest = await self._store.reseals(1)
        return newest[0] if newest and newest[0].ended_at is None else None

    def _record(self, actor: Actor, action: str) -> AuditRecord:
        return AuditRecord(
            self._clock.now(), actor.named, action, "originals", actor.origin.address, None, actor.origin.door
        )

    # --- the work ---

    async def turn(self) -> int:
        """Go on with the work that runs; return the blobs that were sealed anew. A job's work."""
        row = await self._open()
        if row is None or row.state != "running":
            return 0
        now = self._clock.now()
        leased = await self._store.lease_reseal(row.id, self._walk.worker, now, now + LEASE_MS)
        if leased is None:
            return 0
        self._accounts.clear()
        seen, before = leased, leased.blobs
        try:
            async for further in self._walk.steps(leased, now, self._page):
                seen = further
        except (VolumeUnavailable, Unavailable, StorageFull) as error:
            log.event("key.reseal_waits", detail=getattr(error, "detail", "") or str(error))
        return seen.blobs - before

    async def _page(self, work: Reseal) -> Reseal | None:
        rows = await self._store.sealed_messages(work.table, work.account_id, work.message_id, PAGE)
        ahead = {one[3].id: one for one in rows if _suite(one) != work.suite}
        for batch in batches(list(ahead.values()), _size):
            began = self._clock.now()
            done = await asyncio.gather(*(self._anew(one, work.suite) for one in batch))
            octets = sum(one[3].size for one, word in zip(batch, done, strict=True) if word == "sealed")
            sealed, failed = done.count("sealed"), done.count("failed")
            further = replace(
                work, account_id=batch[-1][0], message_id=batch[-1][1], found=work.found + len(batch) - failed,
                blobs=work.blobs + sealed, octets=work.octets + octets, failed=work.failed + failed,
            )  # fmt: skip
            noted = await self._walk.noted_slowly(further, octets, began)
            if noted is None:
                return None
            work = noted
        if len(rows) == PAGE:
            return await self._walk.noted(replace(work, account_id=rows[-1][0], message_id=rows[-1][1]))
        return await self._walk.noted(self._walked(work))

    def _walked(self, work: Reseal) -> Reseal:
        """Return the work after a walk over one table."""
        begin = replace(work, account_id=AccountId(0), message_id=0)
        if work.table == "message":
            return replace(begin, table="vault")
        if work.found:
            return replace(begin, table="message", found=0, failed=0)
        log.event("key.reseal_done", blobs=work.blobs, failed=work.failed)
        return replace(work, state="done", ended_at=self._clock.now())

    # --- one blob ---

    async def _anew(self, one: _One, suite: int) -> str:
        """Seal one anew; "sealed", "failed" when it does not open, "gone" when it has changed meanwhile."""
        account_id, _message_id, wrapped, row = one
        try:
            account = await self._account(account_id)
            direct = (await self._keyring.account(account)).unwrap(row.id, wrapped)
            home = account.organization_id
            plain = await self._blobs.read(row, home, direct)
        except SealError:
            return "failed"
        except NotFound as error:
            return "gone" if not error.detail else "failed"
        newer = SealKey(self._clock.random(KEY_OCTETS), suite)
        sealed = await asyncio.to_thread(_sealed, newer, home, row, plain)
        new = await self._write(row, sealed)
        nonce = self._clock.random(NONCE_OCTETS)
        new = replace(new, newer_key=wrapped_newer(row, home, direct, newer, nonce))
        if not await self._store.reseal_blob(row, new, self._clock.now() + GRACE_MS):
            with suppress(BlobMissing, VolumeUnavailable):  # else an orphan: collected after a day
                await self._blobs.book[new.volume_id].delete(new.location)
            return "gone"
        return "sealed"

    async def _write(self, row: BlobRow, sealed: bytes) -> BlobRow:
        """Write octets where the blob lies, or where there is room. Raises StorageFull, VolumeUnavailable."""
        book = self._blobs.book
        tried: set[VolumeId] = set()
        volume_id: VolumeId | None = row.volume_id if book.takes(row.volume_id) else book.next(tried)
        while volume_id and volume_id not in tried:
            tried.add(volume_id)
            try:
                return replace(row, volume_id=volume_id, location=await written(book[volume_id], row.id, sealed))
            except VolumeFull:
                await book.met(volume_id, full=True)
            volume_id = book.next(tried)
        raise StorageFull

    async def _account(self, account_id: AccountId) -> Account:
        known = self._accounts.get(account_id)
        if known is None:
            known = self._accounts[account_id] = await self._store.account(account_id)
        return known


def _suite(one: _One) -> int:
    """Return under which suite the octets of a message lie. (The second octet of a wrapped key is its own suite.)"""
    wrapped, row = one[2], one[3]
    return (row.newer_key or wrapped)[1] if wrapped else 0


def _sealed(key: SealKey, home: OrganizationId, row: BlobRow, plain: bytes) -> bytes:
    """Seal, and see that it opens: nothing is swapped for what does not."""
    sealer = BlobSealer(key, home, row.id)
    sealed = sealer.update(plain) + sealer.finish()
    if BlobOpener(key, home, row.id, row.size).open_whole(sealed) != plain:
        raise SealError("what was sealed does not open")
    return sealed


def _size(one: _One) -> int:
    return one[3].size
