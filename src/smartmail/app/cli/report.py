"""Figures of a company's mail by day, week and month: show, file, count, plan, availability, work.

`report show month 2026-10-01` tells what the month came to; `report file` writes it as a spreadsheet or for print, with a
reason that is recorded. Days are counted at night by themselves; `report count` counts days anew. `report plan` says what
is mailed to the administrators when a span is over. `report availability` tells what served and what did not, by the
supervisor's own record; `report work` announces work before it begins, so that it counts as no outage.
"""

import argparse
from datetime import date, timedelta
from pathlib import Path

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, home_of, shown, time_of
from smartmail.app.node import Node
from smartmail.base.i18n import LANGUAGES
from smartmail.domain.figures import PERIODS, Report, begin_of, day_of, span_of
from smartmail.domain.serving import Availability
from smartmail.service.kernel.clock import DAY
from smartmail.service.operations.figures.wording import paper_of, span_words

HELP = "reports by day, week, month; availability, announced work"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    show = add_act(acts, "show", "tell what a day, week or month came to")
    file = add_act(acts, "file", "write a report as a spreadsheet or for print")
    for act in (show, file):
        act.add_argument("period", choices=PERIODS)
        act.add_argument("day", nargs="?", type=_day, metavar="YYYY-MM-DD", help="a day of it; the newest that is over")
        act.add_argument("--language", choices=LANGUAGES, default="ko")
    file.add_argument("--form", choices=("xlsx", "pdf"), default="xlsx")
    file.add_argument("--out", required=True, metavar="FILE")
    file.add_argument("--reason", required=True, metavar="TEXT", help="what it is for; recorded")
    count = add_act(acts, "count", "count days anew out of the rows that are kept")
    count.add_argument("--since", type=_day, required=True, metavar="YYYY-MM-DD")
    count.add_argument("--until", type=_day, metavar="YYYY-MM-DD", help="the last day; the newest that is over")
    plan = add_act(acts, "plan", "show or say what is mailed to the administrators")
    plan.add_argument("--send", nargs="+", choices=PERIODS, metavar="PERIOD", help="day, week, month")
    plan.add_argument("--none", action="store_true", help="mail nothing")
    plan.add_argument("--form", choices=("xlsx", "pdf"), default="pdf")
    for act in (show, file, count, plan):
        act.add_argument("--organization", type=int, metavar="N", help="whose; not needed where there is one")
    served = add_act(acts, "availability", "tell what served and what did not")
    served.add_argument("--since", type=time_of, metavar="TIME", help="the first of this month when left out")
    served.add_argument("--until", type=time_of, metavar="TIME")
    work = add_act(acts, "work", "show announced work, or announce some")
    work.add_argument("--since", type=time_of, metavar="TIME")
    work.add_argument("--until", type=time_of, metavar="TIME")
    work.add_argument("--service", nargs="+", default=[], metavar="ROLE", help="all when left out")
    work.add_argument("--withdraw", type=time_of, metavar="TIME", help="take back, or end, the work that begins then")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = _ACTS[options.act]
    return opening.perform(options, lambda node: act(node, options))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a day: {text!r} (such as 2026-12-31)") from None


def _wanted(node: Node, options: argparse.Namespace) -> date:
    """Return a day of the span that was asked for: the newest one that is over where none was."""
    if options.day is not None:
        return date.fromisoformat(str(options.day))
    first, _ = span_of(options.period, day_of(node.clock.now()))
    return first - timedelta(days=1)


async def _show(node: Node, options: argparse.Namespace) -> int:
    home = await home_of(node, options.organization)
    report = await node.services.figures.service.report(CLI, home, options.period, _wanted(node, options))
    company = (await node.store.organization(home)).name
    paper = paper_of(report, options.language, company, node.clock.now(), "cli")
    lines = [f"{paper.title}  {span_words(report)}  {company}", *paper.notes]
    for section in paper.sections:
        lines += ["", section.title]
        head = tuple(one.head for one in section.table.columns)
        rows = [
            tuple(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row) for row in section.table.rows
        ]
        lines += opening.table(head, rows[:20]) if rows else ["-"]
    opening.show(options, _document(report), lines)
    return 0


async def _file(node: Node, options: argparse.Namespace) -> int:
    home = await home_of(node, options.organization)
    made = await node.services.figures.telling.take(
        CLI, home, options.period, _wanted(node, options), options.form, options.language, options.reason
    )
    _keep(options.out, made.octets)
    opening.show(options, {"file": options.out, "octets": len(made.octets)}, [f"{options.out}: {len(made.octets):,} B"])
    return 0


