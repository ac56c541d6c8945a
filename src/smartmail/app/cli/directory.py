"""Brings in whole directories from CSV tables, and takes them out.

`check FILE` says what a table would come to, with an error for each wrong row; `import FILE` does it. Columns are recognised by
their headers in five languages; `--columns "HEADER=FIELD"` says it for others, "HEADER=" leaves one out. An empty cell leaves
what is there, a cell with - empties it. `undo` takes a whole import back; what others have touched since is left and named.
`invite` makes one-time links for new people without a password, `export --output FILE` takes a table out.

By hand: `import`, `resume` and `undo` work in this process, with progress; by the API they are tasks of a running server.
"""

import argparse
from collections.abc import Sequence

from smartmail.app import catalogues
from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act
from smartmail.app.cli.operations import running
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
    running.add_acts(acts, "directory")
    bring = add_act(acts, "import", "bring a table in", "FILE")
    bring.add_argument("--kind", choices=TABLE_KINDS, default="people", help="what the table holds (people)")
    bring.add_argument("--columns", nargs="+", default=[], metavar="HEADER=FIELD", help="what a column is")
    bring.add_argument("--domain", default="", help="for logins without one")
    bring.add_argument("--encoding", default="", help="such as shift_jis or gb18030 (found out)")
    bring.add_argument("--months", type=int, default=6, help="how long old logins stay addresses (6)")
    bring.add_argument("--whole", action="store_true", help="who is not in the table is closed")
    bring.add_argument(
        "--new-departments", action="store_true", help="make departments that people name and nobody has made"
    )
    bring.add_argument("--sure", action="store_true", help="also when more than 5 in a hundred would be closed")
    bring.add_argument("--partly", action="store_true", help="also when some rows are wrong: without these")
    bring.add_argument("--language", choices=LANGUAGES, default="en", help="of the errors (en)")
    bring.add_argument("--organization", metavar="NAME", help="whose, where there are several companies")
    for name, text in (
        ("resume", "go on with an import that was cancelled or killed"), ("undo", "take a whole import back"),
    ):  # fmt: skip
        add_act(acts, name, text).add_argument("number", type=int, metavar="IMPORT")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    catalogues.load()
    act = {"import": _import, "resume": _resume, "undo": _undo}.get(options.act)
    return running.run(options) if act is None else opening.perform(options, lambda node: act(node, options))


def _imports(node: Node) -> DirectoryImportService:
    return node.services.directory_imports.imports


async def _company(node: Node, options: argparse.Namespace) -> OrganizationId:
    return (await node.services.organization.companies.named(CLI, options.organization)).id


def _columns(words: Sequence[str]) -> dict[str, str]:
    if wrong := [word for word in words if "=" not in word]:
        raise opening.CommandError(f'{wrong[0]} is no column: write it as --columns "HEADER=FIELD".')
    return {header.strip(): name.strip() for header, _, name in (word.rpartition("=") for word in words)}


async def _import(node: Node, options: argparse.Namespace) -> int:
    octets = opening.octets_of(options.file, csv_table.MAX_OCTETS + 1)
    source = Source(
        options.kind, octets, options.encoding, _columns(options.columns),
        Options(options.whole, options.domain, options.months, options.new_departments),
    )  # fmt: skip
    home = await _company(node, options)
    report = await _imports(node).dry_run(CLI, home, source)
    if report.findings and not options.partly:
        opening.show(options, _document(report, options.language), _lines(report, options.language))
        return 1
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


async def _resume(node: Node, options: argparse.Namespace) -> int:
    row = await _imports(node).get(CLI, options.number)
    done = await _work(node, options, row, "undo" if row.state == "undoing" else "import")
    opening.show(options, _row(done), _ended(done))
    return 1 if done.failed else 0


async def _undo(node: Node, options: argparse.Namespace) -> int:
    row = await _work(node, options, await _imports(node).get(CLI, options.number), "undo")
    left = await _imports(node).lines(CLI, row.id, ending="left", limit=_SHOWN)
    document = {**_row(row), "left": [{"key": one.act.key, "why": one.outcome.detail} for one in left if one.outcome]}
    told = [f"left as it is: {one.act.key} ({one.outcome.detail})" for one in left if one.outcome]
    opening.show(options, document, [*_ended(row), *told])
    return 1 if left else 0


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
