"""NAME
    rekeying: the key of a company, or of its accounts, is changed while mail flows

STATES
    announcing → switching → resealing → done (domain.rekeying); withdrawing → cancelled where it was given up in time.

STRATEGIES
    Two phases: the next key hangs on the one in use for `SETTLE_MS` before it comes into use, so that every process knows it
    before it meets the first thing under it. From the switch on everything new lies under it. What is there is walked, owner
    by owner and column by column (service.operations.keys.columns), until a whole walk has found nothing. Keyed hashes stay.
    Keys of messages' octets are wrapped anew, the octets are not touched: resealing does that, under another suite.
    The keys of before hang on the new ones until service.operations.keys.retiring destroys them.

LIMITS
    `PAGE` values at a time, then a pause of `PAUSES` times as long as they took. A turn ends after `TURN_MS`.

FAILURE
    Killed at any point: a value lies under one key or the other, and both open. A value that opens under none is counted.

SECURITY
    Permission `key.change` over the installation, a reason, the record of acts; by schedule the record names the system.

Must not know what values say.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, MailError, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor
from smartmail.domain.rekeying import Rekey, RekeyScope
from smartmail.formats.seal import SealError
from smartmail.ports.clock import Clock
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.places import SYSTEM
from smartmail.service.operations.keys.anew import PAGE, page_anew
from smartmail.service.operations.keys.changing import KeyChanges
from smartmail.service.operations.keys.columns import ACCOUNT, ORGANIZATION, Column
from smartmail.service.operations.keys.store import Store

LEASE_MS: Final = 30 * SECOND
TURN_MS: Final = 20 * SECOND
SETTLE_MS: Final = 5 * SECOND
NOTE_MS: Final = 5 * SECOND
LONGEST_PAUSE_S: Final = 1.0
PAUSES: Final = 4
"""How many times as long as a page took the work pauses after it."""
OWNER_WEIGHT: Final = 10

Pause = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class RekeyView:
    """A change as it is shown. `subject`: the company's name or the account's login; `seconds_left` None: not known."""

    row: Rekey
    subject: str
    seconds_left: int | None


class _Stop(Exception):
    """Another has the work, or it was given up, or the turn is over."""


class Rekeying:
    """Begins, shows, works. `settle_ms` only tests change."""

    def __init__(
        self, store: Store, authority: Authority, keyring: Keyring, texts: RecordTexts, clock: Clock,
        pause: Pause = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._store = store
        self._authority = authority
        self._keyring = keyring
        self._texts = texts
        self._clock = clock
        self._pause = pause
        self._changes = KeyChanges(store, keyring, clock)
        self._worker = clock.new_worker()
        self._noted_at = 0
        self._until = 0
        self._after: tuple[tuple[int, int, int], tuple[object, ...] | None] = ((0, 0, 0), None)
        self.settle_ms = SETTLE_MS

    # --- administrators ---

    async def begin(
        self, actor: Actor, scope: RekeyScope, organization_id: OrganizationId, account_id: AccountId, reason: str
    ) -> Rekey:
        """Begin to change the key of a company, of all its accounts, or of one (`account_id`, else 0).

        Raises Forbidden, NotFound, Invalid (no reason, its key was destroyed), AlreadyExists (a change is open).
        """
        await self._authority.require(actor, "key.change", SYSTEM)
        now = self._clock.now()
        thing = f"account:{account_id}" if scope == "account" else f"organization:{organization_id} keys:{scope}"
        text = await self._texts.seal(None, "key.rekey", thing, now, {"reason": given_reason(reason)})
        audit = AuditRecord(now, actor.named, "key.rekey", thing, actor.origin.address, text, actor.origin.door)
        return await self.start(actor.named, scope, organization_id, account_id, audit)

    async def start(
        self, by: str, scope: RekeyScope, organization_id: OrganizationId, account_id: AccountId, audit: AuditRecord
    ) -> Rekey:
        """Begin without asking who may: the schedule's. Raises NotFound, Invalid, AlreadyExists."""
        now = self._clock.now()
        home = await self._store.organization(organization_id)
        row = Rekey(
            0, scope, home.id, account_id, "announcing", 0, 0, 0, 0, 0, 0, 0, 0, 0, by, now, now, now
        )  # fmt: skip
        owners = await owners_of(self._store, row)
        if not home.wrapped_key or not owners:
            raise Invalid("there is no key to change: it was destroyed", reason="key.destroyed")
        return await self._store.begin_rekey(replace(row, total=sum(weight for _owner, weight in owners)), audit)

    async def cancel(self, actor: Actor) -> None:
        """Give up a change whose next keys are not in use yet. Raises Forbidden, StateMismatch."""
        await self._authority.require(actor, "key.change", SYSTEM)
        row, now = await self.current(), self._clock.now()
        audit = AuditRecord(now, actor.named, "key.rekey-cancel", "key:", actor.origin.address, None, actor.origin.door)
        if row is None or not await self._store.withdraw_rekey(row.id, now, audit):
            raise StateMismatch("it is too late: the next keys are in use", reason="key.late")

    async def current(self) -> Rekey | None:
        """Return the change that is open."""
        newest = await self._store.rekeys(1)
        return newest[0] if newest and newest[0].ended_at is None else None

    async def views(self, actor: Actor, limit: int = 50) -> list[RekeyView]:
        """Return changes, the newest first. Raises Forbidden."""
        await self._authority.require(actor, "key.read", SYSTEM)
        return [await self.view(row) for row in await self._store.rekeys(limit)]

    async def view(self, row: Rekey) -> RekeyView:
        """Return how a change stands."""
        try:
            if row.scope == "account":
                subject = (await self._store.account(row.account_id)).login
            else:
                subject = (await self._store.organization(row.organization_id)).name
        except NotFound:
            subject = ""
        left = None
        if row.state == "resealing" and row.done:
            left = max(0, row.total - row.done) * (self._clock.now() - row.changed_at) // row.done // 1000
        return RekeyView(row, subject, left)

    # --- the work ---

    async def turn(self) -> int:
        """Go on with the change that is open; return the values that were sealed anew. A job's work."""
        row = await self.current()
        if row is None:
            return 0
        now = self._clock.now()
        work = await self._store.lease_rekey(row.id, self._worker, now, now + LEASE_MS)
        if work is None:
            return 0
        self._noted_at, self._until = now, now + TURN_MS
        try:
            while work.ended_at is None:
                work = await self._step(work)
        except _Stop:
            pass
        except (SealError, MailError) as error:
            log.event("key.rekey_waits", rekey=row.id, detail=getattr(error, "detail", "") or str(error))
        newest = await self._store.rekeys(1)
        return newest[0].changed - row.changed if newest else 0

    async def _step(self, work: Rekey) -> Rekey:
        begins = work.state in {"switching", "resealing"} and not work.owner_id
        if begins and self._clock.now() - work.changed_at < self.settle_ms:
            raise _Stop  # every process is to have read the rows that the state before has written
        return await (self._walk(work) if work.state == "resealing" else self._every_key(work))

    async def _every_key(self, work: Rekey) -> Rekey:
        """Do a step over the keys of all owners."""
        step = self._changes.of(work.scope, work.state)
        if work.state == "switching" and work.part == 0:
            # From here on it cannot be given up.
            work = await self._noted(replace(work, part=1), now=True)
        for owner, _weight in await self._owners(work):
            try:
                await step(owner)
            except (SealError, NotFound) as error:
                # It was shredded meanwhile, or has been damaged before: nothing of it opens.
                log.event("key.rekey_skipped", owner=owner, detail=str(error))
            work = await self._noted(replace(work, owner_id=owner))
        now = self._clock.now()
        if work.state == "withdrawing":
            return await self._noted(replace(work, state="cancelled", ended_at=now), now=True)
        following = replace(work, state="switching" if work.state == "announcing" else "resealing", changed_at=now)
        return await self._noted(replace(following, owner_id=0, part=0, done=0), now=True)

    async def _walk(self, work: Rekey) -> Rekey:
        """Walk over all that lies under the keys; the last walk is the one that found nothing."""
        columns = columns_of(work.scope)
        for owner, weight in await self._owners(work):
            if owner != work.owner_id:
                work = replace(work, owner_id=owner, part=0)
            elif work.part > len(columns):
                continue
            work = await self._owner(work, owner, columns)
            work = replace(work, part=len(columns) + 1, done=min(work.total, work.done + weight))
        if work.found:
            again = replace(work, owner_id=0, part=0, found=0, failed=0, done=work.total)
            return await self._noted(again, now=True)
        now, thing = self._clock.now(), thing_of(work)
        log.event("key.rekeyed", rekey=work.id, changed=work.changed, failed=work.failed)
        audit = AuditRecord(now, "system", "key.rekeyed", thing)
        return await self._noted(replace(work, state="done", ended_at=now), now=True, audit=audit)

    async def _owner(self, work: Rekey, owner: int, columns: Sequence[Column]) -> Rekey:
        try:
            sealer = await self._changes.sealer(work.scope, owner)
        except (NotFound, SealError):
            return work
        if work.scope == "organization" and work.part == 0:
            hung = await self._changes.hang_all(OrganizationId(owner))
            work = await self._noted(replace(work, found=work.found + hung, changed=work.changed + hung))
        for number in range(work.part, len(columns)):
            work = await self._column(replace(work, part=number), columns[number], owner, sealer)
        return work

    async def _column(self, work: Rekey, column: Column, owner: int, sealer: Sealer) -> Rekey:
        place = (work.id, owner, work.part)
        after = self._after[1] if self._after[0] == place else None
        while True:
            began = self._clock.now()
            values, made = await page_anew(self._store, column, owner, sealer, after)
            work = replace(
                work, seen=work.seen + len(values), changed=work.changed + len(made.changes),
                found=work.found + len(made.changes), octets=work.octets + made.octets, failed=work.failed + made.failed,
            )  # fmt: skip
            if len(values) < PAGE:
                return await self._noted(work)
            after = values[-1].key
            self._after = (place, after)
            over = self._clock.now() >= self._until
            work = await self._noted(work, now=over)
            if over:
                raise _Stop
            # Most of the time is left to those who wait for their mail.
            await self._pause(min(LONGEST_PAUSE_S, PAUSES * (self._clock.now() - began) / 1000))

    async def _noted(self, work: Rekey, *, now: bool = False, audit: AuditRecord | None = None) -> Rekey:
        """Write where the work is, now and then; the lease is renewed with it. Raises _Stop."""
        at = self._clock.now()
        if not now and at - self._noted_at < NOTE_MS:
            return work
        self._noted_at = at
        work = replace(work, moved_at=at)
        if not await self._store.note_rekey(work, self._worker, 0 if work.ended_at else at + LEASE_MS, audit):
            raise _Stop
        return work

    async def _owners(self, work: Rekey) -> list[tuple[int, int]]:
        """Return whose keys are changed and what they weigh, from the one that is worked at on."""
        return [one for one in await owners_of(self._store, work) if one[0] >= work.owner_id]


async def owners_of(store: Store, work: Rekey) -> list[tuple[int, int]]:
    """Return whose keys a change is of, by id, and what they weigh. Raises NotFound."""
    if work.scope == "organization":
        return [(int(work.organization_id), len(ORGANIZATION))]
    if work.scope == "account":
        found = [await store.account(work.account_id)]
    else:
        found = await store.accounts(work.organization_id)
    return sorted((int(one.id), OWNER_WEIGHT + one.messages) for one in found if one.wrapped_key)


def columns_of(scope: RekeyScope) -> Sequence[Column]:
    """Return what lies under a key of that scope."""
    return ORGANIZATION if scope == "organization" else ACCOUNT


def thing_of(row: Rekey) -> str:
    """Return what a change is called in records."""
    return (
        f"account:{row.account_id}"
        if row.scope == "account"
        else f"organization:{row.organization_id} keys:{row.scope}"
    )
