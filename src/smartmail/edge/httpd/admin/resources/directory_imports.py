"""/imports and /exports: whole directories from and to CSV tables: dry run, import as a task, undo, history."""

import base64
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from smartmail.base.i18n import translate
from smartmail.domain.directory_import import Finding, ImportRow
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.jobs import Task
from smartmail.edge.httpd.admin.resources.jobs import told as job_told
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, cut, decoded
from smartmail.service.people.directory_import import IMPORT, UNDO, Line, Options, Report, Source

MAX_CONTENT = 24 << 20
MAX_ERRORS = 1_000
Kind = Literal["people", "departments", "groups", "aliases", "domains", "lists", "shared"]
Ending = Literal["", "done", "same", "failed", "undone", "left"]
Text = Annotated[str, Meta(max_length=500)]
Content = Annotated[str, Meta(max_length=MAX_CONTENT, extra={"names": "file"})]


class ImportDryRunRequest(Input, frozen=True):
    """A table to check. `content`: the file in base64; `columns`: header → field ("" skips a column); `whole`: accounts
    that it does not name are closed; `domain`: for logins without one; `months`: how long old logins remain addresses;
    `newDepartments`: departments that people name and that do not exist are created.
    """

    content: Content
    kind: Kind = "people"
    encoding: Annotated[str, Meta(max_length=20)] = ""
    columns: dict[str, str] = msgspec.field(default_factory=dict)
    whole: bool = False
    domain: Annotated[str, Meta(max_length=253)] = ""
    months: Annotated[int, Meta(ge=0, le=120)] = 6
    new_departments: bool = False


class ImportCreate(ImportDryRunRequest, frozen=True):
    """A table to import. `sure`: even if more than 5 % of the accounts would be closed; `partly`: skip lines with
    errors.
    """

    sure: bool = False
    partly: bool = False


class ImportLineError(Output, frozen=True):
    """An error in a line and how to correct it, in the reader's language."""

    line: Count
    column: str
    code: str
    value: str
    text: str


class ImportChange(Output, frozen=True):
    """A field that an import would change. `what`: change, rename, close, reopen, away, return; `field` "": the operation
    says all; `name`: of a person.
    """

    what: str
    line: Count
    key: str
    name: str
    field: str
    old: str
    new: str


class ImportDryRun(Output, frozen=True):
    """Effect of an import. `counts`: by operation; `spared`: administrators that a complete table does not name;
    `changes`: the first of `changeCount` fields that it would change in what is there; `newDepartments`: names of those
    that it would create, from the top down.
    """

    rows: Count
    counts: dict[str, int]
    unchanged: Count
    active: Count
    closing: Count
    spared: Count
    needs_consent: bool
    columns: dict[str, str]
    ignored: list[str]
    error_count: Count
    errors: list[ImportLineError]
    change_count: Count
    changes: list[ImportChange]
    new_departments: list[str]


class Import(Output, frozen=True):
    """An import. `state`: waiting, running, cancelling, cancelled, done, undoing, undone."""

    id: Id
    kind: str
    state: str
    done: Count
    total: Count
    failed: Count
    created_at: Time
    ended_at: Time | None


class ImportCreated(Output, frozen=True):
    """An import, its effect, and the task that performs it."""

    import_id: Id
    report: ImportDryRun
    job: Task


class ImportOperation(Output, frozen=True):
    """One operation of an import. `ending` "": pending; done, same, failed, undone, left. `reasons` and `facts` as in an
    error.
    """

    line: Count
    what: str
    key: str
    ending: str
    detail: str
    reasons: list[str]
    facts: dict[str, str | int]


class ImportOperationQuery(Input, frozen=True):
    """Which acts: only those with an ending."""

    ending: Ending = ""


class Invitation(Output, frozen=True):
    """A one-time token with which a new person sets the first password; returned only once."""

    account_id: Id
    login: str
    name: str
    token: str
    url: str


class ImportInvitations(Output, frozen=True):
    """Invitations of an import."""

    items: list[Invitation]


class ExportCreate(Input, frozen=True):
    """What is exported, and why (at least ten characters)."""

    reason: Text
    kind: Kind = "people"


class ExportFile(Output, frozen=True):
    """A table in base64: CSV in UTF-8 with byte order mark."""

    kind: str
    rows: Count
    content: Content


api = Resource()
_ONE = "/imports/{id}"


def _source(body: ImportDryRunRequest) -> Source:
    octets = decoded(body.content, "`content` is the file in base64")
    options = Options(body.whole, body.domain, body.months, body.new_departments)
    return Source(body.kind, octets, body.encoding, body.columns, options)


