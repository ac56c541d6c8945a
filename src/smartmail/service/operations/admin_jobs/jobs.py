"""Long work of administrators: kept in the store, done by the jobs role, with progress and an end before its time.

STRATEGIES  A job is leased for LEASE_MS and the lease renewed while it is worked on; a worker that dies loses it and
            another one begins the job anew, so each kind of work must bear being begun twice; one that keeps a place
            (`JobProgress.kept`) is given it again. What kinds there are is told by `register`.
SECURITY    What was asked is sealed. The work is done as the account that asked, as it is now: a closed account's jobs fail.
            A job is known to its own organisation only. Account 0 is the command line of a host: the seal binds a request
            to its account, so that no row becomes one of it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from smartmail.base import log
from smartmail.domain.admin_api import JobRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AuthFailed, Invalid, MailError, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.leased_work import WorkEnded, while_held
from smartmail.service.operations.admin_jobs.store import Store

LEASE_MS: Final = 60 * SECOND
BESIDE: Final = 2
"""How much slow work is done at once, besides one of each kind that is done alone."""
LOOK_S: Final = 1.0
"""How often progress is written and the wish for an end is read."""


class JobProgress:
    """How far a job is; the work says it, a watcher writes it. `kept`: what the work wants to have again when another worker
    goes on with it, plain values that are replaced as a whole; until it ends they are the job's result, also where it is ended early.
    """

    def __init__(self, total: int = 0, kept: dict[str, Any] | None = None) -> None:
        self.done = 0
        self.total = total
        self.kept = kept

    def note(self, done: int, total: int | None = None) -> None:
        """Say how many steps are done, and of how many."""
        self.done = done
        self.total = self.total if total is None else total


Work = Callable[[Actor, dict[str, Any], JobProgress], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class JobView:
    """A job, opened; `detail` says in English why it failed, `reasons` and `facts` to who says it in another language."""

    row: JobRow
    result: dict[str, Any] | None = None
    detail: str = ""
    reasons: Sequence[str] = ()
    facts: Mapping[str, str | int] = field(default_factory=dict)


class JobService:
    """Takes, shows, ends and does long work."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._kinds: dict[str, Work] = {}
        self._slow: set[str] = set()
        self._alone: set[str] = set()
        self._installation_wide: set[str] = set()
        self._beside: set[asyncio.Task[None]] = set()
        self._apart: set[asyncio.Task[None]] = set()

    def register(
        self, kind: str, work: Work, *, slow: bool = False, alone: bool = False, installation_wide: bool = False
    ) -> None:
        """Tell how a kind of work is done. `slow`: it may take hours, so other work does not wait for it. `alone`: slow, and
        one of the kind at a time. It may wait for a run of the schedule, so it takes no place from other slow work.
        `installation_wide`: the command line need not name an organisation, it lies with the first open one.
        """
        self._kinds[kind] = work
        if slow or alone:
            self._slow.add(kind)
        if alone:
            self._alone.add(kind)
        if installation_wide:
            self._installation_wide.add(kind)

    async def start(self, actor: Actor, kind: str, request: Mapping[str, Any], total: int = 0) -> JobView:
        """Keep work to be done soon. Raises Invalid for a kind that there is not, AlreadyExists for a second one of a kind
        that is done one at a time.
        """
        if kind not in self._kinds:
            raise Invalid(f"there is no work of kind {kind!r}", reason="act.unknown")
        home = actor.organization_id or await self._first(kind)
        now = self._clock.now()
        asked = {
            "request": dict(request), "only": sorted(actor.extra_rights) if actor.by == "key" else None,
            # Acts that want a fresh proof look for it at the session that asked for the work.
            "session": actor.session_id,
        }  # fmt: skip
        sealer = await self._keyring.organization(home)
        sealed = sealer.seal(Kind.ADMIN_JOB, json.dumps(asked).encode(), actor.account_id, now)
        row = JobRow(0, home, actor.account_id, kind, "waiting", sealed, now, total=total)
        record = self._record(actor, "job.start", f"job:{kind}")
        return JobView(await self._store.add_job(row, record, alone=kind in self._alone))

    async def _first(self, kind: str) -> OrganizationId:
        found = await self._store.organizations()
        if not found:
            raise Invalid(
                "there is no organization yet: add one (./smartmail organization add NAME), or by the setup page",
                reason="company.none",
            )
        if kind not in self._installation_wide:
            raise Invalid("there are several organizations: say which (--organization NAME)", reason="company.which")
        # A closed one may be destroyed with its keys.
        return min(found, key=lambda one: (one.state != "active", one.id)).id

    async def job(self, organization_id: OrganizationId, job_id: int, kind: str = "") -> JobView:
        """Return a job of an organisation; of one kind, where that is named. Raises NotFound."""
        row = await self._store.job(job_id)
        if row is None or row.organization_id != organization_id or kind not in {"", row.kind}:
            raise NotFound
        return await self._view(row)

    async def list_all(
        self, organization_id: OrganizationId, before: int = 0, limit: int = 100, kind: str = ""
    ) -> list[JobView]:
        """Return an organisation's jobs, newest first; of one kind, where that is named."""
        found: list[JobRow] = []
        while len(found) < limit and (page := await self._store.jobs(organization_id, before, limit)):
            found += [row for row in page if kind in {"", row.kind}]
            before = page[-1].id
        return [await self._view(row) for row in found[:limit]]

    async def cancel(self, actor: Actor, organization_id: OrganizationId, job_id: int) -> JobView:
        """End a job before its time; what it has done stays. Raises NotFound, StateMismatch (it has ended)."""
        await self.job(organization_id, job_id)
        record = self._record(actor, "job.cancel", f"job:{job_id}")
        if not await self._store.cancel_job(job_id, self._clock.now(), record):
            raise StateMismatch("the job has ended", reason="job.ended")
        return await self.job(organization_id, job_id)

    async def turn(self) -> int:
        """Do what waits, or begin what is slow; return how many jobs. A job's work."""
        worker, done = self._clock.new_worker(), 0
        now = self._clock.now()
        while row := await self._store.lease_job(now, now + LEASE_MS, worker):
            if row.kind in self._slow:
                await self._do_beside(row, worker)
            else:
                await self._do(row, worker)
            done, now = done + 1, self._clock.now()
        return done

    async def settle(self) -> None:
        """Wait until what is done beside has ended."""
        await asyncio.gather(*self._beside, *self._apart)

    async def _do_beside(self, row: JobRow, worker: str) -> None:
        places = self._apart if row.kind in self._alone else self._beside
        while places is self._beside and len(places) >= BESIDE:
            await asyncio.wait(places, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._do(row, worker))
        places.add(task)
        task.add_done_callback(places.discard)

    async def _do(self, row: JobRow, worker: str) -> None:
        progress = JobProgress(row.total, await self._kept(row))
        written = progress.kept

        async def keep() -> bool:
            nonlocal written
            until = self._clock.now() + LEASE_MS
            if progress.kept is not written and progress.kept is not None:
                written = progress.kept
                await self._store.keep_job(row.id, worker, await self._sealed(row, written))
            return await self._store.note_job(row.id, worker, progress.done, progress.total, until)

        state, sealed, error = "done", None, ""
        try:
            sealed = await self._sealed(row, await while_held(self._work(row, progress), keep, LOOK_S))
        except WorkEnded:
            state = "cancelled"
            sealed = None if progress.kept is None else await self._sealed(row, progress.kept)
        except MailError as failure:
            state, error = "failed", failure.code
            sealed = await self._sealed(row, _why(failure)) if failure.public else None
        except Exception as failure:
            log.event("job.failed", job=row.kind, error=type(failure).__name__, detail="")
            state, error = "failed", "internal"
        await self._store.note_job(row.id, worker, progress.done, progress.total, self._clock.now() + LEASE_MS)
        await self._store.end_job(row.id, worker, state, sealed, error, self._clock.now())  # type: ignore[arg-type]

    async def _kept(self, row: JobRow) -> dict[str, Any] | None:
        """Return what the worker before kept of a job that has not ended."""
        return (await self._view(row)).result

    async def _work(self, row: JobRow, progress: JobProgress) -> dict[str, Any]:
        work = self._kinds.get(row.kind)
        if work is None:
            raise Invalid(f"there is no work of kind {row.kind!r}", reason="act.unknown")
        sealer = await self._keyring.organization(row.organization_id)
        asked = json.loads(sealer.open(Kind.ADMIN_JOB, row.sealed_request, row.account_id, row.created_at))
        return await work(await self._actor(row, asked), asked["request"], progress)

    async def _actor(self, row: JobRow, asked: Mapping[str, Any]) -> Actor:
        """Return who asked, as they are now. Raises AuthFailed."""
        if not row.account_id:
            return Actor(AccountId(0), row.organization_id, "", is_admin=True, origin=Origin("cli"))
        account = await self._store.account(row.account_id)
        if not account.may("login"):
            raise AuthFailed
        return Actor(
            account.id, account.organization_id, account.login, account.is_admin, Origin("admin"), account.auth_epoch,
            by="session" if asked["only"] is None else "key", session_id=asked.get("session", ""),
            extra_rights=frozenset(asked["only"] or ()),
        )  # fmt: skip

    async def _sealed(self, row: JobRow, result: Mapping[str, Any]) -> bytes:
        sealer = await self._keyring.organization(row.organization_id)
        return sealer.seal(Kind.ADMIN_JOB, json.dumps(result).encode(), row.account_id, row.id)

    async def _view(self, row: JobRow) -> JobView:
        if row.sealed_result is None:
            return JobView(row)
        sealer = await self._keyring.organization(row.organization_id)
        kept = json.loads(sealer.open(Kind.ADMIN_JOB, row.sealed_result, row.account_id, row.id))
        if row.state == "failed":
            return JobView(row, None, kept["detail"], kept.get("reasons", ()), kept.get("facts", {}))
        return JobView(row, kept)

    def _record(self, actor: Actor, action: str, place: str) -> AuditRecord:
        return AuditRecord(self._clock.now(), actor.named, action, place, actor.origin.address, door=actor.origin.door)


def _why(failure: MailError) -> dict[str, Any]:
    return {"detail": failure.public, "reasons": failure.all_reasons, "facts": dict(failure.facts)}
