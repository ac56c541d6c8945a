"""Brings in whole directories from CSV tables, and takes them out: import, list, show, resume, cancel, undo, invite, export.

`import FILE --dry-run` says what a table would come to, with an error for each wrong row; without --dry-run it is done.
Columns are recognised by their headers in five languages; `--column "HEADER=FIELD"` says it for others, `--column
"HEADER="` leaves one out. An empty cell leaves what is there, a cell with - empties it. `undo` takes a whole import back;
what others have touched since is left and named. `invite` makes one-time links for new people without a password.
"""

import argparse
import os
from collections.abc import Sequence

from smartmail.app import catalogues
from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, shown
from smartmail.app.cli.progress import Progress
from smartmail.app.node import Node
from smartmail.base.i18n import LANGUAGES, translate
from smartmail.domain.directory_import import TABLE_KINDS, Finding, ImportRow
from smartmail.domain.ids import OrganizationId
from smartmail.formats import csv_table
from smartmail.service.people.directory_import import DirectoryImportService, Options, Report, Source

HELP = "whole directories from CSV and back: people, departments, groups, aliases, domains, lists, shared accounts"
_SHOWN = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    bring = add_act(acts, "import", "bring a table in", "FILE")
    bring.add_argument("--kind", choices=TABLE_KINDS, default="people", help="what the table holds (people)")
    bring.add_argument("--dry-run", action="store_true", help="only say what it would come to")
    bring.add_argument("--column", action="append", default=[], metavar="HEADER=FIELD", help="what a column is")
    bring.add_argument("--domain", default="", help="for logins without one")
    bring.add_argument("--encoding", default="", help="such as shift_jis or gb18030 (found out)")
    bring.add_argument("--months", type=int, default=6, help="how long old logins stay addresses (6)")
    bring.add_argument("--whole", action="store_true", help="who is not in the table is closed")
    bring.add_argument("--sure", action="store_true", help="also when more than 5 in a hundred would be closed")
    bring.add_argument("--partly", action="store_true", help="also when some rows are wrong: without these")
    bring.add_argument("--language", choices=LANGUAGES, default="en", help="of the errors (en)")
    add_act(acts, "list", "show imports, the newest first")
    show = add_act(acts, "show", "show what an import did")
    show.add_argument("--ending", choices=("done", "failed", "undone", "left"), default="", help="only such acts")
    changes = {
        "resume": "go on with an import that was cancelled or killed", "cancel": "end an import before its time",
        "undo": "take a whole import back", "invite": "make one-time links for new people without a password",
    }  # fmt: skip
    made = [show, *(add_act(acts, name, text) for name, text in changes.items())]
    for one in made:
        one.add_argument("number", type=int, metavar="IMPORT")
    made[-1].add_argument("--out", metavar="FILE", help="write the links there, as CSV")
    take = add_act(acts, "export", "take a table out", "FILE")
    take.add_argument("--kind", choices=TABLE_KINDS, default="people", help="what is taken (people)")
    take.add_argument("--reason", required=True, help="kept in the records, ten characters or more")
    for one in (bring, take, acts.choices["list"]):
        one.add_argument("--organization", metavar="NAME", help="whose, where there are several companies")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    catalogues.load()
    return opening.perform(options, lambda node: _ACTS[options.act](node, options))


def _imports(node: Node) -> DirectoryImportService:
    return node.services.directory_imports.imports


async def _company(node: Node, options: argparse.Namespace) -> OrganizationId:
    return (await node.services.organization.companies.named(CLI, options.organization)).id


def _columns(words: Sequence[str]) -> dict[str, str]:
    if wrong := [word for word in words if "=" not in word]:
        raise opening.CommandError(f'{wrong[0]} is no column: write it as --column "HEADER=FIELD".')
    return {header.strip(): name.strip() for header, _, name in (word.rpartition("=") for word in words)}


async def _import(node: Node, options: argparse.Namespace) -> int:
    octets = opening.octets_of(options.file, csv_table.MAX_OCTETS + 1)
    source = Source(
        options.kind, octets, options.encoding, _columns(options.column),
        Options(options.whole, options.domain, options.months),
    )  # fmt: skip
    home = await _company(node, options)
    report = await _imports(node).dry_run(CLI, home, source)
    if options.dry_run or (report.findings and not options.partly):
        opening.show(options, _document(report, options.language), _lines(report, options.language))
        return 1 if report.findings else 0
    row, report = await _imports(node).begin(CLI, home, source, sure=options.sure, partly=options.partly)
    done = await _work(node, options, row, "import")
    document = {**_document(report, options.language), **_row(done)}
    opening.show(options, document, [*_lines(report, options.language), *_ended(done)])
    return 1 if done.failed or done.state != "done" else 0


async def _work(node: Node, options: argparse.Namespace, row: ImportRow, what: str) -> ImportRow:
    progress = Progress(what, row.total, shown=not options.json)
    act = _imports(node).undo if what == "undo" else _imports(node).run
    try:
        return await act(CLI, row.id, lambda done, _total: progress.told(done, done, "acts"))
    finally:
        progress.end()


async def _list(node: Node, options: argparse.Namespace) -> int:
    found = await _imports(node).list_all(CLI, await _company(node, options))
    rows = [(str(one.id), shown(one.created_at), one.kind, one.state, f"{one.done}/{one.total}", str(one.failed or ""))
            for one in found]  # fmt: skip
    opening.show(
        options,
        [_row(one) for one in found],
        opening.table(("IMPORT", "WHEN", "KIND", "STATE", "DONE", "FAILED"), rows),
    )
    return 0


