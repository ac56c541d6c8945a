"""/imports and /exports: whole directories from CSV tables and back: dry run, import as a job, undo, history."""

import base64
import binascii
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from smartmail.base.i18n import translate
from smartmail.domain.directory_import import Finding, ImportRow
from smartmail.domain.errors import Invalid
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.jobs import JobTold
from smartmail.edge.httpd.admin.resources.jobs import told as job_told
from smartmail.edge.httpd.admin.shapes import Asked, Count, Id, Page, Time, Told, cut, time_of, time_or_none
from smartmail.service.directory_import import IMPORT, UNDO, Line, Options, Report, Source

MAX_CONTENT = 24 << 20
MAX_ERRORS = 1_000
Kind = Literal["people", "departments", "groups", "aliases", "domains", "lists", "shared"]
Ending = Literal["", "done", "same", "failed", "undone", "left"]
Text = Annotated[str, Meta(max_length=500)]


class ImportTried(Asked, frozen=True):
    """A table to be looked at. `content`: the file in base64; `columns`: header → field ("" leaves a column out);
    `whole`: who is not in it is closed; `domain`: for logins without one; `months`: how long old logins stay addresses.
    """

    kind: Kind
    content: Annotated[str, Meta(max_length=MAX_CONTENT)]
    encoding: Annotated[str, Meta(max_length=20)] = ""
    columns: dict[str, str] = msgspec.field(default_factory=dict)
    whole: bool = False
    domain: Annotated[str, Meta(max_length=253)] = ""
    months: Annotated[int, Meta(ge=0, le=120)] = 6


class ImportNew(ImportTried, frozen=True):
    """A table to be brought in. `sure`: also when more than 5 in a hundred people would be closed; `partly`: without the
    rows that are wrong.
    """

    sure: bool = False
    partly: bool = False


class ErrorTold(Told, frozen=True):
    """What is wrong in a line, and what to do, in the reader's language."""

    line: Count
    column: str
    code: str
    value: str
    text: str


class ReportTold(Told, frozen=True):
    """What a table would come to. `counts`: by what is done; `spared`: administrators that a whole table does not name."""

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
    errors: list[ErrorTold]


class ImportTold(Told, frozen=True):
    """An import. `state`: waiting, running, cancelling, cancelled, done, undoing, undone."""

    id: Id
    kind: str
    state: str
    done: Count
    total: Count
    failed: Count
    created_at: Time
    ended_at: Time | None


class ImportBegun(Told, frozen=True):
    """An import, what it comes to, and the job that does it."""

    import_id: Id
    report: ReportTold
    job: JobTold


class ImportLineTold(Told, frozen=True):
    """One act. `ending` "": not yet; done, same, failed, undone, left."""

    line: Count
    what: str
    key: str
    ending: str
    detail: str


class LinesWanted(Asked, frozen=True):
    """Which acts: only those with an ending."""

    ending: Ending = ""


class InvitationTold(Told, frozen=True):
    """A one-time token with which a new person sets the first password; shown once."""

    account_id: Id
    login: str
    name: str
    token: str


class Invited(Told, frozen=True):
    """Invitations of an import."""

    items: list[InvitationTold]


class ExportNew(Asked, frozen=True):
    """What is taken out, and why (ten characters or more)."""

    kind: Kind
    reason: Text


class Exported(Told, frozen=True):
    """A table in base64: CSV in UTF-8 with its mark."""

    kind: str
    rows: Count
    content: str