def _keep(path: str, octets: bytes) -> None:
    try:
        Path(path).write_bytes(octets)
    except OSError as error:
        raise opening.CommandError(f"{path} cannot be written: {error.strerror}.") from error


async def _count(node: Node, options: argparse.Namespace) -> int:
    home = await home_of(node, options.organization)
    last = options.until or day_of(node.clock.now())
    made = await node.services.figures.service.count_again(CLI, home, options.since, last)
    opening.show(options, {"days": made}, [f"{made} days are counted."])
    return 0


async def _plan(node: Node, options: argparse.Namespace) -> int:
    home, telling = await home_of(node, options.organization), node.services.figures.telling
    if options.send or options.none:
        await telling.set_plan(CLI, home, () if options.none else options.send, options.form)
    plan = await telling.plan(CLI, home)
    text = f"mailed: {', '.join(plan.periods)} as {plan.form}" if plan.periods else "nothing is mailed"
    opening.show(options, {"periods": list(plan.periods), "form": plan.form}, [text])
    return 0


async def _availability(node: Node, options: argparse.Namespace) -> int:
    now = node.clock.now()
    since = options.since if options.since is not None else begin_of(day_of(now).replace(day=1))
    found = await node.services.figures.serving.look(CLI, since, options.until or now)
    rows = [
        (
            one.service,
            f"{one.percent:.4f}",
            f"{one.due_ms / 1000:,.1f}",
            f"{one.down_ms / 1000:,.1f}",
            str(len(one.outages)),
        )
        for one in found
    ]
    lines = opening.table(("SERVICE", "PERCENT", "DUE (S)", "DOWN (S)", "OUTAGES"), rows)
    for one in found:
        for each in one.outages:
            end = "still" if each.open else shown(each.until)
            lines.append(f"{one.service}: {shown(each.since)} to {end}, {each.counted_ms / 1000:,.1f} s")
    opening.show(options, [_served(one) for one in found], lines if rows else ["Nothing has served yet."])
    return 0


async def _work(node: Node, options: argparse.Namespace) -> int:
    serving = node.services.figures.serving
    if options.withdraw is not None:
        await serving.withdraw(CLI, options.withdraw)
    elif options.since is not None:
        await serving.announce(CLI, options.since, options.until or options.since + DAY, tuple(options.service))
    works = await serving.works(CLI)
    rows = [(shown(one.since), shown(one.until), ", ".join(one.services) or "all", one.actor) for one in works]
    document = [
        {"since": one.since, "until": one.until, "services": list(one.services), "by": one.actor} for one in works
    ]
    lines = opening.table(("FROM", "UNTIL", "SERVICES", "BY"), rows)
    opening.show(options, document, lines if rows else ["No work is announced."])
    return 0


def _served(one: Availability) -> dict[str, object]:
    return {
        "service": one.service, "percent": one.percent, "dueMs": one.due_ms, "downMs": one.down_ms,
        "outages": [
            {"since": each.since, "until": each.until, "plannedMs": each.planned_ms, "open": each.open}
            for each in one.outages
        ],
    }  # fmt: skip


def _tally(tally: object) -> dict[str, int]:
    return {name: getattr(tally, name) for name in type(tally).__struct_fields__}  # type: ignore[attr-defined]


def _document(report: Report) -> dict[str, object]:
    return {
        "period": report.period, "first": report.first.isoformat(), "last": report.last.isoformat(),
        "total": _tally(report.total), "whole": _tally(report.whole) if report.whole is not None else None,
        "days": [{"day": day, **_tally(tally), **_tally(whole)} for day, tally, whole in report.counted],
        "departments": [{"name": name, "people": many, **_tally(tally)} for name, many, tally in report.departments],
        "people": [{"login": one.login, "used": one.used, "growth": one.growth, **_tally(one.tally)} for one in report.people],
        "outsideIn": dict(report.outside_in), "outsideOut": dict(report.outside_out),
        "countries": {name: [good, bad] for name, good, bad in report.countries},
        "dormant": [{"login": one.login, "days": one.days} for one in report.dormant], "used": report.used,
        "growth": report.growth, "availability": [_served(one) for one in report.availability],
        "missing": list(report.missing),
    }  # fmt: skip


_ACTS = {
    "show": _show, "file": _file, "count": _count, "plan": _plan, "availability": _availability, "work": _work,
}  # fmt: skip
