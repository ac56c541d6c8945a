"""The database tended from the browser: what it holds, checked, counted anew, its spare room given back, by hand or by week.

NAME        database care
STATES      Of an act: looked at (room, whether another runs) → running → noted with what came of it.
STRATEGIES  One act at a time in the installation, by a lease that the run renews. A week's care is the job's: check, then
            statistics, then spare room in steps where there is much of it. A rewrite is never done by itself: mail waits for it.
LIMITS      The sizes of tables are looked up at once in a small database; in a large one they are those of the last check.
FAILURE     Too little free room for a rewrite: StorageFull before anything has begun. What a check finds is a result, kept and
            shown; it is noted in the log, so that an alarm's reader sees it.
SECURITY    `node.read` and `node.change` over the installation; each act is recorded. What is kept holds names of tables,
            numbers and what the database says of its own pages, never a row.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Protocol

import msgspec

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.database import DatabaseFacts, TableFacts
from smartmail.domain.errors import AlreadyExists, Invalid, StorageFull
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_backup import BackupStore
from smartmail.ports.store_database import CareTold, DatabaseCare, DatabaseStore
from smartmail.ports.store_nodes import LeaseStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.kernel.places import SYSTEM


class _Store(AuditLog, BackupStore, DatabaseStore, LeaseStore, SettingStore, Protocol): ...


CareKind = Literal["check", "optimise", "give-back", "rewrite"]
KINDS: Final[tuple[CareKind, ...]] = ("check", "optimise", "give-back", "rewrite")
SCOPE: Final = "database"
PLAN: Final = "plan"
TABLES: Final = "tables"
LEASE: Final = "database-care"
LEASE_MS: Final = 60_000
"""Longer than a step of anything but a rewrite, which holds the writers' lock of the database anyway."""
AT_ONCE: Final = 64 << 20
"""Octets of a database whose tables are measured while somebody waits."""
RESERVE: Final = 256 << 20
"""Octets that stay free beside a rewrite at least: mail comes in on the same disk."""
MUCH_SPARE: Final = 0.1
"""The part of a database that is given back by the week's care, when it is spare."""
TRIED_AGAIN: Final = HOUR
MOST_KEPT: Final = 40
"""Findings of a check that are kept; how many there were is kept as well."""
MOST_WORDS: Final = 300


class CarePlan(msgspec.Struct, frozen=True):
    """When the week's care is: `weekday` 0 (Monday) to 6, -1 for never by itself; `hour` in UTC."""

    weekday: int = -1
    hour: int = 18
    check: bool = True
    optimise: bool = True
    give_back: bool = True


class CareDone(msgspec.Struct, frozen=True):
    """How an act went. `spared`: octets that came free on the disk; `findings`: of a check, `troubles` how many."""

    at: int
    seconds: int
    good: bool
    spared: int = 0
    troubles: int = 0
    findings: tuple[str, ...] = ()


class _Tables(msgspec.Struct, frozen=True):
    at: int
    tables: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class DatabaseView:
    """The database as it is shown. `measured_at`: of when the tables are; `needed`: octets that a rewrite needs on the disk."""

    facts: DatabaseFacts
    tables: tuple[TableFacts, ...]
    measured_at: int | None
    needed: int
    done: dict[CareKind, CareDone]
    backup_at: int | None

    @property
    def fits(self) -> bool:
        """Whether there is room for a rewrite, as far as is known here."""
        return self.facts.disk is None or self.facts.disk >= self.needed