def _source(body: ImportTried) -> Source:
    try:
        octets = base64.b64decode(body.content, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("`content` is the file in base64") from None
    return Source(body.kind, octets, body.encoding, body.columns, Options(body.whole, body.domain, body.months))


def _report(one: Report, language: str) -> ReportTold:
    errors = [_error(found, language) for found in one.findings[:MAX_ERRORS]]
    return ReportTold(
        one.rows, dict(one.counts), one.unchanged, one.active, one.closing, one.spared, one.needs_consent,
        dict(one.columns), list(one.unknown), len(one.findings), errors,
    )  # fmt: skip


def _error(one: Finding, language: str) -> ErrorTold:
    text = translate(language, f"import.finding.{one.code}", value=one.value, column=one.column)
    return ErrorTold(one.line, one.column, one.code, one.value, text)


def told(row: ImportRow) -> ImportTold:
    """Return an import as it is told."""
    return ImportTold(
        str(row.id), row.kind, row.state, row.done, row.total, row.failed, time_of(row.created_at),
        time_or_none(row.ended_at),
    )  # fmt: skip


def _line(one: Line) -> ImportLineTold:
    ending, detail = (one.outcome.ending, one.outcome.detail) if one.outcome else ("", "")
    return ImportLineTold(one.act.line, one.act.what, one.act.key, ending, detail)


async def _try(call: Call) -> ReportTold:
    home = await call.may_here()
    report = await call.services.directory_imports.imports.dry_run(call.actor, home, _source(call.body))
    return _report(report, call.language)


async def _begin(call: Call) -> ImportBegun:
    home, body = await call.may_here(), call.body
    imports = call.services.directory_imports.imports
    row, report = await imports.begin(call.actor, home, _source(body), sure=body.sure, partly=body.partly)
    return ImportBegun(str(row.id), _report(report, call.language), await _job(call, IMPORT, row))


async def _job(call: Call, kind: str, row: ImportRow) -> JobTold:
    asked: dict[str, Any] = {"import": row.id}
    return job_told(await call.services.admin_api.jobs.start(call.actor, kind, asked, row.total))


async def _list(call: Call) -> Page[ImportTold]:
    home = await call.may_here()
    imports = call.services.directory_imports.imports
    rows = await imports.list_all(call.actor, home, call.page.after_number, call.page.limit + 1)
    return cut(rows, lambda one: one.id, call.page, told)


async def _own(call: Call) -> ImportRow:
    await call.may_here()
    return await call.services.directory_imports.imports.get(call.actor, call.number())


async def _get(call: Call) -> ImportTold:
    return told(await _own(call))


async def _lines(call: Call) -> Page[ImportLineTold]:
    row, wanted = await _own(call), call.page.after_number + call.page.limit + 1
    imports = call.services.directory_imports.imports
    found = await imports.lines(call.actor, row.id, ending=call.query.ending, limit=wanted)
    places = list(enumerate(found, start=1))[call.page.after_number :]
    return cut(places, lambda one: one[0], call.page, lambda one: _line(one[1]))


async def _cancel(call: Call) -> ImportTold:
    row = await _own(call)
    return told(await call.services.directory_imports.imports.cancel(call.actor, row.id))


async def _resume(call: Call) -> JobTold:
    row = await _own(call)
    return await _job(call, UNDO if row.state == "undoing" else IMPORT, row)


async def _undo(call: Call) -> JobTold:
    return await _job(call, UNDO, await _own(call))


async def _invite(call: Call) -> Invited:
    row = await _own(call)
    found = await call.services.directory_imports.imports.invite(call.actor, row.id)
    return Invited([InvitationTold(str(one.account_id), one.login, one.name, one.token) for one in found])


async def _export(call: Call) -> Exported:
    home, body = await call.may_here(), call.body
    made = await call.services.directory_imports.exports.export(call.actor, home, body.kind, body.reason)
    return Exported(made.kind, made.rows, base64.b64encode(made.octets).decode())


_ONE = "/imports/{id}"
OPERATIONS = (
    Operation(
        "POST", "/imports/try", "What a table would come to.", _try, "import.run", ReportTold, ImportTried,
        body_octets=MAX_CONTENT, first=Call.may_here,
    ),
    Operation(
        "POST", "/imports", "Bring a table in.", _begin, "import.run", ImportBegun, ImportNew, status=202,
        body_octets=MAX_CONTENT, first=Call.may_here,
    ),
    Operation("GET", "/imports", "Imports, newest first.", _list, "import.run", Page[ImportTold], paged=True),
    Operation("GET", _ONE, "One import.", _get, "import.run", ImportTold),
    Operation(
        "GET", f"{_ONE}/lines", "What it did, and what of it was undone or left.", _lines, "import.run", Page[ImportLineTold],
        query=LinesWanted, paged=True,
    ),
    Operation("POST", f"{_ONE}/cancel", "End it before its time.", _cancel, "import.run", ImportTold),
    Operation("POST", f"{_ONE}/resume", "Go on with it.", _resume, "import.run", JobTold, status=202),
    Operation("POST", f"{_ONE}/undo", "Take all of it back.", _undo, "import.run", JobTold, status=202),
    Operation(
        "POST", f"{_ONE}/invitations", "One-time links for its new people without a password.", _invite, "import.run",
        Invited,
    ),
    Operation("POST", "/exports", "Take a table out.", _export, "export.run", Exported, ExportNew),
)  # fmt: skip
