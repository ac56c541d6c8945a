"""The database of the node: what it holds, whether it is sound, statistics, spare room, and its care by week.

`check`, `optimise` and `give-back` run beside mail. `rewrite` makes everything that is written wait until it is done; on
SQLite it needs twice what is kept as free room on the disk, and refuses before it begins where that is missing.

`move` brings everything from SQLite to an empty PostgreSQL database while the node is stopped, compares both row by row, and
then lets the node file name it. One that was cut is run again.
"""

import argparse
from typing import Any, Final

from smartmail.app.cli import database_move, opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, shown
from smartmail.app.cli.progress import Progress
from smartmail.app.node import Node
from smartmail.ports.store_database import CareTold
from smartmail.service.operations.database_care import KINDS, CareDone, CarePlan, DatabaseView

HELP = "the database: show, check, optimise, give-back, rewrite, move, plan"
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add_act(acts, "show", "show size, spare room, tables, and what was done last")
    add_act(acts, "check", "read everything and name what is wrong; 1 when something is")
    add_act(acts, "optimise", "count anew what the database plans its ways by")
    add_act(acts, "give-back", "give spare room back in small steps, while mail goes on")
    rewrite = add_act(acts, "rewrite", "write the database anew without spare room; mail waits meanwhile")
    rewrite.add_argument("--yes", action="store_true", help="mail may wait until it is done")
    database_move.add_arguments(add_act(acts, "move", "move everything from SQLite to PostgreSQL, once"))
    plan = add_act(acts, "plan", "show or set the day and hour of the week's care")
    plan.add_argument("--day", choices=(*DAYS, "never"), help="the day, or never by itself")
    plan.add_argument("--hour", type=int, metavar="N", help="the hour in UTC, 0 to 23")
    for name in ("check", "optimise", "give-back"):
        plan.add_argument(
            f"--{name}", action=argparse.BooleanOptionalAction, default=None, help=f"whether it does {name}"
        )


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    if options.act == "move":
        return database_move.run(options)
    if options.act == "rewrite" and not options.yes:
        opening.complain("Mail waits until the database is written anew. Say --yes when it may.")
        return opening.FAILED
    acts = {"show": _show, "plan": _plan}
    act = acts.get(options.act, _care)
    return opening.perform(options, lambda node: act(node, options))


async def _show(node: Node, options: argparse.Namespace) -> int:
    view = await node.services.database_care.view(CLI)
    opening.show(options, _document(view), _lines(view))
    return 0


def _document(view: DatabaseView) -> dict[str, Any]:
    facts = view.facts
    return {
        "engine": facts.engine, "version": facts.version, "octets": facts.octets, "spare": facts.spare, "log": facts.log,
        "disk": facts.disk, "stepwise": facts.stepwise, "needed": view.needed, "fits": view.fits,
        "tables": [{"name": one.name, "rows": one.rows, "octets": one.octets} for one in view.tables],
        "measured": view.measured_at, "backup": view.backup_at,
        "done": {kind: _plain(one) for kind, one in view.done.items()},
    }  # fmt: skip


def _lines(view: DatabaseView) -> list[str]:
    facts = view.facts
    unknown = "known to its own host only"
    lines = [
        f"{facts.engine} {facts.version}: {_mb(facts.octets)}, {_mb(facts.spare)} of it spare",
        f"write-ahead log: {unknown if facts.log is None else _mb(facts.log)}",
        f"free on the disk: {unknown if facts.disk is None else _mb(facts.disk)}; a rewrite needs {_mb(view.needed)}",
        f"last good backup: {shown(view.backup_at)}",
    ]
    lines += [
        f"last {kind}: {shown(view.done[kind].at)}, {'good' if view.done[kind].good else 'NOT GOOD'}"
        if kind in view.done
        else f"last {kind}: never"
        for kind in KINDS
    ]
    rows = [(one.name, f"{one.rows:,}", _mb(one.octets)) for one in view.tables]
    head = [f"tables, measured {shown(view.measured_at)}:"]
    return lines + head + opening.table(("table", "rows", "size"), rows) if rows else lines


def _mb(octets: int) -> str:
    return f"{octets / (1 << 20):,.1f} MB"


async def _care(node: Node, options: argparse.Namespace) -> int:
    kind = next(one for one in KINDS if one == options.act)
    done = await node.services.database_care.act(CLI, kind, _told(options))
    lines = [*done.findings, f"{kind}: {'good' if done.good else f'{done.troubles} findings'}, {done.seconds} s"]
    if done.spared:
        lines.append(f"given back: {_mb(done.spared)}")
    if not done.good:
        lines.append("Take no chances: ./smartmail backup verify, then ask for help before anything is written anew.")
    opening.show(options, _plain(done), lines)
    return 0 if done.good else 1


def _plain(done: CareDone) -> dict[str, Any]:
    return {
        "at": done.at, "seconds": done.seconds, "good": done.good, "spared": done.spared, "troubles": done.troubles,
        "findings": list(done.findings),
    }  # fmt: skip


def _told(options: argparse.Namespace) -> CareTold:
    progress = Progress(options.act, 1, shown=not options.json)
    return lambda done, total: progress.told(done, done, options.act, what=options.act, total=total or 1)


async def _plan(node: Node, options: argparse.Namespace) -> int:
    care = node.services.database_care
    plan = await care.plan(CLI)
    chosen = _chosen(plan, options)
    if chosen != plan:
        await care.set_plan(CLI, chosen)
        plan = chosen
    acts = [
        name
        for name, wish in (("check", plan.check), ("optimise", plan.optimise), ("give-back", plan.give_back))
        if wish
    ]
    words = "never by itself" if plan.weekday < 0 else f"{DAYS[plan.weekday]} {plan.hour:02}:00 UTC: {', '.join(acts)}"
    document = {"weekday": plan.weekday, "hour": plan.hour, "acts": acts}
    opening.show(options, document, [words])
    return 0


def _chosen(plan: CarePlan, options: argparse.Namespace) -> CarePlan:
    weekday = plan.weekday
    if options.day is not None:
        weekday = -1 if options.day == "never" else DAYS.index(options.day)
    return CarePlan(
        weekday,
        plan.hour if options.hour is None else options.hour,
        plan.check if options.check is None else options.check,
        plan.optimise if options.optimise is None else options.optimise,
        plan.give_back if options.give_back is None else options.give_back,
    )