def _report(one: Report, language: str) -> ImportDryRun:
    errors = [_error(found, language) for found in one.findings[:MAX_ERRORS]]
    return ImportDryRun.from_row(
        one,
        counts=dict(one.counts),
        columns=dict(one.columns),
        ignored=list(one.unknown),
        error_count=len(one.findings),
        errors=errors,
        changes=[ImportChange.from_row(change) for change in one.changes],
    )


def _error(one: Finding, language: str) -> ImportLineError:
    text = translate(language, f"import.finding.{one.code}", value=one.value, column=one.column)
    return ImportLineError.from_row(one, text=text)


def told(row: ImportRow) -> Import:
    """Return an import as it is told."""
    return Import.from_row(row)


def _line(one: Line) -> ImportOperation:
    ended = one.outcome
    if ended is None:
        return ImportOperation.from_row(one.act, ending="", detail="", reasons=[], facts={})
    return ImportOperation.from_row(
        one.act, ending=ended.ending, detail=ended.detail, reasons=list(ended.reasons), facts=ended.facts
    )


@api.post(
    "/imports/dry-run", "Dry run of an import.", "import.run", ImportDryRunRequest, body_octets=MAX_CONTENT,
    first=Call.may_here, cli="directory check content",
)  # fmt: skip
async def _try(call: Call) -> ImportDryRun:
    home = await call.may_here()
    report = await call.services.directory_imports.imports.dry_run(call.actor, home, _source(call.body))
    return _report(report, call.language)


@api.post(
    "/imports", "Import a table.", "import.run", ImportCreate, status=202, body_octets=MAX_CONTENT, first=Call.may_here
)
async def _begin(call: Call) -> ImportCreated:
    home, body = await call.may_here(), call.body
    imports = call.services.directory_imports.imports
    row, report = await imports.begin(call.actor, home, _source(body), sure=body.sure, partly=body.partly)
    return ImportCreated(str(row.id), _report(report, call.language), await _job(call, IMPORT, row))


async def _job(call: Call, kind: str, row: ImportRow) -> Task:
    asked: dict[str, Any] = {"import": row.id}
    return job_told(await call.services.admin_api.jobs.start(call.actor, kind, asked, row.total))


@api.get("/imports", "Imports, newest first.", "import.run", cli="directory list")
async def _list(call: Call) -> Page[Import]:
    home = await call.may_here()
    imports = call.services.directory_imports.imports
    rows = await imports.list_all(call.actor, home, call.page.after_number, call.page.limit + 1)
    return cut(rows, lambda one: one.id, call.page, told)


async def _own(call: Call) -> ImportRow:
    await call.may_here()
    return await call.services.directory_imports.imports.get(call.actor, call.number())


@api.get(_ONE, "One import.", "import.run", cli="directory show")
async def _get(call: Call) -> Import:
    return told(await _own(call))


@api.get(
    f"{_ONE}/lines", "Operations of an import and what was undone.", "import.run", query=ImportOperationQuery,
    cli="directory lines",
)  # fmt: skip
async def _lines(call: Call) -> Page[ImportOperation]:
    row, wanted = await _own(call), call.page.after_number + call.page.limit + 1
    imports = call.services.directory_imports.imports
    found = await imports.lines(call.actor, row.id, ending=call.query.ending, limit=wanted)
    places = list(enumerate(found, start=1))[call.page.after_number :]
    return cut(places, lambda one: one[0], call.page, lambda one: _line(one[1]))


@api.post(f"{_ONE}/cancel", "Cancel an import.", "import.run", cli="directory cancel")
async def _cancel(call: Call) -> Import:
    row = await _own(call)
    return told(await call.services.directory_imports.imports.cancel(call.actor, row.id))


@api.post(f"{_ONE}/resume", "Resume an import.", "import.run", status=202)
async def _resume(call: Call) -> Task:
    row = await _own(call)
    return await _job(call, UNDO if row.state == "undoing" else IMPORT, row)


@api.post(f"{_ONE}/undo", "Undo an import.", "import.run", status=202)
async def _undo(call: Call) -> Task:
    return await _job(call, UNDO, await _own(call))


@api.post(
    f"{_ONE}/invitations", "Create invitations for its new people without a password.", "import.run",
    cli="directory invite",
)  # fmt: skip
async def _invite(call: Call) -> ImportInvitations:
    row = await _own(call)
    found = await call.services.directory_imports.imports.invite(call.actor, row.id)
    return ImportInvitations([Invitation.from_row(one, url=f"{call.site}/setup#{one.token}") for one in found])


@api.post("/exports", "Export a table.", "export.run", ExportCreate, cli="directory export")
async def _export(call: Call) -> ExportFile:
    home, body = await call.may_here(), call.body
    made = await call.services.directory_imports.exports.export(call.actor, home, body.kind, body.reason)
    return ExportFile(made.kind, made.rows, base64.b64encode(made.octets).decode())