async def _show(node: Node, options: argparse.Namespace) -> int:
    row = await _imports(node).get(CLI, options.number)
    lines = await _imports(node).lines(CLI, row.id, ending=options.ending)
    acts, rows = [], []
    for one in lines:
        ending, detail = (one.outcome.ending, one.outcome.detail) if one.outcome else ("waiting", "")
        acts.append(
            {"line": one.act.line, "what": one.act.what, "key": one.act.key, "ending": ending, "detail": detail}
        )
        rows.append((str(one.act.line or ""), one.act.what, one.act.key, ending, detail))
    table = opening.table(("LINE", "WHAT", "WHO", "ENDING", ""), rows)
    opening.show(options, {**_row(row), "acts": acts}, [*_ended(row), *table])
    return 0


async def _resume(node: Node, options: argparse.Namespace) -> int:
    row = await _imports(node).get(CLI, options.number)
    done = await _work(node, options, row, "undo" if row.state == "undoing" else "import")
    opening.show(options, _row(done), _ended(done))
    return 1 if done.failed else 0


async def _cancel(node: Node, options: argparse.Namespace) -> int:
    row = await _imports(node).cancel(CLI, options.number)
    opening.show(options, _row(row), _ended(row))
    return 0


async def _undo(node: Node, options: argparse.Namespace) -> int:
    row = await _work(node, options, await _imports(node).get(CLI, options.number), "undo")
    left = await _imports(node).lines(CLI, row.id, ending="left", limit=_SHOWN)
    document = {**_row(row), "left": [{"key": one.act.key, "why": one.outcome.detail} for one in left if one.outcome]}
    told = [f"left as it is: {one.act.key} ({one.outcome.detail})" for one in left if one.outcome]
    opening.show(options, document, [*_ended(row), *told])
    return 1 if left else 0


async def _invite(node: Node, options: argparse.Namespace) -> int:
    found = await _imports(node).invite(CLI, options.number)
    site = f"https://{node.settings.file.names.app}:{node.settings.ports()['https'] or 443}/setup#"
    rows = [(one.login, one.name, site + one.token) for one in found]
    if options.out:
        _write(options.out, csv_table.write(("login", "name", "link"), rows))
        opening.show(options, {"invitations": len(rows)}, [f"{len(rows)} links are in {options.out}; each works once."])
        return 0
    document = [{"login": login, "name": name, "link": link} for login, name, link in rows]
    opening.show(options, document, opening.table(("LOGIN", "NAME", "LINK, WORKS ONCE, FOR A DAY"), rows))
    return 0


async def _export(node: Node, options: argparse.Namespace) -> int:
    exports = node.services.directory_imports.exports
    made = await exports.export(CLI, await _company(node, options), options.kind, options.reason)
    _write(options.file, made.octets)
    opening.show(options, {"kind": made.kind, "rows": made.rows}, [f"{made.rows} {made.kind} are in {options.file}."])
    return 0


def _write(place: str, octets: bytes) -> None:
    try:
        with open(place, "xb", opener=_private) as file:
            file.write(octets)
    except FileExistsError:
        raise opening.CommandError(f"{place} is there already; name another file.") from None
    except OSError as error:
        raise opening.CommandError(f"{place} cannot be written: {error.strerror}.") from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _row(row: ImportRow) -> dict[str, object]:
    return {"import": row.id, "kind": row.kind, "state": row.state, "done": row.done, "total": row.total,
            "failed": row.failed}  # fmt: skip


def _ended(row: ImportRow) -> list[str]:
    lines = [f"Import {row.id} ({row.kind}) is {row.state}: {row.done} of {row.total} acts, {row.failed} failed."]
    if row.state in {"cancelled", "running", "waiting"} and row.done < row.total:
        lines.append(f"Go on: ./smartmail directory resume {row.id}   Take back: ./smartmail directory undo {row.id}")
    return lines


def _document(report: Report, language: str) -> dict[str, object]:
    return {
        "rows": report.rows, "counts": dict(report.counts), "unchanged": report.unchanged, "columns": dict(report.columns),
        "ignored": list(report.unknown), "needsConsent": report.needs_consent, "spared": report.spared,
        "errors": [{"line": one.line, "column": one.column, "code": one.code, "text": said(one, language)}
                   for one in report.findings],
    }  # fmt: skip


def _lines(report: Report, language: str) -> list[str]:
    counts = ", ".join(f"{count} to {what}" for what, count in report.counts.items()) or "nothing to do"
    lines = [f"{report.rows} rows: {counts}, {report.unchanged} unchanged, {len(report.findings)} errors."]
    lines += [f"Columns not used: {', '.join(report.unknown)}"] if report.unknown else []
    lines += [f"line {one.line}, {one.column}: {said(one, language)}" for one in report.findings[:_SHOWN]]
    if len(report.findings) > _SHOWN:
        lines.append(f"… and {len(report.findings) - _SHOWN} more errors (--json names all)")
    if report.needs_consent:
        lines.append(f"{report.closing} of {report.active} people would be closed: say --sure if that is meant.")
    if report.spared:
        lines.append(f"{report.spared} administrators are not in the table; no table closes them.")
    return lines


def said(finding: Finding, language: str) -> str:
    """Return a finding in words."""
    return translate(language, f"import.finding.{finding.code}", value=finding.value, column=finding.column)


_ACTS = {
    "import": _import, "list": _list, "show": _show, "resume": _resume, "cancel": _cancel, "undo": _undo,
    "invite": _invite, "export": _export,
}  # fmt: skip
