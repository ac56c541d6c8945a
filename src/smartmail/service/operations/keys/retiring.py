"""NAME
    retiring: keys are changed when their time has come, and those of before are destroyed

STRATEGIES
    A schedule of the installation: every so many months the keys of accounts, and those of companies, one change at a time.
    What was changed by hand counts. Keys of before are kept for `KEEP_MS`, and as long as a backup is kept that was made
    before their change was done: it could not be read without them. Then a last walk looks for what came back under them (a
    mail out of a backup), and they are destroyed.

LIMITS
    A company's key of before stays: the texts of its record of acts lie under it and are chained as they are sealed.

FAILURE
    A place of backups that does not answer, and a value that opens under no key: keys of before are kept. An owner at a time: killed in between,
    what is destroyed is destroyed.

SECURITY
    The schedule: permission `key.change` over the installation, in the record of acts. Each destruction is recorded.

Must not know how a change is done.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor
from smartmail.domain.rekeying import Rekey, RekeyScope
from smartmail.formats.seal import SealError
from smartmail.ports.clock import Clock
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.places import SYSTEM
from smartmail.service.operations.keys.anew import page_anew
from smartmail.service.operations.keys.changing import KeyChanges
from smartmail.service.operations.keys.columns import ACCOUNT
from smartmail.service.operations.keys.rekeying import Rekeying, owners_of, thing_of
from smartmail.service.operations.keys.store import Store

KEEP_MS: Final = DAY
MONTH_MS: Final = 30 * DAY
MOST_MONTHS: Final = 120
SETTING: Final = ("keys", "schedule")
_HISTORY: Final = 5_000

OldestBackup = Callable[[], Awaitable[int | None]]
"""When the oldest backup that is kept was made, None where none is. Raises MailError."""


@dataclass(frozen=True, slots=True)
class KeySchedule:
    """Every how many months keys are changed, 0: by hand only. `since`: when this was said."""

    accounts: int = 0
    organizations: int = 0
    since: int = 0


class KeyRetiring:
    """Keeps the schedule, begins what is due, destroys. `keep_ms` only tests change."""

    def __init__(
        self, store: Store, authority: Authority, clock: Clock, work: Rekeying, changes: KeyChanges,
        oldest_backup: OldestBackup,
    ) -> None:  # fmt: skip
        self._store = store
        self._authority = authority
        self._clock = clock
        self._work = work
        self._changes = changes
        self._oldest_backup = oldest_backup
        self.keep_ms = KEEP_MS

    # --- the schedule ---

    async def schedule(self, actor: Actor) -> KeySchedule:
        """Return it. Raises Forbidden."""
        await self._authority.require(actor, "key.read", SYSTEM)
        return await self._schedule()

    async def set_schedule(self, actor: Actor, accounts: int, organizations: int) -> KeySchedule:
        """Say every how many months keys are changed. Raises Forbidden, Invalid."""
        await self._authority.require(actor, "key.change", SYSTEM)
        if not (0 <= accounts <= MOST_MONTHS and 0 <= organizations <= MOST_MONTHS):
            raise Invalid(
                f"keys are changed every 1 to {MOST_MONTHS} months, or never (0)", reason="key.months", most=MOST_MONTHS
            )
        now = self._clock.now()
        thing = f"keys:accounts={accounts} organizations={organizations}"
        audit = AuditRecord(now, actor.named, "key.schedule", thing, actor.origin.address, None, actor.origin.door)
        text = json.dumps({"accounts": accounts, "organizations": organizations, "since": now})
        await self._store.put_setting(*SETTING, text, audit=audit)
        return KeySchedule(accounts, organizations, now)

    async def _schedule(self) -> KeySchedule:
        text = await self._store.setting(*SETTING)
        return KeySchedule(**json.loads(text)) if text else KeySchedule()

    # --- the work ---

    async def turn(self) -> int:
        """Begin what is due, destroy what nothing needs; return how many acts. A job's work."""
        return await self._begin_due() + await self._destroy_due()

    async def _begin_due(self) -> int:
        said = await self._schedule()
        if await self._work.current() is not None or not (said.accounts or said.organizations):
            return 0
        last: dict[tuple[str, int], int] = {}
        for row in reversed(await self._store.rekeys(_HISTORY)):
            if row.state != "cancelled":
                last[row.scope, int(row.organization_id)] = row.started_at
        months: tuple[tuple[RekeyScope, int], ...] = (
            ("organization", said.organizations), ("accounts", said.accounts),
        )  # fmt: skip
        now = self._clock.now()
        for home in await self._store.organizations():
            for scope, every in months:
                due = max(said.since, last.get((scope, home.id), 0)) + every * MONTH_MS
                if every and home.wrapped_key and now >= due and await self._begun(scope, home.id):
                    return 1
        return 0

    async def _begun(self, scope: RekeyScope, home: OrganizationId) -> bool:
        thing = f"organization:{home} keys:{scope}"
        audit = AuditRecord(self._clock.now(), "system", "key.rekey", thing)
        try:
            await self._work.start("system", scope, home, AccountId(0), audit)
        except (AlreadyExists, Invalid, NotFound):
            return False
        return True

    async def _destroy_due(self) -> int:
        done = 0
        for row in await self._store.kept_rekeys():
            if row.scope == "organization" or row.ended_at is None or self._clock.now() - row.ended_at < self.keep_ms:
                continue
            try:
                oldest = await self._oldest_backup()
                if oldest is None or oldest > row.ended_at:
                    done += await self._destroy(row, row.ended_at)
            except (SealError, MailError) as error:
                log.event("key.destroy_waits", rekey=row.id, detail=getattr(error, "detail", "") or str(error))
        return done

    async def _destroy(self, row: Rekey, until: int) -> int:
        try:
            owners = await owners_of(self._store, row)
        except NotFound:
            owners = []
        gone = 0
        for owner, _weight in owners:
            account = await self._store.account(AccountId(owner))
            if self._changes.has_earlier(account, until):
                failed = await self._look_again(owner)
                if failed:
                    # Whatever it is that opens under no key: what opened it once is not thrown away.
                    log.event(
                        "key.destroy_waits", rekey=row.id, detail=f"{failed} values of account {owner} do not open"
                    )
                    return 0
                gone += int(await self._changes.destroy_account(owner, until))
        audit = AuditRecord(self._clock.now(), "system", "key.destroyed", thing_of(row))
        noted = await self._store.note_destroyed(row.id, self._clock.now(), audit)
        log.event("key.destroyed", rekey=row.id, keys=gone)
        return int(noted)

    async def _look_again(self, owner: int) -> int:
        """Seal anew what came back under a key of before, until a whole look has found nothing; return the values that open
        under no key.
        """
        found, failed = True, 0
        while found:
            found, failed, sealer = False, 0, await self._changes.sealer("account", owner)
            for column in ACCOUNT:
                after: tuple[object, ...] | None = None
                while True:
                    values, made = await page_anew(self._store, column, owner, sealer, after)
                    found, failed = found or bool(made.changes), failed + made.failed
                    if not values:
                        break
                    after = values[-1].key
        return failed
