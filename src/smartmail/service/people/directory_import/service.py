"""Imports: dry run, the run itself, its end before its time, going on after it, undoing all of it, the history.

STRATEGIES  What a table comes to is written down whole, in steps of STEP acts, before anything is done: so a run that was
            killed goes on with its next step, and undoing knows what was there before. A step is marked before it is begun;
            one that was begun is done again, which its acts bear. Undoing goes from the last step to the first, and does a
            step that was begun to its end before.
LIMITS      One worker on an import (a lease of LEASE_MS, renewed with each step). MAX_ACTS in one import.
FAILURE     An act that a service refuses is a failed act of the import, not its end. What others have touched since is left
            by undoing, with its name and why.
SECURITY    `import.run` over the company, and what each act needs. A run that would close more than CATCH in a hundred
            people stops and asks. Acts are sealed; first passwords are gone from a step that is done; the file is
            not kept. Invitations are made anew when they are asked for and not kept either.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from smartmail.domain.audit import AuditRecord
from smartmail.domain.directory_import import Act, Finding, ImportRow, Outcome, StepState, TableKind
from smartmail.domain.errors import Invalid, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats import csv_table
from smartmail.formats.csv_table import TableError
from smartmail.formats.seal import Kind
from smartmail.service.kernel.clock import SECOND
from smartmail.service.people.administration import AdministrationService
from smartmail.service.people.directory_import.changes import MAX_CHANGES, of_thing
from smartmail.service.people.directory_import.columns import SECRETS, recognised
from smartmail.service.people.directory_import.drafts import Draft, records_of
from smartmail.service.people.directory_import.shapes import Invitation, Line, Report, Source, Step
from smartmail.service.people.directory_import.store import Store
from smartmail.service.people.directory_import.working import TableWork
from smartmail.service.people.organization import Ground
from smartmail.service.people.organization.sources import CATCH

IMPORT: Final = "directory.import"
UNDO: Final = "directory.undo"
STEP: Final = 200
MAX_ACTS: Final = 200_000
LEASE_MS: Final = 30 * SECOND
INVITING: Final = 32

Told = Callable[[int, int], None]
"""Gets how many acts are done, and of how many."""


class DirectoryImportService:
    """Plans, runs and undoes imports."""

    def __init__(
        self, ground: Ground[Store], works: Mapping[TableKind, TableWork], administration: AdministrationService
    ) -> None:
        self._ground = ground
        self._store = ground.store
        self._works = works
        self._administration = administration

    async def dry_run(self, actor: Actor, organization_id: OrganizationId, source: Source) -> Report:
        """Say what a file would come to. Raises Invalid (no table), Forbidden, NotFound."""
        await self._require(actor, organization_id)
        report, _ = await self._plan(actor, organization_id, source)
        return report

    async def begin(
        self,
        actor: Actor,
        organization_id: OrganizationId,
        source: Source,
        *,
        sure: bool = False,
        partly: bool = False,
    ) -> tuple[ImportRow, Report]:
        """Write down what a file comes to, for `run`. `sure`: also when many people would be closed; `partly`: also when
        some lines are wrong.

        Raises Invalid: no table, lines that are wrong, too many to be closed; Forbidden, NotFound.
        """
        await self._require(actor, organization_id)
        report, draft = await self._plan(actor, organization_id, source)
        if report.findings and (not partly or source.options.whole or any(one.line <= 1 for one in report.findings)):
            raise Invalid(
                f"{len(report.findings)} errors in the table: nothing was done; a dry run names them",
                reason="import.faults",
                count=len(report.findings),
            )
        if report.needs_consent and not sure:
            raise Invalid(
                f"this would close {report.closing} of {report.active} accounts, more than {CATCH} in a hundred: "
                "look at the dry run, and say that you are sure",
                reason="import.closing",
                closing=report.closing,
                active=report.active,
            )
        if len(draft.acts) > MAX_ACTS:
            raise Invalid(
                f"at most {MAX_ACTS} acts are one import: bring the table in parts",
                reason="import.large",
                most=MAX_ACTS,
            )
        now, number = self._ground.clock.now(), self._ground.clock.new_id()
        row = ImportRow(number, organization_id, actor.account_id, source.kind, "waiting", len(draft.acts), now)
        steps = [Step(tuple(draft.acts[start : start + STEP])) for start in range(0, len(draft.acts), STEP)]
        sealed = [await self._sealed(row, place, step) for place, step in enumerate(steps, start=1)]
        await self._store.add_import(row, sealed, self._record(actor, "directory.import", row))
        return row, report

    async def _plan(self, actor: Actor, organization_id: OrganizationId, source: Source) -> tuple[Report, Draft]:
        try:
            table = await asyncio.to_thread(csv_table.read, source.octets, source.encoding)
        except TableError as error:
            where = f" in line {error.line}" if error.line else ""
            raise Invalid(
                f"this is no table that can be read: {error.code}{where}", reason="import.unreadable"
            ) from None
        places, unknown, wrong = recognised(source.kind, table.header, source.columns)
        if wrong:
            draft = Draft(findings=wrong)
        else:
            draft = await self._works[source.kind].plan(
                actor, organization_id, records_of(table, places), source.options
            )
            draft.findings += [Finding(row.line, "", "too-many-cells") for row in table.rows if row.more]
        changes = draft.changes or [one for act in draft.acts for one in of_thing(source.kind, act)]
        changes.sort(key=lambda one: one.line)
        shown = {table.header[place]: name for name, place in places.items()}
        report = Report(
            source.kind, len(table.rows), draft.counts, draft.unchanged,
            tuple(sorted(draft.findings, key=lambda one: one.line)), shown, tuple(unknown), draft.active, draft.spared,
            table.encoding, tuple(changes[:MAX_CHANGES]), len(changes), tuple(draft.new_departments),
        )  # fmt: skip
        return report, draft

    # --- run ---

    async def run(self, actor: Actor, import_id: int, told: Told | None = None) -> ImportRow:
        """Do an import, or go on with it. When it is cancelled, the step that was begun is done to its end.

        Raises NotFound, Forbidden, StateMismatch (another worker is at it, or it has ended).
        """
        row = await self._own(actor, import_id)
        worker = await self._leased(row, "running")
        stop = _Stop()
        return await _finished(self._steps(actor, row, worker, told or _nobody, stop), stop)

    async def _steps(self, actor: Actor, row: ImportRow, worker: str, told: Told, stop: "_Stop") -> ImportRow:
        work = self._works[row.kind]
        present = await work.begin(actor, row.organization_id)
        done = failed = 0
        ending: Literal["done", "cancelled"] = "done"
        async for number, state, step in self._read(row):
            if state in {"waiting", "begun"}:
                if stop.wished or not await self._noted(row, worker, done, failed):
                    ending = "cancelled"
                    break
                step = await self._do(actor, row, number, step, present, again=state == "begun")
            done += len(step.acts)
            failed += sum(one.ending == "failed" for one in step.outcomes)
            told(done, row.total)
        action = "directory.imported" if ending == "done" else "directory.import-cancelled"
        record = self._record(actor, action, row, f" done:{done} failed:{failed}")
        await self._store.end_import(row.id, worker, ending, done, failed, record)
        self._ground.tell(row.organization_id)
        return await self._row(row.id)

    async def _do(self, actor: Actor, row: ImportRow, number: int, step: Step, present: Any, *, again: bool) -> Step:
        await self._put(row, number, "begun", step)
        outcomes = await self._works[row.kind].perform(actor, present, step.acts, again=again)
        ended = Step(tuple(_forgetting(act) for act in step.acts), tuple(outcomes))
        await self._put(row, number, "done", ended)
        return ended

    async def _noted(self, row: ImportRow, worker: str, done: int, failed: int) -> bool:
        until = self._ground.clock.now() + LEASE_MS
        return await self._store.note_import(row.id, worker, done, failed, until)

    async def cancel(self, actor: Actor, import_id: int) -> ImportRow:
        """End an import before its time; what it has done stays, until it is undone or gone on with.

        Raises NotFound, Forbidden, StateMismatch (it has ended).
        """
        row = await self._own(actor, import_id)
        if not await self._store.cancel_import(row.id, self._record(actor, "directory.cancel", row)):
            raise StateMismatch("the import has ended", reason="import.ended")
        return await self._row(import_id)

    # --- undo ---

    async def undo(self, actor: Actor, import_id: int, told: Told | None = None) -> ImportRow:
        """Take all of an import back, or go on with that; `lines` says what was left.

        Raises NotFound, Forbidden, StateMismatch.
        """
        row = await self._own(actor, import_id)
        worker = await self._leased(row, "undoing")
        stop = _Stop()
        return await _finished(self._unsteps(actor, row, worker, told or _nobody, stop), stop)

    async def _unsteps(self, actor: Actor, row: ImportRow, worker: str, told: Told, stop: "_Stop") -> ImportRow:
        work = self._works[row.kind]
        steps = [one async for one in self._read(row)]
        present = await work.begin(actor, row.organization_id)
        if any(state == "begun" for _, state, _ in steps):
            steps = [
                (number, "done", await self._do(actor, row, number, step, present, again=True)) if state == "begun"
                else (number, state, step)
                for number, state, step in steps
            ]  # fmt: skip
            present = await work.begin(actor, row.organization_id)
        taken = left = 0
        for number, state, step in reversed(steps):
            if state == "done":
                if stop.wished:
                    break
                await self._noted(row, worker, row.done, row.failed)
                outcomes = await work.revert(actor, present, step.acts, step.outcomes)
                step = _ended(step, outcomes)
                await self._put(row, number, "undone", step)
            taken += len(step.acts)
            left += sum(one.ending == "left" for one in step.outcomes)
            told(taken, row.total)
        else:
            record = self._record(actor, "directory.undone", row, f" left:{left}")
            await self._store.end_import(row.id, worker, "undone", row.done, row.failed, record)
        self._ground.tell(row.organization_id)
        return await self._row(row.id)

    # --- what there is ---

    async def list_all(
        self, actor: Actor, organization_id: OrganizationId, before: int = 0, limit: int = 100
    ) -> list[ImportRow]:
        """Return the imports of a company, newest first. Raises Forbidden, NotFound."""
        await self._require(actor, organization_id)
        return await self._store.directory_imports(organization_id, before, limit)

    async def get(self, actor: Actor, import_id: int) -> ImportRow:
        """Return one. Raises NotFound, Forbidden."""
        return await self._own(actor, import_id)

    async def lines(self, actor: Actor, import_id: int, *, ending: str = "", limit: int = 1000) -> list[Line]:
        """Return acts with their outcomes, those with an ending where one is named. Raises NotFound, Forbidden."""
        row, found = await self._own(actor, import_id), list[Line]()
        async for _, _, step in self._read(row):
            for place, act in enumerate(step.acts):
                outcome = step.outcomes[place] if step.outcomes else None
                if not ending or (outcome is not None and outcome.ending == ending):
                    found.append(Line(act, outcome))
                if len(found) >= limit:
                    return found
        return found

    async def invite(self, actor: Actor, import_id: int) -> list[Invitation]:
        """Make invitations for the people whom an import made and who have no password. Older ones stay good until they
        end. Raises NotFound, Forbidden.
        """
        row = await self._own(actor, import_id)
        await self._ground.authority.require(actor, "account.secrets", Scope("organization", str(row.organization_id)))
        made = {line.outcome.account_id for line in await self.lines(actor, import_id, ending="done", limit=MAX_ACTS)
                if line.outcome and line.act.what == "make" and row.kind == "people"}  # fmt: skip
        accounts = [one for one in await self._store.accounts(row.organization_id) if one.id in made]
        gate = asyncio.Semaphore(INVITING)

        async def one(account_id: AccountId) -> str:
            async with gate:
                if any(known.kind == "password" for known in await self._store.credentials(account_id)):
                    return ""
                return await self._administration.setup_link(actor, account_id)

        tokens = await asyncio.gather(*(one(account.id) for account in accounts))
        pairs = zip(accounts, tokens, strict=True)
        return [Invitation(account.id, account.login, account.name, token) for account, token in pairs if token]

    # --- how it is kept ---

    async def _require(self, actor: Actor, organization_id: OrganizationId) -> None:
        await self._ground.company(actor, "import.run", organization_id)

    async def _row(self, import_id: int) -> ImportRow:
        row = await self._store.directory_import(import_id)
        if row is None:
            raise NotFound
        return row

    async def _own(self, actor: Actor, import_id: int) -> ImportRow:
        """Return an import of a company in which the actor may import; of others it is told nothing."""
        home = await self._ground.authority.organization(actor, "import.run")
        row = await self._row(import_id)
        if home is not None and row.organization_id != home:
            raise NotFound
        await self._require(actor, row.organization_id)
        return row

    async def _leased(self, row: ImportRow, state: Literal["running", "undoing"]) -> str:
        worker, now = self._ground.clock.new_worker(), self._ground.clock.now()
        if not await self._store.lease_import(row.id, state, now, now + LEASE_MS, worker):
            raise StateMismatch(
                "it is being worked on, or is at its end; after a crash wait half a minute"
                if state == "running" else "only what was done, or cancelled, and is not worked on, can be undone", reason="import.noundo"
            )  # fmt: skip
        return worker

    async def _read(self, row: ImportRow) -> AsyncIterator[tuple[int, StepState, Step]]:
        sealer, number = await self._ground.keyring.organization(row.organization_id), 0
        while rows := await self._store.import_steps(row.id, number, 10):
            for one in rows:
                opened = sealer.open(Kind.DIRECTORY_IMPORT, one.sealed, row.id, one.number)
                yield one.number, one.state, msgspec.msgpack.decode(opened, type=Step)
                number = one.number

    async def _sealed(self, row: ImportRow, number: int, step: Step) -> bytes:
        sealer = await self._ground.keyring.organization(row.organization_id)
        return sealer.seal(Kind.DIRECTORY_IMPORT, msgspec.msgpack.encode(step), row.id, number)

    async def _put(self, row: ImportRow, number: int, state: StepState, step: Step) -> None:
        await self._store.put_import_step(row.id, number, state, await self._sealed(row, number, step))

    def _record(self, actor: Actor, action: str, row: ImportRow, more: str = "") -> AuditRecord:
        thing = f"organization:{row.organization_id} import:{row.id} kind:{row.kind} acts:{row.total}{more}"
        return self._ground.record(actor, action, thing)


class _Stop:
    """Whether the end of some work was asked for; it looks between steps."""

    def __init__(self) -> None:
        self.wished = False


async def _finished(work: Coroutine[Any, Any, ImportRow], stop: _Stop) -> ImportRow:
    """Wait for work; whoever is cancelled over it waits for the end of the step that is at work."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.wished = True
        await asyncio.wait([task])
        raise


def _forgetting(act: Act) -> Act:
    """Return an act without the password, or the hash of one, that it brought."""
    if act.after is None or not act.after.keys() & set(SECRETS):
        return act
    return msgspec.structs.replace(act, after={name: one for name, one in act.after.items() if name not in SECRETS})


def _ended(step: Step, outcomes: Sequence[Outcome]) -> Step:
    """Return a step with other outcomes."""
    return msgspec.structs.replace(step, outcomes=tuple(outcomes))


def _nobody(_done: int, _total: int) -> None:
    return None


def work_of(service: DirectoryImportService, what: Literal["run", "undo"]) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Return an import, or undoing one, as long work of administrators (`JobService.register`)."""

    async def work(actor: Actor, request: dict[str, Any], progress: Any) -> dict[str, Any]:
        act = service.run if what == "run" else service.undo
        row = await act(actor, int(request["import"]), progress.note)
        return {"import": str(row.id), "state": row.state, "done": row.done, "failed": row.failed}

    return work
