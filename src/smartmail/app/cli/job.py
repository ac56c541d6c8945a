"""Long work that administrators began by the admin API: how far it is, and its end before its time.

What a job has done before it is cancelled stays done.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, organizations, shown
from smartmail.app.node import Node
from smartmail.domain.errors import NotFound, StateMismatch

HELP = "long work: progress, result, cancel"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    listing = add_act(acts, "list", "show jobs, newest first")
    listing.add_argument("--organization", metavar="NAME", help="of this company only")
    listing.add_argument("--limit", type=int, default=50, metavar="N", help="how many of each (50)")
    add_act(acts, "cancel", "end a job before its time", "NUMBER")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = _list if options.act == "list" else _cancel
    return opening.perform(options, lambda node: act(node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    document, rows = [], []
    for company in await organizations(node, options.organization):
        for view in await node.services.admin_api.jobs.list_all(company.id, 0, max(1, min(options.limit, 500))):
            row = view.row
            document.append({
                "id": row.id, "organization": company.id, "kind": row.kind, "state": row.state, "done": row.done,
                "total": row.total, "error": row.error, "createdAt": row.created_at, "result": view.result,
            })  # fmt: skip
            far = f"{row.done}/{row.total}" if row.total else str(row.done)
            rows.append((str(row.id), company.name, row.kind, row.state, far, row.error, shown(row.created_at)))
    opening.show(
        options, document, opening.table(("NUMBER", "COMPANY", "KIND", "STATE", "DONE", "ERROR", "SINCE"), rows)
    )
    return 0


async def _cancel(node: Node, options: argparse.Namespace) -> int:
    if not options.number.isdecimal():
        raise opening.CommandError(f"{options.number} is no number: ./smartmail job list shows them.")
    jobs = node.services.admin_api.jobs
    for company in await organizations(node, None):
        try:
            view = await jobs.cancel(CLI, company.id, int(options.number))
        except NotFound:
            continue
        except StateMismatch:
            raise opening.CommandError(f"Job {options.number} has ended.") from None
        opening.show(options, {"id": view.row.id, "state": view.row.state}, [f"Job {view.row.id} is told to end."])
        return 0
    raise opening.CommandError(f"There is no job {options.number}: ./smartmail job list shows them.")
