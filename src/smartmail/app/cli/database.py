"""The database of the node: size, integrity, statistics, unused space, its weekly maintenance, and moving it.

`check`, `optimise` and `give-back` run while mail flows. `rewrite` makes everything that is written wait until it is done; on
SQLite it needs twice what is kept as free room on the disk, and refuses before it begins where that is missing. A running
server does them; with `--wait` the command ends when that is done, and does it itself where none runs.

`move` brings everything from SQLite to an empty PostgreSQL database while the node is stopped, compares both row by row, and
then lets the node file name it. One that was cut is run again.
"""

import argparse
from typing import Any, Final

from smartmail.app.cli import opening, settings_options
from smartmail.app.cli.acting import CLI, acts_of, add_act
from smartmail.app.cli.operations import running
from smartmail.app.cli.progress import Progress
from smartmail.app.process_tree import rights
from smartmail.app.recovery.moving_database import Moved, moving
from smartmail.app.settings import SettingsError
from smartmail.app.worker_context import CannotStartError
from smartmail.domain.errors import MailError
from smartmail.service.operations.backup.telling import Told

HELP = "the database: show, check, optimise, give-back, rewrite, schedule, move"
_WORDS: Final = {"copy": "copying", "read": "reading", "compare": "comparing", "settings": "node file"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "database")
    move = add_act(acts, "move", "move everything from SQLite to PostgreSQL, once")
    move.add_argument(
        "--to", required=True, metavar="ADDRESS", help="postgresql://…, or file:PATH or env:NAME that holds it"
    )
    move.add_argument("--dry-run", action="store_true", help="look whether it could be done; change nothing")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return _move(options) if options.act == "move" else running.run(options)


def _move(options: argparse.Namespace) -> int:
    """Move it, or look whether it could be."""
    try:
        settings = settings_options.read(options)
        if settings.uses_sqlite:
            opening.require_data(settings)
        rights.work_as_owner(settings.directory)
        moved = moving(settings, options.to, CLI.named, trial=options.dry_run, told=_told(options))
    except (SettingsError, CannotStartError) as error:
        opening.complain(str(error))
        return opening.CANNOT_START
    except MailError as error:
        opening.complain(error.public or error.detail or error.code)
        return opening.FAILED
    opening.show(options, _document(moved, options), _lines(moved, options))
    return 0


def _told(options: argparse.Namespace) -> Told:
    progress = Progress("move", 1, shown=not options.json)
    return lambda what, done, total: progress.told(done, done, "tables", what=_WORDS[what], total=total)


def _document(moved: Moved, options: argparse.Namespace) -> dict[str, Any]:
    return {"tables": moved.tables, "rows": moved.rows, "aside": moved.aside, "dryRun": options.dry_run}


def _lines(moved: Moved, options: argparse.Namespace) -> list[str]:
    if options.dry_run:
        return [f"{moved.tables} tables with {moved.rows:,} rows can be moved; nothing was changed."]
    found = [f"{moved.tables} tables with {moved.rows:,} rows are in PostgreSQL, the same in every row."]
    return [
        *(found if moved.tables else []),
        f"The node file names the database; the SQLite file lies aside: {moved.aside}",
        "Start the node: ./smartmail serve. When all is well, remove that file: it holds what was until now.",
    ]