class DatabaseCareService:
    """The one door."""

    def __init__(self, store: _Store, authority: Authority, clock: Clock) -> None:
        self._store = store
        self._authority = authority
        self._clock = clock

    # --- looking ---

    async def view(self, actor: Actor) -> DatabaseView:
        """Return the database as it is. Raises Forbidden, Unavailable."""
        await self._authority.require(actor, "node.read", SYSTEM)
        care = self._store.database_care()
        facts = await care.facts()
        measured: int | None = self._clock.now()
        if facts.engine == "postgres" or facts.octets <= AT_ONCE:
            tables = tuple(await care.tables())
        else:
            kept = await self._kept_tables()
            tables = tuple(TableFacts(*one) for one in kept.tables) if kept else ()
            measured = kept.at if kept else None
        backups = await self._store.backup_runs("backup", 50)
        backup_at = next((one.begun_at for one in backups if one.state == "good"), None)
        return DatabaseView(facts, tables, measured, needed(facts, tables), await self._done(), backup_at)

    async def plan(self, actor: Actor) -> CarePlan:
        """Return when the week's care is. Raises Forbidden."""
        await self._authority.require(actor, "node.read", SYSTEM)
        return await self._plan()

    async def set_plan(self, actor: Actor, plan: CarePlan) -> None:
        """Set when the week's care is. Raises Forbidden, Invalid."""
        await self._authority.require(actor, "node.change", SYSTEM)
        if not -1 <= plan.weekday <= 6 or not 0 <= plan.hour <= 23:
            raise Invalid("a day of the week is 0 (Monday) to 6, -1 for never; an hour 0 to 23", reason="care.times")
        if plan.weekday >= 0 and not (plan.check or plan.optimise or plan.give_back):
            raise Invalid("choose what is done: check, statistics or spare room", reason="care.what")
        day = "never" if plan.weekday < 0 else f"weekday:{plan.weekday} hour:{plan.hour}"
        record = self._record(actor, "database.plan", day)
        await self._store.put_setting(SCOPE, PLAN, msgspec.json.encode(plan).decode(), audit=record)

    # --- acting ---

    async def act(self, actor: Actor, kind: CareKind, told: CareTold) -> CareDone:
        """Do one act. Raises Forbidden, AlreadyExists (one runs), StorageFull, Unavailable."""
        await self._authority.require(actor, "node.change", SYSTEM)
        return await self._act(kind, self._record(actor, f"database.{kind}", "database"), told)

    async def turn(self) -> bool:
        """Do the week's care if it is time; say whether it was. The job's."""
        plan = await self._plan()
        if plan.weekday < 0 or not await self._is_due(plan):
            return False
        now = self._clock.now()
        await self._store.put_setting(SCOPE, "week", str(now))
        facts = await self._store.database_care().facts()
        much = facts.stepwise and facts.spare > facts.octets * MUCH_SPARE
        wanted: Sequence[tuple[CareKind, bool]] = (
            ("check", plan.check), ("optimise", plan.optimise), ("give-back", plan.give_back and much),
        )  # fmt: skip
        for kind in (name for name, wish in wanted if wish):
            await self._act(kind, AuditRecord(self._clock.now(), "system", f"database.{kind}", "database"), _quiet)
        return True

    async def _is_due(self, plan: CarePlan) -> bool:
        """Whether the newest time of the plan has come since the last week's care; the time before a plan is set is over."""
        now = datetime.fromtimestamp(self._clock.now() / 1000, UTC)
        time = now.replace(hour=plan.hour, minute=0, second=0, microsecond=0)
        time -= timedelta(days=(now.weekday() - plan.weekday) % 7)
        if time > now:
            time -= timedelta(days=7)
        began = int(await self._store.setting(SCOPE, "week") or 0)
        at = int(time.timestamp() * 1000)
        # A node that was down at its hour makes up for it within a day.
        return began < at and self._clock.now() - at < DAY

    async def _act(self, kind: CareKind, audit: AuditRecord, told: CareTold) -> CareDone:
        care = self._store.database_care()
        async with self._leased():
            before = await care.facts()
            if kind == "rewrite":
                self._look_for_room(before, await self._sized(care, before))
            await self._store.audit(audit)
            began = self._clock.now()
            try:
                findings = await self._work(care, kind, told)
            except BaseException:
                with contextlib.suppress(Exception):
                    await self._note(kind, CareDone(began, self._seconds(began), good=False))
                raise
            after = await care.facts()
            done = CareDone(
                began, self._seconds(began), not findings, max(0, before.octets - after.octets), len(findings),
                tuple(one[:MOST_WORDS] for one in findings[:MOST_KEPT]),
            )  # fmt: skip
            await self._note(kind, done)
        if findings:
            log.event("database.damaged", findings=len(findings))
        return done

    async def _work(self, care: DatabaseCare, kind: CareKind, told: CareTold) -> list[str]:
        if kind == "check":
            found = await care.check(told)
            await self._keep_tables(await care.tables())
            return found
        if kind == "optimise":
            await care.optimise(told)
        elif kind == "give-back":
            await care.give_back(told)
        else:
            await care.rewrite(told)
        return []

    async def _sized(self, care: DatabaseCare, facts: DatabaseFacts) -> Sequence[TableFacts]:
        return await care.tables() if facts.engine == "postgres" else ()

    def _look_for_room(self, facts: DatabaseFacts, tables: Sequence[TableFacts]) -> None:
        wanted = needed(facts, tables)
        if facts.disk is not None and facts.disk < wanted:
            raise StorageFull(
                f"{wanted >> 20} MB must be free on the disk of the database, {facts.disk >> 20} MB are",
                detail="no room to write the database anew",
                reason="database.room",
                free=facts.disk >> 20,
                needed=wanted >> 20,
            )

    # --- keeping ---

    async def _plan(self) -> CarePlan:
        text = await self._store.setting(SCOPE, PLAN)
        return CarePlan() if text is None else msgspec.json.decode(text, type=CarePlan)

    async def _done(self) -> dict[CareKind, CareDone]:
        kept = await self._store.settings(SCOPE)
        return {kind: msgspec.json.decode(kept[kind], type=CareDone) for kind in KINDS if kind in kept}

    async def _note(self, kind: CareKind, done: CareDone) -> None:
        await self._store.put_setting(SCOPE, kind, msgspec.json.encode(done).decode())

    async def _kept_tables(self) -> _Tables | None:
        text = await self._store.setting(SCOPE, TABLES)
        return None if text is None else msgspec.json.decode(text, type=_Tables)

    async def _keep_tables(self, tables: Sequence[TableFacts]) -> None:
        kept = _Tables(self._clock.now(), tuple((one.name, one.rows, one.octets) for one in tables))
        await self._store.put_setting(SCOPE, TABLES, msgspec.json.encode(kept).decode())

    def _seconds(self, began: int) -> int:
        return max(0, (self._clock.now() - began) // 1000)

    def _record(self, actor: Actor, action: str, thing: str) -> AuditRecord:
        return AuditRecord(self._clock.now(), actor.named, action, thing, actor.origin.address, door=actor.origin.door)

    @asynccontextmanager
    async def _leased(self) -> AsyncIterator[None]:
        worker = f"care/{self._clock.new_id():x}"
        if not await self._lease(worker, LEASE_MS):
            raise AlreadyExists("the database is being tended", reason="care.busy")
        renewing = asyncio.create_task(self._renew(worker))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            await self._lease(worker, 0)

    async def _renew(self, worker: str) -> None:
        while True:
            await asyncio.sleep(LEASE_MS / 4000)
            await self._lease(worker, LEASE_MS, goes_on=True)

    async def _lease(self, worker: str, length_ms: int, *, goes_on: bool = False) -> bool:
        now = self._clock.now()
        return await self._store.lock(LEASE, worker, now=now, until=now + length_ms, any_clock=goes_on)


def needed(facts: DatabaseFacts, tables: Sequence[TableFacts]) -> int:
    """Return how much must be free on the disk for a rewrite: SQLite writes what it keeps twice, PostgreSQL a table at a time."""
    if facts.engine == "sqlite":
        return 2 * (facts.octets - facts.spare) + RESERVE
    return max((one.octets for one in tables), default=0) + RESERVE


def _quiet(_done: int, _total: int) -> None:
    """Nobody waits for it."""
