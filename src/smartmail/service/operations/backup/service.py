"""Backups for those who run the installation: rights, records, the lease, the schedule, and whether all is green.

NAME        backup service
PURPOSE     One door before taking, verifying and bringing back. Must not know where the place is: the composition gives it.
STATES      A run is noted as running, then good or failed; one whose process died stays running and counts as failed.
STRATEGIES  One run at a time in the installation, by a lease that the run renews. The job takes a backup once a day after
            the hour of the plan, and one at once where none is a day old. Old backups are cleared away after a good one.
FAILURE     No place, no answer of it, no room: Unavailable or StorageFull with words for the administrator; noted as failed.
            Free room is looked at before: less than what the last new blobs and rows took, and nothing is begun.
SECURITY    `backup.run` over the installation takes and verifies; `backup.restore` over an account brings its mail back.
            Whoever restores sees counts only. Every act is recorded with its reason, before it is done.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.audit import AuditRecord
from smartmail.domain.backup import STALE_DAYS, BackupFinding, BackupRun, RunKind, RunState
from smartmail.domain.errors import AlreadyExists, MailError, NotFound, StorageFull, Unavailable
from smartmail.domain.ids import VolumeId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.seal import SealError
from smartmail.ports.backup import NodeFiles, ObjectMissing, PlaceError, PlaceFull, Rehearser
from smartmail.ports.blobs import Volume
from smartmail.ports.clock import Clock
from smartmail.ports.keys import KeyIdentity, Keys, MasterKeeper
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_backup import BackupStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_nodes import LeaseStore
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.places import SYSTEM
from smartmail.service.kernel.push import Hints
from smartmail.service.operations.backup.bringing import Bringing, Brought, Wanted
from smartmail.service.operations.backup.keeping import clear
from smartmail.service.operations.backup.planning import BackupPlan, BackupPlans
from smartmail.service.operations.backup.sealed_place import SealedPlace, let_open, open_place
from smartmail.service.operations.backup.taking import Pace, Taken, Taking
from smartmail.service.operations.backup.telling import Told, quiet
from smartmail.service.operations.backup.verifying import verify


class _Store(AccountStore, BackupStore, BlobRowStore, LeaseStore, MailReads, Protocol): ...


LEASE: Final = "backup"
REHEARSAL_LEASE: Final = "backup-rehearsal"
REHEARSED_WITHIN: Final = 8 * HOUR
"""How old a backup may be at most that is rehearsed by itself."""
LOOK_S: Final = 1.0
"""How often one that waits asks whether the run before it has ended."""
LEASE_MS: Final = 20_000
"""Short: a run whose process died keeps the next one waiting no longer."""
_ACTIONS: Final[Mapping[RunKind, str]] = {
    "backup": "backup.taken", "verify": "backup.verified", "rehearsal": "backup.rehearsed", "restore": "backup.restored",
}  # fmt: skip
SANDBOX_RESERVE: Final = 1 << 30
"""Octets that stay free beside a rehearsal at least: the sandbox may lie on the disk of the mail."""
RESERVE: Final = 256 << 20
"""Octets that stay free in the place at least."""


@dataclass(frozen=True, slots=True)
class BackupLine:
    """One finished backup, from its manifest; `manifest_ok` is False where that does not open."""

    name: str
    made_at: int
    accounts: int = 0
    messages: int = 0
    octets_of_rows: int = 0
    missing: int = 0
    manifest_ok: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether one can rely on it: newest good backup and rehearsal (None: never), and what is not green."""

    backup_at: int | None
    rehearsal_at: int | None
    findings: tuple[BackupFinding, ...]

    @property
    def green(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.findings


class BackupService:
    """The one door."""

    def __init__(
        self,
        store: _Store,
        keys: Keys,
        keyring: Keyring,
        volumes: Mapping[VolumeId, Volume],
        authority: Authority,
        hints: Hints,
        clock: Clock,
        plan: BackupPlan,
        plans: BackupPlans,
        rehearser: Rehearser | None = None,
        files: NodeFiles | None = None,
    ) -> None:
        self._store = store
        self._keys = keys
        self._volumes = volumes
        self._authority = authority
        self._hints = hints
        self._clock = clock
        self._plan = plan
        self.plans = plans
        self._rehearser = rehearser
        self._files = files
        self._texts = RecordTexts(keyring, clock)
        self._bringing = Bringing(store, keyring, volumes)

    # --- taking ---

    async def take(self, actor: Actor, reason: str = "", told: Told = quiet, *, waits: bool = False) -> Taken:
        """Take a backup now, or when the one has ended that runs if `waits`.

        Raises Forbidden, AlreadyExists (one runs), Unavailable, StorageFull.
        """
        await self._authority.require(actor, "backup.run", SYSTEM)
        return await self._take(await self._record(actor, "backup.taken", "backup", reason), told, waits=waits)

    async def turn(self) -> bool:
        """Take the day's backup if it is time; say whether one was taken. The job's."""
        plan = await self.plan()
        if plan.place is None or plan.hour is None or not await self._is_due(plan.hour):
            return False
        await self._take(AuditRecord(self._clock.now(), "system", "backup.taken", "backup"), quiet)
        return True

    async def _is_due(self, hour: int) -> bool:
        now = self._clock.now()
        at = datetime.fromtimestamp(now / 1000, UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
        time = int(at.timestamp() * 1000)
        since = time if time <= now else time - DAY
        runs = await self._store.backup_runs("backup", 10)
        # One that failed is tried again after an hour, not at every turn.
        return not any((one.state == "good" and one.begun_at >= since) or (one.begun_at > now - HOUR) for one in runs)

    async def _take(self, audit: AuditRecord, told: Told, *, waits: bool = False) -> Taken:
        async with self._leased(LEASE, "a backup is being taken", waits=waits):
            await self._end_dead("backup")
            run_id = await self._store.begin_backup_run("backup", "", self._clock.now(), audit)
            async with self._noted(run_id) as facts:
                plan, place = await self.plan(), await self._place(make=True)
                await self._look_for_room(place)
                pace = Pace(plan.rate)
                taken = await Taking(self._store, self._volumes, place, self._clock, pace, told, self._files).run()
                facts |= {
                    "snapshot": taken.manifest.name, "messages": taken.manifest.rows("message"),
                    "accounts": taken.manifest.rows("account"), "new_blobs": taken.new_blobs,
                    "new_octets": taken.new_octets, "row_octets": sum(one.size for one in taken.manifest.parts),
                    "missing": len(taken.manifest.missing),
                    "cleared": await clear(place, plan.keeping, self._clock.now()),
                }  # fmt: skip
            log.event("backup.taken", messages=facts["messages"], missing=facts["missing"])
            return taken

    async def _look_for_room(self, place: SealedPlace) -> None:
        free = await place.place.free()
        last = await self._store.backup_runs("backup", 10)
        facts = next((one.facts for one in last if one.state == "good"), {})
        needed = RESERVE + int(facts.get("row_octets", 0)) * 2 + int(facts.get("new_octets", 0))
        if free is not None and free < needed:
            raise StorageFull(
                f"the place of backups has {free >> 20} MB free, {needed >> 20} MB are needed",
                reason="backup.room",
                free=free >> 20,
                needed=needed >> 20,
            )

    # --- looking ---

    async def backups(self, actor: Actor) -> list[BackupLine]:
        """Return all finished backups, newest first. Raises Forbidden, Unavailable."""
        await self._authority.require(actor, "backup.read", SYSTEM)
        lines: list[BackupLine] = []
        try:
            place = await self._place()
        except NotFound:
            return lines  # a place that nothing was kept in yet
        with _as_mail_errors():
            for name in reversed(await place.manifest_names()):
                try:
                    one = await place.manifest(name)
                except SealError:
                    lines.append(BackupLine(name, int(name), manifest_ok=False))
                    continue
                octets = sum(part.size for part in one.parts)
                lines.append(
                    BackupLine(name, one.made_at, one.rows("account"), one.rows("message"), octets, len(one.missing))
                )
        return lines

    async def runs(self, actor: Actor, limit: int = 50) -> list[BackupRun]:
        """Return the newest runs of all kinds. Raises Forbidden."""
        await self._authority.require(actor, "backup.read", SYSTEM)
        return await self._store.backup_runs(None, limit)

    async def verify(self, actor: Actor, name: str = "", told: Told = quiet) -> list[BackupFinding]:
        """Read a backup back, the newest unless one is named; return what is wrong. Raises Forbidden, Unavailable."""
        await self._authority.require(actor, "backup.read", SYSTEM)
        audit = await self._record(actor, "backup.verified", "backup", "")
        run_id = await self._store.begin_backup_run("verify", name, self._clock.now(), audit)
        async with self._noted(run_id) as facts:
            place = await self._place()
            findings = [one async for one in verify(place, name, told)]
            facts |= {"findings": len(findings), "good": not findings}
        return findings

    async def standing(self, actor: Actor) -> Standing:
        """Say whether one can rely on the backups. Raises Forbidden."""
        await self._authority.require(actor, "backup.read", SYSTEM)
        now, found = self._clock.now(), []
        taken = await self._newest("backup")
        shown = await self._newest("rehearsal")
        for name, at in (("backup", taken), ("rehearsal", shown)):
            if at is None:
                found.append(BackupFinding("old", name, "there was never a good one"))
            elif at < now - STALE_DAYS * DAY:
                found.append(BackupFinding("old", name, f"the last good one is {(now - at) // DAY} days old"))
        return Standing(taken, shown, tuple(found))

    async def _newest(self, kind: RunKind) -> int | None:
        runs = await self._store.backup_runs(kind, 100)
        return next((one.begun_at for one in runs if one.state == "good"), None)

    async def note(
        self, actor: Actor, kind: RunKind, snapshot: str, facts: Mapping[str, Any], reason: str = ""
    ) -> None:
        """Note how a rehearsal or a restore of everything went that the composition has carried out. Raises Forbidden."""
        await self._authority.require(actor, "backup.run", SYSTEM)
        audit = await self._record(actor, _ACTIONS[kind], f"backup:{snapshot}", reason)
        run_id = await self._store.begin_backup_run(kind, snapshot, self._clock.now(), audit)
        state: RunState = "good" if facts["good"] else "failed"
        await self._store.end_backup_run(run_id, state, self._clock.now(), facts)

    # --- rehearsing ---

    async def rehearse(
        self, actor: Actor, name: str = "", told: Told = quiet, *, waits: bool = False
    ) -> Mapping[str, Any]:
        """Restore a backup into a sandbox, the newest unless one is named, compare, read everything, and file how it went.
        `waits`: when the rehearsal has ended that runs.

        Raises Forbidden, AlreadyExists (one runs), Unavailable, StorageFull.
        """
        await self._authority.require(actor, "backup.run", SYSTEM)
        return await self._rehearse(
            await self._record(actor, "backup.rehearsed", "backup", ""), name, told, waits=waits
        )

    async def rehearsal_turn(self) -> bool:
        """Rehearse the newest backup if it is time; say whether one was rehearsed. The job's."""
        plan = await self.plan()
        if plan.place is None or not plan.rehearse_days or self._rehearser is None:
            return False
        now, runs = self._clock.now(), await self._store.backup_runs("rehearsal", 20)
        tried = any(one.begun_at > now - DAY for one in runs)
        good = any(one.state == "good" and one.begun_at > now - plan.rehearse_days * DAY + HOUR for one in runs)
        taken = await self._newest("backup")
        # After the night's backup, when nobody waits for the machine; whatever failed is tried again on another night.
        if tried or good or taken is None or taken < now - REHEARSED_WITHIN:
            return False
        await self._rehearse(AuditRecord(now, "system", "backup.rehearsed", "backup"), "", quiet)
        return True

    async def _rehearse(self, audit: AuditRecord, name: str, told: Told, *, waits: bool = False) -> Mapping[str, Any]:
        if self._rehearser is None:
            raise Unavailable(detail="this process rehearses nothing")
        async with self._leased(REHEARSAL_LEASE, "a rehearsal is running", waits=waits):
            await self._end_dead("rehearsal")
            run_id = await self._store.begin_backup_run("rehearsal", name, self._clock.now(), audit)
            async with self._noted(run_id) as facts:
                plan = await self.plan()
                await self._look_for_sandbox(self._rehearser)
                done = await self._rehearser.rehearse(plan.spec, name, told)
                facts |= {key: value for key, value in done.items() if key != "findings"}
                facts["findings"] = len(done.get("findings", ()))
                place = await self._place()
                stamp = f"{self._clock.now():014d}"
                await place.place.put(f"rehearsals/{stamp}-json", json.dumps(done, indent=1).encode())
        return done

    async def _look_for_sandbox(self, rehearser: Rehearser) -> None:
        """See that a sandbox with everything fits, and that those who serve mail beside it keep their room."""
        free, place = await rehearser.free(), await self._place()
        packs = sum(one.size for one in await place.place.entries("packs/"))
        rows = sum(one.size for one in await place.place.entries("rows/"))
        needed = SANDBOX_RESERVE + packs + 3 * rows
        if free is not None and free < needed:
            raise StorageFull(
                f"a rehearsal needs {needed >> 20} MB, {free >> 20} MB are free",
                reason="backup.room",
                free=free >> 20,
                needed=needed >> 20,
            )

    # --- bringing back ---

    async def bring(self, actor: Actor, wanted: Wanted, reason: str, *, at: int | None = None, beside: bool) -> Brought:
        """Bring mail of an account back, from the newest backup or the newest of a time (milliseconds).

        Raises NotFound (no such mail, no backup that old), Forbidden, Invalid (no reason), OverQuota, Unavailable.
        """
        text = "there is no such account"
        await self._authority.require(actor, "backup.restore", Scope("account", str(int(wanted.account_id))), text)
        given_reason(reason)
        account = await self._store.account(wanted.account_id)
        place = await self._place()
        with _as_mail_errors():
            names = [one for one in await place.manifest_names() if at is None or int(one) <= at]
            if not names:
                raise NotFound("there is no backup of that time")
            manifest = await place.manifest(names[-1])
        day = datetime.fromtimestamp(manifest.made_at / 1000, UTC).strftime("%Y-%m-%d")
        name = translate(account.language, "backup.mailbox", day=day) if beside else ""
        audit = await self._record(actor, "backup.restored", f"account:{account.id}", reason)
        run_id = await self._store.begin_backup_run("restore", manifest.name, self._clock.now(), audit)
        async with self._noted(run_id) as facts:
            brought = await self._bringing.bring(place, manifest, replace(wanted, beside=name))
            facts |= {"account": int(account.id), **asdict(brought)}
        self._hints.account_changed(account.id)
        return brought

    async def require_restore(self, actor: Actor, scope: Scope) -> None:
        """Ask for the right to bring back the mail of a scope. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "backup.restore", scope)

    # --- what all have in common ---

    async def let_open(self, keeper: MasterKeeper, target: KeyIdentity) -> None:
        """Let the place be opened by a master key that is coming. Raises Unavailable while it does not answer."""
        plan = await self.plan()
        if plan.place is not None:
            with _as_mail_errors():
                await let_open(plan.place, self._keys, keeper, target, self._clock)

    async def oldest(self) -> int | None:
        """Return when the oldest backup that is kept was made, None where there is none. Raises Unavailable."""
        plan = await self.plan()
        if plan.place is None:
            return None
        try:
            place = await self._place()
        except NotFound:
            return None  # a place that nothing was kept in yet
        with _as_mail_errors():
            return min((int(name) for name in await place.manifest_names()), default=None)

    async def plan(self) -> BackupPlan:
        """Return the plan in force: what was set, else the node file's. Raises Unavailable."""
        return await self.plans.chosen() or self._plan

    async def _place(self, *, make: bool = False) -> SealedPlace:
        plan = await self.plan()
        if plan.place is None:
            raise Unavailable(
                "no place for backups is set: set one, or write a [backup] section into the node file",
                reason="backup.none",
            )
        with _as_mail_errors():
            return await open_place(plan.place, self._keys, self._clock, make=make)

    async def _record(self, actor: Actor, action: str, thing: str, reason: str) -> AuditRecord:
        at = self._clock.now()
        sealed = None
        if reason.strip():
            home = actor.organization_id or None
            sealed = await self._texts.seal(home, action, thing, at, {"reason": " ".join(reason.split())[:1000]})
        return AuditRecord(at, actor.named, action, thing, actor.origin.address, sealed, actor.origin.door)

    @asynccontextmanager
    async def _leased(self, name: str, text: str, *, waits: bool) -> AsyncIterator[None]:
        worker = f"backup/{self._clock.new_id():x}"
        while not await self._lease(name, worker, LEASE_MS):
            if not waits:
                raise AlreadyExists(text, reason="backup.busy")
            await asyncio.sleep(LOOK_S)
        renewing = asyncio.create_task(self._renew(name, worker))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            await self._lease(name, worker, 0)

    async def _end_dead(self, kind: RunKind) -> None:
        """Note as failed what a process that died has left running: who holds the lease is the only one who runs."""
        for one in await self._store.backup_runs(kind, 20):
            if one.state == "running":
                facts = {**one.facts, "error": "died"}
                await self._store.end_backup_run(one.id, "failed", self._clock.now(), facts)

    async def _lease(self, name: str, worker: str, length_ms: int, *, goes_on: bool = False) -> bool:
        now = self._clock.now()
        return await self._store.lock(name, worker, now=now, until=now + length_ms, any_clock=goes_on)

    async def _renew(self, name: str, worker: str) -> None:
        while True:
            await asyncio.sleep(LEASE_MS / 4000)
            await self._lease(name, worker, LEASE_MS, goes_on=True)

    @asynccontextmanager
    async def _noted(self, run_id: int) -> AsyncIterator[dict[str, Any]]:
        """Note how a run ends: good unless something is raised, `good` is False, or blobs are missing."""
        facts: dict[str, Any] = {}
        try:
            with _as_mail_errors():
                yield facts
        except MailError as error:
            facts["error"] = error.code
            await self._store.end_backup_run(run_id, "failed", self._clock.now(), facts)
            log.event("backup.failed", error=error.code, detail=error.public or error.detail)
            raise
        except asyncio.CancelledError:
            await self._store.end_backup_run(run_id, "failed", self._clock.now(), {**facts, "error": "cancelled"})
            raise
        good = facts.get("good", True) and not facts.get("missing")
        await self._store.end_backup_run(run_id, "good" if good else "failed", self._clock.now(), facts)


class _as_mail_errors:  # noqa: N801 -- used as a statement
    """Turn what a place raises into errors that callers know."""

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, PlaceFull):
            raise StorageFull(str(error), reason="disk.full") from error
        if isinstance(error, ObjectMissing):
            raise NotFound("there is no backup in the place, or a piece of it is missing") from error
        if isinstance(error, PlaceError):
            raise Unavailable(str(error), reason="backup.unreachable") from error
        if isinstance(error, SealError):
            raise Unavailable(f"the backup does not open: {error}", reason="backup.closed") from error
